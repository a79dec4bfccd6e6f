"""Asks Oxigraph so that its answer is what SPARQL 1.1 says."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import TypedDict

import pyoxigraph as ox

from sparql_server.engine.oxigraph.peculiarities import Words, mend, reword
from sparql_server.engine.oxigraph.replacement import IRI as REPLACE
from sparql_server.engine.oxigraph.replacement import replace
from sparql_server.memo import remembered

logger = logging.getLogger(__name__)


class Dataset(TypedDict, total=False):
    """A dataset, as pyoxigraph's arguments."""

    use_default_graph_as_union: bool
    default_graph: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]
    named_graphs: list[ox.NamedNode | ox.BlankNode]


class How(Dataset):
    """pyoxigraph's arguments for reading a query, and for the dataset it is evaluated on."""

    prefixes: dict[str, str]
    base_iri: str | None


Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Function = Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]

_EMPTY = ox.Store()  # to have a query read and not evaluated
_UNKNOWN = re.compile(r"The custom function <(.*)> is not supported", re.DOTALL)
# A star that selects: Oxigraph has its variables in an order of its own.
_EVERY = re.compile(r"select(?:\s|#[^\r\n]*|distinct|reduced)*+\*", re.IGNORECASE)
_TIMES = 64
_READ = 512  # queries that are known to be well-formed


def ask(
    store: ox.Store,
    query: str,
    prefixes: dict[str, str],
    base: str | None,
    dataset: Dataset,
) -> Results:
    """Return a query's results on a dataset.

    Raises what pyoxigraph does for the query as it is written: SyntaxError, ValueError,
    RuntimeError or OSError. What it refuses though it is right is asked in other words.
    """
    how: How = {"prefixes": prefixes, "base_iri": base, **dataset}
    try:
        words = reword(query)
        if words is None:
            return _evaluate(store, query, how)
        _check(query, base, tuple(prefixes.items()))
    except SyntaxError as error:
        words = mend(query)
        if words is None:
            raise
        try:
            return _evaluate_words(store, words, how)
        except SyntaxError:
            raise error from None
    try:
        return _evaluate_words(store, words, how)
    except SyntaxError as error:
        logger.warning("other words for a query are malformed, it is asked as written: %s", error)
        return _evaluate(store, query, how)


def read(query: str, prefixes: dict[str, str], base: str | None) -> Results:
    """Have a query read, and evaluated on no data at all: as it is written, if Oxigraph takes it.

    Its results have the variables that it selects. Raises what ``ask`` does.
    """
    if not _EVERY.search(query):
        with suppress(SyntaxError):
            return _evaluate(_EMPTY, query, {"prefixes": prefixes, "base_iri": base})
    return ask(_EMPTY, query, prefixes, base, {})


def _check(query: str, base: str | None, prefixes: tuple[tuple[str, str], ...]) -> None:
    """Raise what pyoxigraph does for a malformed query.

    One that could call another endpoint is not evaluated for this, not even on no data.
    """
    if "service" not in query.lower():
        _read_once(query, base, prefixes)


@remembered(_READ, 4000)
def _read_once(query: str, base: str | None, prefixes: tuple[tuple[str, str], ...]) -> None:
    _evaluate(_EMPTY, query, {"prefixes": dict(prefixes), "base_iri": base})


def _evaluate_words(store: ox.Store, words: Words, how: How) -> Results:
    results = _evaluate(store, words.text, how)
    if not words.counting:
        return results
    assert isinstance(results, ox.QuerySolutions)
    ((count,),) = results
    return _make_solutions(int(count.value))


def _make_solutions(count: int) -> Results:
    """Return so many solutions that have no variables."""
    groups: list[str] = []
    while count:
        count, digit = divmod(count, _TIMES)
        groups.append(f"{{ {_write_values(digit)} {_write_values(_TIMES) * len(groups)} }}")
    return _EMPTY.query(f"SELECT * {{ {' UNION '.join(groups) or _write_values(0)} }}")


def _write_values(count: int) -> str:
    return f"VALUES () {{ {'()' * count} }}"


def _evaluate(store: ox.Store, query: str, how: How) -> Results:
    """Evaluate a query, in which a call of a function that there isn't is an error (17.6)."""
    functions: dict[ox.NamedNode, Function] = {}
    if REPLACE in query:
        functions[ox.NamedNode(REPLACE)] = replace
    while True:
        try:
            return store.query(query, custom_functions=functions or None, **how)
        except RuntimeError as error:
            unknown = _UNKNOWN.fullmatch(str(error))
            if unknown is None or ox.NamedNode(unknown[1]) in functions:
                raise
            functions[ox.NamedNode(unknown[1])] = _fail_call


def _fail_call(*arguments: object) -> None:
    """Return what makes a call an error."""
