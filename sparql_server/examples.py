"""The example queries that ship with the project: title, in Swedish and English, and text.

A file is SPARQL with metadata in leading comments that begin with ``#+``, as grlc has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sparql_server.settings import QUERIES

_TITLE = re.compile(r"^#\+\s+(sv|en):\s*(.+?)\s*$")


@dataclass(frozen=True, slots=True)
class Example:
    """An example query. titles: language to title. text: the query without its metadata."""

    name: str
    titles: dict[str, str]
    text: str


@cache
def examples() -> tuple[Example, ...]:
    """Return the example queries in the order of their names."""
    found = sorted((QUERIES / "example").glob("*.rq"), key=lambda path: path.stem)
    return tuple(read(path.stem, path.read_text("utf-8")) for path in found)


def read(name: str, text: str) -> Example:
    """Split a query file into titles and query."""
    lines = text.splitlines()
    query = "\n".join(line for line in lines if not line.startswith("#+")).strip() + "\n"
    return Example(name, dict(_titles(lines)), query)


def _titles(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield language and title from the lines below ``#+ title:``."""
    within = False
    for line in lines:
        if line.startswith("#+ title:"):
            within = True
        elif within and (match := _TITLE.match(line)):
            yield match[1], match[2].strip("\"'")
        elif line.startswith("#+") and within:
            return
