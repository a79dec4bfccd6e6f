"""What the server and a worker process say to each other over their connection.

A job is pickled. An answer is a head, then pieces of data, then an end; or a failure in the place
of any of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """A query to evaluate.

    default_graphs, named_graphs: the request's dataset; both empty: the query's own, else the
    union of all graphs, or the store's own default graph where ``union`` is false.
    solutions, graphs: names of the formats to serialise SELECT and ASK, and CONSTRUCT and
    DESCRIBE, in; None: the client accepts none.
    rows: serialise no more than this many rows, as JSON for a page, instead of in a format.
    graph: serialise this graph whole, by its name, and no query; empty: the default graph.
    timeout: seconds that the client wants to wait at most; None: as long as the server lets it.
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


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of a result are good. format: name of the format it is in."""

    format: str


@dataclass(frozen=True, slots=True)
class End:
    """The result is whole."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The query can't be answered.

    kind: ``malformed``, ``unacceptable`` (detail: ``solutions`` or ``graphs``), ``missing`` (there
    is no graph of that name; detail: the name) or ``failed``.
    """

    kind: str
    detail: str


Answer = Head | bytes | End | Failure
