"""Query files: from their text to saved queries, and a folder of them to a catalogue.

A file that isn't as it should be is reported with its line; the others are served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from sparql_server.catalogue.checking import check, check_listing
from sparql_server.catalogue.metadata import Section, read_metadata, split
from sparql_server.catalogue.parameter_types import DATATYPES, expand
from sparql_server.catalogue.saved_query import (
    TYPES,
    Catalogue,
    Chart,
    Choice,
    Parameter,
    Problem,
    SavedQuery,
    Type,
)
from sparql_server.catalogue.source import form, list_columns, read_source
from sparql_server.errors import MalformedFile

_KEYS = ("title", "description", "notes", "tags", "parameters", "chart")
_PARAMETER_KEYS = (
    *("name", "type", "label", "default", "example", "required", "multiple"),
    *("values", "class", "scheme", "minimum", "maximum", "language"),
)
_Read = TypeVar("_Read")

VALUES = "values"  # the folder of queries that list values


def load(folder: Path) -> Catalogue:
    """Read all query files in a folder, and those in its ``values`` that list values."""
    values, problems = _read_all(folder / VALUES, read_listing)
    queries, more = _read_all(folder, lambda name, text: _add_lists(read(name, text), values))
    return Catalogue(queries, values, (*problems, *more))


def _read_all(
    folder: Path, read_one: Callable[[str, str], _Read]
) -> tuple[dict[str, _Read], list[Problem]]:
    found, problems = {}, []
    for path in sorted(folder.glob("*.rq"), key=lambda path: path.stem):
        try:
            found[path.stem] = read_one(path.stem, path.read_text(encoding="utf-8"))
        except MalformedFile as error:
            problems.append(Problem(str(path), error.line, error.message))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(path), 1, f"can't be read: {error}"))
    return found, problems


def read_listing(name: str, text: str) -> str:
    """Read a file that lists values; return its query. Raises MalformedFile."""
    _, lines, before = split(text)
    query = "\n".join(lines) + "\n"
    check_listing(query, before + 1)
    return query


def _add_lists(query: SavedQuery, values: Mapping[str, str]) -> SavedQuery:
    for parameter in query.parameters:
        if parameter.values is not None and parameter.values not in values:
            raise MalformedFile(1, f"{parameter.name}: there is no {VALUES}/{parameter.values}.rq")
    return query


def read(name: str, text: str) -> SavedQuery:
    """Read a query file. name: of the query. Raises MalformedFile."""
    lines, query_lines, before = split(text)
    metadata = read_metadata(lines)
    metadata.allow(_KEYS)
    source = read_source(query_lines, before + 1)
    query = SavedQuery(
        name,
        metadata.both("title"),
        metadata.both("description"),
        metadata.both("notes", required=False),
        metadata.texts("tags"),
        tuple(
            _read_parameter(described)
            for described in metadata.sections("parameters", "a parameter")
        ),
        _read_chart(metadata.section("chart")),
        source,
        form(source.text) or "",
        list_columns(source.text),
    )
    check(query, metadata)
    return query


def _read_chart(section: Section | None) -> Chart | None:
    if section is None:
        return None
    section.allow(("x", "y", "series"))
    return Chart(section.required_text("x"), section.required_text("y"), section.text("series"))


def _read_parameter(section: Section) -> Parameter:
    section.allow(_PARAMETER_KEYS)
    defaults = section.texts("default")
    choices, values = _read_allowed(section)
    example = section.text("example") or (defaults[0] if defaults else "")
    if not example:
        raise MalformedFile(section.line, "a parameter without default needs an example")
    return Parameter(
        name=section.required_text("name"),
        type=_type(section),
        labels=section.both("label"),
        example=example,
        default=defaults,
        required=section.flag("required", True),
        multiple=section.flag("multiple", False),
        choices=choices,
        values=values,
        class_=_read_iri(section, "class"),
        scheme=_read_iri(section, "scheme"),
        minimum=_read_bound(section, "minimum"),
        maximum=_read_bound(section, "maximum"),
        language=section.text("language"),
    )


def _read_allowed(section: Section) -> tuple[tuple[Choice, ...], str | None]:
    """Return the values allowed, or the name of the query that lists values to pick from."""
    if not section.is_sequence("values"):
        return (), section.text("values")
    choices = []
    for choice in section.sections("values", "an allowed value"):
        choice.allow(("value", "label"))
        choices.append(Choice(choice.required_text("value"), choice.both("label")))
    return tuple(choices), None


def _type(section: Section) -> Type:
    found = section.required_text("type")
    if found not in TYPES:
        raise MalformedFile(
            section.line_of("type"), f"no type {found}; there are {', '.join(TYPES)}"
        )
    return found


def _read_iri(section: Section, key: str) -> str | None:
    found = section.text(key)
    return expand(found) if found else None


def _read_bound(section: Section, key: str) -> str | None:
    """Return a minimum or maximum, which must be of the parameter's type."""
    found = section.text(key)
    if found is None:
        return None
    known = DATATYPES.get(_type(section))
    if known is None or not known.pattern.fullmatch(found):
        raise MalformedFile(section.line_of(key), f"{key} {found} is not of the parameter's type")
    return found
