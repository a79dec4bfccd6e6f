"""Serving: everything put together, and what memory it may take. ``cli`` may ask it."""
