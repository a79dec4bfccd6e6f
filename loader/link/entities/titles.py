"""Titles: what works and their editions are called, by whom they are, and when they appeared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from loader.link.names.occupations import read_role
from loader.transform.jsonld_nodes import nodes, text

_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
# What people may do to a book that appeared before they were born; some of them to any book.
_AFTERWARDS = frozenset(
    ("annotator", "associatedName", "auctioneer", "binder", "bindingDesigner", "bookseller")
    + ("collectionRegistrar", "collector", "conservator", "curator", "depositor", "donor")
    + ("formerOwner", "inscriber", "lender", "owner", "restorationist", "seller")
)

_LETTERS = frozenset({"letters"})
# The ends of addresses of genres: https://id.kb.se/marc/Novel, https://id.kb.se/term/saogf/Romaner.
_FICTION = frozenset(
    ("Fiction", "FictionNotFurtherSpecified", "Novel", "ShortStory", "Poetry", "Drama")
    + ("Skönlitteratur", "Romaner", "Noveller", "Lyrik", "Poesi", "Dramatik", "Deckare")
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title of an agent's. year: in which this edition appeared, None if that isn't known.

    fields: of work, as in ``occupations``, by the agent's part in it.
    """

    agent: str
    text: str
    year: int | None = None
    fields: frozenset[str] = frozenset()


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
            roles = _list_roles(contribution)
            known = None if not _AFTERWARDS.isdisjoint(roles) else year
            fields = _find_fields(roles, work)
            for agent in list_agents({"contribution": contribution}):
                yield from (Title(agent, title, known, fields) for title in called)


def _read_year(instance: dict[str, Any]) -> int | None:
    """Return the first year of publication."""
    found = [
        int(year)
        for publication in nodes(instance.get("publication"))
        for key in ("year", "startYear", "date")
        for year in _YEAR.findall(text(publication, key))
    ]
    return min(found, default=None)


def _list_roles(contribution: dict[str, Any]) -> list[str]:
    return [_end(str(role.get("@id", ""))) for role in nodes(contribution.get("role"))]


def _find_fields(roles: list[str], work: dict[str, Any]) -> frozenset[str]:
    """Return the fields of roles; of who wrote something, letters if it is fiction."""
    found = frozenset(field for role in roles for field in read_role(role))
    is_author = set(roles) <= {"author"}
    return _LETTERS if is_author and _is_fiction(work) else found


def _is_fiction(work: dict[str, Any]) -> bool:
    forms = nodes(work.get("genreForm"))
    return any(_end(str(form.get("@id", ""))) in _FICTION for form in forms)


def _end(iri: str) -> str:
    return unquote(iri.rpartition("/")[2])
