"""Replacements for patterns of text search: VALUES with the hits of the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.engine.oxigraph.syntax.scope import FreshVariables
from sparql_server.engine.text.search_expressions import Malformed
from sparql_server.engine.text.texts import Fitting, Texts

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A pattern, and the triples that it stands in, from ``begin`` to ``end`` in the query.

    rest: those of the triples that aren't it. thing: what has the text: a variable or an IRI; None
    where only the text is asked for. text, score: variables, or None. properties: that have the
    text; empty: any. limit: of things; None: all.
    """

    expression: str
    properties: tuple[str, ...] = ()
    thing: str | None = None
    text: str | None = None
    score: str | None = None
    limit: int | None = None
    begin: int = 0
    end: int = 0
    rest: str = ""


def replacement(asked: Asked, texts: Texts, fresh: FreshVariables) -> str:
    """Return what stands for a pattern. Raises Malformed."""
    _check(asked, texts)
    alternatives = asked.thing is not None
    found = texts.find(asked.expression, asked.properties, alternatives=alternatives)
    if asked.thing is None:
        return f"{_values(asked.text, asked.score, found)} {asked.rest}"
    return f"{_things(asked, asked.thing, found, fresh)} {asked.rest}"


def _check(asked: Asked, texts: Texts) -> None:
    missing = [iri for iri in asked.properties if not texts.has(iri)]
    if missing:
        raise Malformed(
            f"No text of <{missing[0]}> is in the index: texts are strings of words, such as those"
            " of :mainTitle, :label, :prefLabel, :familyName and :name."
        )


def _values(text: str | None, score: str | None, found: Sequence[Fitting]) -> str:
    names = [name for name in (text, score) if name]
    rows = [
        f"({_literal(fitting)} {fitting.score:.4f})" if score else f"({_literal(fitting)})"
        for fitting in found
    ]
    return f"VALUES ({' '.join(names)}) {{ {' '.join(rows)} }}"


def _literal(fitting: Fitting) -> str:
    literal = fitting.literal
    language = f"@{literal.language}" if literal.language else ""
    return f'"{literal.value.translate(_ESCAPED)}"{language}'


def _things(asked: Asked, thing: str, found: Sequence[Fitting], fresh: FreshVariables) -> str:
    """Return a subquery for the things that have what was found, the best first."""
    text, score = asked.text or fresh.new(), asked.score or fresh.new()
    predicate = fresh.new()
    parts = [_values(text, score, found)]
    if len(asked.properties) == 1:
        predicate = f"<{asked.properties[0]}>"
    elif asked.properties:
        iris = " ".join(f"<{iri}>" for iri in asked.properties)
        parts.append(f"VALUES {predicate} {{ {iris} }}")
    pattern = " ".join([*parts, f"{thing} {predicate} {text} ."])
    shown = [name for name in (thing, asked.score, asked.text) if name and name[0] == "?"]
    if not shown:
        return pattern
    cut = ""
    if asked.limit is not None:
        cut = f" ORDER BY DESC({score}) STR({text}) LIMIT {asked.limit}"
    return f"{{ SELECT {' '.join(shown)} WHERE {{ {pattern} }}{cut} }}"
