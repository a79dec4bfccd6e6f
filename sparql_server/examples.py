"""The saved queries as the front page lists them: title, in Swedish and English, and text."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sparql_server.catalogue.model import Catalogue
from sparql_server.catalogue.reading import load
from sparql_server.settings import QUERIES

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """An example query. titles: language to title. text: the query without its metadata."""

    name: str
    titles: Mapping[str, str]
    text: str


@cache
def catalogue(folder: Path = QUERIES) -> Catalogue:
    """Return the saved queries, by default those of the project; log what is wrong with a file."""
    found = load(folder)
    for problem in found.problems:
        logger.warning("%s", problem)
    return found


@cache
def examples() -> tuple[Example, ...]:
    """Return the saved queries in the order of their names."""
    queries = catalogue().queries.values()
    return tuple(Example(one.name, one.title, one.text) for one in queries)
