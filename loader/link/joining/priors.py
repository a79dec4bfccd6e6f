"""Priors: the share of agents that can be found at all, measured on those with both years.

One step of expectation maximisation (Dempster, Laird, Rubin 1977): the prior of an agent is the
mean probability that some candidate is right, over agents with years of birth and death.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest

import orjson

from loader.link.entities.extraction import load_entity
from loader.link.joining.name_search import SOURCES, NameSearch
from loader.link.matching.blocks import hash_key
from loader.link.matching.candidates import convert_to_bits
from loader.link.matching.weights import load_weights

_SAMPLE = 500
_WEIGHT = 10  # agents that the share found in fitting counts for
_BOUNDS = (0.05, 0.8)

Row = tuple[int, str, str]


def measure_priors(reconciler: NameSearch, agents: Iterable[Row]) -> dict[str, float]:
    """Return by how many bits each source's prior differs from that of the fitted persons.

    In halves, so that few agents more change nothing.

    agents: number, IRI and body of those to be looked for. The sample depends on IRIs alone.
    """
    dated = (row for row in agents if _has_both_years(row[2]))
    sample = nsmallest(_SAMPLE, dated, key=lambda row: (hash_key(row[1]), row[0]))
    found = dict.fromkeys(SOURCES, 0.0)
    for row in sample:
        number, iri, body = row
        for source, ranked in reconciler.candidates(number, load_entity(iri, body))[1].items():
            found[source] += sum(candidate.probability for candidate in ranked)
    return {source: _bits(likely, len(sample)) for source, likely in found.items()}


def _has_both_years(body: str) -> bool:
    read = orjson.loads(body)
    return bool(read["kind"] == "person" and read["birth"] and read["death"])


def _bits(found: float, of: int) -> float:
    expected = load_weights().share
    share = (expected * _WEIGHT + found) / (_WEIGHT + of)
    share = min(max(share, _BOUNDS[0]), _BOUNDS[1])
    return round(2 * (convert_to_bits(share) - convert_to_bits(expected))) / 2
