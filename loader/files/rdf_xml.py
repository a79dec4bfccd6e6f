"""RDF/XML: a check that a file is complete and harmless, and a lenient reader for invalid terms.

The parser of RDF/XML takes a file that ends in the middle for a whole one, and copies entities as
often as they are mentioned; so expat is asked before. https://www.w3.org/TR/xml/#sec-well-formed,
https://www.w3.org/TR/rdf-syntax-grammar/
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from pyoxigraph import Quad, RdfFormat, parse

from loader.errors import InputError
from loader.files.faults import PARSER_ERRORS, Report, explain, make_valid

_PIECE = 1 << 18
_LONGEST_ENTITY = 1000  # characters: those of RDF stand for the beginning of an IRI
_REFERENCE = re.compile(r"&([^#&;\s][^&;\s]*);")


def check_xml(stream: IO[bytes], name: str) -> None:
    """Raise InputError, with the line, if XML in UTF-8 isn't well-formed or asks for more of it.

    Entities that stand elsewhere are refused, as nothing is fetched; so are those that grow.
    """
    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = _Entities(parser, name).declare
    try:
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = f"not well-formed RDF/XML: {expat.ErrorString(error.code)}"
        raise InputError(f"{name}:{error.lineno}", reason) from error


def read_leniently(stream: IO[bytes], name: str, base: str, report: Report) -> Iterator[Quad]:
    """Yield the quads of RDF/XML in UTF-8, its terms made valid.

    report: gets what had to be done, with the line. Raises InputError if it isn't RDF/XML.
    """
    lines = _LineByLine(stream, name)
    quads = parse(lines, RdfFormat.RDF_XML, base_iri=base, lenient=True)
    try:
        yield from make_valid(quads, lines.place, report)
    except PARSER_ERRORS as error:
        reason = f"not well-formed RDF/XML: {explain(error)}"
        raise InputError(lines.place(), reason) from error


class _Entities:
    """The entities that a document declares, and how long each is when it is written out."""

    def __init__(self, parser: expat.XMLParserType, name: str) -> None:
        self._parser = parser
        self._name = name
        self._lengths: dict[str, int] = {}

    def declare(
        self,
        entity: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        *_: str | None,
    ) -> None:
        """Take in a declaration, as expat reports it; raise InputError if it isn't harmless."""
        if is_parameter or value is None:
            self._refuse(f"the entity {entity} stands in another file, and nothing is fetched")
        text = value or ""
        length = len(text) + sum(
            self._lengths.get(reference, 0) for reference in _REFERENCE.findall(text)
        )
        if length > _LONGEST_ENTITY:
            self._refuse(f"the entity {entity} stands for more than {_LONGEST_ENTITY} characters")
        self._lengths[entity] = length

    def _refuse(self, reason: str) -> None:
        raise InputError(f"{self._name}:{self._parser.CurrentLineNumber}", reason)


class _LineByLine(io.BytesIO):
    """Gives a parser one line at a time, so that one knows at which it is. name: the file's."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        super().__init__()
        self._stream = stream
        self._name = name
        self._line = 0

    def read(self, size: int | None = -1) -> bytes:
        line = self._stream.readline(-1 if size is None else size)
        self._line += line.endswith(b"\n")
        return line

    def place(self) -> str:
        """Return where in the file the parser is, lines counted from 1."""
        return f"{self._name}:{max(self._line, 1)}"
