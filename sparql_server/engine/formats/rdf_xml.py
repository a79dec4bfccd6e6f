"""RDF/XML, where a predicate must be an XML name: what isn't is refused, not written.

https://www.w3.org/TR/rdf-syntax-grammar/#section-Serialising
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.parsers.expat import ExpatError, ParserCreate

import pyoxigraph as ox

from sparql_server.errors.failures.failure import Unwritable
from sparql_server.sparql.namespaces import RDF

# Names without a colon, https://www.w3.org/TR/xml-names/#NT-NCName
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(rf"[{_START}][{_START}0-9.\u00b7\u0300-\u036f\u203f-\u2040-]*")
_LAST_NAME = re.compile(rf"{_NAME.pattern}\Z")
# Parsers refuse a namespace that is an IRI but no URI (https://www.w3.org/TR/xml-names/#iri-use).
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[!#$&-;=?-Z\[\]_a-z~]|%[0-9A-Fa-f]{2})*")
_RESERVED = ("http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace")
# What no property element may be called (5.1 of the grammar), and what means another property.
_SYNTAX = frozenset(
    f"{RDF}{name}"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
        *("Description", "aboutEach", "aboutEachPrefix", "bagID", "annotation"),
    )
)
_OWN = "bn-"  # what labels that are no names begin with, and those that begin so themselves


def check_triples(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield triples as RDF/XML can have them. Raises Unwritable for a predicate that it can't."""
    known: set[str] = set()
    for triple in triples:
        predicate = triple.predicate.value
        if predicate not in known:
            _check(predicate)
            known.add(predicate)
        yield _relabel_triple(triple)


def _check(predicate: str) -> None:
    name = _LAST_NAME.search(predicate)
    namespace = predicate[: name.start()] if name else ""
    if (
        name is None
        or not _URI.fullmatch(namespace)
        or not _is_read(name[0])
        or namespace in _RESERVED
        or predicate in _SYNTAX
    ):
        raise Unwritable(
            f"RDF/XML has no way to write the predicate <{predicate}>, which doesn't end with an"
            " XML name after a URI. Ask for Turtle (format=ttl), N-Triples (format=nt) or JSON-LD"
            " (format=jsonld)."
        )


def _is_read(name: str) -> bool:
    """Tell whether all parsers take a name: expat keeps to the fourth edition of XML 1.0."""
    try:
        ParserCreate().Parse(f"<{name}/>".encode(), True)
    except ExpatError:
        return False
    return True


def _relabel_triple(triple: ox.Triple) -> ox.Triple:
    """Return a triple with labels of blank nodes that are XML names (rdf:nodeID)."""
    subject, predicate, object_ = triple
    nodes = [node for node in (subject, object_) if isinstance(node, ox.BlankNode)]
    if not nodes or all(_is_name(node) for node in nodes):
        return triple
    return ox.Triple(_relabel_term(subject), predicate, _relabel_term(object_))  # type: ignore[arg-type]


def _is_name(node: ox.BlankNode) -> bool:
    return bool(_NAME.fullmatch(node.value)) and not node.value.startswith(_OWN)


def _relabel_term(term: object) -> object:
    if isinstance(term, ox.BlankNode) and not _is_name(term):
        return ox.BlankNode(f"{_OWN}{term.value}")
    return term
