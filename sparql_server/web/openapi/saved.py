"""Saved queries as operations: each with its parameters, their types, defaults and examples."""

from __future__ import annotations

from sparql_server.catalogue.binding import MOST
from sparql_server.catalogue.choices import has_choices
from sparql_server.catalogue.model import Catalogue, Parameter, SavedQuery
from sparql_server.catalogue.types import DATATYPES, LONGEST, describe
from sparql_server.saved.pickers import LONGEST_SEARCH
from sparql_server.saved.saved_request import TEXT, formats
from sparql_server.sparql.formats import GRAPHS, SOLUTIONS
from sparql_server.web.openapi.components import EVALUATED, UNCHANGED, Part, contents, errors, found

# An IRI with a scheme, or a name with a prefix: the characters of RFC 3987, 2.2, in their places.
_CHARACTER = (
    r"([A-Za-z0-9._~!$&'()*+,;=:@/?\u00A0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF-]|%[0-9A-Fa-f]{2})"
)
_IRI = (
    rf"(https?://[A-Za-z0-9.-]+/|[A-Za-z][A-Za-z0-9]*:[A-Za-z0-9_]){_CHARACTER}*(#{_CHARACTER}*)?"
)

_PART = [{"$ref": f"#/components/parameters/{name}"} for name in ("limit", "offset")]
_RELEASE = {"$ref": "#/components/parameters/release"}


def paths(catalogue: Catalogue) -> Part:
    """Return the paths object of saved queries."""
    queries = catalogue.queries.values()
    found: Part = {"/queries/": {"get": _list(catalogue)}, "/queries.ttl": {"get": _shacl()}}
    for query in queries:
        found[f"/queries/{query.name}"] = {"get": _operation(query)}
    if catalogue.queries:
        found["/queries/{name}.{format}"] = {"get": _by_extension(catalogue)}
    listed = [(one, p) for one in queries for p in one.parameters if has_choices(p) or p.choices]
    if listed:
        found["/queries/{name}/values/{parameter}"] = {"get": _values(listed)}
    return found


def _operation(query: SavedQuery) -> Part:
    names = [one.name for one in formats(query)]
    own = [_parameter(one) for one in query.parameters]
    paged = [] if query.form == "ASK" else _PART
    wanted = {
        "name": "format",
        "in": "query",
        "description": "Short name of a format, before the `Accept` header; `html`: the page.",
        "schema": {"type": "string", "enum": [*names, "html"]},
    }
    return {
        "operationId": query.name,
        "summary": query.title["en"],
        "description": _said(query),
        "tags": ["saved queries"],
        "parameters": [*own, *paged, _RELEASE, wanted],
        "responses": _responses(query),
    }


def _said(query: SavedQuery) -> str:
    tags = f"Topics: {', '.join(query.tags)}." if query.tags else ""
    columns = f"Columns: {', '.join(query.variables)}." if query.variables else ""
    said = [query.description["en"], query.notes.get("en", ""), columns, tags]
    return "\n\n".join(one for one in [*said, f"Svenska: {query.title['sv']}"] if one)


def _responses(query: SavedQuery) -> Part:
    content = contents(*formats(query)) | {"text/html": {"schema": {"type": "string"}}}
    headers = ("LibrisRelease", "LibrisTotal", "Link", "ETag")
    return {
        "200": found(content, "The answer.", *headers),
        "304": UNCHANGED,
        **errors(*EVALUATED, 400, 406, 410, 413),
    }


def _parameter(parameter: Parameter) -> Part:
    item = _or_empty(_schema(parameter), parameter)
    default = _defaults(parameter)
    schema: Part = item
    if parameter.multiple:
        schema = {"type": "array", "items": item, "minItems": 1, "maxItems": MOST}
        default = list(parameter.default)
    if default:
        schema = {**schema, "default": default}
    found: Part = {
        "name": parameter.name,
        "in": "query",
        "description": _described(parameter),
        "required": not parameter.can_be_left_out,
        "schema": schema,
        "example": [_native(parameter, parameter.example)]
        if parameter.multiple
        else _native(parameter, parameter.example),
    }
    if parameter.multiple:
        found |= {"style": "form", "explode": True}
    return found


def _defaults(parameter: Parameter) -> object:
    return _native(parameter, parameter.default[0]) if parameter.default else None


def _native(parameter: Parameter, value: str) -> object:
    """Return a value as JSON has it."""
    if parameter.type in ("integer", "year"):
        return int(value)
    if parameter.type == "decimal":
        return float(value)
    return value in ("true", "1") if parameter.type == "boolean" else value


def _described(parameter: Parameter) -> str:
    said = [f"{parameter.labels['en']} ({parameter.labels['sv']}): {describe(parameter)}."]
    if parameter.scheme or parameter.class_:
        said.append(f"Out of {parameter.scheme or parameter.class_}.")
    if parameter.default and not parameter.required:
        said.append("An empty value leaves it out; without the parameter, the default holds.")
    return " ".join(said)


def _or_empty(schema: Part, parameter: Parameter) -> Part:
    """Return a schema that an empty value fits too, if that is how the parameter is left out."""
    if parameter.required or (schema["type"] == "string" and "enum" not in schema):
        return schema
    return {"anyOf": [schema, {"type": "string", "maxLength": 0}]}


