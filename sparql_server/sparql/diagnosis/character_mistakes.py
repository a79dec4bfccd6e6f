"""Mistakes of characters: other quotation marks, other spaces, other scripts' signs, HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake

_QUOTES = "“”„‟«»″"
_APOSTROPHES = "‘’‚‛‹›′"
_MARKS = {"–": "-", "—": "-", "−": "-", "≠": "!=", "≤": "<=", "≥": ">=", "×": "*", "÷": "/"}
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "nbsp": " "}
_MOST = 200  # edits of one kind in a query


def _quotes(reading: Reading) -> Iterator[Mistake]:
    for index, token in enumerate(reading.tokens):
        if token.kind == "symbol" and token.text in _QUOTES + _APOSTROPHES:
            yield Mistake("quotes", token, {"mark": token.text}, _straight(reading, index))
            return


def _straight(reading: Reading, start: int) -> list[Edit]:
    """Return the edits that make pairs of such marks straight; none if one has no other."""
    edits: list[Edit] = []
    opened: tuple[int, str] | None = None
    for index in range(start, len(reading.tokens)):
        text = reading.tokens[index].text
        marks = opened[1] if opened else _QUOTES + _APOSTROPHES
        if reading.kind(index) == "symbol" and text in marks:
            edits.append(reading.replace(index, '"'))
            opened = None if opened else (index, _QUOTES if text in _QUOTES else _APOSTROPHES)
        elif opened and _breaks(reading, opened[0], index):
            return []
    return [] if opened else edits[:_MOST]


def _breaks(reading: Reading, opened: int, index: int) -> bool:
    """Tell whether a token, or the line, ends what typographic marks enclose."""
    end = min(reading.end(index), reading.end(opened) + _MOST)
    return '"' in reading.tokens[index].text or "\n" in reading.text[reading.end(opened) : end]


def _spaces(reading: Reading) -> Iterator[Mistake]:
    wrong = [
        index
        for index, token in enumerate(reading.tokens)
        if token.kind == "symbol"
        and unicodedata.category(token.text[0]) in ("Zs", "Zl", "Zp", "Cf")
    ]
    if wrong:
        token = reading.tokens[wrong[0]]
        name = unicodedata.name(token.text[0], "").lower()
        edits = [reading.replace(index, " ") for index in wrong[:_MOST]]
        yield Mistake("space", token, {"code": f"U+{ord(token.text[0]):04X}", "name": name}, edits)


def _signs(reading: Reading) -> Iterator[Mistake]:
    wrong = []
    for index, token in enumerate(reading.tokens):
        if token.kind == "symbol" and not token.text.isascii():
            plain = _MARKS.get(token.text) or unicodedata.normalize("NFKC", token.text)
            if plain.isascii() and plain.strip():
                wrong.append((index, plain))
    if wrong:
        index, plain = wrong[0]
        edits = [reading.replace(other, instead) for other, instead in wrong[:_MOST]]
        values = {"sign": reading.tokens[index].text, "plain": plain}
        yield Mistake("sign", reading.tokens[index], values, edits)


def _entities(reading: Reading) -> Iterator[Mistake]:
    wrong = [
        index
        for index in range(len(reading.tokens) - 2)
        if reading.word(index) == "&"
        and reading.tokens[index + 1].text in _ENTITIES
        and reading.word(index + 2) == ";"
    ]
    if wrong:
        first = wrong[0]
        values = {"entity": reading.slice(first, first + 2)}
        edits = [
            Edit(
                reading.tokens[index].start,
                reading.end(index + 2),
                _ENTITIES[reading.tokens[index + 1].text],
            )
            for index in wrong[:_MOST]
        ]
        yield Mistake("entity", reading.tokens[first], values, edits)


def _fence(reading: Reading) -> Iterator[Mistake]:
    marks = [index for index in range(len(reading.tokens)) if reading.word(index) == "`"]
    if marks[:3] != [0, 1, 2]:
        return
    edits = [reading.drop(index) for index in marks]
    if reading.tokens[3:] and reading.tokens[3].text.lower() in ("sparql", "sql", "rq"):
        edits.append(reading.drop(3))
    yield Mistake("fence", reading.tokens[0], {}, edits)


def _unclosed(reading: Reading) -> Iterator[Mistake]:
    wrong = [index for index, token in enumerate(reading.tokens) if token.kind == "unclosed"]
    if not wrong:
        return
    first = wrong[0]
    token = reading.tokens[first]
    mark = token.text[0]
    if (
        (
            first > 1
            and mark == "'"
            and reading.kind(first - 1) == "word"
            and reading.joined(first - 1)
        )
        and reading.kind(first - 2) == "string"
        and len(wrong) == 1
    ):
        yield _apostrophe(reading, first)
        return
    edits: list[Edit] = []
    if len(wrong) == 2 and reading.tokens[wrong[1]].text[0] == mark and len(token.text) > 1:
        edits = [reading.before(first, mark * 2), reading.before(wrong[1], mark * 2)]
    yield Mistake("unclosed", token, {"mark": mark}, edits)


def _apostrophe(reading: Reading, end: int) -> Mistake:
    first = reading.tokens[end - 2]
    inner = reading.text[first.start + 1 : reading.tokens[end].start]
    edits = [] if '"' in inner else [Edit(first.start, reading.tokens[end].start + 1, f'"{inner}"')]
    return Mistake("apostrophe", first, {}, edits)


_ESCAPE = re.compile(r"\\(?![tbnrf\"'\\uU])")


def _escapes(reading: Reading) -> Iterator[Mistake]:
    """Find backslashes in texts that escape nothing, as in regular expressions."""
    for token in reading.tokens:
        if token.kind == "string" and "\\" in token.text:
            text = re.sub(r"\\\\", "  ", token.text)
            starts = [token.start + match.start() for match in _ESCAPE.finditer(text)]
            if starts:
                edits = [Edit(start, start, "\\") for start in starts[:_MOST]]
                yield Mistake("backslash", token, {}, edits)
                return


def _language(reading: Reading) -> Iterator[Mistake]:
    for index in range(1, len(reading.tokens)):
        underscore = reading.word(index)[:1] == "_" and reading.joined(index)
        if underscore and reading.kind(index - 1) == "language":
            edits = [Edit(reading.tokens[index].start, reading.tokens[index].start + 1, "-")]
            yield Mistake("language", reading.tokens[index - 1], {}, edits)
            return


def _datatype(reading: Reading) -> Iterator[Mistake]:
    for index in range(1, len(reading.tokens) - 1):
        single = reading.word(index) == "^" and reading.word(index + 1) != "^"
        if single and reading.kind(index - 1) == "string" and reading.joined(index):
            yield Mistake("datatype", reading.tokens[index], {}, [reading.after(index, "^")])
            return


def _comments(reading: Reading) -> Iterator[Mistake]:
    for index in range(len(reading.tokens) - 1):
        mark = reading.word(index) + reading.word(index + 1)
        address = mark == "//" and reading.kind(index - 1) == "name" and reading.joined(index)
        path = mark != "//" and reading.place(index) in ("expression", "predicate", "object")
        begins = mark in ("--", "//", "/*") and reading.joined(index + 1)
        if begins and not address and not path:
            values = {"mark": mark}
            yield Mistake("comment", reading.tokens[index], values, _comment(reading, index))
            return


def _comment(reading: Reading, index: int) -> list[Edit]:
    start = reading.tokens[index].start
    if reading.word(index + 1) != "*":
        return [Edit(start, start + 2, "#")]
    end = reading.text.find("*/", start + 2)
    return [Edit(start, end + 2, "")] if end > 0 else []


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (
    _fence,
    _quotes,
    _spaces,
    _signs,
    _entities,
    _unclosed,
    _escapes,
    _language,
    _datatype,
    _comments,
)
"""Rules about characters, whatever else is wrong."""
