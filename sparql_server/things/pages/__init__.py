"""The documents that tell of a thing: pages with names and addresses, and data with links."""
