"""The questions that the engines are asked, in benchmarks/questions, and the forms they are put in.

A form is what others make of a published question: a page of it, the same within a graph, a check
whether there is anything, a graph of what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sparql_server.sparql.lexer import Token, tokens

_FOLDER = Path(__file__).with_name("questions")
_PAGE = 100
_COLUMN = "urn:libris:column:"
FORMS = ("kb", "limit", "graph", "ask", "construct", "generic")
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Question:
    """name: of its file, without the ending. query: SPARQL. form: one of ``FORMS``."""

    name: str
    query: str
    form: str = "kb"

    @property
    def label(self) -> str:
        """Return the name, with the form unless it is as published."""
        return self.name if self.form == "kb" else f"{self.form}/{self.name}"

    @property
    def makes_graph(self) -> bool:
        """Tell whether the answer is a graph."""
        return self.form == "construct"

    @property
    def is_cut(self) -> bool:
        """Tell whether the answer is a part of what there is: engines may choose other parts."""
        return "LIMIT" in self.query


def questions(forms: Sequence[str] = ("kb",)) -> list[Question]:
    """Return every question in these forms, form by form, in the order of their names."""
    published, generic = _read(_FOLDER, "kb"), _read(_FOLDER / "generic", "generic")
    made = {
        "kb": published,
        "limit": [_formed(question, "limit", limited) for question in published],
        "graph": [_formed(question, "graph", within_graph) for question in published],
        "ask": [_formed(question, "ask", asked) for question in published],
        "construct": [_formed(question, "construct", constructed) for question in published],
        "generic": generic,
    }
    return [question for form in FORMS if form in forms for question in made[form] if question]


def numbered(query: str) -> str:
    """Return a query as nobody has put it yet, so that no engine answers what it has kept."""
    return f"PREFIX n{next(_NUMBERS)}: <urn:n:> {query}"


def _read(folder: Path, form: str) -> list[Question]:
    paths = sorted(folder.glob("*.rq"))
    return [Question(path.stem, path.read_text(encoding="utf-8"), form) for path in paths]


def _formed(question: Question, form: str, put: Callable[[str], str]) -> Question | None:
    """Return a question in another form; None where the form makes nothing new of it."""
    query = put(question.query)
    return None if query == question.query else Question(question.name, query, form)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A SELECT query taken apart.

    prologue: up to the form. head: the form and what it selects. pattern: with its braces.
    modifiers: what stands behind. variables: the names that are selected. is_plain: nothing is
    computed, and nothing grouped.
    """

    prologue: str
    head: str
    pattern: str
    modifiers: str
    variables: tuple[str, ...]
    is_plain: bool


def _take_apart(query: str) -> _Parts:
    read = list(tokens(query))
    form = next(token for token in read if token.text.upper() == "SELECT")
    opening = next(token for token in read if token.text == "{")
    closing = max((token for token in read if token.text == "}"), key=lambda token: token.start)
    selected = [token for token in read if form.start < token.start < opening.start]
    modifiers = query[closing.start + 1 :]
    return _Parts(
        query[: form.start],
        query[form.start : opening.start],
        query[opening.start : closing.start + 1],
        modifiers,
        tuple(_names(selected)),
        "(" not in query[form.start : opening.start] and "GROUP" not in modifiers,
    )


def _names(selected: Sequence[Token]) -> Iterator[str]:
    """Yield the names of what a SELECT clause gives: ``?name``, or ``(expression AS ?name)``."""
    depth, before = 0, ""
    for token in selected:
        depth += (token.text == "(") - (token.text == ")")
        if token.text[0] in "?$" and (depth == 0 or before == "AS"):
            yield token.text[1:]
        before = token.text.upper()


def limited(query: str) -> str:
    """Return a query for its first hundred solutions."""
    return (
        query if "LIMIT" in _take_apart(query).modifiers else f"{query.rstrip()}\nLIMIT {_PAGE}\n"
    )


def within_graph(query: str) -> str:
    """Return a query for what stands in one graph, whichever it is."""
    parts = _take_apart(query)
    pattern = f"{{ GRAPH ?g {parts.pattern} }}"
    return f"{parts.prologue}{parts.head}{pattern}{parts.modifiers}"


def asked(query: str) -> str:
    """Return a query for whether a pattern has a solution."""
    parts = _take_apart(query)
    return f"{parts.prologue}ASK {parts.pattern}\n"


def constructed(query: str) -> str:
    """Return a query for a graph with a node for each solution.

    What is computed or grouped is so in a subquery, and the graph is of its solutions.
    """
    parts = _take_apart(query)
    values = " ; ".join(f"<{_COLUMN}{name}> ?{name}" for name in parts.variables)
    template = f"CONSTRUCT {{ [] {values} }} WHERE "
    if parts.is_plain:
        return f"{parts.prologue}{template}{parts.pattern}{parts.modifiers}"
    return f"{parts.prologue}{template}{{ {{ {parts.head}{parts.pattern}{parts.modifiers}}} }}\n"
