"""The server in front of other stores, and how these are fed."""
