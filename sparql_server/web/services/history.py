"""The history of a record: what the logs of changes have of it, as JSON or for a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from sparql_server.answering.endpoint import Endpoint
from sparql_server.changes.entries import LogError
from sparql_server.changes.feed import Change, Feed, open_feed, spell_time
from sparql_server.errors import BadParameter, NoRelease, NotInRelease
from sparql_server.sparql.protocol import read_format, read_parameters
from sparql_server.web.transfer.responses import prefers_page, revalidate

_KNOWN = ("history", "format", "lang", "iri")


@dataclass(frozen=True, slots=True)
class History:
    """The history of a document. since: of what came before nothing is known; UTC."""

    iri: str
    since: str
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "iri": self.iri,
            "since": self.since,
            "changes": [_describe(change) for change in self.changes],
        }


def _describe(change: Change) -> dict[str, Any]:
    entry = change.entry
    return {
        "published": spell_time(change.time),
        "release": change.release,
        "kind": entry.kind,
        "type": entry.type,
        "modified": entry.modified,
        "went": list(entry.went),
        "came": list(entry.came),
    }


Show = Callable[[History], Response]


def answer_history(endpoint: Endpoint, spellings: Sequence[str], show: Show) -> Response:
    """Return the history of a document. spellings: of its IRI. show: makes a page of it.

    Raises NotInRelease where no log has anything of it, or there is none.
    """
    parameters = read_parameters(request.query_string)
    for name in parameters:
        if name not in _KNOWN:
            raise BadParameter(f"There is no parameter {name} beside history.", parameter=name)
    history = _find(_open(endpoint), spellings)
    wanted = read_format(parameters)
    if prefers_page(wanted):
        return show(history)
    if wanted not in (None, "json"):
        raise BadParameter("format is json or html.", parameter="format")
    return revalidate(history.as_json())


def has_history(endpoint: Endpoint, spellings: Sequence[str]) -> bool:
    """Tell whether a log has anything of a document. spellings: of its IRI."""
    release = endpoint.answers.release
    if release is None:
        return False
    try:
        logs = open_feed(release.path).logs
        return any(next(log.find(iri), None) for log in logs for iri in spellings)
    except LogError:
        return False  # its own address says what is wrong


def _open(endpoint: Endpoint) -> Feed:
    release = endpoint.answers.release
    if release is None:
        raise NoRelease("Nothing is published yet: run libris-loader release.")
    try:
        return open_feed(release.path)
    except LogError as error:
        raise NotInRelease("The log of what changed is damaged.") from error


def _find(feed: Feed, spellings: Sequence[str]) -> History:
    since = spell_time(feed.logs[0].head.began) if feed.logs else ""
    for iri in spellings:
        try:
            changes = feed.history(iri)
        except LogError as error:
            raise NotInRelease("The log of what changed is damaged.") from error
        if changes:
            return History(iri, since, tuple(changes))
    known = f"since {since}" if since else "of any change"
    raise NotInRelease(f"<{spellings[-1]}> hasn't changed {known}, as far as is known here.")
