"""The tools: each with a description, a schema of its arguments, and what it answers, as text."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.model import Catalogue
from sparql_server.catalogue.row_ranges import cut_page
from sparql_server.engine.terms import iri
from sparql_server.errors import BadParameter, RequestError
from sparql_server.finding.schema import Schema, Schemas
from sparql_server.finding.search import Finder, read_search
from sparql_server.saved import saved_request
from sparql_server.saved.listing import find_matching
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.sparql.query import read

MOST_ROWS = 500
"""Rows that an answer may have."""

LONGEST = 64 * 1024
"""Bytes of an answer; what is longer is cut, and says so."""

_ROWS = 50
_TERMS = 40  # classes, and properties, that are told of at once

Json = dict[str, Any]


class UnknownTool(Exception):
    """There is no tool of that name."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. arguments: name to JSON schema; required: those that must be there."""

    name: str
    description: str
    arguments: Mapping[str, Json]
    required: tuple[str, ...]
    run: Callable[[Json], str]

    def describe(self) -> Json:
        """Return it as the protocol lists it."""
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": dict(self.arguments),
                "required": list(self.required),
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }


_TEXT: Json = {"type": "string"}
_LIMIT: Json = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": _ROWS}


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools for a client. visitor: for whom they ask."""

    answers: Answers
    finder: Finder
    catalogue: Catalogue
    visitor: Visitor = Visitor()
    schemas: Schemas = field(default_factory=Schemas)

    def describe(self) -> list[Json]:
        """Return all tools as the protocol lists them."""
        return [tool.describe() for tool in self._list()]

    def call(self, name: str, arguments: Json) -> tuple[str, bool]:
        """Return what a tool says, and whether it failed. Raises UnknownTool."""
        tool = next((tool for tool in self._list() if tool.name == name), None)
        if tool is None:
            raise UnknownTool(name)
        try:
            _check(tool, arguments)
            self.answers.admit(self.visitor.client)
            return tool.run(arguments), False
        except RequestError as error:
            hint = error.members.get("corrected")
            return f"{error.title}: {error.detail}" + (f"\nCorrected: {hint}" if hint else ""), True

    def _list(self) -> tuple[Tool, ...]:
        return (
            Tool(
                "search",
                "Find persons, works, editions, subjects and all else by name, ISBN or ISNI.",
                {
                    "text": _TEXT,
                    "class": {**_TEXT, "description": "Only of a class, such as kbv:Person."},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
                },
                ("text",),
                self._search,
            ),
            Tool(
                "schema",
                "Classes and properties: the most used, or those with a word in their names; or of"
                " one class, given as its IRI, the properties that its things have.",
                {"text": _TEXT},
                (),
                self._schema,
            ),
            Tool(
                "saved_queries",
                "List questions that are ready to be asked, with their parameters.",
                {"text": {**_TEXT, "description": "Words to look for; without them all."}},
                (),
                self._saved,
            ),
            Tool(
                "run_saved_query",
                "Ask a saved query; the answer is CSV.",
                {
                    "name": _TEXT,
                    "parameters": {"type": "object", "description": "Name to value, or values."},
                    "limit": _LIMIT,
                },
                ("name",),
                self._run_saved,
            ),
            Tool(
                "query",
                "Evaluate a SPARQL 1.1 query; rows come as CSV, graphs as Turtle.",
                {"query": _TEXT, "limit": _LIMIT},
                ("query",),
                self._query,
            ),
            Tool(
                "describe",
                "Tell what is said of a thing, as Turtle.",
                {"iri": _TEXT},
                ("iri",),
                self._describe,
            ),
        )

    def _search(self, said: Json) -> str:
        wanted = {"q": [said["text"]], "limit": [str(said.get("limit", 10))]}
        kind = {"class": [said["class"]]} if said.get("class") else {}
        search = read_search({**wanted, **kind}, "en")
        found, _ = self.finder.things(search, self.visitor, counted=False)
        keys = ("iri", "label", "class", "detail", "score")
        return _write([{key: hit[key] for key in keys} for hit in found["hits"]])

    def _schema(self, said: Json) -> str:
        schema = self.schemas.of(self.answers.release)
        if schema is None:
            raise BadParameter("What is served has no schema.", parameter="text")
        text = said.get("text", "")
        if text in schema.classes:
            return _write(_describe_class(schema, text))
        terms = list(schema.terms_named(text))
        return _write(
            {
                kind: [
                    {"iri": term.iri, "label": term.label("en"), "uses": term.count}
                    for term in terms
                    if term.kind == kind
                ][:_TERMS]
                for kind in ("class", "property")
            }
        )

    def _saved(self, said: Json) -> str:
        found = find_matching(self.catalogue, said.get("text", ""), "")
        return _write(
            [
                {
                    "name": query.name,
                    "question": query.title["en"],
                    "parameters": {
                        parameter.name: parameter.labels["en"] for parameter in query.parameters
                    },
                }
                for query in found
            ]
        )

    def _run_saved(self, said: Json) -> str:
        query, _ = saved_request.find(self.catalogue, said["name"])
        given = said.get("parameters", {})
        values = {
            name: [str(each) for each in (value if isinstance(value, list) else [value])]
            for name, value in given.items()
        }
        asked = saved_request.read(query, values)
        return self._ask(asked.text, said.get("limit", _ROWS))

    def _query(self, said: Json) -> str:
        return self._ask(said["query"], said.get("limit", _ROWS))

    def _describe(self, said: Json) -> str:
        try:
            named = iri(said["iri"])
        except ValueError as error:
            raise BadParameter(f"That is no IRI: {error}.", parameter="iri") from error
        return self._ask(f"DESCRIBE {named}", MOST_ROWS)

    def _ask(self, query: str, limit: int) -> str:
        form = read(query).form
        name = "csv" if form in ("SELECT", "ASK") else "ttl"
        text = cut_page(query, limit + 1, 0) if form == "SELECT" else query
        rows = _read(self.answers.fetch(QueryRequest(text, format=name), self.visitor))
        return _keep_rows(rows, limit) if form == "SELECT" else rows


def _check(tool: Tool, arguments: Json) -> None:
    """Raise BadParameter where arguments don't fit a tool's schema."""
    kinds = {"string": str, "integer": int, "object": dict}
    for name in (*arguments, *tool.required):
        schema = tool.arguments.get(name)
        if schema is None or name not in arguments:
            there = ", ".join(tool.arguments)
            raise BadParameter(f"{tool.name} takes {there}; {name} doesn't fit.", parameter=name)
        value = arguments[name]
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        is_one = isinstance(value, kinds[schema["type"]]) and not isinstance(value, bool)
        if not is_one or schema["type"] == "integer" and not least <= value <= most:
            raise BadParameter(f"{name} is not as the schema has it.", parameter=name)


def _describe_class(schema: Schema, name: str) -> Json:
    rows = schema.classes[name]["properties"][:_TERMS]
    terms = [(schema.term(row["iri"]), row["count"]) for row in rows]
    return {
        "class": name,
        "properties": [
            {"iri": term.iri, "label": term.label("en"), "uses": count} for term, count in terms
        ],
    }


def _keep_rows(text: str, limit: int) -> str:
    """Return the first rows of CSV, and say so if there are more."""
    rows = list(csv.reader(StringIO(text, newline="")))
    if len(rows) <= limit + 1:
        return text
    kept = StringIO(newline="")
    csv.writer(kept).writerows(rows[: limit + 1])
    return f"{kept.getvalue()}[There are more than these {limit} rows.]"


def _read(answer: Answer) -> str:
    """Return the text of an answer, up to ``LONGEST``; the rest isn't evaluated any more."""
    if answer.body is not None:
        return _cut(answer.body)
    text = b""
    for piece in answer.pieces or ():
        text += piece
        if len(text) > LONGEST and answer.pieces:
            answer.pieces.close()
            break
    return _cut(text)


def _cut(text: bytes) -> str:
    if len(text) <= LONGEST:
        return text.decode()
    return text[:LONGEST].decode(errors="ignore") + "\n[The rest is cut: it is too long.]"


def _write(said: object) -> str:
    return _cut(json.dumps(said, ensure_ascii=False, indent=1).encode())
