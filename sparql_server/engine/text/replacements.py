"""Replacements for patterns of text search: VALUES with the hits of the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.engine.oxigraph.syntax.scope import FreshVariables
from sparql_server.engine.text.expression_tokens import Malformed
from sparql_server.engine.text.texts import ANY, Fitting, Texts

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A pattern, and the triples that it stands in, from ``begin`` to ``end`` in the query.

    rest: those of the triples that aren't it. thing: what has the text: a variable or an IRI; None
    where only the text is asked for. text, score, graph, predicate: variables, or None.
    properties: that have the text; empty: any. limit: of things; None: all. language: of texts.
    """

    expression: str
    properties: tuple[str, ...] = ()
    thing: str | None = None
    text: str | None = None
    score: str | None = None
    graph: str | None = None
    predicate: str | None = None
    limit: int | None = None
    language: str = ANY
    begin: int = 0
    end: int = 0
    rest: str = ""


def replacement(asked: Asked, texts: Texts, fresh: FreshVariables, *, hidden: bool) -> str:
    """Return what stands for a pattern. Raises Malformed.

    hidden: whether variables that the query hasn't are seen nowhere in its answer.
    """
    _check(asked, texts)
    lucene = asked.thing is not None
    found = texts.find(asked.expression, asked.properties, lucene=lucene, language=asked.language)
    if asked.thing is None:
        return f"{_values(asked.text, asked.score, found)} {asked.rest}"
    return f"{_things(asked, asked.thing, found, fresh, hidden)} {asked.rest}"


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


def _things(
    asked: Asked, thing: str, found: Sequence[Fitting], fresh: FreshVariables, hidden: bool
) -> str:
    """Return a pattern for the things that have what was found, the best first."""
    text, score = asked.text or fresh.new(), asked.score or fresh.new()
    pattern = f"{_values(text, score, found)} {_triple(asked, thing, text, fresh)}"
    own = (thing, asked.score, asked.text, asked.graph, asked.predicate)
    shown = [name for name in own if name and name[0] == "?"]
    if asked.limit is None and hidden:
        return pattern
    if not shown:
        return f"FILTER EXISTS {{ {pattern} }}"
    cut = ""
    if asked.limit is not None:
        cut = f" ORDER BY DESC({score}) STR({text}) LIMIT {asked.limit}"
    return f"{{ SELECT {' '.join(shown)} WHERE {{ {pattern} }}{cut} }}"


def _triple(asked: Asked, thing: str, text: str, fresh: FreshVariables) -> str:
    """Return the pattern for what has a text: alternatives, where there are several properties."""
    if not asked.properties:
        return _in_graph(asked, f"{thing} {asked.predicate or fresh.new()} {text} .")
    if not asked.predicate:
        path = "|".join(f"<{iri}>" for iri in dict.fromkeys(asked.properties))
        return _in_graph(asked, f"{thing} {path} {text} .")
    alternatives = (
        f"{{ {_in_graph(asked, f'{thing} <{iri}> {text} .')} BIND(<{iri}> AS {asked.predicate}) }}"
        for iri in dict.fromkeys(asked.properties)
    )
    return " UNION ".join(alternatives)


def _in_graph(asked: Asked, triple: str) -> str:
    return f"GRAPH {asked.graph} {{ {triple} }}" if asked.graph else triple
