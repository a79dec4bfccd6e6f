"""Providers: requests with good manners, and what one record is. ``harvest`` may ask it."""
