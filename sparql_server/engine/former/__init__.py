"""Releases that are kept beside the one that is served: engines on them, opened when asked for.

Only so many are open at a time, each with one worker; what isn't asked for any more is closed.
"""
