"""Rows of the tables that stand beside this module as text."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources


def read_rows(name: str) -> Iterator[list[str]]:
    """Yield the columns of each row of a table of the package; ``#`` begins a comment."""
    text = resources.files("loader.link.names").joinpath(name).read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            yield line.split(";")
