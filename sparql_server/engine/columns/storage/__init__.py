"""A release's terms and triples in arrays: how they are built, shared and read."""
