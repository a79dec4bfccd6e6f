"""Titles: what works and their editions are called, by whom they are, and when they appeared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loader.transform.jsonld_nodes import nodes, text

_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
# What people may do to a book that appeared before they were born; some of them to any book.
_AFTERWARDS = frozenset(
    ("annotator", "associatedName", "auctioneer", "binder", "bindingDesigner", "bookseller")
    + ("collectionRegistrar", "collector", "conservator", "curator", "depositor", "donor")
    + ("formerOwner", "inscriber", "lender", "owner", "restorationist", "seller")
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title of an agent's. year: in which this edition appeared, None if that isn't known."""

    agent: str
    text: str
    year: int | None = None


def read_main_titles(node: dict[str, Any]) -> Iterator[str]:
    """Yield the titles of a work or instance, without what is below them."""
    for title in nodes(node.get("hasTitle")):
        if main := text(title, "mainTitle"):
            yield main


def read_whole_titles(node: dict[str, Any]) -> Iterator[str]:
    """Yield the titles of a work, and those that have a subtitle with it, too."""
    yield from read_main_titles(node)
    for title in nodes(node.get("hasTitle")):
        main, below = text(title, "mainTitle"), text(title, "subtitle")
        if main and below:
            yield f"{main}: {below}"


def list_agents(work: dict[str, Any]) -> Iterator[str]:
    """Yield the addresses of agents that contribute to a work."""
    for contribution in nodes(work.get("contribution")):
        for agent in nodes(contribution.get("agent")):
            if isinstance(agent.get("@id"), str):
                yield agent["@id"]


def read_titles(thing: dict[str, Any]) -> Iterator[Title]:
    """Yield the titles of the works that an instance is of, for agents with an IRI."""
    works = [thing, *nodes(thing.get("instanceOf"))]
    called = [title for work in works for title in read_main_titles(work)]
    year = _read_year(thing)
    for work in works:
        for contribution in nodes(work.get("contribution")):
            known = None if _is_afterwards(contribution) else year
            for agent in list_agents({"contribution": contribution}):
                yield from (Title(agent, title, known) for title in called)


def _read_year(instance: dict[str, Any]) -> int | None:
    """Return the first year of publication."""
    found = [
        int(year)
        for publication in nodes(instance.get("publication"))
        for key in ("year", "startYear", "date")
        for year in _YEAR.findall(text(publication, key))
    ]
    return min(found, default=None)


def _is_afterwards(contribution: dict[str, Any]) -> bool:
    roles = [str(role.get("@id", "")) for role in nodes(contribution.get("role"))]
    return any(role.rpartition("/")[2] in _AFTERWARDS for role in roles)
