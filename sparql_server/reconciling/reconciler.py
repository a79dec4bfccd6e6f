"""Reconciles a batch: candidates by name, compared with the hints, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sparql_server.engine.text.storage.word_folding import identifiers
from sparql_server.finding.search import Finder, Search
from sparql_server.reconciling.candidate_facts import Asker, Facts, compare, read_facts
from sparql_server.reconciling.reconciliation_request import Query
from sparql_server.reconciling.scoring import (
    Candidate,
    compare_names,
    drop_words,
    find_match,
    split_life,
)
from sparql_server.reconciling.types_and_properties import KINDS, YEARS, Kind, find_kind

_LOOKED_AT = 50  # things of a name that are compared

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A query with its candidates. complete: whether these are all that have such a name."""

    query: Query
    candidates: list[Candidate]
    complete: bool


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Reconciles names. finder: looks things up by name. language: of labels, sv or en."""

    finder: Finder
    asker: Asker
    language: str

    def answer(self, batch: Mapping[str, Query]) -> Json:
        """Return the candidates of each query (4.4). Raises RequestError."""
        found = {name: self._find(query) for name, query in batch.items()}
        facts = self._read_facts(list(found.values()))
        return {name: {"result": _rank(ranked, facts)} for name, ranked in found.items()}

    def _find(self, query: Query) -> _Ranked:
        kinds = [find_kind(name) for name in query.types]
        text, life = query.text, ""
        if all(kind.id in _AGENTS for kind in kinds):
            text, life = split_life(query.text)
        hints = (*query.hints, *([(YEARS.id, (life,))] if life else []))
        asked = replace(query, text=text, hints=hints)
        hits, complete = self._look_up(text, _list_classes(kinds))
        candidates = [_make_candidate(text, hit) for hit in hits]
        return _Ranked(asked, candidates, complete)

    def _look_up(self, text: str, classes: Sequence[str]) -> tuple[list[Json], bool]:
        """Return what has all words of a name, else most of them; and whether that is all."""
        for shorter in (text, *drop_words(text, names_people=_AGENTS.issuperset(classes))):
            found = [self._search(shorter, name) for name in classes]
            hits = {hit["iri"]: hit for hits_of_name in reversed(found) for hit in hits_of_name}
            if hits:
                complete = all(len(hits_of_name) < _LOOKED_AT for hits_of_name in found)
                return list(hits.values()), complete
        return [], True

    def _search(self, text: str, kind: str) -> list[Json]:
        search = Search(text, kind, self.language, _LOOKED_AT)
        found, _ = self.finder.things(search, self.asker.visitor, counted=False)
        hits: list[Json] = found["hits"]
        return hits

    def _read_facts(self, found: Sequence[_Ranked]) -> dict[str, Facts]:
        """Return by hint what is known of all candidates to whom it was given."""
        things: dict[str, dict[str, None]] = {}
        for ranked in found:
            for hint, values in ranked.query.hints:
                if values:
                    names = [candidate.iri for candidate in ranked.candidates]
                    things.setdefault(hint, {}).update(dict.fromkeys(names))
        return {hint: read_facts(self.asker, hint, list(names)) for hint, names in things.items()}


_AGENTS = {kind.id for kind in KINDS[:2]}


def _list_classes(kinds: Sequence[Kind]) -> list[str]:
    """Return the classes in which to look; an empty one stands for all."""
    return list(dict.fromkeys(name for kind in kinds for name in kind.classes)) or [""]


def _make_candidate(text: str, hit: Json) -> Candidate:
    likeness = max(compare_names(text, hit["label"]), compare_names(text, hit["matched"]))
    given = set(identifiers(text))
    is_digits = any(character.isdigit() for character in text)
    identified = hit["iri"] == text.strip() or (
        hit["score"] == 1 and is_digits and not given.isdisjoint(identifiers(hit["matched"]))
    )
    return Candidate(
        hit["iri"],
        hit["label"],
        hit["class"] or "",
        hit["class_label"] or "",
        hit["detail"] or "",
        hit["uses"],
        1.0 if identified else likeness,
        exact=likeness == 1.0,
        identified=identified,
    )


def _rank(ranked: _Ranked, facts: Mapping[str, Facts]) -> list[Json]:
    query = ranked.query
    compared = [
        replace(
            candidate,
            agreed=tuple(
                (hint, compare(hint, values, facts[hint].get(candidate.iri, ())))
                for hint, values in query.hints
                if values
            ),
        )
        for candidate in ranked.candidates
    ]
    best = sorted(
        compared, key=lambda candidate: (-candidate.score, -candidate.uses, candidate.iri)
    )
    kinds = [find_kind(name) for name in query.types]
    controlled = bool(kinds) and all(kind.controlled for kind in kinds)
    match = find_match(best, controlled=controlled, complete=ranked.complete)
    return [_describe(candidate, candidate.iri == match) for candidate in best[: query.limit]]


def _describe(candidate: Candidate, match: bool) -> Json:
    features = [{"id": "name", "value": candidate.likeness}]
    features += [
        {"id": hint, "value": agrees} for hint, agrees in candidate.agreed if agrees is not None
    ]
    kind = candidate.kind
    return {
        "id": candidate.iri,
        "name": candidate.label,
        "description": candidate.detail,
        "type": [{"id": kind, "name": candidate.kind_label or find_kind(kind).name}]
        if kind
        else [],
        "score": candidate.score,
        "features": features,
        "match": match,
    }
