"""Blank nodes that have changed: which of those that came stands for which of those that went.

A title with another text is the same title. Nodes are paired from the graph's IRIs downwards: where
of those that stand at one place, by one property and of one type, one went and one came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

_Triple = tuple[str, str, str]
_Places = Mapping[_Triple, list[str]]

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def drop_pairs(went: Iterable[str], came: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the statements that went and came but for those that are the same of paired nodes.

    Statements as of ``difference``; blank nodes of the two have nothing in common.
    """
    before, after = list(map(_split, went)), list(map(_split, came))
    pairs = _pair(before, after)
    held = {_rename(triple, pairs) for triple in before}
    holds = set(after)
    return (
        [" ".join(triple) for triple in before if _rename(triple, pairs) not in holds],
        [" ".join(triple) for triple in after if triple not in held],
    )


def _split(statement: str) -> _Triple:
    subject, predicate, value = statement.split(" ", 2)
    return subject, predicate, value


def _rename(triple: _Triple, pairs: Mapping[str, str]) -> _Triple:
    subject, predicate, value = triple
    return pairs.get(subject, subject), predicate, pairs.get(value, value)


def _pair(before: list[_Triple], after: list[_Triple]) -> dict[str, str]:
    """Return nodes that went with those that came for them."""
    pairs: dict[str, str] = {}
    below, waiting = _list_places(after, {}), True
    while waiting:
        waiting = False
        for place, nodes in _list_places(before, pairs).items():
            others = below.get(place, [])
            if len(nodes) == len(others) == 1 and nodes[0] not in pairs:
                pairs[nodes[0]] = others[0]
                waiting = True
    return pairs


def _list_places(triples: list[_Triple], pairs: Mapping[str, str]) -> _Places:
    """Return the nodes by where they stand: subject, property, type."""
    types = {subject: value for subject, predicate, value in triples if predicate == _TYPE}
    places: dict[_Triple, list[str]] = defaultdict(list)
    for subject, predicate, value in _links(triples):
        if not subject.startswith("_:") or subject in pairs or not pairs:
            place = (pairs.get(subject, subject), predicate, types.get(value, ""))
            places[place].append(value)
    return places


def _links(triples: Iterable[_Triple]) -> Iterator[_Triple]:
    return (triple for triple in triples if triple[2].startswith("_:"))
