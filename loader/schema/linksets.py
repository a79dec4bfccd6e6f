"""Links to other datasets: how many statements of each property lead to IRIs of each host."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np

from loader.text.triples import Triples, find

MOST = 200
"""Linksets that are told of, at most: those of most statements."""

_SPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"  # its properties lead to classes, and to lists
_OWN = re.compile(r"https?://(?:libris|id)\.kb\.se$")


def count_links(triples: Triples) -> list[dict[str, Any]]:
    """Return the linksets, the largest first: ``property``, ``target`` and ``count``.

    target: how IRIs of the other dataset begin, ``http://www.wikidata.org``.
    """
    spaces = list(_find_spaces(triples))
    if not spaces:
        return []
    begins, ends = (np.array(side, np.int64) for side in zip(*(s[1:] for s in spaces), strict=True))
    found = []
    for number in triples.properties():
        iri = triples.terms.value(number)
        if not iri.startswith(_RDF):
            objects = triples.by_object(number)
            counts = find(objects, ends) - find(objects, begins)
            places = np.flatnonzero(counts).tolist()
            found += [(int(counts[place]), iri, spaces[place][0]) for place in places]
    largest = sorted(found, key=lambda linkset: (-linkset[0], *linkset[1:]))[:MOST]
    return [{"property": iri, "target": space, "count": count} for count, iri, space in largest]


def _find_spaces(triples: Triples) -> Iterator[tuple[str, int, int]]:
    """Yield how IRIs of others begin, and the range of numbers of those that do.

    IRIs are numbered in their order, so that those of a host stand together.
    """
    numbers, value = range(triples.nodes), triples.terms.value
    at = triples.first_iri
    while at < triples.nodes:
        match = _SPACE.match(value(at))
        space = match[0] if match else value(at)
        behind = f"{space}/" if "//" in space else space
        begin = bisect_left(numbers, behind, at, key=value)
        end = bisect_left(numbers, behind[:-1] + chr(ord(behind[-1]) + 1), at, key=value)
        if begin < end and not _OWN.match(space):
            yield space, begin, end
        at = max(end, at + 1)
