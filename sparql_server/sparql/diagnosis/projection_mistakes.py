"""Mistakes between SELECT and the pattern: what is selected, FROM, WHERE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate

from sparql_server.sparql.correction import AGGREGATES
from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.diagnosis.prologue_mistakes import find_nearest


def _selected(reading: Reading) -> Iterator[Mistake]:
    for index in reading.at("select"):
        token = reading.tokens[index]
        word = reading.word(index)
        if token.kind == "word":
            yield from _word(reading, index, word)
        elif word == ",":
            yield Mistake("select-comma", token, {}, _commas(reading))
        elif token.kind in ("name", "iri") and reading.word(index + 1) != "(":
            before = reading.kind(index - 1) == "variable"
            edits = [reading.before(index - 1, "{ ")] if before else []
            yield Mistake("pattern-open", reading.tokens[index - before], {}, edits)
        elif word == "-" and reading.kind(index - 1) == "variable" and reading.joined(index):
            values = {"name": reading.tokens[index - 1].text + "-"}
            yield Mistake("hyphen", reading.tokens[index - 1], values, _hyphens(reading))


def _commas(reading: Reading) -> list[Edit]:
    return [reading.drop(index) for index in reading.at("select") if reading.word(index) == ","]


def _hyphens(reading: Reading) -> list[Edit]:
    """Return the edits that put _ in names for -, wherever a pattern or SELECT has such names."""
    return [
        reading.replace(index, "_")
        for index in range(1, len(reading.tokens) - 1)
        if reading.word(index) == "-"
        and reading.joined(index)
        and reading.joined(index + 1)
        and reading.kind(index + 1) in ("word", "number")
        and reading.kind(index - 1) in ("variable", "word")
        and reading.place(index) != "expression"
    ]


def _word(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token = reading.tokens[index]
    values = {"word": shorten_name(token.text)}
    called = reading.word(index + 1) == "("
    if word in ("DISTINCT", "REDUCED"):
        yield from _distinct(reading, index)
    elif word in AGGREGATES and called:
        yield Mistake("unnamed", token, {"word": word})
    elif word == "AS":
        yield Mistake("as", token, {}, _as(reading, index))
    elif word in ("UNIQUE", "DISTICT"):
        yield Mistake("unique", token, values, [reading.replace(index, "DISTINCT")])
    elif word in ("TOP", "FIRST") and reading.kind(index + 1) == "number":
        number = reading.tokens[index + 1].text
        edits = [reading.drop(index), reading.drop(index + 1)]
        edits.append(Edit(len(reading.text), len(reading.text), f"\nLIMIT {number}"))
        yield Mistake("top", token, {"number": shorten_name(number)}, edits)
    elif token.text in reading.variables:
        yield Mistake("select-word", token, values, [reading.replace(index, f"?{token.text}")])
    elif not called and reading.word(index + 1) == "{" and find_nearest(word, ("WHERE",), 0.7):
        yield Mistake("where-near", token, values, [reading.replace(index, "WHERE")])
    elif not called:
        yield Mistake("select-unknown", token, values)


def _distinct(reading: Reading, index: int) -> Iterator[Mistake]:
    """Find DISTINCT written as a function."""
    end = reading.closing.get(index + 1)
    if reading.word(index + 1) == "(" and end is not None and not _has_as(reading, index + 1, end):
        inner = [i for i in range(index + 2, end) if reading.kind(i) != "variable"]
        plain = all(reading.word(i) == "," for i in inner)
        edits = [reading.replace(index + 1, " "), reading.replace(end, " ")] if plain else []
        edits += [reading.drop(i) for i in inner if plain]
        yield Mistake("distinct", reading.tokens[index], {"word": reading.word(index)}, edits)


def _has_as(reading: Reading, start: int, end: int) -> bool:
    return any(reading.word(index) == "AS" for index in range(start, end))


def _as(reading: Reading, index: int) -> list[Edit]:
    if reading.kind(index - 1) == "variable" and reading.kind(index + 1) == "variable":
        return reading.wrapped(index - 1, index + 1, "(", ")")
    return []


def _expressions(reading: Reading) -> Iterator[Mistake]:
    """Find ``(expression)`` that has no name, or a name without its mark."""
    begun = ""
    named = list(accumulate(reading.word(index) == "AS" for index in range(len(reading.tokens))))
    for index, token in enumerate(reading.tokens):
        if reading.place(index) in ("form", "keyword", "modifier", "argument"):
            begun = reading.word(index)
        end = reading.closing.get(index)
        if end is None or token.text != "(" or begun != "SELECT" or not _opens(reading, index):
            continue
        if named[index] == named[end]:
            yield _nameless(reading, index, end)


def _opens(reading: Reading, index: int) -> bool:
    """Tell whether a bracket opens an expression that is selected, and no arguments."""
    before = reading.place(index - 1)
    opens = before in ("form", "select") or reading.word(index - 1) == ")"
    called = reading.kind(index - 1) == "word" and before == "select"
    return opens and not called and reading.kind(index - 1) not in ("name", "iri")


def _nameless(reading: Reading, index: int, end: int) -> Mistake:
    token = reading.tokens[index]
    if end == index + 2 and reading.kind(index + 1) == "variable":
        edits = [reading.drop(index), reading.drop(end)]
        return Mistake("select-brackets", token, {"name": reading.tokens[index + 1].text}, edits)
    text = shorten_name(reading.slice(index + 1, end - 1)) if end > index + 1 else ""
    if reading.kind(end - 1) == "variable" and reading.word(end - 2) == ")":
        edits = [reading.before(end - 1, "AS ")]
        return Mistake("as-missing", token, {"name": reading.tokens[end - 1].text}, edits)
    if reading.word(index + 1) == "DISTINCT" or end == index + 1:
        return Mistake("nameless", token, {"text": text, "name": "?x"})
    name = reading.tokens[index + 1].text.lower()
    name = name if name.isalpha() and name.isascii() and name not in reading.variables else "value"
    edits = [] if name in reading.variables else [reading.before(end, f" AS ?{name}")]
    return Mistake("nameless", token, {"text": text, "name": f"?{name}"}, edits)


def _nothing(reading: Reading) -> Iterator[Mistake]:
    for index in reading.at("form"):
        after = index + 1 + (reading.word(index + 1) in ("DISTINCT", "REDUCED"))
        if reading.word(index) == "SELECT" and reading.word(after) in ("{", "WHERE", "FROM"):
            edits = [reading.before(after, "* ")]
            yield Mistake("select-nothing", reading.tokens[index], {}, edits)


def _forms(reading: Reading) -> Iterator[Mistake]:
    """Find what stands between ASK or CONSTRUCT and the braces."""
    for index in reading.at("form"):
        word, following = reading.word(index), reading.word(index + 1)
        wrong = following not in ("{", "WHERE", "FROM")
        if word in ("ASK", "CONSTRUCT") and wrong and index + 1 < len(reading.tokens):
            yield Mistake("form-braces", reading.tokens[index], {"word": word})


def _between(reading: Reading) -> Iterator[Mistake]:
    """Find what is wrong between what is selected and the pattern."""
    for index, place in enumerate(reading.places):
        word = reading.word(index)
        if place == "keyword" and word == "FROM":
            yield from _from(reading, index)
        elif place == "keyword" and word == "WHERE" and reading.word(index + 1) != "{":
            yield from _where(reading, index)


def _from(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    following = reading.word(index + 1)
    if following in ("{", "WHERE"):
        yield Mistake("from", token, {}, [reading.drop(index)])
    elif reading.kind(index + 1) == "word" and following != "NAMED":
        yield Mistake("from-word", token, {"word": shorten_name(reading.tokens[index + 1].text)})


def _where(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    end = reading.closing.get(index + 1)
    if reading.word(index + 1) in ("(", "[") and end is not None:
        edits = [reading.replace(index + 1, "{"), reading.replace(end, "}")]
        yield Mistake("where-brackets", token, {"mark": reading.word(index + 1)}, edits)
    elif index + 1 < len(reading.tokens) and not any(
        reading.word(i) in ("{", "}") for i in range(index, len(reading.tokens))
    ):
        ends = (i for i in range(index, len(reading.tokens)) if reading.word(i) in _AFTER)
        last = next(ends, len(reading.tokens)) - 1
        yield Mistake("where-open", token, {}, reading.wrapped(index + 1, last, "{ ", " }"))
    else:
        yield Mistake("where-open", token)


_AFTER = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET")

RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (
    _forms,
    _nothing,
    _selected,
    _expressions,
    _between,
)
"""Rules about what stands between SELECT and the pattern."""
