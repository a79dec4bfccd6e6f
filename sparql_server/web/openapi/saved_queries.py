"""Saved queries as operations: each with its parameters, their types, defaults and examples."""

from __future__ import annotations

from collections.abc import Iterable

from sparql_server.catalogue.binding import MOST
from sparql_server.catalogue.choices import has_choices
from sparql_server.catalogue.parameter_types import DATATYPES, LONGEST, describe
from sparql_server.catalogue.saved_query import Catalogue, Parameter, SavedQuery
from sparql_server.saved.pickers import LONGEST_SEARCH
from sparql_server.saved.saved_request import list_formats
from sparql_server.web.openapi.fixed_parts import Part, describe_contents, read

# An IRI with a scheme, or a name with a prefix: the characters of RFC 3987, 2.2, in their places.
_CHARACTER = (
    r"([A-Za-z0-9._~!$&'()*+,;=:@/?\u00A0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF-]|%[0-9A-Fa-f]{2})"
)
_DAY = {"format": "date", "pattern": f"^{DATATYPES['date'].pattern.pattern}$"}
_TIME = (  # days that every month has
    "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]$"
)
_IRI = (
    rf"(https?://[A-Za-z0-9.-]+/|[A-Za-z][A-Za-z0-9]*:[A-Za-z0-9_]){_CHARACTER}*(#{_CHARACTER}*)?"
)

_PAGING = [{"$ref": f"#/components/parameters/{name}"} for name in ("limit", "offset")]


def describe_paths(catalogue: Catalogue) -> Part:
    """Return the paths object of saved queries."""
    fixed, queries = read("saved_queries"), catalogue.queries.values()
    operations = {
        "/queries/": _list(fixed["/queries/"], catalogue),
        "/queries.ttl": fixed["/queries.ttl"],
    }
    for query in queries:
        operations[f"/queries/{query.name}"] = _operation(fixed["/queries/{query}"], query)
    if queries:
        path = "/queries/{name}.{format}"
        operations[path] = _completed(fixed[path], name=_one_of(catalogue.queries))
    listed = [(q, p) for q in queries for p in q.parameters if has_choices(p) or p.choices]
    if listed:
        path = "/queries/{name}/values/{parameter}"
        operations[path] = _values(fixed[path], listed)
    return {path: {"get": operation} for path, operation in operations.items()}


def _completed(operation: Part, **parameters: Part) -> Part:
    """Return an operation in which some parameters, by name, say something else."""
    return {
        **operation,
        "parameters": [
            {**parameter, **parameters.get(parameter.get("name", ""), {})}
            for parameter in operation["parameters"]
        ],
    }


def _one_of(values: Iterable[str]) -> Part:
    return {"schema": {"type": "string", "enum": list(values)}}


def _list(fixed: Part, catalogue: Catalogue) -> Part:
    topics = sorted({tag for query in catalogue.queries.values() for tag in query.tags})
    return _completed(fixed, tag={"description": f"A topic: {', '.join(topics)}."})


def _values(fixed: Part, listed: list[tuple[SavedQuery, Parameter]]) -> Part:
    """Return the operation that lists values. listed: the parameters that have a list."""
    return _completed(
        fixed,
        name=_one_of(dict.fromkeys(query.name for query, _ in listed)),
        parameter=_one_of(dict.fromkeys(parameter.name for _, parameter in listed)),
        search={"schema": {"type": "string", "maxLength": LONGEST_SEARCH}},
    )


def _operation(fixed: Part, query: SavedQuery) -> Part:
    available, responses = list_formats(query), fixed["responses"]
    operation = _completed(
        fixed, format=_one_of([*(format_.name for format_ in available), "html"])
    )
    left_out = _PAGING if query.form == "ASK" else ()
    answer = {**responses["200"], "content": describe_contents(*available, "text/html")}
    return {
        "operationId": query.name,
        "summary": query.title["en"],
        "description": _described(query),
        **operation,
        "parameters": [
            *map(_parameter, query.parameters),
            *(parameter for parameter in operation["parameters"] if parameter not in left_out),
        ],
        "responses": {**responses, "200": answer},
    }


def _described(query: SavedQuery) -> str:
    tags = f"Topics: {', '.join(query.tags)}." if query.tags else ""
    columns = f"Columns: {', '.join(query.variables)}." if query.variables else ""
    texts = [query.description["en"], query.notes.get("en", ""), columns, tags]
    return "\n\n".join(text for text in [*texts, f"Svenska: {query.title['sv']}"] if text)


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
        "description": _parameter_described(parameter),
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


def _parameter_described(parameter: Parameter) -> str:
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
        return {"type": "string", "enum": [choice.value for choice in parameter.choices]}
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
        return {"type": "string", **_DAY}
    if parameter.type == "moment":
        return {"type": "string", "anyOf": [_DAY, {"pattern": _TIME}]}
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
