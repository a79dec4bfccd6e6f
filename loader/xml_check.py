"""Whether XML is well-formed to its end, and harmless: asked of expat before RDF is read from it.

The parser of RDF/XML takes a file that ends in the middle for a whole one, and copies entities as
often as they are mentioned. https://www.w3.org/TR/xml/#sec-well-formed
"""

from __future__ import annotations

import re
from typing import IO
from xml.parsers import expat

from loader.errors import InputError

_PIECE = 1 << 18
_LONGEST_ENTITY = 1000  # characters: those of RDF stand for the beginning of an IRI
_REFERENCE = re.compile(r"&([^#&;\s][^&;\s]*);")


def check(stream: IO[bytes], name: str) -> None:
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
        length = len(text) + sum(self._lengths.get(one, 0) for one in _REFERENCE.findall(text))
        if length > _LONGEST_ENTITY:
            self._refuse(f"the entity {entity} stands for more than {_LONGEST_ENTITY} characters")
        self._lengths[entity] = length

    def _refuse(self, reason: str) -> None:
        raise InputError(f"{self._name}:{self._parser.CurrentLineNumber}", reason)
