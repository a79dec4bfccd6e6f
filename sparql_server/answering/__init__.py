"""Answering: from a question to its answer, kept, evaluated, delivered and noted; without Flask.

Knows the engine's door, admission and the cache. ``saved``, ``web`` and ``http`` may ask it.
"""
