"""Ranges of numbers that filters leave to a variable, so that others needn't be met.

Terms are numbered in the order of kinds and values, so that many conditions hold of ranges alone.
They hold of nothing outside of the ranges; filters are applied to what is within.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sparql_server.engine.columns.algebra import Expression, Kind, Term, Triple, Variable
from sparql_server.engine.columns.solutions.query_terms import QueryTerms

Spans = tuple[tuple[int, int], ...]
"""Ranges of numbers, in order: the first, and the one after the last."""

Restrictions = Mapping[str, Spans]
"""By variable; one that isn't there may have any number."""

_KINDS = {
    "ISIRI": (Kind.IRI, Kind.IRI),
    "ISURI": (Kind.IRI, Kind.IRI),
    "ISBLANK": (Kind.BLANK, Kind.BLANK),
    "ISLITERAL": (Kind.SIMPLE, Kind.TYPED),
}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_OF_STRINGS = ("REGEX", "CONTAINS", "STRENDS")


@dataclass(frozen=True, slots=True)
class Restricted(Triple):
    """A pattern of which only some numbers are wanted."""

    spans: Restrictions = field(default_factory=dict, hash=False)


def restrict(triple: Triple, found: Restrictions) -> Triple:
    """Return a pattern with what is found of its variables."""
    nodes = (triple.subject, triple.path, triple.object)
    names = {node.name for node in nodes if isinstance(node, Variable)}
    spans = {name: found[name] for name in names & found.keys()}
    if not spans:
        return triple
    return Restricted(triple.subject, triple.path, triple.object, spans)


def spans_of(triple: Triple) -> Restrictions:
    """Return what is known of a pattern's variables."""
    return triple.spans if isinstance(triple, Restricted) else {}


def is_within(number: int, spans: Spans | None) -> bool:
    """Tell whether a number may be a variable's; None: any may."""
    return spans is None or any(begin <= number < end for begin, end in spans)


def find_restrictions(filters: Iterable[Expression], terms: QueryTerms) -> Restrictions:
    """Return what filters say together, all of which hold."""
    return _meet([_find(expression, terms) for expression in filters])


def _meet(each: Sequence[Restrictions]) -> Restrictions:
    found: dict[str, Spans] = {}
    for spans in each:
        for name, wanted in spans.items():
            found[name] = _intersect(found[name], wanted) if name in found else wanted
    return found


def _find(expression: Expression, terms: QueryTerms) -> Restrictions:
    operator, arguments = expression.operator, expression.arguments
    if operator == "&&":
        return _meet([_find(argument, terms) for argument in arguments])
    if operator == "||":
        first, *others = (_find(argument, terms) for argument in arguments)
        names = set(first).intersection(*others)
        return {name: _unite([spans[name] for spans in (first, *others)]) for name in names}
    if not arguments:
        return {}
    spans = _find_spans(operator, arguments, terms)
    if spans is None and operator in _TURNED and len(arguments) == 2:
        arguments = arguments[::-1]
        spans = _find_spans(_TURNED[operator], arguments, terms)
    name = _find_name(arguments[0])
    return {} if spans is None or name is None else {name: spans}


def _find_name(expression: Expression) -> str | None:
    """Return the variable whose term a condition is of, or whose string or language."""
    if isinstance(expression.node, Variable):
        return expression.node.name
    inner = expression.operator in ("STR", "LANG", "LCASE", "UCASE")
    return _find_name(expression.arguments[0]) if inner else None


def _find_spans(operator: str, arguments: Sequence[Expression], terms: QueryTerms) -> Spans | None:
    """Return where a condition on its first argument may hold; None: anywhere."""
    first, *others = arguments
    is_variable = isinstance(first.node, Variable)
    constants = [other.node for other in others if isinstance(other.node, Term)]
    if is_variable and operator in _KINDS:
        return _span_kinds(*_KINDS[operator], terms)
    if len(constants) < len(others) or not constants:
        return None
    if is_variable and operator in ("=", "SAMETERM", "IN"):
        return _unite([_span_equal(constant, terms) for constant in constants])
    if is_variable and operator in ("<", ">", "<=", ">="):
        return _span_compared(operator, constants[0], terms)
    if first.operator == "LANG":
        return _span_language(operator, constants[0], terms)
    if operator == "STRSTARTS" and constants[0].kind == Kind.SIMPLE:
        return _span_beginning(first, constants[0].value, terms)
    if operator in _OF_STRINGS and _is_string(first):
        return _span_kinds(Kind.SIMPLE, Kind.LANGUAGE, terms)
    return None


def _is_string(expression: Expression) -> bool:
    """Tell whether it is a variable, in any case: a function of it is one of strings alone."""
    if expression.operator in ("LCASE", "UCASE"):
        expression = expression.arguments[0]
    return isinstance(expression.node, Variable)


def _span_kinds(first: Kind, last: Kind, terms: QueryTerms) -> Spans:
    bounds = terms.release.bounds
    return ((bounds[first], bounds[last + 1]),)


def _span_equal(constant: Term, terms: QueryTerms) -> Spans:
    """Return what may be equal: a number to one that is spelt differently, else the same term."""
    if constant.kind in (Kind.TYPED, Kind.BLANK):
        return _span_kinds(constant.kind, constant.kind, terms)
    number = terms.number_constant(constant)
    return ((number, number + 1),)


def _span_compared(operator: str, constant: Term, terms: QueryTerms) -> Spans | None:
    if constant.kind < Kind.SIMPLE:
        return None
    ((begin, end),) = _span_kinds(constant.kind, constant.kind, terms)
    if constant.kind == Kind.SIMPLE:
        place = terms.release.find_lower(constant.kind, constant.value.encode())
        if operator[0] == "<":
            end = min(end, place + 1)
        else:
            begin = place
    return ((begin, end),)


def _span_language(operator: str, constant: Term, terms: QueryTerms) -> Spans | None:
    if constant.kind != Kind.SIMPLE or operator not in ("=", "LANGMATCHES"):
        return None
    if constant.value:
        return _span_kinds(Kind.LANGUAGE, Kind.LANGUAGE, terms)
    plain = (_span_kinds(kind, kind, terms) for kind in (Kind.SIMPLE, Kind.TYPED))
    return _unite(list(plain)) if operator == "=" else None


def _span_beginning(first: Expression, text: str, terms: QueryTerms) -> Spans | None:
    """Return where strings begin so."""
    inner = first.arguments[0] if first.operator == "STR" else first
    if not isinstance(inner.node, Variable):
        return None
    kinds = (Kind.SIMPLE, Kind.LANGUAGE) if inner is first else tuple(Kind)[Kind.IRI :]
    return _unite([(terms.release.find_prefixed(kind, text),) for kind in kinds])


def _unite(each: Iterable[Spans]) -> Spans:
    """Return the ranges of numbers that are in any of these.

    >>> _unite([((1, 3),), ((7, 8), (2, 5)), ((4, 4),)])
    ((1, 5), (7, 8))
    """
    found: list[tuple[int, int]] = []
    for begin, end in sorted(span for spans in each for span in spans if span[0] < span[1]):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return tuple(found)


def _intersect(one: Spans, other: Spans) -> Spans:
    both = [(max(begin, start), min(end, stop)) for begin, end in one for start, stop in other]
    return _unite([tuple(both)])
