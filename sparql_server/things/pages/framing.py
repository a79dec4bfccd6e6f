"""JSON-LD framed: a thing with all that is said of it, and what it points to, one in the other.

As Libris gives it: the record under ``meta``, blank nodes and lists where they stand, other things
as chips with class and name. What points to the thing directly stands under ``@reverse``, all else
that the graph has under ``@included``. It is JSON-LD 1.1 of the same triples, with its context in
it. https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from sparql_server.engine.prefixes import predefined
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.profiles.property_order import MAIN_ENTITY, TYPE, sort_properties

Json = dict[str, Any]

META = "meta"
"""Leads from a thing to its record, in our context."""

_DEEPEST = 20  # node objects in each other
_SIMPLE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_ENDS = ("#", "/")
_COLLECTION = "http://www.w3.org/ns/hydra/core#collection"
_LABELS = ("prefLabel", "label", "name", "familyName", "givenName", "lifeSpan", "code")


def frame(nodes: Sequence[Json], things: Sequence[str]) -> bytes:
    """Return a graph as a document. nodes: of flattened, expanded JSON-LD.

    things: what the graph tells of; the first is the document, those after it in their order.
    """
    framing = _Framing(nodes)
    root = _choose_root(framing, things)
    made = framing.make_document(root)
    context = {"@version": 1.1, "@vocab": KBV, META: {"@reverse": "mainEntity"}}
    document = {"@context": context | framing.names.used, **made}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _choose_root(framing: _Framing, things: Sequence[str]) -> str:
    """Return what a graph is about: what the document says, or what is told of, or pointed to."""
    about = framing.nodes.get(things[0], {})
    named = [value.get("@id") for value in about.get(MAIN_ENTITY, ())]
    is_told = any(key != _COLLECTION for key in about)
    candidates = [
        *(each for each in things if each in named),
        *(things[:1] if is_told else ()),
        *(each for each in things[1:] if each in framing.nodes),
        *(each for each in (*things[1:], things[0]) if each in framing.pointed_to),
    ]
    return next(iter(candidates), things[0])


class _Names:
    """Names of properties and classes, in our context. used: its prefixes that stand for others."""

    def __init__(self, iris: Iterator[str]) -> None:
        schemes = {iri.partition(":")[0] for iri in iris if "://" not in iri}
        self._namespaces = {
            namespace: prefix
            for prefix, namespace in predefined().items()
            if prefix and prefix not in schemes and namespace.endswith(_ENDS)
        }
        self.used: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def write(self, iri: str) -> str:
        """Return the name of a property or a class."""
        if iri not in self._known:
            self._known[iri] = self._shorten(iri)
        return self._known[iri]

    def _shorten(self, iri: str) -> str:
        local = iri.removeprefix(KBV)
        if local != iri and _SIMPLE.fullmatch(local) and local != META:
            return local
        end = max(iri.rfind(mark) for mark in _ENDS) + 1
        namespace, rest = iri[:end], iri[end:]
        prefix = self._namespaces.get(namespace)
        if prefix is None or namespace == KBV or not _SIMPLE.fullmatch(rest):
            return iri
        self.used[prefix] = namespace
        return f"{prefix}:{rest}"


class _Framing:
    """Puts the nodes of a graph into each other.

    nodes: by their identifier. pointed_to: identifiers of what any node points to.
    """

    def __init__(self, nodes: Sequence[Json]) -> None:
        self.nodes: dict[str, Json] = {}
        for node in nodes:
            self._add(node)
        self._times = Counter(self._list_mentioned())
        self.pointed_to = self._times.keys()
        terms = {key for node in self.nodes.values() for key in node}
        terms |= {each for node in self.nodes.values() for each in node.get("@type", ())}
        self.names = _Names(iter({*self.nodes, *self._times, *terms}))
        self._done: set[str] = set()
        # Referred to where they can't stand: as a class, or too deep.
        self._cut = {each for each in terms if each.startswith("_:")}

    def _add(self, node: Json) -> None:
        known = self.nodes.setdefault(node["@id"], {})
        for key, values in node.items():
            if key != "@id":
                known.setdefault(key, []).extend(values)

    def _list_mentioned(self) -> Iterator[str]:
        for node in self.nodes.values():
            for key, values in node.items():
                if key == "@type":
                    yield from (each for each in values if each.startswith("_:"))
                else:
                    yield from _list_identifiers(values)

    def make_document(self, root: str) -> Json:
        """Return the document of a graph."""
        document: Json = {"@id": root}
        document |= self._make(root, 0)
        reverse: Json = {}
        for identifier, property_ in self._list_pointing(root):
            if identifier not in self._done:
                source = self._make_source(identifier, property_, root)
                reverse.setdefault(property_, []).append(source)
        records = reverse.pop(MAIN_ENTITY, None)
        document |= {META: _unwrap(records)} if records else {}
        if reverse:
            document["@reverse"] = {self.names.write(key): reverse[key] for key in reverse}
        included = [self._make(each, 0) for each in self._list_rest() if each not in self._done]
        return document | ({"@included": included} if included else {})

    def _list_pointing(self, root: str) -> Iterator[tuple[str, str]]:
        """Yield the things that point to the root, and by which property."""
        for identifier, node in self.nodes.items():
            if not identifier.startswith("_:") and identifier not in self._done:
                for key, values in node.items():
                    if key[0] != "@" and any(value.get("@id") == root for value in values):
                        yield identifier, key
                        break

    def _make_source(self, identifier: str, property_: str, root: str) -> Json:
        node = dict(self.nodes[identifier])
        others = [value for value in node[property_] if value.get("@id") != root]
        node[property_] = others
        self.nodes[identifier] = {key: values for key, values in node.items() if values}
        return self._make(identifier, 1)

    def _list_rest(self) -> list[str]:
        """Return the nodes that stand by themselves: things, then blank nodes that nothing has."""
        rest = [each for each in self.nodes if each not in self._done]
        return sorted(rest, key=lambda each: (each.startswith("_:"), self._times[each] > 0))

    def _make(self, identifier: str, depth: int) -> Json:
        """Return a node object: whole where it stands first, and what it is called elsewhere."""
        is_blank = identifier.startswith("_:")
        if identifier not in self.nodes or (is_blank and identifier in self._done):
            return {"@id": identifier}
        if depth > _DEEPEST:
            self._cut.add(identifier)
            return {"@id": identifier}
        if identifier in self._done:
            return {"@id": identifier} | self._make_label(identifier)
        self._done.add(identifier)
        node = self.nodes[identifier]
        made: Json = {"@id": identifier}
        if is_blank and node and self._times[identifier] < 2 and identifier not in self._cut:
            made = {}  # nothing else refers to it
        made |= self._make_types(node)
        keys = [key for key in node if key[0] != "@"]
        for key in (*sort_properties(keys), *(key for key in keys if key == TYPE)):
            made[self.names.write(key)] = _unwrap([self._value(v, depth) for v in node[key]])
        return made

    def _make_types(self, node: Mapping[str, Any]) -> Json:
        types = [self.names.write(each) for each in node.get("@type", ())]
        return {"@type": _unwrap(types)} if types else {}

    def _make_label(self, identifier: str) -> Json:
        """Return class and texts of a node that stands elsewhere."""
        node = self.nodes[identifier]
        texts = {
            self.names.write(key): _unwrap([self._value(value, 0) for value in values])
            for key, values in node.items()
            if key[0] != "@" and key.rpartition("/")[2] in _LABELS and _are_texts(values)
        }
        return self._make_types(node) | texts

    def _value(self, value: Json, depth: int) -> Any:
        if "@list" in value:
            return {"@list": [self._value(item, depth) for item in value["@list"]]}
        if "@id" in value:
            return self._make(value["@id"], depth + 1)
        return value["@value"] if value.keys() == {"@value"} else value


def _are_texts(values: Sequence[Json]) -> bool:
    return all("@value" in value for value in values)


def _list_identifiers(values: Sequence[Json]) -> Iterator[str]:
    for value in values:
        if "@id" in value:
            yield value["@id"]
        yield from _list_identifiers(value.get("@list", ()))


def _unwrap(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
