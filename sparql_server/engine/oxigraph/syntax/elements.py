"""The syntax of a query as it is written, taken apart as far as it is put in other words.

SPARQL 1.1 Query Language, 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar. Elements can
be replaced in their lists; ``str`` writes what has become of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from sparql_server.engine.oxigraph.syntax.path_forms import Path


class Unreadable(Exception):
    """A text is no query that can be put in other words."""


class Token(NamedTuple):
    """A token. kind: as ``columns.syntax.tokens`` has it. glued: nothing stands before it."""

    kind: str
    text: str
    glued: bool = False


@dataclass(slots=True)
class Brackets:
    """``( … )`` in an expression."""

    parts: list[Part]

    def __str__(self) -> str:
        return f"({write_expression(self.parts)} )"


Part: TypeAlias = "Token | Brackets | Group"
"""A part of an expression. A group is what follows EXISTS."""

Expression: TypeAlias = "list[Part]"


def write_expression(parts: Iterable[Part]) -> str:
    """Return an expression as it is written: what was glued together still is.

    Nothing stands between a function and its arguments: Oxigraph refuses ``CONCAT ("a")``.
    """
    texts, called = [], False
    for part in parts:
        if isinstance(part, Token):
            texts.append(("" if part.glued else " ") + part.text)
            called = part.kind not in ("AS", "DISTINCT") and (
                part.kind in ("name", "iri") or part.kind.isidentifier()
            )
        else:
            texts.append(("" if called and isinstance(part, Brackets) else " ") + str(part))
    return "".join(texts)


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern.

    path: a variable is a ``Step``. subject, object: as written; a blank node that has no label is
    ``_:[1``, ``_:[2`` and so on.
    """

    subject: str
    path: Path
    object: str


@dataclass(slots=True)
class Triples:
    """Triples with the same subject, as written and one by one."""

    text: str
    triples: list[Triple]

    def __str__(self) -> str:
        return f"{self.text} ."

    def list_nodes(self) -> Iterable[str]:
        """Yield what stands in the triples' three places."""
        for triple in self.triples:
            yield from (triple.subject, str(triple.path), triple.object)


@dataclass(slots=True)
class Filter:
    """``FILTER``."""

    expression: Expression

    def __str__(self) -> str:
        return f"FILTER{write_expression(self.expression)}"


@dataclass(slots=True)
class Bind:
    """``BIND(expression AS ?variable)``."""

    expression: Expression
    variable: str

    def __str__(self) -> str:
        return f"BIND({write_expression(self.expression)} AS {self.variable})"


@dataclass(slots=True)
class Values:
    """``VALUES``. rows: what stands in braces, as written."""

    variables: list[str]
    rows: str
    single: bool

    def __str__(self) -> str:
        names = self.variables[0] if self.single else f"({' '.join(self.variables)})"
        return f"VALUES {names} {{{self.rows} }}"


@dataclass(slots=True)
class Block:
    """Groups with a word: OPTIONAL, MINUS, LATERAL, GRAPH, SERVICE, UNION; none of a group alone.

    target: what stands between GRAPH or SERVICE and the group.
    """

    word: str
    groups: list[Group]
    target: str = ""

    def __str__(self) -> str:
        if self.word in ("", "UNION"):
            return " UNION ".join(map(str, self.groups))
        return f"{self.word} {self.target} {self.groups[0]}"


@dataclass(slots=True)
class Group:
    """``{ … }``."""

    elements: list[Element]

    def __str__(self) -> str:
        if len(self.elements) == 1:
            return f"{{ {self.elements[0]} }}"
        texts = (
            f"{{ {element} }}" if isinstance(element, Select) else str(element)
            for element in self.elements
        )
        return f"{{ {' '.join(texts)} }}"


@dataclass(slots=True)
class Item:
    """An item that is selected or grouped by. variable: its name, if it is given one by AS."""

    expression: Expression
    variable: str | None = None

    def __str__(self) -> str:
        if self.variable:
            return f"({write_expression(self.expression)} AS {self.variable})"
        return write_expression(self.expression).strip()

    @property
    def name(self) -> str | None:
        """The variable that it binds, with its mark."""
        first = self.expression[0]
        alone = isinstance(first, Token) and first.kind == "variable" and len(self.expression) == 1
        return self.variable or (first.text if alone and isinstance(first, Token) else None)


@dataclass(slots=True)
class Select:
    """A query or a subquery.

    form: what stands before what is selected, ``SELECT DISTINCT``, or all of it where it is no
    SELECT. items: None where it is ``*``, or no SELECT. cut: LIMIT and OFFSET.
    """

    form: str
    items: list[Item] | None
    dataset: str
    where: Group
    group_by: list[Item] = field(default_factory=list)
    having: list[Expression] = field(default_factory=list)
    order_by: list[Expression] = field(default_factory=list)
    cut: str = ""
    values: Values | None = None

    def __str__(self) -> str:
        is_star = self.items is None and self.form.startswith("SELECT")
        items = ["*"] if is_star else [str(item) for item in self.items or ()]
        parts = [self.form, *items, self.dataset, f"WHERE {self.where}"]
        for words, several in (
            ("GROUP BY", map(str, self.group_by)),
            ("HAVING", map(write_expression, self.having)),
            ("ORDER BY", map(write_expression, self.order_by)),
        ):
            if text := " ".join(several):
                parts.append(f"{words} {text}")
        return " ".join([*parts, self.cut, str(self.values or "")])


Element = Triples | Filter | Bind | Values | Block | Group | Select


@dataclass(frozen=True, slots=True)
class Query:
    """A query. prologue: its declarations, as written."""

    prologue: str
    select: Select

    def __str__(self) -> str:
        return f"{self.prologue} {self.select}"
