"""Things by what is typed of their names: the exact ones, then the most used, then the nearest.

A query goes from strict to loose, and stops when it has enough: names and identifiers as a whole;
names of these words alone, and all with these words, the last one as it is typed so far; the same
without å, ä, ö; together with the names of those who have part in a thing; with a letter wrong;
with initials apart, or every word as it is typed so far; with all words but one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import tantivy
from rapidfuzz.distance import Levenshtein

from sparql_server.engine.text.storage.layout import Name, Shown
from sparql_server.engine.text.storage.word_folding import (
    BEGUN_WORDS,
    begin,
    loosen,
    typed_identifiers,
    whole,
    words,
)
from sparql_server.engine.text.word_queries import (
    has_field,
    match_any,
    match_beginnings,
    match_value,
    match_words,
    may_be_misspelt,
    restrict_to_class,
)

MOST_WORDS = 16
"""Words of a query that are looked for; it has no more."""

_RANKED = 5  # times as many candidates as are wanted are ranked by nearness
_BUT_ONE = range(3, 8)  # words of which one needn't be there, where nothing else is found
_INITIALS = (2, 3)  # how many initials are written together
_AS_TYPED = 0.95  # score of names that are there as they are typed so far
_REMEMBERED = 2000  # things that were shown last
_IRIS = ("http://", "https://", "urn:")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search. text: as typed. kind: IRI of the class that hits are of, or empty.

    language: of labels, ``sv`` or ``en``. limit: of hits.
    """

    text: str
    kind: str = ""
    language: str = "sv"
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found. matched: the name that fits best. score: 1 is exact."""

    shown: Shown
    label: Name
    matched: str
    uses: int
    score: float


@dataclass(frozen=True, slots=True)
class _Step:
    """A way to look. score: of its hits. near: whether nearness counts before use.

    misspelt: whether letters may be wrong. last: whether it is for when nothing has been found.
    """

    query: tantivy.Query
    score: float
    near: bool = False
    misspelt: bool = False
    last: bool = False


def find_things(index: tantivy.Index, searcher: tantivy.Searcher, wanted: Wanted) -> list[Hit]:
    """Return the things that fit best."""
    typed = words(wanted.text)
    hits: dict[str, Hit] = {}
    for step in _steps(index.schema, wanted.text, typed):
        if len(hits) >= wanted.limit or (step.last and hits):
            break
        if step.misspelt and len(typed) > 1 and _is_certain(hits.values()):
            continue
        query = restrict_to_class(index.schema, step.query, wanted.kind)
        for hit in _ranked(searcher, query, step, wanted):
            hits.setdefault(hit.shown.iri, hit)
    return list(hits.values())[: wanted.limit]


def _is_certain(hits: Iterable[Hit]) -> bool:
    """Tell whether a name is there as it is typed, or so far: it has no letter wrong then."""
    return any(hit.score >= _AS_TYPED for hit in hits)


def _steps(schema: tantivy.Schema, text: str, typed: Sequence[str]) -> Iterator[_Step]:
    """Yield ways to look, the strictest first."""
    stripped = text.strip()
    if stripped.startswith(_IRIS):
        yield _Step(match_value(schema, "iri", stripped), 1.0)
    as_identifier = [
        match_value(schema, "id", identifier) for identifier in typed_identifiers(text)
    ]
    exact = [match_value(schema, "name", whole(typed))] if typed else []
    if as_identifier or exact:
        yield _Step(match_any(as_identifier + exact), 1.0)
    if not typed or len(typed) > MOST_WORDS:
        return
    yield from _steps_of_words(schema, typed)


def _steps_of_words(schema: tantivy.Schema, typed: Sequence[str]) -> Iterator[_Step]:
    loose = [loosen(word) for word in typed]
    yield from _begun(schema, typed, _AS_TYPED)
    yield _Step(match_words(schema, "word", typed), 0.9)
    yield _Step(match_value(schema, "loose_name", whole(loose)), 0.8)
    yield from _begun(schema, loose, 0.75, loose=True)
    yield _Step(match_words(schema, "loose_word", loose), 0.7)
    wide = "wide_word" if has_field(schema, "wide_word") else "loose_word"
    if wide != "loose_word":
        yield _Step(match_words(schema, wide, loose), 0.6)
    if any(map(may_be_misspelt, typed)):
        # A letter that is missing may bring two together that are one without å, ä, ö: moern.
        own = (match_words(schema, "word", typed, 1), match_words(schema, "loose_word", loose, 1))
        yield _Step(match_any(own), 0.5, near=True, misspelt=True)
        yield _Step(match_words(schema, wide, loose, 1), 0.45, near=True, misspelt=True)
    fields = dict.fromkeys(("loose_word", wide))
    if len(typed) > 1:
        for field in fields:
            yield _Step(match_beginnings(schema, field, loose), 0.4, last=True)
    apart = split_initials(loose)
    if len(loose) < len(apart) <= MOST_WORDS:
        for field in fields:
            yield _Step(match_words(schema, field, apart), 0.4, near=True, last=True)
    if len(loose) in _BUT_ONE:
        fewer = [[*loose[:at], *loose[at + 1 :]] for at in range(len(loose))]
        queries = [match_words(schema, field, remaining) for field in fields for remaining in fewer]
        yield _Step(match_any(queries), 0.3, near=True, last=True)


def _begun(
    schema: tantivy.Schema, typed: Sequence[str], score: float, *, loose: bool = False
) -> Iterator[_Step]:
    """Yield a way to find names that have these words and no others, the last one as it goes on.

    None where there is one word: what is used more is meant then.
    """
    if 1 < len(typed) <= BEGUN_WORDS and has_field(schema, "begun"):
        begun = begin(typed, loose=loose)
        query = tantivy.Query.fuzzy_term_query(schema, "begun", begun, distance=0, prefix=True)
        yield _Step(query, score)


def split_initials(typed: Sequence[str]) -> list[str]:
    """Return words with those apart that may be initials written together.

    >>> split_initials(["jrr", "tolkien"])
    ['j', 'r', 'r', 'tolkien']
    """
    if all(len(word) in _INITIALS for word in typed):
        return list(typed)  # a word is more likely
    return [part for word in typed for part in (word if len(word) in _INITIALS else [word])]


def _ranked(
    searcher: tantivy.Searcher, query: tantivy.Query, step: _Step, wanted: Wanted
) -> list[Hit]:
    """Return what a step finds: by use, then by nearness; or the other way round."""
    found = searcher.search(query, wanted.limit * _RANKED, count=False, order_by_field="uses").hits
    if not step.near and len(found) > wanted.limit:
        least = found[wanted.limit - 1][0]  # those used less come behind enough others
        found = [hit for hit in found if hit[0] >= least]
    typed = loosen(whole(words(wanted.text)))
    candidates = []
    for uses, address in found:
        shown, names = _read_thing(bytes(searcher.doc(address).get_first("thing") or b""))
        distance, matched = _nearest(shown, names, typed)
        hit = Hit(shown, label(shown, wanted.language), matched, int(uses), step.score)
        order = (distance, -int(uses)) if step.near else (-int(uses), distance)
        candidates.append((order, hit))
    return [hit for _, hit in sorted(candidates, key=lambda candidate: candidate[0])]


@lru_cache(maxsize=_REMEMBERED)
def _read_thing(packed: bytes) -> tuple[Shown, tuple[str, ...]]:
    """Return a thing, and its names as they are compared with what is typed."""
    shown = Shown.unpack(packed)
    return shown, tuple(loosen(whole(words(name.text))) for name in shown.names)


def _nearest(shown: Shown, names: Sequence[str], typed: str) -> tuple[int, str]:
    """Return how far the nearest name is from what was typed, in letters to change; and it."""
    best, nearest = len(typed) + 1, 0
    for place, name in enumerate(names):
        distance = Levenshtein.distance(typed, name, score_cutoff=best)
        if distance < best:
            best, nearest = distance, place
    return best, shown.names[nearest].text


def label(shown: Shown, language: str) -> Name:
    """Return the name that a thing is shown by: in this language, in none, or the first."""
    names = shown.names[: shown.preferred] or shown.names
    for wanted in (language, ""):
        for name in names:
            if name.language == wanted:
                return name
    return names[0]
