"""Mistakes before the pattern's own: the form of the query, updates, declarations, prefixes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator

from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.lexer import FORMS, Token

_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_LONGEST = 60  # characters of names that are compared
_DECLARED = 200  # prefixes that a query may declare and still be told which one was meant
_ADDRESS = re.compile(r"(?:https?|urn|info):[^\s<>\"{}|\\^`]++")
_USUAL = {
    "bf": "http://id.loc.gov/ontologies/bibframe/",
    "dbo": "http://dbpedia.org/ontology/",
    "dbp": "http://dbpedia.org/property/",
    "dbr": "http://dbpedia.org/resource/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "edm": "http://www.europeana.eu/schemas/edm/",
    "frbr": "http://purl.org/vocab/frbr/core#",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "gn": "http://www.geonames.org/ontology#",
    "mads": "http://www.loc.gov/mads/rdf/v1#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "http://schema.org/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
"""Prefixes as they are used elsewhere, and their namespaces."""


def find_nearest(name: str, known: Collection[str], cutoff: float = 0.5) -> str | None:
    """Return the known name that is most like another one; None: there is none, or none is tried.

    To compare takes the product of the lengths of both, for each of those known.
    """
    if len(name) > _LONGEST or len(known) > _DECLARED:
        return None
    comparable = sorted(other for other in known if len(other) <= _LONGEST)
    return next(iter(difflib.get_close_matches(name, comparable, n=1, cutoff=cutoff)), None)


def _empty(reading: Reading) -> Iterator[Mistake]:
    if not reading.tokens:
        yield Mistake("empty", None)


def _first_word(reading: Reading) -> int | None:
    """Return the first word that is no declaration's."""
    for index, token in enumerate(reading.tokens):
        declares = "PREFIX" in (reading.word(index), reading.word(index - 1))
        if token.kind == "word" and reading.word(index) != "BASE" and not declares:
            return index
    return None


def _update(reading: Reading) -> Iterator[Mistake]:
    first = _first_word(reading)
    if first is not None and reading.word(first) in _UPDATES:
        yield Mistake("update", reading.tokens[first], {"word": reading.word(first)})


def _declarations(reading: Reading) -> Iterator[Mistake]:
    for index in reading.at("prologue"):
        token = reading.tokens[index]
        if token.kind == "language" and token.text.lower() in ("@prefix", "@base"):
            yield Mistake("turtle-prefix", token, {}, _as_sparql(reading, index))
        elif reading.word(index - 1) == "PREFIX" and token.kind == "word":
            edits = [] if reading.word(index + 1) == ":" else [reading.after(index, ":")]
            yield Mistake("prefix-colon", token, {"name": shorten_name(token.text)}, edits)
        elif reading.word(index - 2) == "PREFIX" and token.kind == "name":
            yield Mistake("bare-iri", token, {}, _in_brackets(reading, token))
        elif reading.word(index) in (".", ";", ",") and reading.kind(index - 1) == "iri":
            values = {"mark": token.text}
            yield Mistake("prefix-mark", token, values, [reading.drop(index)])


def _as_sparql(reading: Reading, index: int) -> list[Edit]:
    """Return the edits of Turtle's declaration. Full stops after IRIs are dropped, too."""
    edits = []
    for place in reading.at("prologue"):
        if reading.kind(place) == "language":
            edits.append(reading.replace(place, reading.tokens[place].text[1:].upper()))
        elif reading.word(place) == "." and reading.kind(place - 1) == "iri":
            edits.append(reading.drop(place))
    return edits


def _in_brackets(reading: Reading, token: Token) -> list[Edit]:
    """Return the edits that put an address in the brackets that IRIs have."""
    match = _ADDRESS.match(reading.text, token.start)
    if not match:
        return []
    address = match[0].rstrip(".,;")
    return [Edit(token.start, token.start + len(address), f"<{address}>")]


def _addresses(reading: Reading) -> Iterator[Mistake]:
    for index, token in enumerate(reading.tokens):
        if token.kind == "name" and _ADDRESS.match(reading.text, token.start):
            before = reading.word(index - 1)
            if before == "<" and reading.joined(index):
                match = _ADDRESS.match(reading.text, token.start)
                edits = [Edit(match.end(), match.end(), ">")] if match else []
                if match and reading.text[match.end() : match.end() + 1] != ">":
                    yield Mistake("iri-end", reading.tokens[index - 1], {}, edits)
            else:
                yield Mistake("bare-iri", token, {}, _in_brackets(reading, token))
            return


