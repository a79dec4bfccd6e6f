"""Changes as a linked data event stream: pages that never change, found by time.

https://w3id.org/ldes/specification and https://w3id.org/tree/specification. A member is a change;
the graph that it names holds what the record's graph held since then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sparql_server.changes.entries import DELETE, Entry
from sparql_server.changes.feed import Feed, spell_time
from sparql_server.changes.log import Log

_AS = "https://www.w3.org/ns/activitystreams#"
_LDES = "https://w3id.org/ldes#"
_TREE = "https://w3id.org/tree#"
_DCT = "http://purl.org/dc/terms/"
_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_DATE_TIME = "<http://www.w3.org/2001/XMLSchema#dateTime>"
_LATER, _EARLIER = "GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes quads. base: address of the stream's first page. quads: N-Quads, else TriG."""

    base: str
    quads: bool

    def triple(self, subject: str, predicate: str, value: str) -> str:
        return f"{subject} {predicate} {value} .\n"

    def graph(self, name: str, statements: tuple[str, ...]) -> Iterator[str]:
        if self.quads:
            yield from (f"{statement} {name} .\n" for statement in statements)
            return
        yield f"{name} {{\n"
        yield from (f"{statement} .\n" for statement in statements)
        yield "}\n"

    @property
    def stream(self) -> str:
        return f"<{self.base}#stream>"

    def relation(self, number: int, page: str, node: str, bound: tuple[str, int]) -> Iterator[str]:
        """Relate a page to another one. bound: kind of the relation, and its time."""
        relation, (kind, time) = f"<{page}#relation{number}>", bound
        yield self.triple(f"<{page}>", f"<{_TREE}relation>", relation)
        yield self.triple(relation, _A, f"<{_TREE}{kind}>")
        yield self.triple(relation, f"<{_TREE}path>", f"<{_AS}published>")
        yield self.triple(relation, f"<{_TREE}value>", _write_time(time))
        yield self.triple(relation, f"<{_TREE}node>", f"<{node}>")


def _write_time(time: int) -> str:
    return f'"{spell_time(time)}"^^{_DATE_TIME}'


def write_root(feed: Feed, base: str, *, quads: bool) -> str:
    """Return the page at which to begin: it leads to the first page of each release."""
    write = _Writer(base, quads)
    lines = [
        *_describe_stream(write),
        write.triple(f"<{base}>", _A, f"<{_TREE}Node>"),
    ]
    lines += _describe_retention(write, feed)
    logs = [log for log in feed.logs if log.head.entries]
    for place, log in enumerate(logs):
        node = f"{base}/{log.head.release}/1"
        bounds = ((_LATER, log.head.time(0)), (_EARLIER, log.head.ended))
        for number, bound in enumerate(bounds, 2 * place + 1):
            lines += write.relation(number, base, node, bound)
    return "".join(lines)


def _describe_retention(write: _Writer, feed: Feed) -> Iterator[str]:
    """Say from when on there are changes: what was before has gone with the logs of its releases.

    https://w3id.org/ldes/specification#point-in-time
    """
    policy = f"<{write.base}#retention>"
    for log in feed.logs[:1]:
        yield write.triple(f"<{write.base}>", f"<{_LDES}retentionPolicy>", policy)
        yield write.triple(policy, _A, f"<{_LDES}PointInTimePolicy>")
        yield write.triple(policy, f"<{_LDES}pointInTime>", _write_time(log.head.began))


def _describe_stream(write: _Writer) -> Iterator[str]:
    yield write.triple(write.stream, _A, f"<{_LDES}EventStream>")
    yield write.triple(write.stream, f"<{_LDES}timestampPath>", f"<{_AS}published>")
    yield write.triple(write.stream, f"<{_LDES}versionOfPath>", f"<{_AS}object>")
    yield write.triple(write.stream, f"<{_TREE}view>", f"<{write.base}>")


def write_page(log: Log, page: int, base: str, *, quads: bool) -> str:
    """Return a page of a release's changes. page: from 1 to ``log.pages``. Raises LogError."""
    write = _Writer(base, quads)
    first, entries = log.page(page - 1)
    address = f"{base}/{log.head.release}/{page}"
    lines = [*_describe_stream(write), write.triple(f"<{address}>", _A, f"<{_TREE}Node>")]
    if page < log.pages:
        bound = (_LATER, log.head.time(first + len(entries)))
        lines += write.relation(1, address, f"{base}/{log.head.release}/{page + 1}", bound)
    for number, entry in enumerate(entries, first):
        lines += _write_member(write, entry, f"<{address}#{number + 1}>", log.head.time(number))
    return "".join(lines)


def _write_member(write: _Writer, entry: Entry, member: str, time: int) -> Iterator[str]:
    yield write.triple(write.stream, f"<{_TREE}member>", member)
    yield write.triple(member, _A, f"<{_AS}{entry.kind}>")
    yield write.triple(member, f"<{_AS}published>", _write_time(time))
    yield write.triple(member, f"<{_AS}object>", f"<{entry.graph}>")
    if entry.is_record:
        yield write.triple(member, f"<{_DCT}subject>", f"<{entry.thing}>")
    if entry.kind != DELETE:
        yield from write.graph(member, entry.kept + entry.came)
