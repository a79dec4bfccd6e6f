"""Reads a query's graph patterns.

SPARQL 1.1 Query Language, 5 to 12, https://www.w3.org/TR/sparql11-query/#GraphPattern. A blank node
without a label is ``_:[1``, ``_:[2``, …, in the order in which they begin, as are those of
collections. Triples within its brackets come before the triple that it is part of.
"""

from __future__ import annotations

from collections.abc import Callable

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Filter,
    Graph,
    Group,
    Kind,
    Minus,
    Node,
    Optional,
    Path,
    Term,
    Triple,
    Union,
    Unsuited,
    Values,
    Variable,
)
from sparql_server.engine.columns.syntax.expression_syntax import read_constraint, read_expression
from sparql_server.engine.columns.syntax.path_syntax import read_verb
from sparql_server.engine.columns.syntax.term_syntax import (
    read_constant,
    read_iri,
    read_node,
    read_variable,
)
from sparql_server.engine.columns.syntax.token_reader import TokenReader
from sparql_server.sparql.namespaces import RDF

_FIRST, _REST, _NIL = (Term(Kind.IRI, f"{RDF}{name}") for name in ("first", "rest", "nil"))


def read_group(tokens: TokenReader) -> Group:
    """Read a group pattern. That of a subquery has one element."""
    tokens.take("{")
    elements = (
        [tokens.grammar.select(tokens)]
        if tokens.kinds[tokens.at] == "SELECT"
        else _read_elements(tokens)
    )
    tokens.take("}")
    return Group(tuple(elements))


def read_template(tokens: TokenReader) -> tuple[Triple, ...]:
    """Read what a CONSTRUCT makes: a group of nothing but triples."""
    group = read_group(tokens)
    triples = tuple(element for element in group.elements if isinstance(element, Triple))
    if len(triples) < len(group.elements):
        raise Unsuited
    return triples


def _read_elements(tokens: TokenReader) -> list[Element]:
    found: list[Element] = []
    while (kind := tokens.kinds[tokens.at]) != "}":
        if read := _READERS.get(kind):
            found.append(read(tokens))
            tokens.takes(".")
        else:
            _read_triples(tokens, found)
            if not tokens.takes(".") and tokens.kinds[tokens.at] not in _AFTER_TRIPLES:
                raise Unsuited
    return found


# Elements


def _read_group_or_union(tokens: TokenReader) -> Element:
    is_subquery = tokens.kinds[tokens.at + 1] == "SELECT"
    first = read_group(tokens)
    if tokens.kinds[tokens.at] == "UNION":
        found = [first]
        while tokens.takes("UNION"):
            found.append(read_group(tokens))
        return Union(tuple(found))
    return first.elements[0] if is_subquery else first


def _read_optional(tokens: TokenReader) -> Optional:
    tokens.at += 1
    return Optional(read_group(tokens))


def _read_minus(tokens: TokenReader) -> Minus:
    tokens.at += 1
    return Minus(read_group(tokens))


def _read_filter(tokens: TokenReader) -> Filter:
    tokens.at += 1
    return Filter(read_constraint(tokens))


def _read_graph(tokens: TokenReader) -> Graph:
    tokens.at += 1
    if tokens.kinds[tokens.at] == "variable":
        return Graph(read_variable(tokens), read_group(tokens))
    return Graph(read_iri(tokens), read_group(tokens))


def _read_bind(tokens: TokenReader) -> Bind:
    tokens.at += 1
    tokens.take("(")
    expression = read_expression(tokens)
    tokens.take("AS")
    variable = read_variable(tokens)
    tokens.take(")")
    return Bind(expression, variable)


# Triples


def _read_triples(tokens: TokenReader, elements: list[Element]) -> None:
    if tokens.kinds[tokens.at] in ("[", "("):
        is_whole = tokens.kinds[tokens.at + 1] not in ("]", ")")
        subject = _read_graph_node(tokens, elements)
        if tokens.kinds[tokens.at] in _AFTER_PROPERTIES and is_whole:
            return
    else:
        subject = read_node(tokens)
        if isinstance(subject, Term) and subject.kind != Kind.IRI:
            raise Unsuited
    _read_properties(tokens, subject, elements)


def _read_properties(tokens: TokenReader, subject: Node, elements: list[Element]) -> None:
    while True:
        path = read_verb(tokens)
        _read_objects(tokens, subject, path, elements)
        if not tokens.takes(";"):
            return
        while tokens.takes(";"):
            pass
        if tokens.kinds[tokens.at] in _AFTER_PROPERTIES:
            return


def _read_objects(
    tokens: TokenReader, subject: Node, path: Path | Variable, elements: list[Element]
) -> None:
    while True:
        object_ = _read_graph_node(tokens, elements)
        elements.append(Triple(subject, path, object_))
        if not tokens.takes(","):
            return


def _read_graph_node(tokens: TokenReader, elements: list[Element]) -> Node:
    kind = tokens.kinds[tokens.at]
    if kind == "[":
        return _read_nameless_node(tokens, elements)
    return _read_collection(tokens, elements) if kind == "(" else read_node(tokens)


def _read_collection(tokens: TokenReader, elements: list[Element]) -> Node:
    """Read a collection (4.2.4), as the triples that it stands for."""
    tokens.take("(")
    if tokens.takes(")"):
        return _NIL
    first = node = tokens.new_blank_node()
    while True:
        elements.append(Triple(node, _FIRST, _read_graph_node(tokens, elements)))
        if tokens.takes(")"):
            elements.append(Triple(node, _REST, _NIL))
            return first
        following = tokens.new_blank_node()
        elements.append(Triple(node, _REST, following))
        node = following


def _read_nameless_node(tokens: TokenReader, elements: list[Element]) -> Variable:
    tokens.take("[")
    node = tokens.new_blank_node()
    if not tokens.takes("]"):
        _read_properties(tokens, node, elements)
        tokens.take("]")
    return node


# Data


def read_values(tokens: TokenReader) -> Values:
    """Read a data block."""
    tokens.take("VALUES")
    if tokens.kinds[tokens.at] == "variable":
        variable = read_variable(tokens)
        tokens.take("{")
        return Values((variable,), tuple((term,) for term in _read_data(tokens, "}")))
    tokens.take("(")
    variables = []
    while not tokens.takes(")"):
        variables.append(read_variable(tokens))
    return Values(tuple(variables), tuple(_read_rows(tokens, len(variables))))


def _read_rows(tokens: TokenReader, width: int) -> list[tuple[Term | None, ...]]:
    found = []
    tokens.take("{")
    while not tokens.takes("}"):
        tokens.take("(")
        row = tuple(_read_data(tokens, ")"))
        if len(row) != width:
            raise Unsuited
        found.append(row)
    return found


def _read_data(tokens: TokenReader, end: str) -> list[Term | None]:
    found: list[Term | None] = []
    while not tokens.takes(end):
        found.append(None if tokens.takes("UNDEF") else read_constant(tokens))
    return found


_READERS: dict[str, Callable[[TokenReader], Element]] = {
    "{": _read_group_or_union,
    "OPTIONAL": _read_optional,
    "MINUS": _read_minus,
    "FILTER": _read_filter,
    "GRAPH": _read_graph,
    "BIND": _read_bind,
    "VALUES": read_values,
}
_AFTER_TRIPLES = frozenset(("}", *_READERS))
_AFTER_PROPERTIES = _AFTER_TRIPLES | {".", "]"}
