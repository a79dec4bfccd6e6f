"""The parts within a part of a query, and the variables in its scope (18.2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Brackets,
    Element,
    Filter,
    Group,
    Part,
    Select,
    Token,
    Triples,
    Values,
)

Node = Element | list[Part]
"""A list is an expression, or what stands in brackets within one."""

_T = TypeVar("_T")


@dataclass(slots=True)
class FreshVariables:
    """Variables that a query doesn't have. text: the query."""

    text: str
    _count: Iterator[int] = field(default_factory=count)
    used: bool = False

    def new(self) -> str:
        """Return a variable that is nowhere else."""
        self.used = True
        while (name := f"?_{next(self._count)}") in self.text or name[1:] in self.text:
            pass
        return name


def walk(node: Node) -> Iterator[Node]:
    """Yield a part of a query and all within it; nothing of what another endpoint evaluates."""
    if isinstance(node, Block) and node.word == "SERVICE":
        return
    yield node
    for child in _list_children(node):
        yield from walk(child)


def _list_children(node: Node) -> list[Node]:
    if isinstance(node, list):
        return [
            part.parts if isinstance(part, Brackets) else part
            for part in node
            if not isinstance(part, Token)
        ]
    if isinstance(node, Select):
        return [*list_expressions(node), node.where]
    if isinstance(node, Group):
        return list(node.elements)
    if isinstance(node, Block):
        return list(node.groups)
    return [node.expression] if isinstance(node, (Filter, Bind)) else []


def list_expressions(select: Select) -> list[list[Part]]:
    """Return a SELECT's own expressions."""
    items = [item.expression for item in (*(select.items or ()), *select.group_by)]
    return [*items, *select.having, *select.order_by]


def find_parts(node: Node, kind: type[_T]) -> list[_T]:
    """Return all parts of a kind."""
    return [part for part in walk(node) if isinstance(part, kind)]


def list_visible(node: Node) -> dict[str, None]:
    """Return the variables in scope, in the order in which they come; marks included."""
    if isinstance(node, Select) and node.items is not None:
        return {item.name: None for item in node.items if item.name}
    names: dict[str, None] = {}
    if isinstance(node, Triples):
        names = {name: None for name in node.list_nodes() if name[0] == "?"}
    elif isinstance(node, Bind):
        names = {node.variable: None}
    elif isinstance(node, Values):
        names = dict.fromkeys(node.variables)
    elif isinstance(node, Block) and node.word == "MINUS":
        return {}
    elif isinstance(node, (Block, Group, Select)):
        names = {node.target: None} if isinstance(node, Block) and _is_variable(node) else {}
        for child in [node.where] if isinstance(node, Select) else _list_children(node):
            names |= list_visible(child)
        if isinstance(node, Select) and node.values:
            names |= list_visible(node.values)
    return names


def _is_variable(block: Block) -> bool:
    return block.target[:1] == "?"


def find_certain(node: Node) -> set[str]:
    """Return the variables that every solution of a pattern binds."""
    if isinstance(node, Triples):
        return set(list_visible(node))
    if isinstance(node, Group):
        return set().union(*map(find_certain, node.elements))
    if isinstance(node, Block) and node.word in ("", "UNION"):
        return set.intersection(*map(find_certain, node.groups))
    if isinstance(node, Block) and node.word == "GRAPH":
        return find_certain(node.groups[0]) | ({node.target} if _is_variable(node) else set())
    if isinstance(node, Select):
        keys = {item.name for item in node.group_by if item.name and not item.variable}
        within = find_certain(node.where) & keys if node.group_by else find_certain(node.where)
        return within & set(list_visible(node))
    return set()
