"""What is sent to a remote endpoint for a job: the query's text, its dataset, what may not pass.

SPARQL 1.1 Protocol, 2.1, https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparql_server.engine.messages import Job
from sparql_server.engine.prefixes import predefined
from sparql_server.errors import ExtensionRefused
from sparql_server.lexer import Token, decode_escapes, tokens

Fields = Sequence[tuple[str, str]]

_PROLOGUE = frozenset(["BASE", "PREFIX", "VERSION"])
_KINDS = {"SELECT": "solutions", "ASK": "solutions", "CONSTRUCT": "graphs", "DESCRIBE": "graphs"}
_NOWHERE = "urn:libris:nowhere"  # names no graph

# Virtuoso's functions are called by IRIs of these two schemes. Some of them fetch addresses.
_EXTENSION = re.compile(r"(?<![\w.-])(?:bif|sql):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RemoteQuery:
    """A query as far as its tokens tell.

    text: with its escapes decoded. kind: ``solutions``, ``graphs``, or None if it has no form of a
    query. has_pattern: whether it has a WHERE clause, so that many solutions may make its result.
    """

    text: str
    kind: str | None
    form: str | None
    tokens: tuple[Token, ...]

    @property
    def has_pattern(self) -> bool:
        """Tell whether the query has a group graph pattern."""
        return any(one.text == "{" for one in self.tokens)

    @property
    def is_passable(self) -> bool:
        """Tell whether nothing in the tokens shows that this is no SPARQL query.

        It has a form; its prefixes are declared or predefined (a store may know others, with a
        meaning of its own); no escape is left that a store would decode once more.
        """
        used = {one.text.partition(":")[0] for one in self.tokens if one.kind == "name"}
        known = {*self._declared(), *predefined()}
        return self.kind is not None and used <= known and not any(map(_escapes, self.tokens))

    def _declared(self) -> Iterable[str]:
        for one, name in zip(self.tokens, self.tokens[1:], strict=False):
            if one.kind == "word" and one.text.upper() == "PREFIX":
                yield name.text.partition(":")[0]

    def with_prefixes(self, text: str) -> str:
        """Declare the predefined prefixes that a text uses before it, on its first line."""
        declared = set(self._declared())
        return (
            "".join(
                f"PREFIX {prefix}: <{namespace}> "
                for prefix, namespace in predefined().items()
                if prefix not in declared and re.search(rf"(?<![\w.-]){prefix}:", text)
            )
            + text
        )

    def clauses(self) -> list[tuple[int, int, bool]]:
        """Return start and end of each dataset clause (13.2), and whether it is FROM NAMED."""
        found = []
        for position, token in enumerate(self.tokens):
            if token.kind == "word" and token.text.upper() == "FROM":
                named = self._is_named(position + 1)
                last = self.tokens[min(position + 1 + named, len(self.tokens) - 1)]
                found.append((token.start, last.start + len(last.text), named))
        return found

    def _is_named(self, position: int) -> bool:
        return position < len(self.tokens) and self.tokens[position].text.upper() == "NAMED"


def _escapes(token: Token) -> bool:
    """Tell whether a token has a codepoint escape, or a backslash where none can be."""
    if token.kind == "name":
        return "\\u" in token.text.lower()
    return token.kind == "symbol" and token.text == "\\"


def read(query: str) -> RemoteQuery:
    """Look at a query's tokens. Raises ExtensionRefused if it calls what isn't SPARQL's own."""
    text = decode_escapes(query)
    found = tuple(tokens(text))
    for token in found:
        if token.kind in ("iri", "name") and _EXTENSION.search(token.text):
            raise ExtensionRefused(
                "This server passes on SPARQL 1.1 only, no functions of the store behind it:"
                f" {token.text}."
            )
    words = (one.text.upper() for one in found if one.kind == "word")
    form = next((word for word in words if word not in _PROLOGUE), None)
    return RemoteQuery(text, _KINDS.get(form or ""), form, found)


def whole_graph(name: str) -> str:
    """Return the query for all triples of a graph; without a name, of the default graph."""
    if not name:
        return "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what an endpoint differs from the specification.

    parameters: sent with each query that names no dataset, so that its default graph is the union
    of all graphs. is_virtuoso: it has formats of its own, and the dataset of a request is added to
    what it would take otherwise. row_limit: it returns no more solutions than these, or None.
    """

    parameters: tuple[tuple[str, str], ...] = (("union-default-graph", "true"),)
    is_virtuoso: bool = False
    row_limit: int | None = None

    def fields(self, query: RemoteQuery, job: Job, seconds: float) -> Fields:
        """Return the form that asks the endpoint. seconds: as long as the answer may take."""
        clauses = query.clauses()
        named = bool(job.default_graphs or job.named_graphs)
        text = query.text
        if self.is_virtuoso and clauses:
            text = _without(text, clauses) if named else _completed(text, clauses)
        fields = [("query", query.with_prefixes(text))]
        if named:
            fields += self._dataset(job.default_graphs, job.named_graphs)
        elif not clauses and job.union:
            fields += self.parameters
        if self.is_virtuoso:
            # Milliseconds, at least 1,000. Without it the query would go on when we have gone.
            fields.append(("timeout", str(max(1000, round(seconds * 1000)))))
        return fields

    def _dataset(self, default: Sequence[str], named: Sequence[str]) -> Fields:
        """Return a dataset's parameters; an empty half is named as such where it would be full."""
        if self.is_virtuoso:
            default, named = default or (_NOWHERE,), named or (_NOWHERE,)
        fields = [("default-graph-uri", iri) for iri in default]
        return fields + [("named-graph-uri", iri) for iri in named]


def _without(text: str, clauses: Sequence[tuple[int, int, bool]]) -> str:
    """Return a query without its own dataset, which the request's replaces (Protocol, 2.1.4)."""
    for start, end, _ in reversed(clauses):
        text = text[:start] + text[end:]
    return text


def _completed(text: str, clauses: Sequence[tuple[int, int, bool]]) -> str:
    """Name the half of the dataset that a query leaves empty."""
    kinds = {named for _, _, named in clauses}
    if len(kinds) == 2:
        return text
    start = clauses[0][0]
    missing = "FROM" if kinds == {True} else "FROM NAMED"
    return f"{text[:start]}{missing} <{_NOWHERE}> {text[start:]}"
