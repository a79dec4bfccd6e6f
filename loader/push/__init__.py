"""Push: the store to a remote store, each graph that has changed replaced whole."""
