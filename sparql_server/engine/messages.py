"""Messages between the server and its workers: plain values, and nothing that runs.

A job goes one way. An answer is a whole result, if it is small; or a head, then pieces of data,
then an end; or a failure in the place of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from sparql_server.errors.failures.failure import Failure

MOST = 256 * 1024
"""Bytes of a piece of data, and of the text of a failure: no message of a worker has more."""


@dataclass(frozen=True, slots=True)
class Job:
    """A query to evaluate.

    default_graphs, named_graphs: the request's dataset; both empty: the query's own, else the
    union of all graphs, or the store's own default graph where ``union`` is false.
    solutions, graphs: names of the formats to serialise SELECT and ASK, and CONSTRUCT and
    DESCRIBE, in; None: the client accepts none.
    rows: serialise no more than this many rows, as JSON for a page, instead of in a format.
    graph: serialise this graph whole, by its name, and no query; ``graph_store.DEFAULT``: the
    default graph.
    timeout: seconds of wall-clock that the client is content with; None: as many as there are.
    base: what relative IRIs in the query are relative to, or None.
    services: endpoints that the query may call.
    read_only: evaluate it on no data at all, to hear whether it is well-formed and has a format.
    tell: what is told of a thing, from columns, as ``columns.telling.request`` has it; no query.
    search: a search for things instead of a query: text, class, language, limit.
    explain: say why it has no solutions, as JSON in the format of ``rows``, and don't evaluate it.
    plan: likewise, say what is joined in what order, with rows and times.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    solutions: str | None = None
    graphs: str | None = None
    rows: int | None = None
    union: bool = True
    graph: str | None = None
    timeout: float | None = None
    base: str | None = None
    services: tuple[str, ...] = ()
    read_only: bool = False
    explain: bool = False
    plan: bool = False
    search: tuple[str, ...] = ()
    tell: str = ""

    @property
    def formats(self) -> tuple[str | None, ...]:
        """The names of the formats that its result may have."""
        return ("rows",) if self.rows is not None else (self.solutions, self.graphs)


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker can be given jobs. safeguards: what holds it, as ``privileges`` numbers that."""

    safeguards: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A result. format: name of the format. cpu, rows: as of ``End``."""

    format: str
    body: bytes
    cpu: float = 0.0
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of a result are good. format: name of the format. cpu: seconds so far."""

    format: str
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class End:
    """The result is whole. cpu: seconds in all. rows: of it; None where they can't be counted."""

    cpu: float = 0.0
    rows: int | None = None


Answer = Whole | Head | bytes | End | Failure


class Term(TypedDict, total=False):
    """A term of a page's row.

    type: ``iri``, ``literal`` or ``blank``. length: characters of all of it, if the value is cut.
    """

    type: str
    value: str
    datatype: str
    language: str
    length: int


class PageRows(TypedDict, total=False):
    """The part of a result that a page shows: ``boolean`` of ASK alone, or all of the others.

    more: whether there are other rows. left_out: columns that aren't shown.
    """

    boolean: bool
    variables: list[str]
    rows: list[list[Term | None]]
    more: bool
    left_out: int
