"""Counts of columns that are made of others: by differences, as far as may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.byte_strings import Integers
from sparql_server.engine.columns.storage.layout import Array, ArrayWriter
from sparql_server.engine.columns.storage.merging.quad_edits import (
    Merged,
    OrderEdits,
    Part,
    count_uses,
)
from sparql_server.engine.columns.storage.merging.row_search import Groups
from sparql_server.engine.columns.storage.nquads import Numbers

Orders = tuple[OrderEdits, OrderEdits]
"""Edits of the quads by subject, and by object."""

_ROLES = ("subject", "object")


class Counts:
    """Counts what there is after an edit. unused: terms of the base that nothing has any more."""

    def __init__(self, base: Part, added: Part, merged: Merged, orders: Orders) -> None:
        self._base, self._added = base, added
        self._merged = merged
        self._orders = orders
        candidates, uses = self._find_leaving()
        self._more: list[Integers] = []
        for order in orders:
            groups = order.group_firsts()
            wanted = np.union1d(candidates, self._find_undecided(groups))
            counts = count_uses(order.firsts, wanted, base.columns.terms.count)
            uses -= _pick(candidates, wanted, counts)
            self._more.append(self._count_by_kind(groups, wanted, counts))
        columns = base.columns
        uses -= _pick(candidates, columns.graph_names, np.diff(columns.graph_starts))
        uses -= _pick(candidates, base.predicates(), np.diff(columns.starts))
        self.unused: Integers = candidates[uses == 0]

    def _find_leaving(self) -> tuple[Integers, Integers]:
        """Return the terms of what goes that none of what comes has, sorted, with their uses."""
        edits, gone = self._orders[0].edits, self._orders[0].gone
        predicates = self._base.predicates_at(edits.gone)
        leaving = np.concatenate([predicates, gone.first, gone.second, gone.graphs])
        terms, uses = np.unique(leaving[leaving >= 0].astype(np.int64), return_counts=True)
        kept = ~np.isin(self._merged.base[terms], self._merged.added[:-1])
        return terms[kept], uses[kept]

    def _find_undecided(self, groups: Groups) -> Integers:
        """Return the terms of the base that only go, or only come: others may have them, or not."""
        places = groups.columns[1][groups.is_one_sided()]
        at = np.minimum(np.searchsorted(self._merged.base[:-1], places), len(self._merged.base) - 2)
        return at[self._merged.base[at] == places] if len(self._merged.base) > 1 else at[:0]

    def _count_by_kind(self, groups: Groups, terms: Integers, counts: Integers) -> Integers:
        """Return how many more different terms there are of each kind."""
        kinds, places = groups.columns
        # Of one that both goes and comes it doesn't matter how many there are beside.
        known = _pick(places, self._merged.base[terms], counts)
        before = np.where(groups.is_one_sided(), known, groups.gone)
        more = groups.count_more(before)
        return np.bincount(kinds, more, minlength=len(Kind)).astype(np.int64)

    def of_quads(self) -> dict[str, Any]:
        """Return what there is to say of the quads."""
        facts, edits = self._base.columns.facts, self._orders[0].edits
        said = {
            "quads": facts["quads"] - len(edits.gone) + len(edits.points),
            "triples": facts["triples"] + self._orders[0].count_triples(),
        }
        for role, order, more in zip(_ROLES, self._orders, self._more, strict=True):
            name, rows = f"{role}s", f"{role}_rows"
            said[name] = (np.array(facts[name]) + more).tolist()
            said[rows] = (np.array(facts[rows]) + order.count_rows_by_kind()).tolist()
        return said

    def write_predicates(
        self, writer: ArrayWriter, numbers: Numbers, added_numbers: Numbers
    ) -> None:
        """Write the predicates, where each begins, and how many different firsts it has.

        numbers: that terms of the base get. added_numbers: that added ones get.
        """
        own, coming = self._base.predicates(), self._added.predicates()
        named = dict(zip(self._merged.base[own].tolist(), numbers[own].tolist(), strict=True))
        places, new = self._merged.added[coming], added_numbers[coming]
        named |= dict(zip(places.tolist(), new.tolist(), strict=True))
        by_subject, by_object = self._orders
        sizes = self._count(np.diff(self._base.columns.starts), by_subject.count_quads())
        kept = [place for place in sorted(named) if sizes[place]]
        writer.append("predicates", np.array([named[place] for place in kept], np.int32))
        ends = np.cumsum([0, *(sizes[place] for place in kept)])
        writer.append("starts", ends.astype(np.int64))
        for name, order in (("distinct_subjects", by_subject), ("distinct_objects", by_object)):
            counts = self._count(self._base.files[name].read(), order.count_firsts())
            writer.append(name, np.array([counts[place] for place in kept], np.int64))

    def _count(self, before: Array, more: Iterable[tuple[int, int]]) -> Counter[int]:
        """Return counts of predicates, by their places. before: those of the base."""
        places = self._merged.base[self._base.predicates()].tolist()
        counts = Counter(dict(zip(places, before.tolist(), strict=True)))
        for place, count in more:
            counts[place] += count
        return counts


def _pick(wanted: Array, numbers: Array, counts: Integers) -> Integers:
    """Return the counts of numbers, which are sorted, for those that are wanted; else 0."""
    places = np.searchsorted(numbers, wanted)
    is_there = np.append(numbers, -2)[places] == wanted
    return np.where(is_there, np.append(counts, 0)[places], 0)
