"""Tools for language models: their schemas, and the messages that they come in.

Model Context Protocol, https://modelcontextprotocol.io/specification/; read only. Knows no Flask
and no transport; asks by ``answering`` like any client, within the same limits.
"""
