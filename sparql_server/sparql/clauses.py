"""Clauses of a query before its pattern: declarations, and the graphs of its dataset.

SPARQL 1.1 Query Language, 4.1.1 and 13.2, https://www.w3.org/TR/sparql11-query/#specifyingDataset
"""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.sparql.lexer import FORMS, Token, decode_escapes, read_first_tokens


@dataclass(frozen=True, slots=True)
class Clauses:
    """Declarations and dataset clauses, as they are written, which Turtle can be read with.

    prologue: BASE and PREFIX. default, named: IRIs of FROM and of FROM NAMED, and prefixed names.
    """

    prologue: str = ""
    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def read_clauses(query: str) -> Clauses:
    """Return the clauses of a query, which is taken to be well-formed."""
    text = decode_escapes(query)
    found = read_first_tokens(text)
    words = (at for at, token in enumerate(found) if _is_word(token, *FORMS))
    form = next(words, None)
    if form is None:
        return Clauses()
    graphs: dict[bool, list[str]] = {False: [], True: []}
    for at in range(form, len(found) - 1):
        if _is_word(found[at], "FROM"):
            named = _is_word(found[at + 1], "NAMED")
            if at + 1 + named < len(found):
                graphs[named].append(found[at + 1 + named].text)
    return Clauses(text[: found[form].start], tuple(graphs[False]), tuple(graphs[True]))


def _is_word(token: Token, *words: str) -> bool:
    return token.kind == "word" and token.text.upper() in words
