"""Tables of pyoxigraph's results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import pyarrow as pa
import pyoxigraph as ox

from sparql_server.engine.formats.arrow.batches import (
    BLANK,
    IRI,
    ROWS,
    TRIPLE,
    Batch,
    Column,
    Sort,
    Table,
    Terms,
    make_language_sort,
)

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None


def make_table(results: ox.QuerySolutions | ox.QueryBoolean) -> Table:
    """Return results as a table."""
    if isinstance(results, ox.QueryBoolean):
        return Table((), (), bool(results))
    names = [variable.value for variable in results.variables]
    return Table(names, _make_batches(results, names))


def _make_batches(results: ox.QuerySolutions, names: Sequence[str]) -> Iterator[Batch]:
    while solutions := list(islice(results, ROWS)):
        columns = [
            make_column([solution[place] for solution in solutions]) for place in range(len(names))
        ]
        weight = sum(
            column.places.nbytes + column.terms.nbytes + column.terms.values.nbytes
            for column in columns
        )
        yield Batch(len(solutions), weight, columns)


def make_column(terms: Sequence[Term]) -> Column:
    """Return some rows' terms as a column; None: it is unbound."""
    numbers: dict[Term, int] = {None: -1}
    places = [numbers.setdefault(term, len(numbers) - 1) for term in terms]
    del numbers[None]
    every = list(map(_take_apart, numbers))
    sorts = {sort: place for place, sort in enumerate(dict.fromkeys(sort for _, sort in every))}
    values = pa.array([value for value, _ in every], pa.string())
    different = Terms(
        list(sorts),
        pa.array(map(hash, numbers), pa.int64()),
        lambda places: values if places is None else values.take(places),
        pa.array([sorts[sort] for _, sort in every], pa.int32()),
    )
    return Column(
        pa.array([place if place >= 0 else None for place in places], pa.int32()), different
    )


def _take_apart(term: Term) -> tuple[str, Sort]:
    if isinstance(term, ox.NamedNode):
        return term.value, IRI
    if isinstance(term, ox.BlankNode):
        return term.value, BLANK
    if not isinstance(term, ox.Literal):
        return f"<<( {term} )>>", TRIPLE
    if term.language:
        direction = getattr(term, "direction", None)
        return term.value, make_language_sort(
            f"{term.language}--{direction}" if direction else term.language
        )
    return term.value, Sort("literal", term.datatype.value)
