"""Asking services elsewhere, only when told to: their answers enter the tables as extracts do.

hosts (how each wants to be treated) ─▶ fetch (one request) ─▶ services (what it means) ─▶ ask
"""
