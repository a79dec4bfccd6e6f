"""Functions and aggregates as the specification has them (SPARQL 1.1 Query, 17.4, 18.5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.syntax.term_syntax import unescape
from sparql_server.engine.oxigraph import replacement
from sparql_server.engine.oxigraph.nested_selects import nest, replace_select
from sparql_server.engine.oxigraph.syntax.calls import is_aggregated, is_call
from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Brackets,
    Element,
    Expression,
    Group,
    Part,
    Select,
    Token,
)
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables, find_parts
from sparql_server.sparql.namespaces import XSD

_ERROR: list[Part] = [Token("iri", f"<{XSD}integer>"), Brackets([Token("string", '""')])]


def make_call(name: str, *arguments: list[Part]) -> list[Part]:
    """Return a call of a function."""
    parts: list[Part] = []
    for argument in arguments:
        parts += [Token(",", ","), *argument] if parts else argument
    return [Token("iri" if name[0] == "<" else name, name), Brackets(parts)]


def _split_arguments(brackets: Part, at: str = ",") -> list[list[Part]]:
    found: list[list[Part]] = [[]]
    for part in brackets.parts if isinstance(brackets, Brackets) else ():
        if isinstance(part, Token) and part.kind == at:
            found.append([])
        else:
            found[-1].append(part)
    return [] if found == [[]] else found


def _rewrite_calls(
    node: Select | Expression, name: str, new: Callable[[list[list[Part]]], list[Part] | None]
) -> bool:
    """Put calls of a function in other words, the innermost first; tell whether there were any."""
    changed = False
    for parts in reversed(list(find_parts(node, list))):
        for at in reversed(range(len(parts))):
            if is_call(parts, at, frozenset((name,))):
                words = new(_split_arguments(parts[at + 1]))
                changed = changed or words is not None
                parts[at : at + 2] = parts[at : at + 2] if words is None else words
    return changed


# GROUP_CONCAT


def rewrite_concatenation(select: Select, names: FreshVariables) -> bool:
    """Have strings joined without their language, and the string forms of other terms."""
    return _rewrite_calls(select, "GROUP_CONCAT", lambda arguments: _join_strings(arguments))


def _join_strings(arguments: list[list[Part]]) -> list[Part] | None:
    inside = [part for argument in arguments for part in (Token(",", ","), *argument)][1:]
    expression, *separator = _split_arguments(Brackets(inside), ";")
    rest = [Token(";", ";"), *separator[0]] if separator else []
    first = expression[0] if expression else None
    if not (isinstance(first, Token) and first.kind == "DISTINCT"):
        return make_call("GROUP_CONCAT", [*make_call("STR", expression), *rest])
    # DISTINCT is of terms: "a"@en and "a"@sv are two. Only what isn't all strings is made such.
    of_terms = make_call("GROUP_CONCAT", [*expression, *rest])
    of_strings = make_call(
        "GROUP_CONCAT", [first, *make_call("STR", deepcopy(expression[1:])), *rest]
    )
    return make_call("COALESCE", make_call("STR", of_terms), of_strings)


# COUNT


def rewrite_counts(select: Select, names: FreshVariables) -> bool:
    """Have COUNT pass over solutions for which its expression is an error."""
    return _rewrite_calls(select, "COUNT", _count_values)


def _count_values(arguments: list[list[Part]]) -> list[Part] | None:
    expression = [part for argument in arguments for part in (Token(",", ","), *argument)][1:]
    distinct = expression[:1] if _is_token(expression[0], "DISTINCT") else []
    expression = expression[len(distinct) :]
    if len(expression) == 1 and not isinstance(expression[0], Brackets):
        return None  # all solutions, a variable or a constant
    if not distinct:
        return make_call("SUM", _tell_error(expression, "1", "0"))
    values = make_call("COALESCE", expression, [Token("iri", "<urn:libris:error>")])
    errors = make_call("MAX", _tell_error(expression, "0", "1"))
    errors = make_call("COALESCE", errors, [Token("number", "0")])
    counted = make_call("COUNT", [*distinct, *values])
    return [Brackets([*counted, Token("-", "-"), *errors])]


def _is_token(part: Part, kind: str) -> bool:
    return isinstance(part, Token) and part.kind == kind


def _tell_error(expression: list[Part], value: str, error: str) -> list[Part]:
    """Return an expression with one number for what is an error, and another for all else."""
    same = make_call("SAMETERM", deepcopy(expression), deepcopy(expression))
    number: list[Part] = [Token("number", value)]
    return make_call("COALESCE", make_call("IF", same, number, number), [Token("number", error)])


# REPLACE


def rewrite_replacement(select: Select, names: FreshVariables) -> bool:
    """Write replacement strings as Oxigraph has them."""
    return _rewrite_calls(select, "REPLACE", _translate)


def _translate(arguments: list[list[Part]]) -> list[Part] | None:
    constants = [_read_string(argument) for argument in arguments[1:]]
    if len(arguments) not in (3, 4) or None in constants:
        return make_call(f"<{replacement.IRI}>", *arguments)
    pattern, text, *flags = [str(constant) for constant in constants]
    new = replacement.translate_replacement(pattern, text, *flags)
    if new is None:
        return make_call("CONCAT", _ERROR, arguments[0])
    if new == text:
        return None
    quoted = Token("string", str(ox.Literal(new)))
    return make_call("REPLACE", *arguments[:2], [quoted], *arguments[3:])


def _read_string(expression: list[Part]) -> str | None:
    """Return a constant's value."""
    part = expression[0] if len(expression) == 1 else None
    if not isinstance(part, Token) or part.kind != "string":
        return None
    length = 3 if part.text[:3] in ('"""', "'''") else 1
    try:
        return unescape(part.text[length:-length])
    except Unsuited:
        return None


