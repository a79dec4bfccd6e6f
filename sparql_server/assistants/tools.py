"""Answers of the tools, as text."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from io import StringIO

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.assistants.tool_list import MOST_ROWS, ROWS, TOOLS, Json
from sparql_server.catalogue.row_ranges import cut_page
from sparql_server.catalogue.saved_query import Catalogue
from sparql_server.engine.terms import iri
from sparql_server.errors import BadParameter, RequestError
from sparql_server.finding.schema import Schema, Schemas
from sparql_server.finding.search import Finder, read_search
from sparql_server.saved import saved_request
from sparql_server.saved.listing import find_matching
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.sparql.query import read

LONGEST = 64 * 1024
"""Bytes of an answer; what is longer is cut, and says so."""

_TERMS = 40  # classes, and properties, that are told of at once


class UnknownTool(Exception):
    """There is no tool of that name."""


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
        return [tool.describe() for tool in TOOLS]

    def call(self, name: str, arguments: Json) -> tuple[str, bool]:
        """Return what a tool says, and whether it failed. Raises UnknownTool."""
        tool = next((tool for tool in TOOLS if tool.name == name), None)
        if tool is None:
            raise UnknownTool(name)
        try:
            tool.check(arguments)
            self.answers.admit(self.visitor.client)
            return self._run(name, arguments), False
        except RequestError as error:
            hint = error.members.get("corrected")
            return f"{error.title}: {error.detail}" + (f"\nCorrected: {hint}" if hint else ""), True

    def _run(self, name: str, said: Json) -> str:
        tools = {
            "search": self._search,
            "schema": self._schema,
            "saved_queries": self._saved,
            "run_saved_query": self._run_saved,
            "query": self._query,
            "describe": self._describe,
        }
        return tools[name](said)

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
        terms = schema.terms_named(text)
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
            name: [str(part) for part in (value if isinstance(value, list) else [value])]
            for name, value in given.items()
        }
        asked = saved_request.read(query, values)
        return self._ask(asked.text, said.get("limit", ROWS))

    def _query(self, said: Json) -> str:
        return self._ask(said["query"], said.get("limit", ROWS))

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
