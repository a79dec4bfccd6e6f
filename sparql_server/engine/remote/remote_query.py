"""A query that goes to a remote endpoint, as far as its tokens tell, and what may not pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sparql_server.engine.prefixes import predefined
from sparql_server.errors import ExtensionRefused
from sparql_server.sparql.lexer import PROLOGUE, Token, tokens

_KINDS = {"SELECT": "solutions", "ASK": "solutions", "CONSTRUCT": "graphs", "DESCRIBE": "graphs"}

# Virtuoso's functions are called by IRIs of these two schemes. Some of them fetch addresses.
_EXTENSION = re.compile(r"(?<![\w.-])(?:bif|sql):", re.IGNORECASE)

# A backslash that stands for itself is written twice; what follows the pair is no escape.
_ESCAPE = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

_SURROGATE = re.compile("[\ud800-\udfff]")  # no character, and nothing that UTF-8 has


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
        return any(token.text == "{" for token in self.tokens)

    @property
    def names_graphs(self) -> bool:
        """Tell whether a pattern of the query is about named graphs (13.3)."""
        return any(token.kind == "word" and token.text.upper() == "GRAPH" for token in self.tokens)

    @property
    def is_passable(self) -> bool:
        """Tell whether nothing in the tokens shows that this is no SPARQL query.

        It has a form; its prefixes are declared or predefined (a store may know others, with a
        meaning of its own); no escape is left that a store would decode once more.
        """
        used = {name.text.partition(":")[0] for name in self.tokens if name.kind == "name"}
        known = {*dict(self.namespaces()), *predefined()}
        escaped = any(match[1] or match[2] for match in _ESCAPE.finditer(self.text))
        odd = escaped or any(map(_is_stray, self.tokens)) or _SURROGATE.search(self.text)
        return self.kind is not None and used <= known and not odd

    def with_prefixes(self, base: str | None = None) -> str:
        """Return the text with the predefined prefixes it uses declared, on its first line.

        base: what relative IRIs are relative to, or None.
        """
        declared = dict(self.namespaces())
        return (
            (f"BASE <{base}> " if base else "")
            + "".join(
                f"PREFIX {prefix}: <{namespace}> "
                for prefix, namespace in predefined().items()
                if prefix not in declared and re.search(rf"(?<![\w.-]){prefix}:", self.text)
            )
            + self.text
        )

    def namespaces(self) -> Iterator[tuple[str, str]]:
        """Yield the prefixes that the query declares, with their namespaces."""
        for word, name, iri in zip(self.tokens, self.tokens[1:], self.tokens[2:], strict=False):
            if word.kind == "word" and word.text.upper() == "PREFIX":
                yield name.text.partition(":")[0], iri.text[1:-1]

    def clauses(self) -> list[tuple[int, int, bool]]:
        """Return start and end of each dataset clause (13.2), and whether it is FROM NAMED."""
        clauses = []
        for position, token in enumerate(self.tokens):
            if token.kind == "word" and token.text.upper() == "FROM":
                named = self._is_named(position + 1)
                last = self.tokens[min(position + 1 + named, len(self.tokens) - 1)]
                clauses.append((token.start, last.start + len(last.text), named))
        return clauses

    def _is_named(self, position: int) -> bool:
        return position < len(self.tokens) and self.tokens[position].text.upper() == "NAMED"


def _is_stray(token: Token) -> bool:
    """Tell whether a token is a backslash where none can be."""
    return token.kind in ("symbol", "escape") and token.text.startswith("\\")


def read(query: str) -> RemoteQuery:
    """Look at a query's tokens. Raises ExtensionRefused if it calls what isn't SPARQL's own.

    All its escapes are decoded first, as the grammar has it (19.2): a store may read them so.
    """
    return scan(_ESCAPE.sub(_character, query))


def _character(match: re.Match[str]) -> str:
    if match[0] == "\\\\":
        return match[0]
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]


def scan(text: str) -> RemoteQuery:
    """Look at the tokens of a query whose escapes are decoded; as ``read`` otherwise."""
    read_tokens = tuple(tokens(text))
    for token in read_tokens:
        if token.kind in ("iri", "name") and _EXTENSION.search(token.text):
            raise ExtensionRefused(
                "This server passes on SPARQL 1.1 only, no functions of the store behind it:"
                f" {token.text}."
            )
    words = (token.text.upper() for token in read_tokens if token.kind == "word")
    form = next((word for word in words if word not in PROLOGUE), None)
    return RemoteQuery(text, _KINDS.get(form or ""), form, read_tokens)


def write_graph_query(name: str, *, named: bool = False) -> str:
    """Return the query for all triples of a graph; without a name, of the default graph.

    named: each with the name of its graph.
    """
    if not name and not named:
        return "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    graph = f"<{name}>" if name else "?g"
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
