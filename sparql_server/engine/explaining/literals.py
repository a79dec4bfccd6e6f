"""Literals of another type than the data's: as values in patterns, and as what is compared."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

import pyoxigraph as ox

from sparql_server.engine.explaining.constants import list_patterns
from sparql_server.engine.explaining.pattern_parts import Condition, Part
from sparql_server.engine.explaining.release_data import Exhausted, Facts, Node, Reason
from sparql_server.engine.explaining.similar_terms import shorten_iri

_XSD = "http://www.w3.org/2001/XMLSchema#"
_SAMPLE = 50  # values of a property that are looked at
_MANY = 600  # values that are compared with one
_COMPARED_LENGTH = 60  # characters of values that are
_SAID = 200  # characters of a value that is said
_TYPES = ("string", "integer", "decimal", "gYear", "date", "dateTime", "boolean", "anyURI")
_COMPARED = re.compile(
    r"\?(\w{1,60})\s*(?:<=|>=|!=|=|<|>)\s*[+-]?\d|\d\s*(?:<=|>=|!=|=|<|>)\s*\?(\w{1,60})"
)


def find_wrong(
    predicate: ox.NamedNode, literal: ox.Literal, written: Mapping[Node, str], facts: Facts
) -> Reason:
    """Return the reason of a literal that isn't a value of a property."""
    values = [quad.object for quad in islice(facts.quads(None, predicate, None), _SAMPLE)]
    reason: Reason = {
        "kind": "unknown-literal",
        "term": written.get(literal, str(literal))[:_SAID],
        "property": written.get(predicate, shorten_iri(predicate.value))[:_SAID],
    }
    if values and not any(isinstance(value, ox.Literal) for value in values):
        examples = [shorten_iri(value.value) for value in values if isinstance(value, ox.NamedNode)]
        return reason | {"kind": "literal-for-iri", "nearest": list(dict.fromkeys(examples))[:3]}
    for other in _list_others(literal, values):
        if facts.has(None, predicate, other):
            kind = "literal-case" if other.value != literal.value else "literal-type"
            return reason | {"kind": kind, "nearest": [str(other)[:_SAID]]}
    kinds = {_type(value) for value in values if isinstance(value, ox.Literal)}
    if values and _type(literal) not in kinds:
        said = [str(value)[:_SAID] for value in values if isinstance(value, ox.Literal)]
        return reason | {"kind": "literal-other-type", "nearest": list(dict.fromkeys(said))[:2]}
    return reason | {"nearest": _find_near(predicate, literal, facts)}


def _find_near(predicate: ox.NamedNode, literal: ox.Literal, facts: Facts) -> list[str]:
    """Return the values of a property that are written most alike."""
    if len(literal.value) > _COMPARED_LENGTH:
        return []
    by_text: dict[str, str] = {}
    with suppress(Exhausted):
        for quad in islice(facts.quads(None, predicate, None), _MANY):
            if isinstance(quad.object, ox.Literal):
                text = quad.object.value[:_COMPARED_LENGTH]
                by_text.setdefault(text.casefold(), str(quad.object)[:_SAID])
    close = difflib.get_close_matches(literal.value.casefold(), by_text, n=3, cutoff=0.75)
    return [by_text[text] for text in close]


def _list_others(literal: ox.Literal, values: list[Node]) -> Iterator[ox.Literal]:
    """Yield literals of the same text, or of one in other letters, in other types and languages."""
    languages = {value.language for value in values if isinstance(value, ox.Literal)}
    for text in dict.fromkeys((literal.value, *_fold_letters(literal.value))):
        for name in _TYPES:
            yield ox.Literal(text, datatype=ox.NamedNode(_XSD + name))
        for language in ("sv", "en", *sorted(filter(None, languages))):
            yield ox.Literal(text, language=language)


def _fold_letters(text: str) -> Iterator[str]:
    if len(text) <= _SAID:
        yield from (text.strip(), text.capitalize(), text.title(), text.lower(), text.upper())


def _type(literal: ox.Literal) -> str:
    return literal.language or literal.datatype.value


def find_compared(parts: Sequence[Part], facts: Facts) -> Iterator[Reason]:
    """Yield the reasons of numbers that text is compared with, which is an error each time."""
    patterns = list(list_patterns(parts))
    for condition in (part for part in parts if isinstance(part, Condition)):
        for match in _COMPARED.finditer(condition.text[:2000]):
            name = match[1] or match[2]
            valued = (other for other in patterns if other.object == ox.Variable(name))
            pattern = next(valued, None)
            if pattern is None or not isinstance(pattern.predicate, ox.NamedNode):
                continue
            quads = islice(facts.quads(None, pattern.predicate, None), _SAMPLE)
            values = [quad.object for quad in quads]
            if values and all(_is_text(value) for value in values):
                yield {
                    "kind": "text-compared",
                    "variable": f"?{name}",
                    "condition": condition.text[:_SAID],
                    "property": shorten_iri(pattern.predicate.value)[:_SAID],
                    "nearest": [f"xsd:integer(?{name})", str(values[0])[:_SAID]],
                }


def _is_text(value: Node) -> bool:
    return isinstance(value, ox.Literal) and (
        bool(value.language) or value.datatype.value == f"{_XSD}string"
    )
