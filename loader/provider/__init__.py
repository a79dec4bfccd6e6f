"""Providers: an HTTP client with good manners, and the records that providers send.

``harvest`` may ask it; ``link.online`` and ``push`` use the fields of HTTP.
"""
