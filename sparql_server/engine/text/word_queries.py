"""Queries for words of names, as tantivy takes them."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

_FUZZY = 4  # letters from which on one of a word may be wrong
_INITIALS = (2, 3)  # how many initials are written together


def has_field(schema: tantivy.Schema, field: str) -> bool:
    """Tell whether an index has a field; one of an earlier version may not."""
    try:
        term(schema, field, "")
    except ValueError:
        return False
    return True


def split_initials(typed: Sequence[str]) -> list[str]:
    """Return words with those apart that may be initials written together.

    >>> split_initials(["jrr", "tolkien"])
    ['j', 'r', 'r', 'tolkien']
    """
    if all(len(word) in _INITIALS for word in typed):
        return list(typed)  # a word is more likely
    return [part for word in typed for part in (word if len(word) in _INITIALS else [word])]


def term(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    """Return a query for what has a value in a field."""
    return tantivy.Query.term_query(schema, field, value, index_option="basic")


def any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return a query for what one of these finds, at least."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def all_words(
    schema: tantivy.Schema, field: str, typed: Sequence[str], wrong: int = 0
) -> tantivy.Query:
    """Return a query for all words, of which the last one may go on; so many letters wrong."""
    parts = [_word(schema, field, word, wrong) for word in typed[:-1]]
    distance = wrong if may_be_wrong(typed[-1]) else 0
    parts.append(
        tantivy.Query.fuzzy_term_query(schema, field, typed[-1], distance=distance, prefix=True)
    )
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def all_begun(schema: tantivy.Schema, field: str, typed: Sequence[str]) -> tantivy.Query:
    """Return a query for words that all may go on: initials, and what is cut short."""
    parts = [
        tantivy.Query.fuzzy_term_query(schema, field, word, distance=0, prefix=True)
        for word in typed
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])


def _word(schema: tantivy.Schema, field: str, word: str, wrong: int) -> tantivy.Query:
    if wrong and may_be_wrong(word):
        return tantivy.Query.fuzzy_term_query(schema, field, word, distance=wrong)
    return term(schema, field, word)


def may_be_wrong(word: str) -> bool:
    """Tell whether a word is so long that it can be told with a letter wrong; a year can't."""
    return len(word) >= _FUZZY and not word.isdigit()
