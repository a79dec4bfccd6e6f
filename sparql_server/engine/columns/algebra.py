"""The algebra of queries, as far as columns can evaluate it.

SPARQL 1.1 Query Language, https://www.w3.org/TR/sparql11-query/#sparqlGrammar: names are those of
the grammar, and elements stand in the order in which they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Unsuited(Exception):
    """Columns can't answer this query, or not for certain; ``reasons`` has why."""

    def __init__(self, why: str = "syntax that columns don't read") -> None:
        super().__init__(why)


class Kind(IntEnum):
    """The kinds of terms, in the order in which terms are numbered."""

    BLANK = 0
    IRI = 1
    SIMPLE = 2
    LANGUAGE = 3
    TYPED = 4


@dataclass(frozen=True, slots=True)
class Term:
    """A constant. value: the IRI, label or lexical form, unescaped.

    tag: the language of a ``LANGUAGE`` literal in lower case, the datatype's IRI of a ``TYPED``
    one. A literal of xsd:string is ``SIMPLE``.
    """

    kind: Kind
    value: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or a blank node of a pattern, which is one that can't be selected.

    name: without its mark; that of a blank node begins with ``_:``.
    """

    name: str


# Property paths (9.1)


@dataclass(frozen=True, slots=True)
class Inverse:
    """``^path``."""

    path: Path


@dataclass(frozen=True, slots=True)
class Sequence:
    """``path / path``, two or more."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """``path | path``, two or more."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``path*`` (zero, many), ``path+`` (many) or ``path?`` (zero)."""

    path: Path
    zero: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Negated:
    """``!(iri | iri)``: a triple of any other predicate. What is inverse in it stands apart."""

    predicates: tuple[Term, ...]


Path = Term | Inverse | Sequence | Alternative | Repeat | Negated
"""A Term is a predicate's IRI."""

Node = Term | Variable


# Expressions (17)


@dataclass(frozen=True, slots=True)
class Expression:
    """A part of a filter, a BIND, a SELECT, a GROUP BY, a HAVING or an ORDER BY.

    operator: ``variable`` or ``constant``; ``||``, ``&&``, ``!``, ``=``, ``!=``, ``<``, ``>``,
    ``<=``, ``>=``, ``IN``, ``NOT IN`` (the first argument is what is looked for), ``+``, ``-``,
    ``*``, ``/``, a sign being ``u+`` or ``u-``; a built-in function or an aggregate by its name in
    upper case; ``EXISTS`` and ``NOT EXISTS``; another function by its IRI between angle brackets.
    text: as written, so that Oxigraph can evaluate it. COUNT(*) has no arguments. separator: of
    GROUP_CONCAT, None where none is given.
    """

    operator: str
    arguments: tuple[Expression, ...] = ()
    text: str = ""
    node: Node | None = None
    pattern: Group | None = None
    distinct: bool = False
    separator: str | None = None


# Patterns (5 to 13)


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern, or a property path pattern."""

    subject: Node
    path: Path | Variable
    object: Node


@dataclass(frozen=True, slots=True)
class Filter:
    """``FILTER``: of the whole group that it stands in."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Optional:
    """``OPTIONAL``: to all that stands before it."""

    group: Group


@dataclass(frozen=True, slots=True)
class Union:
    """``{ } UNION { }``, two or more."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Minus:
    """``MINUS``."""

    group: Group


@dataclass(frozen=True, slots=True)
class Bind:
    """``BIND(expression AS ?variable)``."""

    expression: Expression
    variable: Variable


@dataclass(frozen=True, slots=True)
class Values:
    """``VALUES``. rows: a term for each variable, None for UNDEF."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``{ }``."""

    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """``GRAPH``: a group in a named graph, or in each of them."""

    name: Node
    group: Group


@dataclass(frozen=True, slots=True)
class Item:
    """An item of SELECT or GROUP BY: a variable, an expression, or one named by a variable."""

    expression: Expression
    variable: Variable | None


@dataclass(frozen=True, slots=True)
class Order:
    """A condition that solutions are ordered by."""

    expression: Expression
    descending: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A query or a subquery. items: None for ``SELECT *``. group_by: None where there is none.

    reduced: REDUCED. having: all of them hold. limit: None where there is none.
    """

    items: tuple[Item, ...] | None
    where: Group
    distinct: bool = False
    reduced: bool = False
    group_by: tuple[Item, ...] | None = None
    having: tuple[Expression, ...] = ()
    order_by: tuple[Order, ...] = ()
    offset: int = 0
    limit: int | None = None
    values: Values | None = None


Element = Triple | Filter | Optional | Union | Minus | Bind | Values | Group | Graph | Select


@dataclass(frozen=True, slots=True)
class Query:
    """A query of any form.

    form: ``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``. select: what finds its solutions; of
    an ASK, the first of them. default, named: IRIs of FROM and FROM NAMED; None where there is
    neither. template: what a CONSTRUCT makes of each solution, or which terms are described.
    """

    form: str
    select: Select
    default: tuple[Term, ...] | None = None
    named: tuple[Term, ...] | None = None
    template: tuple[Triple, ...] = ()
    described: tuple[Node, ...] = ()
