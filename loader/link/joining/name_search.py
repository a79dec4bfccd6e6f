"""Search by name for agents without a link by identifiers: candidates, and a decision on the best.

A link is made only from a probability of 0.98, four bits ahead of the next, and past a gate:
the same name and both years, a given name less or initials being the same if nobody else is in
sight; or the same name, a year and a work; or a name that is rare, and nobody else's in sight, with
one year, or where neither side knows any. All else that has the whole name, or is likely, goes to
review: three candidates at most.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from loader.link.entities.extraction import load_entity
from loader.link.extracts.tables import Tables
from loader.link.joining.decisions import AUTOMATIC, EXACT, REVIEWED, Doubt, Link, Step, kind_of
from loader.link.matching.candidates import NEARLY, SAME_NAME, Candidate, Scales
from loader.link.matching.namesakes import Namesakes
from loader.link.matching.profiles import Profile, load_profiles, make_profile, search_keys
from loader.link.matching.score import PRIOR, has_common_surname, is_rare
from loader.link.names.keys import fold
from loader.link.names.lifespans import EQUAL, OVERLAP, Life

_CROWD = 200  # of the whole name, a block with more authorities than this says too little
_CROWD_OF_A_WORD = 40  # likewise of a word and a year: another word of the name says more
_ENOUGH = 100  # candidates to compare, at most, of the whole name
_ENOUGH_BY_WORD = 30  # and of words and years
_AHEAD = 4.0  # bits that the best candidate must be ahead of the next
_AHEAD_BY_NAME = 2.0  # likewise, if the next doesn't have the name itself
_ASKED = 0.02  # the probability from which a person is asked about one that has the whole name
_GUESSED = 0.1  # and from which about one that has but a part of it, or nearly all
_PROPOSED = 3  # candidates to ask about, at most, for one agent and source
_TOLD = 1.0  # bits that a name must be rarer than one that somebody else has
SOURCES = ("wikidata", "lc")


class NameSearch:
    """Finds agents by name.

    taken: authorities that some entity has by its identifiers. priors: bits for each source, of
    an agent that nothing is known of.
    """

    def __init__(
        self, tables: Tables, taken: Mapping[str, str], priors: Mapping[str, float] | None = None
    ) -> None:
        self._tables = tables
        self._taken = taken
        namesakes = Namesakes(tables.connection)
        self._scales = {
            source: Scales(namesakes, (priors or {}).get(source, PRIOR)) for source in SOURCES
        }

    def decide(self, number: int, iri: str, body: str) -> list[Link | Doubt]:
        """Return what an entity comes to: one link, or a few doubts, for each source."""
        mine, ranked = self.candidates(number, iri, body)
        return [
            decision
            for candidates in ranked.values()
            for decision in self._settle(number, iri, mine, candidates)
        ]

    def candidates(
        self, number: int, iri: str, body: str
    ) -> tuple[Profile, dict[str, list[Candidate]]]:
        """Return an entity's profile, and by source who it may be, the likeliest first."""
        entity = load_entity(iri, body)
        titles = self._titles(iri)
        mine = make_profile(
            entity.kind, entity.names, entity.life, others=entity.others, titles=titles
        )
        if not mine.folded:
            return mine, {}
        found = self._candidates(mine, [fold(name) for name in entity.names])
        others = self._namesakes(number, mine) if found else []
        return mine, {
            source: self._scales[source].rank(candidates, mine, others)
            for source, candidates in sorted(found.items(), reverse=True)
            if source in SOURCES
        }

    def _titles(self, iri: str) -> list[str]:
        rows = self._tables.connection.execute("SELECT key FROM title WHERE agent = ?", (iri,))
        return [key for (key,) in rows]

    def _candidates(
        self, mine: Profile, natural: Sequence[str]
    ) -> dict[str, list[tuple[str, Profile]]]:
        narrow, wide = search_keys(mine, natural)
        found_by_name = self._in_blocks(narrow, _CROWD).most_common(_ENOUGH)
        numbers = {number for number, _ in found_by_name}
        by_word = self._in_blocks(wide, _CROWD_OF_A_WORD)
        # Who shares two words and the year is likelier than who shares one.
        ranked = sorted(by_word.keys() - numbers, key=lambda number: (-by_word[number], number))
        few = sorted(numbers.union(ranked[:_ENOUGH_BY_WORD]))
        marks = ",".join("?" * len(few))
        query = f"SELECT id, iri, source FROM authority WHERE id IN ({marks})"
        named = {row[0]: row[1:] for row in self._tables.connection.execute(query, few)}
        found: dict[str, list[tuple[str, Profile]]] = {}
        for number, candidate in load_profiles(self._tables, few, mine.life):
            iri, source = named[number]
            found.setdefault(source, []).append((iri, candidate))
        return found

    def _in_blocks(self, keys: Sequence[int], crowd: int) -> Counter[int]:
        """Return who is in these blocks, and in how many, but for blocks with a crowd in them."""
        found: Counter[int] = Counter()
        for key in keys:
            rows = self._tables.connection.execute(
                "SELECT authority FROM block WHERE key = ? LIMIT ?", (key, crowd + 1)
            ).fetchall()
            if len(rows) <= crowd:
                found.update(number for (number,) in rows)
        return found

    def _namesakes(self, number: int, mine: Profile) -> list[Life]:
        """Return the lives of other agents in Libris that go by the preferred name."""
        rows = self._tables.connection.execute(
            "SELECT iri, body FROM namesake JOIN entity ON entity.id = entity"
            " WHERE key = ? AND entity != ? LIMIT 50",
            (mine.folded[0], number),
        )
        return [load_entity(*row).life for row in rows]

    def _settle(
        self, number: int, iri: str, mine: Profile, ranked: Sequence[Candidate]
    ) -> Iterator[Link | Doubt]:
        plausible = [
            candidate for candidate in ranked if candidate.probability >= _floor(candidate)
        ][:_PROPOSED]
        for candidate in plausible:
            reason = self._hindrance(
                iri, mine, candidate, _ahead(ranked) if candidate is ranked[0] else -1.0
            )
            reason = reason or self._contradiction(number, candidate.iri)
            confidence, why = round(candidate.probability, 4), tuple(_steps(iri, candidate))
            if not reason:
                yield Link(iri, EXACT, candidate.iri, "names", confidence, why)
                return
            yield Doubt(iri, candidate.iri, reason, confidence, why)

    def _hindrance(self, iri: str, mine: Profile, best: Candidate, ahead: float) -> str:
        """Return why a candidate isn't linked to; the empty text if it is."""
        if best.probability < REVIEWED:
            return "possible, no more"
        if best.probability < AUTOMATIC:
            return "likely, not certain"
        if ahead < 0:
            return "another candidate is nearly as likely"
        if self._taken.get(best.iri, iri) != iri:
            return f"already linked to {self._taken[best.iri]}"
        return "" if passes_gate(mine, best) else "no gate is passed"

    def _contradiction(self, number: int, authority: str) -> str:
        """Return which identifiers of the same kind differ; few persons have two of a kind."""
        claimed = _by_kind(
            self._tables.connection.execute("SELECT iri FROM claim WHERE entity = ?", (number,))
        )
        theirs = _by_kind(
            self._tables.connection.execute(
                "SELECT identifier.iri FROM authority JOIN identifier ON authority = authority.id"
                " WHERE authority.iri = ?",
                (authority,),
            )
        )
        for kind in sorted(claimed.keys() & theirs.keys() - {"", "libris"}):
            if claimed[kind].isdisjoint(theirs[kind]):
                return f"identifiers differ: {', '.join(sorted(claimed[kind] | theirs[kind]))}"
        return ""


