"""Answers, and those who get them: plain values that the rooms in front hand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sparql_server.answering.cache import Key, Stored
from sparql_server.answering.delivery import Delivery
from sparql_server.engine.client_connection import Caller, Nobody
from sparql_server.engine.handle import Handle
from sparql_server.sparql.formats import BY_NAME, Format


@dataclass(frozen=True, slots=True)
class Visitor:
    """A client that asks. client: address. known: entity tags of what it has (If-None-Match)."""

    client: str = ""
    caller: Caller = Nobody()
    known: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way.

    format: None for a page's rows. body: the whole result; None: ``pieces`` have it, or, if there
    are none either, the client has it already. tag: its entity tag; None: it can't be kept.
    age: seconds since it was evaluated. cache: ``hit``, ``shared``, ``miss``, or ``none`` where a
    result can't be kept. coding: of ``body``. to_code: what it or the pieces are coded with as they
    are sent; keep: is told of the whole coded body then.
    """

    format: Format | None
    release: int
    cache: str
    tag: str | None
    body: bytes | None = None
    pieces: Delivery | None = None
    age: int | None = None
    engine: str = ""
    queued: float = 0.0
    cpu: float = 0.0
    rows: int | None = None
    coding: str = ""
    to_code: str = ""
    keep: Callable[[bytes], bytes] | None = None

    def stream(self) -> Iterator[bytes]:
        """Yield the result, piece by piece. Raises RequestError if it can't be completed."""
        if self.body is not None:
            yield self.body
        elif self.pieces:
            yield from self.pieces

    def read(self) -> bytes:
        """Return the whole result; nothing where the client has it. Raises as ``stream`` does."""
        return self.body if self.body is not None else b"".join(self.stream())


def make_evaluated(
    key: Key | None,
    tag: str | None,
    handle: Handle,
    body: bytes | None,
    pieces: Delivery | None = None,
) -> Answer:
    """Return an answer that has been evaluated: whole, or what delivers it."""
    return Answer(
        BY_NAME.get(handle.format),
        handle.release,
        "miss" if key else "none",
        tag,
        body,
        pieces,
        engine=handle.engine,
        queued=handle.queued,
        cpu=handle.cpu,
        rows=handle.rows,
    )


def make_unchanged(answer: Answer) -> Answer:
    """Return what says that the client has an answer already; the answer is left."""
    if answer.pieces:
        answer.pieces.close()
    return replace(answer, format=None, body=None, pieces=None)


def make_kept(stored: Stored, cache: str) -> Answer:
    """Return an answer out of the cache. cache: as of ``Answer``."""
    # A query that was waited for may have been evaluated on a release newer than the key's: the
    # release and the tag are the result's own.
    return Answer(
        BY_NAME.get(stored.format),
        stored.release,
        cache,
        stored.tag,
        stored.body,
        age=stored.age,
        engine="cache",
        rows=stored.rows,
    )
