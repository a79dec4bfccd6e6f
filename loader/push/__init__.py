"""Push: the store copied to a remote store, each graph that has changed replaced whole.

Knows the Graph Store Protocol, and what was sent. The commands may ask it.
"""
