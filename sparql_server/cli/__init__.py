"""The commands of ``libris-sparql``: their options, and what they print. Nobody asks this room."""

from sparql_server.cli.main import cli, main

__all__ = ["cli", "main"]
