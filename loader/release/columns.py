"""Columns of a release: of those made last and what has changed since, or of the whole store.

The archive knows by its checksum which columns the graphs noted as changed refer to; these are in
a release, or beside the store where it was filled in bulk. Whatever doesn't fit is no base: then
columns are made anew. What they are is for ``sparql_server.engine.columns.storage``.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from loader import disk
from loader.archive.archive import Archive
from loader.progress import show_progress
from loader.store.columns_state import identify, noted_columns
from loader.store.ledger import Ledger
from loader.store.store import GraphStore
from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.layout import (
    ColumnsError,
    Unrepresentable,
    open_files,
)
from sparql_server.engine.columns.storage.merging.updating import update
from sparql_server.engine.columns.storage.nquads import DEFAULT
from sparql_server.engine.columns.storage.triples import Columns

logger = logging.getLogger(__name__)


def make_columns(
    archive: Archive, store: GraphStore, target: Path, bases: Iterable[Path]
) -> str | None:
    """Make the columns of a store in a folder; return their checksum, None if it can't have any.

    bases: folders in which there may be columns to begin with.
    Raises StoreError if the store can't be read, OSError if the disk refuses.
    """
    scratch = target.with_name("columns.part")
    try:
        base = _find_base(archive, bases)
        if base is None or not _derive(base, Ledger(archive.connection), store, target, scratch):
            _build(store, target, scratch)
    except Unrepresentable as error:
        logger.warning("The release has no columns: %s.", error)
        for folder in (target, scratch):
            shutil.rmtree(folder, ignore_errors=True)
        return None
    disk.sync_folder(target)
    return identify(target)


def count_graphs(folder: Path, store: GraphStore) -> int:
    """Return how many named graphs a store has. folder: that of its columns, if it has any."""
    try:
        files, facts = open_files(folder)
    except ColumnsError:
        return sum(1 for _ in store.graph_names())
    first = files["graph_names"].read(0, min(1, len(files["graph_names"])))
    return int(facts["graphs"]) - int((first == DEFAULT).sum())


def _find_base(archive: Archive, bases: Iterable[Path]) -> Path | None:
    known = noted_columns(archive)
    for folder in bases:
        if known is not None and identify(folder) == known:
            try:
                open_files(folder)
            except ColumnsError as error:
                logger.warning("Columns are made anew: %s.", error)
            else:
                return folder
    return None


def _derive(base: Path, ledger: Ledger, store: GraphStore, target: Path, scratch: Path) -> bool:
    """Make columns of others, which are the same but for what has changed; tell whether they fit.

    Those that don't are removed.
    """
    changed = ledger.changed()
    if changed:
        with show_progress("columns", Columns.of(base).size) as advance:
            update(base, changed, _contents(store, changed), target, scratch, progress=advance)
    else:
        target.mkdir()
        for path in base.iterdir():
            os.link(path, target / path.name)
    if _fits(target, ledger):
        return True
    logger.warning("Columns are made anew: those of before don't have what the store had.")
    shutil.rmtree(target)
    return False


def _contents(store: GraphStore, graphs: Iterable[str]) -> Iterator[bytes]:
    return (store.nquads(graph) for graph in graphs)


def _build(store: GraphStore, target: Path, scratch: Path) -> None:
    """Make columns of the whole store."""
    logger.info("Columns are made of the whole store.")
    builder = Builder(scratch)
    store.dump(builder.write)
    with show_progress("columns", None) as advance:
        builder.finish(target, advance)


def _fits(folder: Path, ledger: Ledger) -> bool:
    """Tell whether columns have as many quads of each property as the store should have."""
    columns = Columns.of(folder)
    sizes = [int(end - begin) for begin, end in pairwise(columns.starts)]
    names = map(columns.terms.value, columns.properties())
    counted = {iri: uses for (kind, iri), uses in ledger.tally().items() if kind == "property"}
    return Counter(dict(zip(names, sizes, strict=True))) == Counter(counted)
