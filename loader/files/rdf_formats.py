"""Formats of RDF by file name extension, and a file in one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from pyoxigraph import RdfFormat

from loader.files.encodings import decode_to_utf8

FORMATS = {
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
    ".ttl": RdfFormat.TURTLE,
    ".xml": RdfFormat.RDF_XML,
}
"""By file name extension, lower case."""


@dataclass(frozen=True, slots=True)
class RdfFile:
    """A file of RDF that can be opened more than once.

    name: what it is called in messages. extension: ``.nq`` and so on, without ``.gz``.
    open: returns a new stream of its decompressed bytes. base: what relative IRIs in it are
    resolved against, by default ``file:NAME``.
    """

    name: str
    extension: str
    open: Callable[[], IO[bytes]]
    base: str = ""

    @property
    def base_iri(self) -> str:
        """The base IRI, against which relative IRIs in it are resolved."""
        return self.base or f"file:{quote(self.name)}"

    def text(self) -> IO[bytes]:
        """Return a new stream of its text in UTF-8."""
        is_xml = FORMATS.get(self.extension) == RdfFormat.RDF_XML
        stream = self.open()
        try:
            return decode_to_utf8(stream, self.name, xml=is_xml)
        except BaseException:
            stream.close()
            raise
