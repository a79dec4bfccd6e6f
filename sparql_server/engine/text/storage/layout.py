"""The layout of the text index: the fields of its two kinds of documents, one for each entry.

A thing has ``iri``, ``class`` (those it is of, and above them), ``uses``, ``name`` and
``loose_name`` (names as wholes), ``begun`` (names as they may be typed so far), ``word`` and
``loose_word``, ``wide_word`` (with the names of those who have part in it, if there are any),
``id``, and ``thing``: what a hit says of it. A text has ``text`` (its words), ``property``,
``literal``: itself, and as ``iri`` its key.
https://tantivy-py.readthedocs.io/
"""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

VERSION = 3
"""Of the layout, which a file beside the index says."""

READABLE = (2, VERSION)
"""Versions that can be searched: 2 has no ``begun`` and ``wide_word``."""

_FACTS = "text.json"
LOCK = ".lock"
"""The ending of the names of files that tantivy locks an index with."""
_ATTEMPTS = 10  # to remove a folder that another thread may write to


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a thing. language: in lower case; empty if it has none."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit of a thing.

    names: the preferred ones first; preferred: how many those are. kind: the IRI of its class;
    empty if it has none. detail: what tells it from others of that name: years.
    """

    iri: str
    names: tuple[Name, ...]
    preferred: int
    kind: str
    detail: str

    def pack(self) -> bytes:
        """Return it as it is stored."""
        names = [[name.text, name.language] for name in self.names]
        said = [self.iri, names, self.preferred, self.kind, self.detail]
        return json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")

    @classmethod
    def unpack(cls, packed: bytes) -> Shown:
        """Return what was stored."""
        iri, names, *rest = json.loads(packed)
        return cls(iri, tuple(Name(*name) for name in names), *rest)


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal. language: in lower case; empty if it has none."""

    value: str
    language: str = ""

    def pack(self) -> bytes:
        """Return it as it is stored."""
        return f"{self.language}\n{self.value}".encode("utf-8", "surrogatepass")

    def key(self) -> str:
        """Return what stands for it as a term."""
        return key_of(self.pack())

    @classmethod
    def unpack(cls, packed: bytes) -> Literal:
        """Return what was stored."""
        language, _, value = packed.decode("utf-8", "surrogatepass").partition("\n")
        return cls(value, language)


def key_of(packed: bytes) -> str:
    """Return what stands for a literal as a term. packed: as it is stored."""
    digest = hashlib.blake2b(packed, digest_size=9).digest()
    return binascii.b2a_base64(digest, newline=False).decode()


def schema() -> tantivy.Schema:
    """Return the fields."""
    builder = tantivy.SchemaBuilder()
    for name in ("iri", "class", "name", "loose_name", "begun", "id", "property"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("word", "loose_word", "wide_word"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("uses", fast=True)
    for name in ("thing", "literal"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


def write_facts(folder: Path, facts: dict[str, object]) -> None:
    """Write beside an index what it is."""
    text = json.dumps({"version": VERSION, **facts}, indent=2) + "\n"
    (folder / _FACTS).write_text(text, encoding="utf-8")


def read_facts(folder: Path, versions: Sequence[int] = (VERSION,)) -> dict[str, object]:
    """Return what an index says of itself. Raises ValueError if it is none of these versions."""
    try:
        facts = dict(json.loads((folder / _FACTS).read_bytes()))
    except OSError as error:
        raise ValueError(f"{folder} has no text index: {error.strerror}") from error
    if facts.get("version") not in versions:
        raise ValueError(f"{folder} is of version {facts.get('version')}, not {VERSION}")
    return facts


def open_index(folder: Path) -> tantivy.Index:
    """Open an index for reading. Raises ValueError or OSError if it can't be.

    tantivy wants to lock what it opens, and a release can't be written to. So it is opened by
    another folder, which has links to its files and goes at once: they are mapped then. It also
    starts a thread that watches that folder.
    """
    read_facts(folder, READABLE)
    shadow = tempfile.mkdtemp(prefix="libris-text-")
    try:
        for name in os.listdir(folder):
            if not name.endswith(LOCK):
                os.symlink((folder / name).absolute(), Path(shadow, name))
        return tantivy.Index.open(shadow)
    finally:
        _remove(shadow)


def _remove(shadow: str) -> None:
    """Remove a folder, again if tantivy's thread has put a lock into it meanwhile."""
    for _ in range(_ATTEMPTS):
        shutil.rmtree(shadow, ignore_errors=True)
        if not os.path.lexists(shadow):
            return
