"""The graph that a CONSTRUCT's pattern is in: what N-Quads and TriG can be made of.

SPARQL 1.1 constructs triples, not quads. Where all GRAPH patterns of a query name one graph, by an
IRI or one variable, what each solution constructs stands in that graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparql_server.memo import remembered
from sparql_server.sparql.lexer import MOST, Token, decode_escapes, mentions, read_first_tokens

NONE = (
    "N-Quads and TriG say which graph each triple stands in: they are for a graph of the graph"
    " store, and for CONSTRUCT { … } WHERE { GRAPH ?g { … } }, all of whose GRAPH patterns name"
    " the same graph. Ask for a format of triples here, or put the pattern into GRAPH."
)
"""The reason why a query has no result in those formats."""

VARIABLE = "urn:x-variable:"
"""The beginning of the IRI that stands for a variable; its name follows."""


@dataclass(frozen=True, slots=True)
class QuadPattern:
    """A CONSTRUCT whose pattern is in one graph.

    select: the query that finds its solutions. template: what it constructs, in Turtle, IRIs
    standing for variables. graph: likewise, one term of Turtle.
    """

    select: str
    template: str
    graph: str


@remembered(64, 4000)
def read_quad_pattern(query: str) -> QuadPattern | None:
    """Return what a query constructs, and where; None if its triples stand in no graph of its own.

    The query is taken to be well-formed.
    """
    text = decode_escapes(query)
    if not mentions(text, b"graph") or mentions(text, b"service"):
        return None
    found = read_first_tokens(text)
    start = next((at for at, token in enumerate(found) if _is_word(token, "CONSTRUCT")), None)
    if start is None or len(found) >= MOST or start + 1 >= len(found):
        return None
    end = _end(found, start + 1)
    if end is None or end + 1 >= len(found):
        return None
    return _read(text, found, start, end)


def _read(text: str, found: Sequence[Token], start: int, end: int) -> QuadPattern | None:
    """Read a query whose template stands between two tokens, braces included."""
    graphs = {
        name.text.replace("$", "?")
        for word, name in zip(found[end:], found[end + 1 :], strict=False)
        if _is_word(word, "GRAPH") and name.kind in ("variable", "iri", "name")
    }
    if len(graphs) != 1:
        return None
    (graph,) = graphs
    template = found[start + 2 : end]
    variables = [token.text[1:] for token in template if token.kind == "variable"]
    if graph.startswith("?"):
        variables.append(graph[1:])
    selected = " ".join(f"?{name}" for name in dict.fromkeys(variables)) or "*"
    prologue, rest = text[: found[start].start], text[found[end].start + 1 :]
    stop = "" if not template or template[-1].text == "." else " ."
    statements = " ".join(_write_pattern(token) for token in template) + stop
    name = f"<{VARIABLE}{graph[1:]}>" if graph.startswith("?") else graph
    return QuadPattern(f"{prologue}SELECT {selected} {rest}", prologue + statements, name)


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word


def _end(found: Sequence[Token], start: int) -> int | None:
    """Return where the brace is closed that is opened at a token; None: it isn't opened there."""
    if found[start].text != "{":
        return None
    closing = (at for at in range(start, len(found)) if found[at].text == "}")
    return next(closing, None)


def _write_pattern(token: Token) -> str:
    return f"<{VARIABLE}{token.text[1:]}>" if token.kind == "variable" else token.text
