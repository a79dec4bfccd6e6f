"""Asks columns and Oxigraph the same, on the same data."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.results.answering import Found, answer, prepare
from sparql_server.engine.columns.solutions.solutions import UNBOUND, concatenate
from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.share import USUAL, Share
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.oxigraph.conforming_answers import ask

Row = tuple[str, ...]
"""Terms as N-Triples has them, nothing for an unbound variable; in the order of the names."""


_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # many small files
_FOLDERS = TemporaryDirectory(prefix="columns-", dir=_MEMORY)
_NUMBERS = count()


def built(pieces: Iterable[bytes], share: Share = USUAL) -> Path:
    """Return a folder of columns of N-Quads. Raises Unrepresentable or ValueError."""
    folder = Path(_FOLDERS.name) / str(next(_NUMBERS))
    builder = Builder(folder / "scratch", share)
    for piece in pieces:
        builder.write(piece)
    builder.finish(folder / "columns")
    return folder / "columns"


@dataclass(frozen=True, slots=True)
class Asked:
    """Data as both have it. prefixes: known without declaration."""

    store: ox.Store
    columns: Columns
    prefixes: Mapping[str, str]

    def by_oxigraph(self, query: str, base: str | None = None) -> tuple[list[str], list[Row]]:
        """Return names and solutions, in its order, of Oxigraph as the server asks it."""
        union = {"use_default_graph_as_union": True}
        found = ask(self.store, query, dict(self.prefixes), base, union)
        assert isinstance(found, ox.QuerySolutions)
        names = [variable.value for variable in found.variables]
        return names, [tuple("" if term is None else str(term) for term in row) for row in found]

    def by_columns(self, query: str, names: list[str], base: str | None = None) -> list[Row]:
        """Return the solutions in the order of columns. Raises Unsuited."""
        found = answer(self.columns, prepare(query, self.prefixes, base), names)
        assert isinstance(found, Found)
        return rows(found)


def asked(nquads: str, prefixes: Mapping[str, str]) -> Asked:
    """Return data that both can be asked of: N-Quads."""
    store = ox.Store()
    store.load(nquads.encode(), ox.RdfFormat.N_QUADS)
    return of_store(store, prefixes)


def of_store(store: ox.Store, prefixes: Mapping[str, str]) -> Asked:
    """Return a store's data so that both can be asked of it."""
    dump = BytesIO()
    store.dump(dump, ox.RdfFormat.N_QUADS)
    return Asked(store, Columns.of(built([dump.getvalue()])), prefixes)


def rows(found: Found) -> list[Row]:
    """Return what columns have found as Oxigraph's terms are written."""
    solutions = concatenate(list(found.parts))
    columns = [solutions.column(name).tolist() for name in found.names]
    if not columns:
        return [()] * solutions.size
    written = {number: _written(number, found) for column in columns for number in column}
    return [tuple(written[term] for term in row) for row in zip(*columns, strict=True)]


def _written(number: int, found: Found) -> str:
    return "" if number == UNBOUND else str(term(found.terms.term(number)))


def term(one: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return a term as pyoxigraph has it."""
    if one.kind == Kind.IRI:
        return ox.NamedNode(one.value)
    if one.kind == Kind.BLANK:
        return ox.BlankNode(one.value)
    if one.kind == Kind.SIMPLE:
        return ox.Literal(one.value)
    if one.kind == Kind.LANGUAGE:
        return ox.Literal(one.value, language=one.tag)
    return ox.Literal(one.value, datatype=ox.NamedNode(one.tag))


def difference(expected: Iterable[Row], found: Iterable[Row]) -> str:
    """Return which solutions one has more of than the other: nothing if they are the same."""
    wanted, given = Counter(expected), Counter(found)
    lacking, surplus = wanted - given, given - wanted
    return f"lacking {dict(lacking)}, too many {dict(surplus)}" if lacking or surplus else ""
