"""The entries of a log of changes, one for each graph, and the head that says what it is of."""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

FOLDER = "changes"
"""The folder of a release that has its logs."""

HEAD = "head.json"
CREATE, UPDATE, DELETE = "Create", "Update", "Delete"
PAGE = 100
"""Entries to a frame, at most; and to a millisecond."""

FORMAT = 1
PAIR = struct.Struct(">QQ")


class LogError(Exception):
    """A log that is missing, damaged, or of another format."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph's change.

    graph: its name, most often the IRI of a record. kind: CREATE, UPDATE or DELETE. thing: what the
    record describes, else the graph's name. type: IRI of its class, or empty. held_by: IRI of the
    library, of an item. created, modified: of the record, as it says them. kept, came, went:
    statements of N-Triples without the dot; blank nodes have labels that hold in this entry alone.
    """

    graph: str
    kind: str
    thing: str
    type: str = ""
    held_by: str = ""
    created: str = ""
    modified: str = ""
    kept: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which it is looked up: the graph's, and the thing's if that is its own."""
        is_own = self.thing.partition("#")[0] != self.graph
        return (self.graph, self.thing) if is_own else (self.graph,)

    @property
    def is_record(self) -> bool:
        """Whether the graph is that of a record."""
        return self.thing != self.graph


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a log. since: the release before. began, ended: milliseconds since 1970, UTC.

    The times of its entries are after ``began``, up to ``ended``; that of the next log's are later.
    """

    release: int
    since: int
    began: int
    ended: int
    entries: int
    counts: Mapping[str, int] = field(default_factory=dict)

    def time(self, number: int) -> int:
        """Return the time of an entry, in milliseconds since 1970.

        >>> [Head(2, 1, 1000, 1010, 5).time(number) for number in range(5)]
        [1002, 1004, 1006, 1008, 1010]
        """
        # Rounded up: after ``began``.
        return self.began - (number + 1) * (self.began - self.ended) // self.entries

    def count_until(self, moment: int) -> int:
        """Return how many entries have a time up to this one."""
        return bisect_right(range(self.entries), moment, key=self.time)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a log has. after: of the last entry before it. now: both in milliseconds."""

    after: int
    now: int

    def fit(self, entries: int) -> tuple[int, int]:
        """Return when so many entries began and ended: at most ``PAGE`` have the same time."""
        return self.after, max(self.now, self.after + -(-entries // PAGE))


def hash_name(name: str) -> int:
    """Return the number that stands for a name in ``names.bin``."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