def _by_kind(rows: Iterable[tuple[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for (iri,) in rows:
        found.setdefault(kind_of(iri), set()).add(iri)
    return found


def _floor(candidate: Candidate) -> float:
    """Return the probability from which a candidate is put before a person."""
    if candidate.score.name in SAME_NAME:
        return _ASKED
    return _GUESSED if candidate.score.name in NEARLY else REVIEWED


def passes_gate(mine: Profile, best: Candidate) -> bool:
    """Tell whether there is reason enough for a link without asking anybody."""
    found = best.score
    years = [found.birth, found.death]
    if mine.kind != "person":
        return False
    if EQUAL not in years:
        return best.is_dateless and _is_told_by_name(mine, best)
    if found.name not in SAME_NAME:
        is_told = found.name == "shorter" or (
            found.name == "initials" and not has_common_surname(mine.folded[0])
        )
        return is_told and years == [EQUAL, EQUAL] and not best.name_rivals
    if found.works:
        return True
    if years == [EQUAL, EQUAL]:
        return not best.name_rivals
    # One year is enough for a rare name, if the record knows no other or none for certain: a death
    # that is missing or differs by a year is as often a namesake's.
    knows_one = None in (mine.life.birth, mine.life.death)
    return (knows_one or OVERLAP in years) and _is_told_by_name(mine, best)


def _is_told_by_name(mine: Profile, best: Candidate) -> bool:
    """Tell whether a name is the same, rare, and nobody else's in sight.

    Without years it is enough only if the other side knows none either: years that nothing is
    compared with may be a namesake's.
    """
    is_same = best.score.name in SAME_NAME and not best.name_rivals
    return is_same and best.rarity >= _TOLD and is_rare(mine.folded[0])


def _ahead(ranked: Sequence[Candidate]) -> float:
    """Return by how many bits more than it must the best candidate is ahead of the next."""
    if len(ranked) < 2:
        return math.inf
    best, following = ranked[:2]
    by_name = best.score.name in SAME_NAME and following.score.name not in SAME_NAME
    return best.bits - following.bits - (_AHEAD_BY_NAME if by_name else _AHEAD)


def _steps(iri: str, best: Candidate) -> Iterator[Step]:
    for name, bits in best.parts:
        yield Step(iri, best.iri, name, f"{bits:+.1f} bits")
    if best.namesakes:
        text = f"{-math.log2(1 + best.namesakes):+.1f} bits"
        yield Step(iri, best.iri, f"{best.namesakes} others of the name", text)
