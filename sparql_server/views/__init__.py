"""Flask blueprints: HTTP in, HTTP out."""
