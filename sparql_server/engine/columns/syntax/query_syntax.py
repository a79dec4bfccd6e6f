"""Reads queries (SPARQL 1.1 Query Language) to what columns work with.

https://www.w3.org/TR/sparql11-query/#sparqlGrammar. A query has been found well-formed before: what
isn't read with certainty, or isn't covered, is Unsuited. That is VERSION and SERVICE; collections,
negated property sets and literals as subjects; what SPARQL 1.2 adds; signs of signs; and whatever
can be taken for two things, such as ``:p+1``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sparql_server.engine.columns.algebra import (
    Expression,
    Group,
    Item,
    Node,
    Query,
    Select,
    Term,
    Triple,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.syntax.modifier_syntax import read_items, read_modifiers
from sparql_server.engine.columns.syntax.pattern_syntax import (
    read_group,
    read_template,
)
from sparql_server.engine.columns.syntax.term_syntax import read_iri, read_variable
from sparql_server.engine.columns.syntax.token_reader import Grammar, TokenReader


def read_query(query: str, prefixes: Mapping[str, str], base: str | None = None) -> Query:
    """Return what a query says. Raises Unsuited.

    prefixes: prefix to namespace, of those that the query needn't declare. base: against which
    relative IRIs are resolved.

    A variable that is selected or grouped by is an Item's expression and its variable. A subquery
    is an element of the group that its braces stand in, or the only one of what OPTIONAL, MINUS,
    UNION, EXISTS or a query has.
    """
    tokens = TokenReader(query, prefixes, base, _GRAMMAR)
    _read_prologue(tokens)
    form = tokens.kinds[tokens.at]
    if form not in _FORMS:
        raise Unsuited
    tokens.at += 1
    found = _FORMS[form](tokens)
    tokens.take("end")
    return found


def _read_prologue(tokens: TokenReader) -> None:
    declared: dict[str, str] = {}
    while True:
        if tokens.takes("PREFIX"):
            _read_prefix(tokens, declared)
        elif tokens.takes("BASE"):
            tokens.base = _read_whole_iri(tokens)
        else:
            break
    if declared:
        tokens.prefixes = {**tokens.prefixes, **declared}


def _read_prefix(tokens: TokenReader, declared: dict[str, str]) -> None:
    name, _, local = tokens.take("name").partition(":")
    namespace = _read_whole_iri(tokens)
    if local or declared.setdefault(name, namespace) != namespace:
        raise Unsuited


def _read_whole_iri(tokens: TokenReader) -> str:
    if tokens.kinds[tokens.at] != "iri":
        raise Unsuited
    return read_iri(tokens).value


# Forms


def _read_select(tokens: TokenReader) -> Query:
    distinct, reduced, items = _read_head(tokens)
    dataset = _read_dataset(tokens)
    return Query("SELECT", _read_where(tokens, items, distinct, reduced), *dataset)


def _read_ask(tokens: TokenReader) -> Query:
    dataset = _read_dataset(tokens)
    select = _read_where(tokens, (), False, False)
    limit = 1 if select.limit is None else min(select.limit, 1)
    return Query("ASK", replace(select, limit=limit), *dataset)


def _read_construct(tokens: TokenReader) -> Query:
    is_short = tokens.kinds[tokens.at] != "{"
    template = () if is_short else read_template(tokens)
    dataset = _read_dataset(tokens)
    begin = tokens.at
    if is_short:
        tokens.takes("WHERE")
        template = read_template(tokens)
        tokens.at = begin
    names = sorted(frozenset().union(*map(_find_variables, template)))
    items = tuple(
        Item(Expression("variable", (), f"?{name}", Variable(name)), Variable(name))
        for name in names
    )
    select = _read_where(tokens, items, False, False)
    return Query("CONSTRUCT", select, *dataset, template)


def _make_item(variable: Variable) -> Item:
    return Item(Expression("variable", (), f"?{variable.name}", variable), variable)


def _find_variables(triple: Triple) -> frozenset[str]:
    nodes = (triple.subject, triple.path, triple.object)
    names = (node.name for node in nodes if isinstance(node, Variable))
    return frozenset(name for name in names if not name.startswith("_:"))


def _read_describe(tokens: TokenReader) -> Query:
    nodes: list[Node] = []
    every = tokens.takes("*")
    while not every and (tokens.kinds[tokens.at] == "variable" or tokens.is_iri()):
        is_iri = tokens.is_iri()
        nodes.append(read_iri(tokens) if is_iri else read_variable(tokens))
    dataset = _read_dataset(tokens)
    names = dict.fromkeys(node for node in nodes if isinstance(node, Variable))
    items = tuple(map(_make_item, names))
    has_pattern = tokens.kinds[tokens.at] in ("WHERE", "{")
    select = (
        _read_where(tokens, None if every else items, False, False)
        if has_pattern
        else read_modifiers(tokens, items, Group(()), False, False)
    )
    return Query("DESCRIBE", select, *dataset, (), tuple(nodes))


_FORMS = {
    "SELECT": _read_select,
    "ASK": _read_ask,
    "CONSTRUCT": _read_construct,
    "DESCRIBE": _read_describe,
}


def _read_dataset(tokens: TokenReader) -> tuple[tuple[Term, ...] | None, tuple[Term, ...] | None]:
    """Read FROM and FROM NAMED; neither is two times None."""
    default: list[Term] = []
    named: list[Term] = []
    while tokens.takes("FROM"):
        (named if tokens.takes("NAMED") else default).append(read_iri(tokens))
    return (tuple(default), tuple(named)) if default or named else (None, None)


# SELECT


def read_select(tokens: TokenReader) -> Select:
    """Read a subquery."""
    tokens.take("SELECT")
    distinct, reduced, items = _read_head(tokens)
    return _read_where(tokens, items, distinct, reduced)


def _read_head(tokens: TokenReader) -> tuple[bool, bool, tuple[Item, ...] | None]:
    distinct = tokens.takes("DISTINCT")
    reduced = not distinct and tokens.takes("REDUCED")
    return distinct, reduced, read_items(tokens)


def _read_where(
    tokens: TokenReader, items: tuple[Item, ...] | None, distinct: bool, reduced: bool
) -> Select:
    tokens.takes("WHERE")
    where = read_group(tokens)
    return read_modifiers(tokens, items, where, distinct, reduced)


_GRAMMAR = Grammar(read_group, read_select)