def _declared(reading: Reading) -> set[str]:
    return {
        token.text.rstrip(":")
        for index, token in enumerate(reading.tokens)
        if reading.word(index - 1) == "PREFIX"
    }


def _prefixes(reading: Reading) -> Iterator[Mistake]:
    """Find an undeclared prefix, with its usual namespace or the nearest one that is known."""
    known = {*_declared(reading), *reading.prefixes}
    for index, token in enumerate(reading.tokens):
        name = token.text.partition(":")[0]
        if token.kind != "name" or name in known:
            continue
        listed = ", ".join(f"{prefix}:" for prefix in sorted(reading.prefixes))
        values = {"name": shorten_name(name), "listed": listed}
        if name in ("wikibase", "bd") and "SERVICE" in map(reading.word, range(index)):
            service = next(i for i in range(index + 1) if reading.word(i) == "SERVICE")
            yield Mistake("label-service", reading.tokens[service])
        elif name in _USUAL:
            yield _usual(reading, token, name, values)
        elif near := find_nearest(name, known):
            values["near"] = near
            yield Mistake("prefix-near", token, values, _renamed(reading, name, near), guess=True)
        else:
            yield Mistake("prefix", token, values)
        return


def _usual(reading: Reading, token: Token, name: str, values: dict[str, str]) -> Mistake:
    namespace = _USUAL[name]
    values["namespace"] = namespace
    same = next((prefix for prefix, iri in reading.prefixes.items() if iri == namespace), None)
    if same is not None:
        values["near"] = same
        return Mistake("prefix-same", token, values, _renamed(reading, name, same))
    return Mistake("prefix-usual", token, values, [Edit(0, 0, f"PREFIX {name}: <{namespace}>\n")])


def _renamed(reading: Reading, name: str, near: str) -> list[Edit]:
    return [
        Edit(token.start, token.start + len(name), near)
        for token in reading.tokens
        if token.kind == "name" and token.text.partition(":")[0] == name
    ]


def _form(reading: Reading) -> Iterator[Mistake]:
    """Find a query that begins with no form of SPARQL's."""
    if not reading.tokens:
        return
    if "form" in reading.places:
        first = reading.tokens[0]
        if first.text.lower() == "sparql" and first.kind == "word":
            yield Mistake("isql", first, {}, [reading.drop(0)])
        return
    first_word = _first_word(reading)
    start = next((i for i in reading.at("prologue") if reading.kind(i) in ("variable",)), None)
    bracket = next((i for i, place in enumerate(reading.places) if place == "bracket"), None)
    places = [i for i in (start, bracket) if i is not None]
    if places and (first_word is None or min(places) < first_word):
        yield _formless(reading, min(places))
    elif first_word is not None and reading.word(first_word) == "WHERE":
        edits = [reading.before(first_word, "SELECT * ")]
        yield Mistake("no-form", reading.tokens[first_word], {}, edits)
    elif first_word is not None:
        word = reading.tokens[first_word]
        near = find_nearest(word.text.upper(), FORMS, cutoff=0.6)
        values = {"word": shorten_name(word.text), "near": near or ""}
        edits = [reading.replace(first_word, near)] if near else []
        yield Mistake("form-near" if near else "form", word, values, edits, guess=True)
    else:
        yield Mistake("no-form", reading.tokens[0])


def _formless(reading: Reading, index: int) -> Mistake:
    if reading.word(index) == "{":
        return Mistake("no-form", reading.tokens[index], {}, [reading.before(index, "SELECT * ")])
    has_brackets = any(reading.word(place) in ("{", "}") for place in range(len(reading.tokens)))
    last = len(reading.tokens) - 1
    edits = [] if has_brackets else reading.wrapped(index, last, "SELECT * { ", " }")
    return Mistake("no-form", reading.tokens[index], {}, edits)


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (
    _empty,
    _update,
    _declarations,
    _addresses,
    _form,
)
"""Rules about what stands before the pattern."""

PREFIXES = (_prefixes,)
"""The rule about prefixes that nobody has declared."""