def _schema(parameter: Parameter) -> Part:
    if parameter.choices:
        return {"type": "string", "enum": [one.value for one in parameter.choices]}
    least, most = parameter.minimum, parameter.maximum
    if parameter.type == "year":
        return {
            "type": "integer",
            "minimum": max(int(least or 0), 1000),
            "maximum": int(most or 9999),
        }
    if parameter.type == "integer":
        return {"type": "integer"} | _bounds(least, most, 10**18 - 1)
    if parameter.type == "decimal":
        return {"type": "number"} | _bounds(least, most, 10**15 - 1)
    if parameter.type == "boolean":
        return {"type": "boolean"}
    if parameter.type == "date":
        pattern = f"^{DATATYPES['date'].pattern.pattern}$"
        return {"type": "string", "format": "date", "pattern": pattern}
    if parameter.type == "iri":
        pattern = f"^{_IRI}$" if parameter.required else f"^({_IRI})?$"
        return {"type": "string", "pattern": pattern, "maxLength": LONGEST}
    text = {"type": "string", "maxLength": LONGEST}
    return text | {"pattern": r"\S"} if parameter.required else text


def _bounds(least: str | None, most: str | None, end: int) -> Part:
    return {
        "minimum": float(least) if least else -end,
        "maximum": float(most) if most else end,
    }


def _by_extension(catalogue: Catalogue) -> Part:
    names = [one.name for one in (*SOLUTIONS, *GRAPHS)]
    return {
        "operationId": "getSavedQueryInFormat",
        "summary": "Return a saved query's answer in a format",
        "description": "The same as the address without extension, with the query's own parameters."
        " `rq` is the query itself, with the values bound.",
        "tags": ["saved queries"],
        "parameters": [
            _in_path("name", "Name of a saved query.", list(catalogue.queries)),
            _in_path("format", "Short name of a format.", [*names, TEXT]),
            *_PART,
            _RELEASE,
        ],
        "responses": {
            "200": found(
                contents(*SOLUTIONS, *GRAPHS)
                | {"application/sparql-query": {"schema": {"type": "string"}}},
                "The answer.",
                "LibrisRelease",
                "LibrisTotal",
                "Link",
                "ETag",
            ),
            "304": UNCHANGED,
            **errors(*EVALUATED, 400, 404, 406, 410, 413),
        },
    }


def _in_path(name: str, description: str, names: list[str]) -> Part:
    schema = {"type": "string", "enum": names}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def _values(listed: list[tuple[SavedQuery, Parameter]]) -> Part:
    queries = list(dict.fromkeys(query.name for query, _ in listed))
    parameters = list(dict.fromkeys(parameter.name for _, parameter in listed))
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Values"}},
        "text/html": {"schema": {"type": "string"}},
    }
    return {
        "operationId": "getValues",
        "summary": "Values to pick from for a parameter of a saved query",
        "description": "The first 50 in the order of their labels.",
        "tags": ["saved queries"],
        "parameters": [
            _in_path("name", "Name of a saved query.", queries),
            _in_path("parameter", "Name of one of its parameters that has a list.", parameters),
            {
                "name": "search",
                "in": "query",
                "description": "What a label or the value holds, in either case.",
                "schema": {"type": "string", "maxLength": LONGEST_SEARCH},
            },
        ],
        "responses": {
            "200": found(content, "The values.", "ETag"),
            "304": UNCHANGED,
            **errors(*EVALUATED, 400, 404, 413),
        },
    }


def _list(catalogue: Catalogue) -> Part:
    tags = sorted({tag for one in catalogue.queries.values() for tag in one.tags})
    items = {"$ref": "#/components/schemas/SavedQuery"}
    schema = {
        "type": "object",
        "required": ["queries"],
        "properties": {"queries": {"type": "array", "items": items}},
    }
    content = {
        "application/json": {"schema": schema},
        "text/html": {"schema": {"type": "string"}},
    }
    text = {"type": "string"}
    return {
        "operationId": "getSavedQueries",
        "summary": "List the saved queries",
        "description": "As JSON, or for a browser as a page.",
        "tags": ["saved queries"],
        "parameters": [
            {
                "name": "search",
                "in": "query",
                "schema": text,
                "description": "Words that all occur.",
            },
            {
                "name": "tag",
                "in": "query",
                "schema": text,
                "description": f"A topic: {', '.join(tags)}.",
            },
        ],
        "responses": {
            "200": found(content, "The queries.", "ETag"),
            "304": UNCHANGED,
            **errors(400, 413),
        },
    }


def _shacl() -> Part:
    return {
        "operationId": "getSavedQueriesAsShacl",
        "summary": "All saved queries in SHACL",
        "description": "As editors that read SIB's SPARQL examples take them,"
        " https://github.com/sib-swiss/sparql-examples.",
        "tags": ["saved queries"],
        "responses": {
            "200": found({"text/turtle": {"schema": {"type": "string"}}}, "Turtle.", "ETag"),
            "304": UNCHANGED,
        },
    }
