"""Mistakes of what stands in brackets: lists, arguments, aggregates, conditions that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.sparql.correction import AGGREGATES
from sparql_server.sparql.diagnosis.expression_mistakes import FUNCTIONS
from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name

_VALUES = ("variable", "string", "number", "name", "iri")
_NAMES = ("variable", "name", "iri")


def _lists(reading: Reading) -> Iterator[Mistake]:
    """Find IN without round brackets after it."""
    for index in reading.at("expression"):
        if reading.word(index) != "IN" or reading.word(index + 1) == "(":
            continue
        last = index + 1
        closed = reading.closing.get(last)
        if closed is not None:
            edits = [reading.replace(last, "("), reading.replace(closed, ")")]
        else:
            while reading.word(last + 1) == "," and reading.kind(last + 2) in _VALUES:
                last += 2
            plain = reading.kind(index + 1) in _VALUES
            edits = reading.wrapped(index + 1, last, "(", ")") if plain else []
        yield Mistake("in-list", reading.tokens[index], {}, edits)


def _aggregates(reading: Reading) -> Iterator[Mistake]:
    """Find aggregates of several things."""
    for index in range(len(reading.tokens)):
        word = reading.word(index)
        if word not in AGGREGATES or reading.word(index + 1) != "(":
            continue
        end = reading.closing.get(index + 1)
        if end is None:
            continue
        if word == "GROUP_CONCAT":
            yield from _group_concat(reading, index, end)
        elif commas := reading.commas[index + 1]:
            values = {"word": word}
            edits = _count_several(reading, index, end) if word == "COUNT" else []
            yield Mistake("aggregate-comma", reading.tokens[commas[0]], values, edits)


def _count_several(reading: Reading, index: int, end: int) -> list[Edit]:
    first = index + 2 + (reading.word(index + 2) == "DISTINCT")
    inner = range(first, end)
    names = [reading.tokens[place].text for place in inner if reading.kind(place) == "variable"]
    if 2 * len(names) - 1 != len(inner):
        return []
    joined = ', "|", '.join(f"STR({name})" for name in names)
    return [Edit(reading.tokens[first].start, reading.end(end - 1), f"CONCAT({joined})")]


def _group_concat(reading: Reading, index: int, end: int) -> Iterator[Mistake]:
    """Find a separator that isn't written ``; SEPARATOR = "…"``."""
    text = end - 1
    if reading.kind(text) != "string" or text <= index + 2:
        return
    before = reading.word(text - 1)
    mark = text - 1
    if before == "=":
        mark = text - 3
        if reading.word(text - 2) != "SEPARATOR" or reading.word(mark) == ";":
            return
        mark += reading.word(mark) not in (",", ";")
    elif before == "SEPARATOR":
        mark = text - 2 if reading.word(text - 2) in (",", ";") else text - 1
    elif before not in (",", ";"):
        return
    new = f"; SEPARATOR = {reading.tokens[text].text}"
    edits = [Edit(reading.end(mark - 1), reading.end(text), new)]
    yield Mistake("separator", reading.tokens[mark], {}, edits)


def _conditions(reading: Reading) -> Iterator[Mistake]:
    for index, _ in enumerate(reading.tokens):
        word, following = reading.word(index), reading.word(index + 1)
        end = reading.closing.get(index + 1)
        if word == "FILTER" and following == "(" and end is not None:
            yield from _filter(reading, index, end)
        elif word == "BIND" and following == "(" and end is not None:
            inner = map(reading.word, range(index + 2, end))
            if "AS" not in inner:
                yield Mistake("bind-as", reading.tokens[index])
        elif word == "EXIST" and reading.place(index) in ("argument", "keyword", "expression"):
            yield Mistake("exist", reading.tokens[index], {}, [reading.after(index, "S")])


