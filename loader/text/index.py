"""Writes the text index of a release."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

import tantivy

from loader.text.changed_entries import Changes
from loader.text.texts import Text, find_some_texts, find_texts
from loader.text.things import Thing, Things
from loader.text.triples import Triples
from sparql_server.engine.text.storage import layout, word_folding
from sparql_server.engine.text.storage.word_folding import beginnings, identifiers, whole, words

_CHECKED = 1000  # documents between two looks at whether the work is to end
_HEAP = 64 * 1024 * 1024  # bytes of what waits to be written
_WORDS = 1 << 17  # whose loose spellings are remembered

loosen = lru_cache(_WORDS)(word_folding.loosen)


def write_index(
    folder: Path, triples: Triples, things: Things, check: Callable[[], None] = lambda: None
) -> dict[str, object]:
    """Write an index into a folder that doesn't exist yet; return what it says of itself.

    check: is called now and then; raises if the work is to end.
    """
    folder.mkdir()
    index = tantivy.Index(layout.schema(), path=str(folder), reuse=False)
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    counts = {
        "things": _add(writer, map(_thing_document, things.all()), check),
        "texts": _add(writer, map(_text_document, find_texts(triples)), check),
    }
    return _finish(folder, writer, counts)


def update_index(
    folder: Path, base: Path, changes: Changes, triples: Triples, things: Things
) -> dict[str, object]:
    """Write an index that is another one but for what has changed; return what it says of itself.

    base: folder of the other one, whose files it shares by links. Raises ValueError and OSError.
    """
    counts = _numbers(layout.read_facts(base))
    _share_files(base, folder)
    index = tantivy.Index.open(str(folder))
    removed = {
        "things": _count(index, changes.things),
        "texts": _count(index, (text.key() for text in changes.texts)),
    }
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for key in (*changes.things, *(text.key() for text in changes.texts)):
        writer.delete_documents_by_term("iri", key)
    thing_numbers, text_numbers = changes.numbers(triples)
    added = {
        "things": _add(writer, map(_thing_document, things.some(thing_numbers).values())),
        "texts": _add(writer, map(_text_document, find_some_texts(triples, text_numbers))),
    }
    new = {name: counts[name] - removed[name] + added[name] for name in counts}
    return {**_finish(folder, writer, new), "changed": sum(added.values())}


def _count(index: tantivy.Index, keys: Iterable[str]) -> int:
    """Return how many documents there are with these keys."""
    searcher, schema = index.searcher(), index.schema
    queries = (tantivy.Query.term_query(schema, "iri", key, index_option="basic") for key in keys)
    return sum(len(searcher.search(query, 2, count=False).hits) for query in queries)


def _numbers(facts: dict[str, object]) -> dict[str, int]:
    return {name: int(str(facts[name])) for name in ("things", "texts")}


def _share_files(base: Path, folder: Path) -> None:
    """Link the files that tantivy never changes, and copy those that it replaces."""
    folder.mkdir()
    for path in base.iterdir():
        if path.suffix == ".json":
            (folder / path.name).write_bytes(path.read_bytes())
        elif not path.name.endswith(layout.LOCK):
            os.link(path, folder / path.name)


def _finish(folder: Path, writer: tantivy.IndexWriter, counts: dict[str, int]) -> dict[str, object]:
    writer.commit()
    writer.wait_merging_threads()
    layout.write_facts(folder, dict(counts))
    for path in folder.iterdir():
        if path.name.endswith(layout.LOCK):
            path.unlink()
        else:
            path.chmod(0o644)  # a server of another user reads it
    return dict(counts)


def _add(
    writer: tantivy.IndexWriter,
    documents: Iterable[tantivy.Document],
    check: Callable[[], None] = lambda: None,
) -> int:
    count = 0
    for count, document in enumerate(documents, 1):
        if count % _CHECKED == 0:
            check()
        writer.add_document(document)
    return count


def _thing_document(thing: Thing) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("iri", thing.shown.iri)
    for kind in thing.classes:
        document.add_text("class", kind)
    document.add_unsigned("uses", thing.uses)
    split = [words(name) for name in thing.names]
    loose_names = [[*map(loosen, parts)] for parts in split]
    _add_names(document, split, loose_names)
    also = [words(text) for text in thing.also]
    found = dict.fromkeys(chain(*split, *also))
    loose = dict.fromkeys(chain(*loose_names, *(map(loosen, parts) for parts in also)))
    document.add_text("word", " ".join(found))
    document.add_text("loose_word", " ".join(loose))
    credits = dict.fromkeys(loosen(word) for text in thing.credits for word in words(text))
    if credits:
        document.add_text("wide_word", " ".join(loose | credits))
    spelt = (spelling for identifier in thing.identifiers for spelling in identifiers(identifier))
    for identifier in dict.fromkeys(spelt):
        document.add_text("id", identifier)
    document.add_bytes("thing", thing.shown.pack())
    return document


def _add_names(
    document: tantivy.Document, names: Sequence[list[str]], loose: Sequence[list[str]]
) -> None:
    """Add names as wholes, and as they begin; each is split into its words, also loosened."""
    for name in dict.fromkeys(map(whole, names)):
        document.add_text("name", name)
    for name in dict.fromkeys(map(whole, loose)):
        document.add_text("loose_name", name)
    begun = [*chain.from_iterable(map(beginnings, names))]
    begun += chain.from_iterable(beginnings(parts, loose=True) for parts in loose)
    for name in dict.fromkeys(begun):
        document.add_text("begun", name)


def _text_document(text: Text) -> tantivy.Document:
    document = tantivy.Document()
    packed = text.literal.pack()
    document.add_text("iri", layout.key_of(packed))
    document.add_text("text", " ".join(words(text.literal.value)))
    for iri in text.properties:
        document.add_text("property", iri)
    document.add_bytes("literal", packed)
    return document
