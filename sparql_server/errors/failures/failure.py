"""An engine's failure to answer a query: a value, so that a worker can send it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """The query can't be answered.

    kind: ``malformed`` (detail: a diagnosis, as it is written; corrected: the query in standard
    SPARQL, if that is certain),
    ``unacceptable`` (detail: ``solutions`` or ``graphs``), ``iri`` (a graph's name is none),
    ``missing`` (there is no graph of that name; detail: the name), ``service`` (it calls an
    endpoint that it may not), ``function`` (it calls one that there isn't),
    ``unwritable`` (the format can't say it; detail: in words),
    ``text`` (it searches texts in a wrong way; detail: in words, with the right one),
    ``deep`` (more blank nodes hang on each other than are told of; detail: how many are),
    ``unindexed`` (the release has no text index; detail: why), ``failed``, or ``damaged``: the
    store can't be read.
    """

    kind: str
    detail: str
    corrected: str | None = None


KINDS = frozenset(
    [
        *("malformed", "unacceptable", "iri", "missing", "service", "function", "unindexed"),
        *("unwritable", "failed", "damaged", "text", "deep"),
    ]
)
"""The kinds of failures that a worker may report."""


class Failed(Exception):
    """A query can't be answered; ``failure`` says why."""

    def __init__(self, kind: str, detail: str, corrected: str | None = None) -> None:
        super().__init__(detail)
        self.failure = Failure(kind, detail, corrected)


class Unwritable(Exception):
    """A format has no way to write a result; the message says what it is, and names another."""
