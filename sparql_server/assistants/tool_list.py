"""The tools that there are: each with a description and a schema of its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparql_server.errors import BadParameter

MOST_ROWS = 500
"""Rows that an answer may have."""

ROWS = 50
"""Rows that it has where nobody wants more or less."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. arguments: name to JSON schema; required: those that must be there."""

    name: str
    description: str
    arguments: Mapping[str, Json]
    required: tuple[str, ...] = ()

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

    def check(self, arguments: Json) -> None:
        """Raise BadParameter where arguments don't fit its schema."""
        kinds = {"string": str, "integer": int, "object": dict}
        for name in (*arguments, *self.required):
            schema = self.arguments.get(name)
            if schema is None or name not in arguments:
                there = ", ".join(self.arguments)
                raise BadParameter(
                    f"{self.name} takes {there}; {name} doesn't fit.", parameter=name
                )
            value = arguments[name]
            least, most = schema.get("minimum", value), schema.get("maximum", value)
            is_one = isinstance(value, kinds[schema["type"]]) and not isinstance(value, bool)
            if not is_one or schema["type"] == "integer" and not least <= value <= most:
                raise BadParameter(f"{name} is not as the schema has it.", parameter=name)


_TEXT: Json = {"type": "string"}
_LIMIT: Json = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS}

TOOLS = (
    Tool(
        "search",
        "Find persons, works, editions, subjects and all else by name, ISBN or ISNI.",
        {
            "text": _TEXT,
            "class": {**_TEXT, "description": "Only of a class, such as kbv:Person."},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        },
        ("text",),
    ),
    Tool(
        "schema",
        "Classes and properties: the most used, or those with a word in their names; or of"
        " one class, given as its IRI, the properties that its things have.",
        {"text": _TEXT},
    ),
    Tool(
        "saved_queries",
        "List questions that are ready to be asked, with their parameters.",
        {"text": {**_TEXT, "description": "Words to look for; without them all."}},
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
    ),
    Tool(
        "query",
        "Evaluate a SPARQL 1.1 query; rows come as CSV, graphs as Turtle.",
        {"query": _TEXT, "limit": _LIMIT},
        ("query",),
    ),
    Tool(
        "describe",
        "Tell what is said of a thing, as Turtle.",
        {"iri": _TEXT},
        ("iri",),
    ),
)
"""All of them, in the order in which they are listed."""
