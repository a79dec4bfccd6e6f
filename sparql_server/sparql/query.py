"""A query's text, as far as it matters before it is evaluated: its form, its name in a cache.

SPARQL 1.1 Query Language, https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sparql_server.memo import remembered
from sparql_server.sparql.iri import is_absolute
from sparql_server.sparql.lexer import (
    FORMS,
    MOST,
    PROLOGUE,
    Token,
    decode_escapes,
    is_certain,
    split_pieces,
)

# Functions whose value differs from one evaluation to the next (17.4.2.9 to 17.4.5.1), and calls
# to other endpoints, whose data changes when it likes.
_PASSING = ("RAND", "NOW", "UUID", "SERVICE")

# An IRI that is absolute, and one wherever a token may begin; and what stands in its place where
# only a query's shape matters.
_IRI = re.compile(r"""(<[A-Za-z][A-Za-z0-9+.-]*+://[^<>"{}|^`\\'\x00-\x20\x7f]*+>)""")
_ANY_IRI = "<x://>"
_AROUND = frozenset("\"'#\\")  # what makes a < part of something else
_LONGEST = 4000  # characters of a query that is remembered, or its shape


@dataclass(frozen=True, slots=True)
class Reading:
    """The properties of a query that show without evaluating it.

    form: SELECT, ASK, CONSTRUCT or DESCRIBE; None if it begins with none of them.
    normal: the query with each run of spaces and comments made one space.
    lasting: whether its result is known to stay the same as long as the data does.
    relative: whether it may have an IRI that is relative to the address it is sent to.
    """

    form: str | None
    normal: str
    lasting: bool
    relative: bool

    @property
    def is_graph(self) -> bool:
        """Tell whether its result is a graph rather than solutions or a boolean."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


@remembered(64, _LONGEST)
def read(query: str) -> Reading:
    """Read a query, well-formed or not.

    >>> read("SELECT  * # all\\n{ ?s ?p ?o }")
    Reading(form='SELECT', normal='SELECT * { ?s ?p ?o }', lasting=True, relative=False)
    """
    return _read_alike(query) or _read_tokens(query)


def form_of(query: str) -> str | None:
    """Return a query's form, as ``read`` has it, without all of a long one being read."""
    if len(query) <= _LONGEST:
        return read(query).form
    return _form(islice(split_pieces(decode_escapes(query)), MOST))


def _form(found: Iterable[Token]) -> str | None:
    words = (token.text.upper() for token in found if token.kind == "word")
    first = next((word for word in words if word not in PROLOGUE), None)
    return first if first in FORMS else None


def _read_alike(query: str) -> Reading | None:
    """Read a query as others were that differ from it in IRIs alone, if that can be told."""
    if len(query) > _LONGEST:
        return None
    parts = _IRI.split(query)
    shape = _ANY_IRI.join(parts[::2])
    alike = _read_shape(shape)
    if alike is None:
        return None
    normal = query
    if alike.normal != shape:
        parts[::2] = alike.normal.split(_ANY_IRI)
        normal = "".join(parts)
    return Reading(alike.form, normal, alike.lasting, alike.relative)


@remembered(256, _LONGEST)
def _read_shape(shape: str) -> Reading | None:
    return None if _AROUND.intersection(shape) else _read_tokens(shape)


def _read_tokens(query: str) -> Reading:
    decoded = decode_escapes(query)
    found = list(islice(split_pieces(decoded), MOST))
    # Where a token may begin or end elsewhere, a space may be part of a string.
    whole = len(found) < MOST
    certain = whole and decoded == query and all(map(is_certain, found))
    return Reading(
        _form(found),
        _normal(found) if certain else query,
        whole and _is_lasting(found),
        not whole or _has_relative(found),
    )


def _has_relative(found: Sequence[Token]) -> bool:
    iris = (token.text[1:-1] for token in found if token.kind == "iri")
    return any(not is_absolute(iri) for iri in iris)


def _is_lasting(found: Sequence[Token]) -> bool:
    # pyoxigraph takes keywords that nothing keeps apart, ORDER BYRAND() and SERVICESILENT.
    texts = (token.text.upper() for token in found if token.kind in ("word", "name"))
    return not any(word in text for text in texts for word in _PASSING)


def _normal(found: Sequence[Token]) -> str:
    texts: list[str] = []
    for token in found:
        if token.kind not in ("space", "comment"):
            texts.append(token.text)
        elif texts and texts[-1] != " ":
            texts.append(" ")
    return "".join(texts).strip(" ")
