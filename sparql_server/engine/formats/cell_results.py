"""Results of cells that are written already: what stands around cells in each format.

Columns have cells; what pyoxigraph writes of its own solutions is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from json.encoder import encode_basestring

FORMATS = frozenset(["json", "xml", "csv", "tsv"])
"""Names of the formats that results can be written in."""

Columns = Sequence[Sequence[str]]
"""For each variable, what each row has of it; nothing for what is unbound."""

EMPTY = '""'
"""An empty field of CSV that is all of its row: readers skip empty lines."""


def write_body(format_name: str, names: Sequence[str], columns: Columns, rows: int) -> bytes:
    """Return a whole result. names: of the variables. columns: for each, its ``cells``."""
    return b"".join(write_pieces(format_name, names, [(columns, rows)]))


def write_pieces(
    format_name: str, names: Sequence[str], parts: Iterable[tuple[Columns, int]]
) -> Iterator[bytes]:
    """Yield a result part by part. parts: for each, its columns, as of ``write_body``, and rows."""
    form = _find_form(format_name, tuple(names))
    before = form.head
    for columns, rows in parts:
        yield f"{before}{form.between.join(_write_lines(form, columns, rows))}".encode()
        before = form.between
    yield f"{'' if before is form.between else before}{form.foot}".encode()


def _write_lines(form: _Form, columns: Columns, rows: int) -> Iterable[str]:
    if not columns:
        return [form.row] * rows
    if form.named and any("" in column for column in columns):
        return _write_lines_with_gaps(form, columns)
    if form.gap:
        columns = [[cell or form.gap for cell in column] for column in columns]
    # Joining takes less than half the time that filling in takes.
    first, *texts = map(repeat, form.row.split("%s"))
    pairs = zip(columns, texts, strict=True)
    return map("".join, zip(first, *chain.from_iterable(pairs), strict=False))


def _write_lines_with_gaps(form: _Form, columns: Columns) -> Iterator[str]:
    """Yield rows of a format that leaves out what is unbound."""
    for row in zip(*columns, strict=True):
        bound = (cell % text for cell, text in zip(form.named, row, strict=True) if text)
        yield form.around % form.beside.join(bound)


@dataclass(frozen=True, slots=True)
class _Form:
    """The texts around cells.

    row: with a place for each. named: for each variable, what a cell stands in, where one that is
    unbound isn't written at all; beside: what stands between two of them; around: the rest of
    the row. gap: what is written of an empty cell, where nothing would be taken for no row.
    """

    head: str
    row: str
    between: str
    foot: str
    named: tuple[str, ...] = ()
    beside: str = ""
    around: str = ""
    gap: str = ""


@lru_cache(maxsize=256)
def _find_form(format_name: str, names: tuple[str, ...]) -> _Form:
    return _FORMS[format_name](names)


def _make_json_form(names: tuple[str, ...]) -> _Form:
    head = f'{{"head":{{"vars":[{",".join(map(encode_basestring, names))}]}},'
    named = tuple(f"{encode_basestring(name)}:%s" for name in names)
    row = f"{{{','.join(named)}}}"
    return _Form(f'{head}"results":{{"bindings":[', row, ",", "]}}", named, ",", "{%s}")


def _make_xml_form(names: tuple[str, ...]) -> _Form:
    variables = "".join(f'<variable name="{name}"/>' for name in names)
    head = f'<?xml version="1.0"?><sparql xmlns="{_RESULTS}"><head>{variables}</head><results>'
    named = tuple(f'<binding name="{name}">%s</binding>' for name in names)
    row = f"<result>{''.join(named)}</result>"
    return _Form(head, row, "", "</results></sparql>", named, "", "<result>%s</result>")


def _make_csv_form(names: tuple[str, ...]) -> _Form:
    row = f"{','.join(['%s'] * len(names))}\r\n"
    gap = EMPTY if len(names) == 1 else ""
    return _Form(f"{','.join(names)}\r\n", row, "", "", gap=gap)


def _make_tsv_form(names: tuple[str, ...]) -> _Form:
    head = "\t".join(f"?{name}" for name in names)
    return _Form(f"{head}\n", "\t".join(["%s"] * len(names)) + "\n", "", "")


_RESULTS = "http://www.w3.org/2005/sparql-results#"
_FORMS: dict[str, Callable[[tuple[str, ...]], _Form]] = {
    "json": _make_json_form,
    "xml": _make_xml_form,
    "csv": _make_csv_form,
    "tsv": _make_tsv_form,
}