def _filter(reading: Reading, index: int, end: int) -> Iterator[Mistake]:
    exists = index + 2 + (reading.word(index + 2) == "NOT")
    if reading.word(exists) == "EXISTS":
        if reading.word(exists + 1) != "{" and end > exists + 1:
            edits = reading.wrapped(exists + 1, end - 1, "{ ", " }")
            yield Mistake("braces", reading.tokens[exists], {"word": "EXISTS"}, edits)
        return
    verb = reading.word(index + 3) == "A" or reading.kind(index + 3) in _NAMES
    verb = verb and reading.tokens[index + 3].text != "<>"
    terms = reading.kind(index + 2) in _NAMES and reading.kind(index + 4) in _VALUES
    if verb and terms and end == index + 5:
        edits = [reading.replace(index + 1, " EXISTS { "), reading.replace(end, " }")]
        yield Mistake("filter-triple", reading.tokens[index], {}, edits)


def _arguments(reading: Reading) -> Iterator[Mistake]:
    """Find two arguments with nothing between them."""
    for opening, closed in reading.closing.items():
        if reading.word(opening) != "(" or reading.word(opening - 1) not in FUNCTIONS:
            continue
        for index in range(opening + 1, closed - 1):
            ends = reading.kind(index) in ("variable", "string") and not reading.joined(index + 1)
            if ends and reading.kind(index + 1) in ("variable", "string"):
                values = {"word": shorten_name(reading.tokens[opening - 1].text)}
                edits = [reading.after(index, ",")]
                yield Mistake("argument-comma", reading.tokens[index + 1], values, edits)
                return


def _comparisons(reading: Reading) -> Iterator[Mistake]:
    """Find ``1 < ?x < 2``, and a datatype without a prefix."""
    for index in reading.at("expression"):
        if reading.word(index) in ("<", ">") and reading.kind(index - 1) in _VALUES:
            middle = index + 1 + (reading.word(index + 1) == "=")
            if reading.kind(middle) == "variable" and reading.word(middle + 1) in ("<", ">"):
                name = reading.tokens[middle].text
                edits = [reading.after(middle, f" && {name}")]
                yield Mistake("chained-less", reading.tokens[middle + 1], {}, edits)


def _datatypes(reading: Reading) -> Iterator[Mistake]:
    for index, token in enumerate(reading.tokens):
        marked = reading.word(index - 1) == "^" and reading.word(index - 2) == "^"
        if token.kind == "word" and marked and reading.kind(index - 3) == "string":
            values = {"word": shorten_name(token.text)}
            yield Mistake("datatype-word", token, values, [reading.before(index, "xsd:")])


def _paths(reading: Reading) -> Iterator[Mistake]:
    """Find a variable in a path, and what is written as a path where an object stands."""
    for index, token in enumerate(reading.tokens):
        place = reading.place(index)
        marked = reading.word(index + 1) in ("*", "+", "/", "|")
        if place == "predicate" and token.kind == "variable" and marked:
            yield Mistake("path-variable", token, {"name": shorten_name(token.text)})
        elif reading.word(index) == "(" and reading.place(index - 1) == "predicate":
            yield from _alternatives(reading, index)


def _alternatives(reading: Reading, index: int) -> Iterator[Mistake]:
    """Find ``(:a | :b)`` as an object, which VALUES says."""
    end = reading.closing.get(index)
    if end is None or (end - index) % 2 or end < index + 4:
        return
    terms = [reading.tokens[at].text for at in range(index + 1, end, 2)]
    marks = {reading.word(at) for at in range(index + 2, end, 2)}
    if marks not in ({"|"}, {","}):
        return
    name = next(
        name for name in ("value", "value2", "value3", "v") if name not in reading.variables
    )
    edits = [
        Edit(reading.tokens[index].start, reading.end(end), f"?{name}"),
        Edit(len(reading.text), len(reading.text), f"\nVALUES ?{name} {{ {' '.join(terms)} }}"),
    ]
    yield Mistake("object-alternatives", reading.tokens[index], {}, edits)


def _datasets(reading: Reading) -> Iterator[Mistake]:
    for index in range(len(reading.tokens)):
        if reading.word(index) == "FROM" and reading.kind(index + 1) == "variable":
            yield Mistake("from-name", reading.tokens[index])


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (
    _lists,
    _aggregates,
    _conditions,
    _arguments,
    _comparisons,
    _datatypes,
    _paths,
    _datasets,
)
"""Rules about what stands in brackets, where others have none."""