# BNODE


def rewrite_nodes(select: Select, names: FreshVariables) -> bool:
    """Make BNODE of a string another node in each solution, and the same one within it."""
    changed = False
    for part in reversed(find_parts(select, Select)):
        changed = _seed_items(part, names) or changed
    for group in find_parts(select, Group):
        changed = _seed_bindings(group, names) or changed
    return changed


def _seed_items(select: Select, names: FreshVariables) -> bool:
    items = [item.expression for item in select.items or ()]
    if not any(map(_makes_nodes, items)):
        return False
    seed = names.new()
    if is_aggregated(select):
        replace_select(select, nest(select, names))
        items = [item.expression for item in select.items or ()]
    for expression in items:
        _seed_calls(expression, seed)
    within = [Block("", [select.where]), *([select.values] if select.values else ())]
    select.where = Group([*within, _bind_seed(seed)])
    select.values = None
    return True


def _seed_bindings(group: Group, names: FreshVariables) -> bool:
    """Give bindings that stand side by side, and so see the same solution, the same seed."""
    seed = ""
    elements: list[Element] = []
    for element in group.elements:
        if not isinstance(element, Bind):
            seed = ""
        elif _makes_nodes(element.expression):
            if not seed:
                seed = names.new()
                elements.append(_bind_seed(seed))
            _seed_calls(element.expression, seed)
        elements.append(element)
    changed = len(elements) > len(group.elements)
    group.elements = elements
    return changed


def _bind_seed(name: str) -> Bind:
    return Bind([Token("STRUUID", "STRUUID"), Brackets([])], name)


def _find_calls(expression: Expression) -> Iterator[list[list[Part]]]:
    for parts in find_parts(expression, list):
        for at in range(len(parts)):
            if is_call(parts, at, frozenset(("BNODE",))):
                yield _split_arguments(parts[at + 1])


def _makes_nodes(expression: Expression) -> bool:
    return any(_find_calls(expression))


def _seed_calls(expression: Expression, seed: str) -> None:
    def new(arguments: list[list[Part]]) -> list[Part] | None:
        if not arguments:
            return None
        # STRDT is an error for what is no simple literal, as BNODE is.
        simple = make_call("STRDT", arguments[0], [Token("iri", f"<{XSD}string>")])
        text = make_call("CONCAT", [Token("variable", seed)], simple)
        return make_call("BNODE", make_call("MD5", text))

    _rewrite_calls(expression, "BNODE", new)
