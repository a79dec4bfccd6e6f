"""Search by name for persons without a link by identifiers: candidates, and a decision on the best.

A link is made from the probability that the fitted weights name as the bar, if years don't
contradict each other and identifiers have no objection. All else that has the whole name, or is
likely, goes to review: three candidates at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from loader.link.entities.entities import Entity
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import EXACT, REVIEWED, Doubt, Link, Step
from loader.link.joining.objections import Objections
from loader.link.matching.blocks import list_search_keys
from loader.link.matching.candidates import Candidate, Scales
from loader.link.matching.profiles import Profile, load_profiles, make_profile
from loader.link.matching.rarity import Rarity
from loader.link.matching.weights import load_weights
from loader.link.names.keys import put_in_natural_order
from loader.link.names.lifespans import Life

_CROWD = 200  # of the whole name, a block with more authorities than this says too little
_CROWD_OF_A_WORD = 40  # likewise of a word and a year: another word of the name says more
_ENOUGH = 100  # candidates to compare, at most, of the whole name
_ENOUGH_BY_WORD = 16  # and of words and years
_REMEMBERED = 200_000  # blocks known to be crowds, at most
_GUESSED = 0.01  # the probability from which people are asked about one whose name isn't the same
_PROPOSED = 3  # candidates to ask about, at most, for one agent and source
SOURCES = ("wikidata", "lc")


class NameSearch:
    """Finds persons by name.

    taken: authorities that some entity has by its identifiers. priors: bits for each source, of
    an agent that nothing is known of.
    """

    def __init__(
        self, tables: Tables, taken: Mapping[str, str], priors: Mapping[str, float] | None = None
    ) -> None:
        self._tables = tables
        self._objections = Objections(tables, taken)
        self._crowded: set[tuple[int, int]] = set()
        weights, rarity = load_weights(), Rarity(tables.connection)
        self._bar = weights.bar
        self._scales = {
            source: Scales(rarity, weights, (priors or {}).get(source, 0.0)) for source in SOURCES
        }

    def decide(self, number: int, entity: Entity) -> Iterator[Link | Doubt]:
        """Return what an entity comes to: one link, or a few doubts, for each source."""
        _, ranked = self.candidates(number, entity)
        for candidates in ranked.values():
            yield from self._settle(number, entity.iri, candidates)

    def candidates(self, number: int, entity: Entity) -> tuple[Profile, dict[str, list[Candidate]]]:
        """Return an entity's profile, and by source who it may be, the likeliest first."""
        titles, published, fields = self._titles(entity.iri)
        made = make_profile(
            entity.kind, entity.names, entity.life, others=entity.others, titles=titles
        )
        # What somebody did in works counts if the record doesn't say what they do.
        known = entity.background
        background = replace(known, fields=known.fields or fields)
        mine = replace(made, published=published, background=background)
        if not mine.folded:
            return mine, {}
        found = self._candidates(mine, [put_in_natural_order(name) for name in entity.names])
        others = self._namesakes(number, mine) if found else []
        return mine, {
            source: self._scales[source].rank(candidates, mine, others)
            for source, candidates in sorted(found.items(), reverse=True)
            if source in SOURCES
        }

    def _titles(self, iri: str) -> tuple[list[str], int | None, frozenset[str]]:
        """Return the titles of an agent, the year of the first, and fields of work in them."""
        query = "SELECT key, year, fields FROM title WHERE agent = ?"
        rows = self._tables.connection.execute(query, (iri,)).fetchall()
        years = [year for _, year, _ in rows if year is not None]
        fields = frozenset(field for *_, said in rows for field in said.split())
        return [key for key, *_ in rows], min(years, default=None), fields

    def _candidates(
        self, mine: Profile, natural: Sequence[str]
    ) -> dict[str, list[tuple[str, Profile]]]:
        narrow, wide = list_search_keys(mine, natural)
        found_by_name = self._in_blocks(narrow, _CROWD).most_common(_ENOUGH)
        numbers = {number for number, _ in found_by_name}
        by_word = self._in_blocks(wide, _CROWD_OF_A_WORD)
        # Who shares two words and the year is likelier than who shares one.
        ranked = sorted(by_word.keys() - numbers, key=lambda number: (-by_word[number], number))
        few = numbers.union(ranked[:_ENOUGH_BY_WORD])
        profiles = dict(load_profiles(self._tables, few, mine.life))
        marks = ",".join("?" * len(profiles))
        query = f"SELECT id, iri, source FROM authority WHERE id IN ({marks}) ORDER BY id"
        found: dict[str, list[tuple[str, Profile]]] = {}
        for number, iri, source in self._tables.connection.execute(query, tuple(profiles)):
            found.setdefault(source, []).append((iri, profiles[number]))
        return found

    def _in_blocks(self, keys: Sequence[int], crowd: int) -> Counter[int]:
        """Return who is in these blocks, and in how many, but for blocks with a crowd in them."""
        found: Counter[int] = Counter()
        for key in keys:
            if (key, crowd) in self._crowded:
                continue
            rows = self._tables.connection.execute(
                "SELECT authority FROM block WHERE key = ? LIMIT ?", (key, crowd + 1)
            ).fetchall()
            if len(rows) <= crowd:
                found.update([number for (number,) in rows])
            elif len(self._crowded) < _REMEMBERED:
                self._crowded.add((key, crowd))
        return found

    def _namesakes(self, number: int, mine: Profile) -> list[Life]:
        """Return the lives of other agents in Libris that go by the preferred name."""
        rows = self._tables.connection.execute(
            "SELECT iri, body FROM namesake JOIN entity ON entity.id = entity"
            " WHERE key = ? AND entity != ? LIMIT 50",
            (mine.folded[0], number),
        )
        return [load_entity(*row).life for row in rows]

    def _settle(self, number: int, iri: str, ranked: Sequence[Candidate]) -> Iterator[Link | Doubt]:
        plausible = [
            candidate for candidate in ranked if candidate.probability >= _floor(candidate)
        ][:_PROPOSED]
        for candidate in plausible:
            reason = self._hindrance(number, iri, candidate)
            confidence, why = round(candidate.probability, 4), tuple(self.steps(iri, candidate))
            if not reason:
                yield Link(iri, EXACT, candidate.iri, "names", confidence, why)
                return
            yield Doubt(iri, candidate.iri, reason, confidence, why)

    @staticmethod
    def steps(iri: str, best: Candidate) -> Iterator[Step]:
        """Yield the evidence on a candidate, with its bits."""
        for name, bits in best.parts:
            yield Step(iri, best.iri, name, f"{bits:+.1f} bits")

    def _hindrance(self, number: int, iri: str, best: Candidate) -> str:
        """Return why a candidate isn't linked to; the empty text if it is."""
        if best.contradiction:
            return best.contradiction
        if best.probability < REVIEWED:
            return "possible, no more"
        if best.probability < self._bar:
            return "likely, not certain"
        return self._objections.find(number, iri, best.iri)


def _floor(candidate: Candidate) -> float:
    """Return the probability from which a candidate is put before a person."""
    return 0.0 if candidate.has_same_name else _GUESSED
