"""Checks of a query file, beyond the shape of its metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sparql_server.catalogue.metadata import Section
from sparql_server.catalogue.parameter_types import NotOfType, make_term
from sparql_server.catalogue.saved_query import Parameter, SavedQuery
from sparql_server.catalogue.source import (
    Block,
    find_blocks,
    find_prologue_end,
    form,
    list_columns,
    list_tail,
)
from sparql_server.engine.terms import find_syntax_error, read_block
from sparql_server.errors import MalformedFile
from sparql_server.sparql.diagnosis import diagnose
from sparql_server.sparql.lexer import names_dataset, tokens

# What addresses of saved queries use themselves.
RESERVED = tuple(
    ["limit", "offset", "format", "query", "release", "hash", "lang", "chart", "search", "terms"]
)
# The columns of a query that lists values.
LISTED = ("value", "sv", "en")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def check(query: SavedQuery, metadata: Section) -> None:
    """Raise MalformedFile with the first thing that is wrong."""
    _check_names(query, metadata)
    _check_text(query)
    _check_owners(query)
    for parameter, section in _with_sections(query, metadata):
        _check_values(parameter, section)
        _check_blocks(query, parameter, section)
    _check_chart(query, metadata)


def check_listing(query: str, first: int) -> None:
    """Raise MalformedFile if a query doesn't list values. first: its first line in the file."""
    if error := find_syntax_error(query, {}):
        found = diagnose(query, error, {})
        raise MalformedFile(first + found.line - 1, f"not SPARQL: {found.cause}")
    if list_columns(query) != LISTED or list_tail(query):
        listed = " ".join(f"?{name}" for name in LISTED)
        raise MalformedFile(first, f"it should be SELECT {listed} and end with its pattern")


def _with_sections(query: SavedQuery, metadata: Section) -> Iterator[tuple[Parameter, Section]]:
    sections = metadata.sections("parameters", "a parameter")
    yield from zip(query.parameters, sections, strict=True)


def _check_names(query: SavedQuery, metadata: Section) -> None:
    seen = set()
    for parameter, section in _with_sections(query, metadata):
        line = section.line_of("name")
        if not _NAME.fullmatch(parameter.name):
            raise MalformedFile(line, f"{parameter.name} is no name for a parameter")
        if parameter.name in RESERVED:
            raise MalformedFile(line, f"{parameter.name} has a meaning of its own in addresses")
        if parameter.name in seen:
            raise MalformedFile(line, f"there are two parameters {parameter.name}")
        seen.add(parameter.name)


# The query


_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")


def _check_text(query: SavedQuery) -> None:
    first = query.source.first
    if _ESCAPE.search(query.text):
        raise MalformedFile(first, "write characters themselves, not as codepoint escapes")
    if not form(query.text):
        raise MalformedFile(first, "no SELECT, ASK, CONSTRUCT or DESCRIBE")
    if names_dataset(query.text):
        raise MalformedFile(first, "FROM is for requests to say, not for saved queries")
    if any("\n" in token.text and "#?" in token.text for token in tokens(query.text)):
        raise MalformedFile(first, "#? within a string of several lines")
    if query.form == "SELECT" and not query.variables:
        raise MalformedFile(first, "name the columns instead of SELECT *")
    _check_order(query)
    for given in _list_combinations(query):
        _check_syntax(query, given)


def _check_order(query: SavedQuery) -> None:
    """Refuse VALUES after the solution modifiers: LIMIT and OFFSET would have to precede it."""
    depth = 0
    for token in tokens(query.text[find_prologue_end(query.text) :]):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.kind == "word" and token.text.upper() == "VALUES":
            raise MalformedFile(query.source.first, "VALUES belongs within WHERE")


def _list_combinations(query: SavedQuery) -> Iterator[set[str]]:
    """Yield sets of parameters given: all, the required ones, and each other one with those."""
    required = {parameter.name for parameter in query.parameters if parameter.required}
    optional = {parameter.name for parameter in query.parameters} - required
    yield required | optional
    yield required
    for name in sorted(optional):
        yield required | {name}
        yield (required | optional) - {name}


