"""The commands of ``libris-loader``: their options, and what they print. Nobody asks this room."""

from loader.cli.main import cli, main

__all__ = ["cli", "main"]
