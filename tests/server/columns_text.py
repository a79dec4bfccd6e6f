"""Writes what columns have read as SPARQL again: brackets everywhere, no prefix, no shorthand."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from sparql_server.engine.columns.algebra import (
    Alternative,
    Bind,
    Element,
    Expression,
    Filter,
    Graph,
    Group,
    Inverse,
    Item,
    Kind,
    Minus,
    Negated,
    Optional,
    Order,
    Path,
    Repeat,
    Select,
    Sequence,
    Term,
    Triple,
    Union,
    Values,
    Variable,
)

INFIX = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")
PREFIX = {"!": "!", "u+": "+ ", "u-": "- "}
MARKS = {(True, True): "*", (False, True): "+", (True, False): "?"}


def select_text(query: Select) -> str:
    head = "DISTINCT " * query.distinct + "REDUCED " * query.reduced
    items = "*" if query.items is None else " ".join(map(item_text, query.items))
    text = f"SELECT {head}{items} WHERE {group_text(query.where)}"
    if query.group_by is not None:
        text += " GROUP BY " + " ".join(map(item_text, query.group_by))
    if query.having:
        text += " HAVING " + " ".join(
            f"({expression_text(condition)})" for condition in query.having
        )
    if query.order_by:
        text += " ORDER BY " + " ".join(map(order_text, query.order_by))
    text += f" OFFSET {query.offset}" if query.offset else ""
    text += "" if query.limit is None else f" LIMIT {query.limit}"
    return text + ("" if query.values is None else f" {values_text(query.values)}")


def item_text(item: Item) -> str:
    if item.variable is None:
        return f"({expression_text(item.expression)})"
    if item.expression.node == item.variable:
        return node_text(item.variable)
    return f"({expression_text(item.expression)} AS {node_text(item.variable)})"


def order_text(order: Order) -> str:
    return f"{'DESC' if order.descending else 'ASC'}({expression_text(order.expression)})"


def group_text(group: Group) -> str:
    return f"{{ {' '.join(map(element_text, group.elements))} }}"


def element_text(element: Element) -> str:
    match element:
        case Triple(subject, path, object_):
            return f"{node_text(subject)} {path_text(path)} {node_text(object_)} ."
        case Filter(expression):
            return f"FILTER({expression_text(expression)})"
        case Optional(group):
            return f"OPTIONAL {group_text(group)}"
        case Minus(group):
            return f"MINUS {group_text(group)}"
        case Union(groups):
            return " UNION ".join(map(group_text, groups))
        case Bind(expression, variable):
            return f"BIND({expression_text(expression)} AS {node_text(variable)})"
        case Values():
            return values_text(element)
        case Graph(name, group):
            return f"GRAPH {node_text(name)} {group_text(group)}"
        case Group():
            return group_text(element)
        case Select():
            return f"{{ {select_text(element)} }}"


def values_text(values: Values) -> str:
    rows = (
        " ".join("UNDEF" if node is None else node_text(node) for node in r) for r in values.rows
    )
    names = " ".join(map(node_text, values.variables))
    return f"VALUES ({names}) {{ {' '.join(f'({row})' for row in rows)} }}"


def path_text(path: Path | Variable) -> str:
    match path:
        case Inverse(inner):
            return f"(^{path_text(inner)})"
        case Sequence(paths):
            return f"({' / '.join(map(path_text, paths))})"
        case Alternative(paths):
            return f"({' | '.join(map(path_text, paths))})"
        case Repeat(inner, zero, many):
            return f"({path_text(inner)}{MARKS[zero, many]})"
        case Negated(predicates):
            return f"!({' | '.join(map(node_text, predicates))})"
        case Term() | Variable():
            return node_text(path)


def node_text(node: Term | Variable) -> str:
    if isinstance(node, Variable):
        name = node.name.replace("[", "nameless-")
        return name if name.startswith("_:") else f"?{name}"
    if node.kind == Kind.IRI:
        return f"<{node.value}>"
    text = '"' + "".join(f"\\U{ord(character):08X}" for character in node.value) + '"'
    if node.kind == Kind.LANGUAGE:
        return f"{text}@{node.tag}"
    return f"{text}^^<{node.tag}>" if node.kind == Kind.TYPED else text


def expression_text(one: Expression) -> str:
    arguments = [expression_text(argument) for argument in one.arguments]
    if one.node is not None:
        return node_text(one.node)
    if one.pattern is not None:
        return f"({one.operator} {group_text(one.pattern)})"
    if one.operator in INFIX:
        return f"({f' {one.operator} '.join(arguments)})"
    if one.operator in PREFIX:
        return f"({PREFIX[one.operator]}{arguments[0]})"
    if one.operator in ("IN", "NOT IN"):
        return f"({arguments[0]} {one.operator} ({', '.join(arguments[1:])}))"
    return f"{one.operator}({_arguments(one, arguments)})"


def _arguments(one: Expression, arguments: list[str]) -> str:
    every = "*" if one.operator == "COUNT" and not arguments else ""
    text = f"{'DISTINCT ' * one.distinct}{', '.join(arguments)}{every}"
    if one.separator is None:
        return text
    return f"{text}; SEPARATOR={node_text(Term(Kind.SIMPLE, one.separator))}"


def bare(value: Any) -> Any:
    """What was read without how it was written: no text, and a label for every blank node."""
    if isinstance(value, Variable):
        return Variable(value.name.replace("[", "nameless-"))
    if isinstance(value, tuple):
        return tuple(map(bare, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    found = {field.name: bare(getattr(value, field.name)) for field in fields(value)}
    return replace(value, **(found | ({"text": ""} if "text" in found else {})))


def expressions(value: Any) -> list[Expression]:
    """Every expression within what was read."""
    inner = (
        [getattr(value, field.name) for field in fields(value)]
        if is_dataclass(value)
        else list(value)
        if isinstance(value, tuple)
        else []
    )
    found = [expression for part in inner for expression in expressions(part)]
    return [value, *found] if isinstance(value, Expression) else found
