"""Requests to services elsewhere, only on demand: their answers enter the tables as extracts do.

hosts (how each wants to be treated) ─▶ fetch (one request) ─▶ services (what it means) ─▶ ask
"""
