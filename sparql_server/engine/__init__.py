"""Runs queries on a release, within limits, and streams the serialised result.

The only place in the server that knows pyoxigraph.
"""
