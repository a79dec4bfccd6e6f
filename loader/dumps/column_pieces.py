"""The statements of a release's columns, graph after graph, in one pass.

Each term is spelled once for some hundred thousand statements, not once for each of them.
https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from loader.dumps.dump_pieces import Piece
from loader.dumps.record_kinds import find_kinds
from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.numbered_terms import Terms
from sparql_server.engine.columns.storage.triples import Columns

_TOGETHER = 1 << 17  # statements, but all of a graph
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f\ufffe\uffff]')
_SHORT = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def read_columns(columns: Columns) -> Iterator[Piece]:
    """Yield what columns hold, in the order of the graphs' names."""
    kinds, names = find_kinds(columns), columns.graph_names.tolist()
    starts, first = columns.graph_starts, 0
    properties = _spell(columns.terms, np.array(columns.properties(), np.int64))
    while first < len(names):
        last = max(first + 1, int(starts.searchsorted(starts[first] + _TOGETHER, "right")) - 1)
        lines = _write_lines(columns, properties, slice(int(starts[first]), int(starts[last])))
        graphs = columns.terms.values(np.maximum(columns.graph_names[first:last], 0))
        for place in range(first, last):
            begin, end = (starts[place : place + 2] - starts[first]).tolist()
            own = _end_lines(lines[begin:end], graphs[place - first] if names[place] >= 0 else None)
            yield Piece(kinds[place], own, end - begin, int(names[place] >= 0))
        first = last


def _write_lines(columns: Columns, properties: list[str], place: slice) -> list[str]:
    """Return statements without their graphs. place: among ``graph_rows``."""
    rows = columns.graph_rows[place]
    numbers = np.concatenate([columns.subjects[rows], columns.objects[rows]])
    different, places = np.unique(numbers, return_inverse=True)
    spelled = _spell(columns.terms, different)
    predicates = columns.starts.searchsorted(rows, "right") - 1
    subjects, objects = np.split(places, 2)
    return [
        f"{spelled[subject]} {properties[predicate]} {spelled[value]}"
        for subject, predicate, value in zip(
            subjects.tolist(), predicates.tolist(), objects.tolist(), strict=True
        )
    ]


def _end_lines(lines: list[str], graph: str | None) -> bytes:
    end = " .\n" if graph is None else f" <{graph}> .\n"
    return (end.join(lines) + end).encode()


def _spell(terms: Terms, numbers: NDArray[np.int64]) -> list[str]:
    """Return terms as N-Quads have them. numbers: sorted by kind, as terms are numbered."""
    cuts = numbers.searchsorted(terms.bounds)
    blank, iris, simple, tagged, typed = (
        terms.values(numbers[begin:end]) for begin, end in zip(cuts, cuts[1:], strict=False)
    )
    tags = [terms.tag(number) for number in numbers[cuts[Kind.LANGUAGE] :].tolist()]
    return [
        *(f"_:{label}" for label in blank),
        *(f"<{iri}>" for iri in iris),
        *(f'"{escape(text)}"' for text in simple),
        *(f'"{escape(text)}"@{tag}' for text, tag in zip(tagged, tags, strict=False)),
        *(
            f'"{escape(text)}"^^<{tag}>'
            for text, tag in zip(typed, tags[len(tagged) :], strict=True)
        ),
    ]


def escape(text: str) -> str:
    """Return a literal's text as Oxigraph writes it.

    >>> escape('a "b"\\n')
    'a \\\\"b\\\\"\\\\n'
    """
    return _SPECIAL.sub(_replace, text) if _SPECIAL.search(text) else text


def _replace(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"
