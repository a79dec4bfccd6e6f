"""Contributors of a thing: its author, translator, publisher of sounds; by way of its work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from loader.text.naming_properties import AGENT, CONTRIBUTION, CREDITS, INSTANCE_OF
from loader.text.triples import Numbers, Pairs, Triples


class Credits:
    """Things, and the nodes that say who has part in them: works, contributions, agents."""

    def __init__(self, triples: Triples) -> None:
        self._triples = triples
        instance_of = _of_all(triples, INSTANCE_OF)
        contribution, agent = _of_all(triples, CONTRIBUTION), _of_all(triples, AGENT)
        by_work = _joined(instance_of, contribution)
        contributions = _united([contribution, by_work])
        self._agents = self._of_things(_joined(contributions, agent))
        self._saying = self._of_things(_united([contributions, instance_of, self._agents]))

    def names(self) -> Pairs:
        """Return things with the names of those who have part in them, as literals."""
        named = [_joined(self._agents, self._triples.of(iri)) for iri in CREDITS]
        subjects, objects = _united(named)
        are_literals = objects >= self._triples.nodes
        return Pairs(subjects[are_literals], objects[are_literals])

    def things_of(self, nodes: NDArray[np.int64] | Numbers) -> Numbers:
        """Return the things of which any of these nodes says who has part in them."""
        subjects, objects = self._saying
        return subjects[np.isin(objects, nodes)]

    def _of_things(self, pairs: Pairs) -> Pairs:
        are_things = self._triples.is_iri(pairs.subjects)
        return Pairs(pairs.subjects[are_things], pairs.objects[are_things])


def _of_all(triples: Triples, iris: Sequence[str]) -> Pairs:
    """Return the triples of some properties, sorted by subject."""
    subjects, objects = _united([triples.of(iri) for iri in iris])
    order = np.argsort(subjects, kind="stable")
    return Pairs(subjects[order], objects[order])


def _united(several: Sequence[Pairs]) -> Pairs:
    return Pairs(*(np.concatenate(arrays) for arrays in zip(*several, strict=True)))


def _joined(first: Pairs, second: Pairs) -> Pairs:
    """Return whose objects are subjects of others, with the others' objects.

    second: sorted by subject.
    """
    begins = np.searchsorted(second.subjects, first.objects, "left")
    counts = np.searchsorted(second.subjects, first.objects, "right") - begins
    before = np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat(begins, counts) + np.arange(len(before)) - before
    return Pairs(np.repeat(first.subjects, counts), second.objects[places])
