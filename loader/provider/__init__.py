"""Providers: an HTTP client with good manners, and their records. ``harvest`` may ask it."""
