"""Saved queries as values, which the modules of the catalogue hand each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sparql_server.catalogue.source import Source

LANGUAGES = ("sv", "en")

Type = Literal["string", "integer", "decimal", "year", "date", "moment", "boolean", "iri"]
TYPES: tuple[Type, ...] = (
    "string",
    "integer",
    "decimal",
    "year",
    "date",
    "moment",
    "boolean",
    "iri",
)

Texts = Mapping[str, str]
"""A text in each of ``LANGUAGES``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a parameter allows, as a request sends it."""

    value: str
    labels: Texts


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: a value in a saved query that a request chooses.

    name: the variable's, without question mark. default: values taken when the parameter is
    absent; empty: there is none. example: a value that would do. required: whether it can be left
    out, its restriction with it. multiple: whether it may have several values; any of them does.
    choices: the only values allowed; empty: any of the type.
    values: name of the file in ``queries/values`` that lists values to pick from, or None.
    class_, scheme: IRI of the class or concept scheme that an IRI comes out of, or None.
    minimum, maximum: as a request would send them, or None. language: a string's, or None.
    """

    name: str
    type: Type
    labels: Texts
    example: str
    default: tuple[str, ...] = ()
    required: bool = True
    multiple: bool = False
    choices: tuple[Choice, ...] = ()
    values: str | None = None
    class_: str | None = None
    scheme: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    language: str | None = None

    @property
    def can_be_left_out(self) -> bool:
        """Whether a request may do without: it is optional, or there is a default."""
        return not self.required or bool(self.default)


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns that a chart shows. series: the column that tells its lines apart, or None."""

    x: str
    y: str
    series: str | None = None


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A saved query.

    name: the file's, without ``.rq``. notes: what the answer counts and doesn't; may be empty.
    source: the query itself. form: ``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``.
    variables: the columns of a SELECT, in their order.
    """

    name: str
    title: Texts
    description: Texts
    notes: Texts
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    chart: Chart | None
    source: Source
    form: str
    variables: tuple[str, ...]

    @property
    def text(self) -> str:
        """The query as the file has it, without the metadata."""
        return self.source.text

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """The reason that a file isn't served. line: from 1."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All saved queries by name, in the order of their names; and what was left out, and why.

    values: name to text of the queries that list values, from ``queries/values``.
    """

    queries: Mapping[str, SavedQuery]
    values: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
