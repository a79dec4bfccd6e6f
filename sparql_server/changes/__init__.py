"""Changes from release to release: the format of the log, and the feeds that are made of it.

A release has the logs of its own changes and of some releases before it. The loader writes them;
views of the server read them. It knows no engine and no Flask.
"""
