"""What the server and a worker process say to each other over their connection.

A job is pickled. An answer is a whole result, if it is small; or a head, then pieces of data, then
an end; or a failure in the place of any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any


class _Message:
    """Is pickled as a call with its fields, in a third of the time that a dataclass takes."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return type(self), _values(type(self))(self)  # type: ignore[arg-type]


@cache
def _values(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the values of a message's fields, of which it has at least two."""
    return attrgetter(*(one.name for one in fields(kind)))


@dataclass(frozen=True, slots=True)
class Job(_Message):
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


@dataclass(frozen=True, slots=True)
class Whole(_Message):
    """A result. format: name of the format. cpu, rows: as of ``End``."""

    format: str
    body: bytes
    cpu: float = 0.0
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Head(_Message):
    """The first bytes of a result are good. format: name of the format. cpu: seconds so far."""

    format: str
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class End(_Message):
    """The result is whole. cpu: seconds in all. rows: of it; None where they can't be counted."""

    cpu: float = 0.0
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Failure(_Message):
    """The query can't be answered.

    kind: ``malformed`` (detail: a diagnosis, as it is written; corrected: the query in standard
    SPARQL, if that is certain),
    ``unacceptable`` (detail: ``solutions`` or ``graphs``), ``iri`` (a graph's name is none),
    ``missing`` (there is no graph of that name; detail: the name), ``service`` (it calls an
    endpoint that it may not), ``function`` (it calls one that there isn't), ``failed``, or
    ``died``: the worker process has ended.
    """

    kind: str
    detail: str
    corrected: str | None = None


Answer = Whole | Head | bytes | End | Failure
