"""Queries of the text index for words: as they are, with a letter wrong, or begun."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

_FUZZY = 4  # letters from which on one of a word may be wrong


def has_field(schema: tantivy.Schema, field: str) -> bool:
    """Tell whether an index has a field: those of earlier versions lack some."""
    try:
        match_value(schema, field, "")
    except ValueError:
        return False
    return True


def match_value(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    """Return a query for a value as a whole."""
    return tantivy.Query.term_query(schema, field, value, index_option="basic")


def match_any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return a query for what at least one of these fits."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def match_words(
    schema: tantivy.Schema, field: str, typed: Sequence[str], wrong: int = 0
) -> tantivy.Query:
    """Return a query for all words, of which the last one may go on; so many letters wrong."""
    parts = [_match_word(schema, field, word, wrong) for word in typed[:-1]]
    distance = wrong if may_be_misspelt(typed[-1]) else 0
    parts.append(
        tantivy.Query.fuzzy_term_query(schema, field, typed[-1], distance=distance, prefix=True)
    )
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def match_beginnings(schema: tantivy.Schema, field: str, typed: Sequence[str]) -> tantivy.Query:
    """Return a query for words that all may go on: initials, and what is cut short."""
    parts = [
        tantivy.Query.fuzzy_term_query(schema, field, word, distance=0, prefix=True)
        for word in typed
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def _match_word(schema: tantivy.Schema, field: str, word: str, wrong: int) -> tantivy.Query:
    if wrong and may_be_misspelt(word):
        return tantivy.Query.fuzzy_term_query(schema, field, word, distance=wrong)
    return match_value(schema, field, word)


def may_be_misspelt(word: str) -> bool:
    """Tell whether a word is so long that it can be told with a letter wrong; a year can't."""
    return len(word) >= _FUZZY and not word.isdigit()


def restrict_to_class(schema: tantivy.Schema, query: tantivy.Query, iri: str) -> tantivy.Query:
    """Return a query for things of a class alone, ranked as before. iri: empty for any class."""
    if not iri:
        return query
    must = tantivy.Occur.Must
    kind = tantivy.Query.const_score_query(match_value(schema, "class", iri), 0.0)
    return tantivy.Query.boolean_query([(must, query), (must, kind)])
