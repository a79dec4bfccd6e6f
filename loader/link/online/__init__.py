"""Requests to services elsewhere, only on demand: their answers enter the tables as extracts do.

services (pace and budget of each) ─▶ fetcher (one request) ─▶ questions (and answers) ─▶ inquiry

``link`` may ask it.
"""
