"""Writes the text index of a release."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy

from loader.text.texts import Text, find_texts
from loader.text.things import Thing, Things
from loader.text.triples import Triples
from sparql_server.engine.text.storage import layout
from sparql_server.engine.text.storage.words import identifiers, loosen, whole, words

_HEAP = 64 * 1024 * 1024  # bytes of what waits to be written


def write_index(folder: Path, triples: Triples, things: Things) -> dict[str, object]:
    """Write an index into a folder that doesn't exist yet; return what it says of itself."""
    folder.mkdir()
    index = tantivy.Index(layout.schema(), path=str(folder), reuse=False)
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    counts: dict[str, object] = {
        "things": _add(writer, map(_thing_document, things.all())),
        "texts": _add(writer, map(_text_document, find_texts(triples))),
    }
    writer.commit()
    writer.wait_merging_threads()
    layout.write_facts(folder, counts)
    for path in folder.iterdir():
        if path.name.endswith(layout.LOCK):
            path.unlink()
        else:
            path.chmod(0o644)  # a server of another user reads it
    return counts


def _add(writer: tantivy.IndexWriter, documents: Iterable[tantivy.Document]) -> int:
    count = 0
    for document in documents:
        writer.add_document(document)
        count += 1
    return count


def _thing_document(thing: Thing) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("iri", thing.shown.iri)
    for kind in thing.classes:
        document.add_text("class", kind)
    document.add_unsigned("uses", thing.uses)
    split = [words(name) for name in thing.names]
    found = dict.fromkeys(word for parts in split for word in parts)
    found |= dict.fromkeys(word for text in thing.also for word in words(text))
    loose = {word: loosen(word) for word in found}
    for name in dict.fromkeys(map(whole, split)):
        document.add_text("name", name)
    for name in dict.fromkeys(whole([loose[word] for word in parts]) for parts in split):
        document.add_text("loose_name", name)
    document.add_text("word", " ".join(found))
    document.add_text("loose_word", " ".join(dict.fromkeys(loose.values())))
    spelt = (spelling for each in thing.identifiers for spelling in identifiers(each))
    for identifier in dict.fromkeys(spelt):
        document.add_text("id", identifier)
    document.add_bytes("thing", thing.shown.pack())
    return document


def _text_document(text: Text) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("text", " ".join(words(text.literal.value)))
    for iri in text.properties:
        document.add_text("property", iri)
    document.add_bytes("literal", text.literal.pack())
    return document
