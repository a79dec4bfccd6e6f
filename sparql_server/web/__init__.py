"""Flask's part: views, pages and descriptions. HTTP in, HTTP out. ``http`` may ask it."""
