"""Processes of the engine: their memory, their privileges, and that none outlives the server."""
