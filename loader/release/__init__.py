"""Releases: numbered, immutable directories that the server reads, published by one rename."""
