"""The engine: evaluates jobs on a release, within limits, and streams the serialised results.

The one way in is ``submit`` of ``handle.Engine``, for ``answering``; ``serving`` makes the engine.
The only room of the server that knows pyoxigraph.
"""