def _check_syntax(query: SavedQuery, given: set[str]) -> None:
    text = query.source.with_parameters(given)
    # No prefix is predefined here: a file runs in any editor.
    if error := find_syntax_error(text, {}):
        found = diagnose(text, error, {})
        left_out = {parameter.name for parameter in query.parameters} - given
        when = f" without {', '.join(sorted(left_out))}" if left_out else ""
        said = f"not SPARQL{when}: {found.cause}" + (f" {found.hint}" if found.hint else "")
        raise MalformedFile(_line_in_file(query, given, found.line), said)


def _line_in_file(query: SavedQuery, given: set[str], number: int) -> int:
    """Return the line of the file that is a line of the query with these parameters."""
    kept = [
        at
        for at, line in enumerate(query.source.lines, query.source.first)
        if not line.owners or set(line.owners) & given
    ]
    return kept[number - 1] if 0 < number <= len(kept) else query.source.first


def _check_owners(query: SavedQuery) -> None:
    optional = {parameter.name for parameter in query.parameters if not parameter.required}
    for number, name in query.source.owners():
        if query.parameter(name) is None:
            raise MalformedFile(number, f"#? {name}: there is no such parameter")
        if name not in optional:
            raise MalformedFile(number, f"#? {name}: it can't be left out")


# The parameters


def _check_values(parameter: Parameter, section: Section) -> None:
    if len(parameter.default) > 1 and not parameter.multiple:
        raise MalformedFile(section.line_of("default"), "several defaults for a single value")
    if parameter.language and parameter.type != "string":
        raise MalformedFile(section.line_of("language"), "only a string has a language")
    for key, values in (
        ("default", parameter.default),
        ("example", (parameter.example,)),
        ("values", tuple(choice.value for choice in parameter.choices)),
    ):
        for value in values:
            try:
                make_term(parameter, value)
            except NotOfType as error:
                message = f"{parameter.name}: {key} {value}: {error}"
                raise MalformedFile(section.line_of(key), message) from error


def _check_blocks(query: SavedQuery, parameter: Parameter, section: Section) -> None:
    """See that the parameter's VALUES show its default, or else its example."""
    text = query.source.with_parameters({parameter.name for parameter in query.parameters})
    found = [block for block in find_blocks(text) if block.variable == parameter.name]
    if not found:
        message = f"{parameter.name}: the query has no VALUES ?{parameter.name} {{ … }}"
        raise MalformedFile(section.line, message)
    shown = [make_term(parameter, value) for value in parameter.default or (parameter.example,)]
    for block in found:
        if _list_terms(text, block) != shown:
            says = "default" if parameter.default else "example"
            message = f"{parameter.name}: VALUES shows something else than the {says}"
            raise MalformedFile(section.line, message)
    _check_marked(query, parameter, section)


def _check_marked(query: SavedQuery, parameter: Parameter, section: Section) -> None:
    """See that VALUES goes with the parameter, and stands in the file if there is a default."""
    others = {other.name for other in query.parameters} - {parameter.name}
    if not parameter.required and _shows(query.source.with_parameters(others), parameter):
        message = f"{parameter.name}: VALUES should be marked with #? {parameter.name}"
        raise MalformedFile(section.line, message)
    stands = _shows(query.text, parameter)
    if stands != bool(parameter.default or parameter.required):
        says = "is in force in" if stands else "is left out of"
        message = f"{parameter.name} {says} the file as it stands; its default says otherwise"
        raise MalformedFile(section.line, message)


def _shows(text: str, parameter: Parameter) -> bool:
    return any(block.variable == parameter.name for block in find_blocks(text))


def _list_terms(text: str, block: Block) -> list[str] | None:
    try:
        found = text[block.start : block.end]
        return read_block(block.variable, found, _read_declared(text))
    except ValueError:
        return None


def _read_declared(text: str) -> Mapping[str, str]:
    pattern = r"\bPREFIX\s+([\w.-]*):\s*<([^>]*)>"
    return dict(re.findall(pattern, text[: find_prologue_end(text)], re.IGNORECASE))


def _check_chart(query: SavedQuery, metadata: Section) -> None:
    if query.chart is None:
        return
    for column in (query.chart.x, query.chart.y, query.chart.series):
        if column is not None and column not in query.variables:
            raise MalformedFile(metadata.line_of("chart"), f"chart: no column {column}")
