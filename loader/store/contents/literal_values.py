"""Literals that the store doesn't keep as they are written: it keeps their values.

``"05"^^xsd:integer`` becomes ``5``, integers of every type become xsd:integer, ``24:00:00`` becomes
the next day, fractions ``.0`` of seconds go. RDF 1.1 Concepts, 5, https://www.w3.org/TR/rdf11-concepts/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import pyoxigraph as ox

XSD = "http://www.w3.org/2001/XMLSchema#"
RESPELT = "respelt"
"""The kind of what is counted here, among properties and classes."""

_TYPED = f'"^^<{XSD}'
_BYTES = _TYPED.encode()

_LITERAL = re.compile(rf'"([^"\\]*+(?:\\.[^"\\]*+)*+"\^\^<({XSD}[^>]*+))>')

_DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_ZONE = r"(?:Z|[+-](?!00:00)(?:0[0-9]|1[0-3]):[0-5][0-9])?"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
# What can be told without asking a store, of what there is most of.
_KEPT = re.compile(
    rf'{_DAY}T{_TIME}(?:\.[0-9]{{0,5}}[1-9])?{_ZONE}"\^\^<{XSD}dateTime'
    rf'|{_DAY}{_ZONE}"\^\^<{XSD}date|(?:0|-?[1-9][0-9]{{0,17}})"\^\^<{XSD}integer'
    rf'|[0-9]{{4}}"\^\^<{XSD}gYear|(?:true|false)"\^\^<{XSD}boolean'
)
_RESPELT = re.compile(rf'{_DAY}T{_TIME}\.[0-9]{{0,5}}0{_ZONE}"\^\^<{XSD}dateTime')
# In whole lines. Within a literal, a quotation mark comes after a backslash.
_TYPED_IN_LINE = re.compile(re.escape(_BYTES) + rb".*")
_KEPT_IN_LINE = re.compile(f' "(?:{_KEPT.pattern})>'.encode())


def respelt(statements: Iterable[str]) -> Counter[tuple[str, str]]:
    """Count the literals that the store will spell otherwise: ``("respelt", datatype): n``.

    statements: in N-Triples or N-Quads.
    """
    objects = (line.split(" ", 2)[2] for line in statements if _TYPED in line)
    literals = map(_LITERAL.match, objects)
    return Counter(
        (RESPELT, literal[2]) for literal in literals if literal and _is_respelt(literal[1])
    )


def respelt_lines(lines: Iterable[bytes]) -> Counter[tuple[str, str]]:
    """Count them in lines of N-Quads."""
    # One text of them all: to look at each takes twice as long.
    text = b"\n".join(lines)
    typed = [
        text[text.rfind(b"\n", 0, match.start()) + 1 : match.end()]
        for match in _TYPED_IN_LINE.finditer(text)
    ]
    if len(_KEPT_IN_LINE.findall(b"\n".join(typed))) == len(typed):
        return Counter()
    return respelt(line.decode() for line in typed)


def respell(statement: str) -> str:
    """Return a statement, in N-Triples or N-Quads, as the store spells it."""
    if _TYPED not in statement:
        return statement
    subject, predicate, rest = statement.split(" ", 2)
    literal = _LITERAL.match(rest)
    if not literal or not _is_respelt(literal[1]):
        return statement
    return f"{subject} {predicate} {_kept_as(literal[0])}{rest[literal.end() :]}"


@lru_cache(maxsize=4096)
def _kept_as(literal: str) -> str:
    """Return a literal as a store has it."""
    store = ox.Store()
    store.load(f"<urn:x> <urn:x> {literal} .".encode(), ox.RdfFormat.N_TRIPLES)
    (quad,) = store
    return str(quad.object)


def _is_respelt(literal: str) -> bool:
    if _KEPT.fullmatch(literal):
        return False
    return _RESPELT.fullmatch(literal) is not None or _is_kept_otherwise(literal)


@lru_cache(maxsize=4096)
def _is_kept_otherwise(literal: str) -> bool:
    """Ask a store how it keeps a literal."""
    written = f'<urn:x> <urn:x> "{literal}> .'.encode()
    store = ox.Store()
    store.load(written, ox.RdfFormat.N_TRIPLES)
    return list(store) != [
        ox.Quad(quad.subject, quad.predicate, quad.object)
        for quad in ox.parse(written, ox.RdfFormat.N_TRIPLES)
    ]
