"""Mistakes of what follows the pattern: GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.diagnosis.places import MODIFIERS
from sparql_server.sparql.lexer import FORMS

_OWN = ("BY", "DESC", "ASC", "VALUES", "AS")


def _modifiers(reading: Reading) -> Iterator[Mistake]:
    clause = ""
    for index in reading.at("modifier"):
        token, word = reading.tokens[index], reading.word(index)
        if word in MODIFIERS:
            clause = word
            yield from _begin(reading, index, word)
        elif word == "," and clause in ("ORDER", "GROUP"):
            values = {"clause": f"{clause} BY"}
            yield Mistake("modifier-comma", token, values, [reading.drop(index)])
        elif word in ("DESC", "ASC") and clause == "ORDER":
            yield from _direction(reading, index, word)
        elif word == "AS" and clause == "GROUP" and reading.word(index - 1) == ")":
            yield from _group_name(reading, index)
        elif word in ("SORT", "SORTED", "ORDERED") and reading.word(index + 1) == "BY":
            yield Mistake("sort", token, {"word": word}, [reading.replace(index, "ORDER")])
        elif word == "," and clause == "LIMIT" and reading.kind(index - 1) == "number":
            yield Mistake("limit-two", token, {}, _limit(reading, index))
        else:
            yield from _foreign(reading, index, word)


def _begin(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token, following = reading.tokens[index], reading.word(index + 1)
    if word in ("ORDER", "GROUP") and following != "BY":
        yield Mistake("by", token, {"word": word}, [reading.after(index, " BY")])
    elif word in ("LIMIT", "OFFSET") and reading.kind(index + 1) != "number":
        sign = reading.word(index + 1) in ("-", "+")
        given = (
            reading.slice(index + 1, index + 1 + sign)
            if len(reading.tokens) > index + 1 + sign
            else ""
        )
        equals = reading.word(index + 1) == "=" and reading.kind(index + 2) == "number"
        edits = [reading.drop(index + 1)] if equals else []
        yield Mistake("number", token, {"word": word, "given": shorten_name(given)}, edits)
    elif word in ("LIMIT", "OFFSET") and not reading.tokens[index + 1].text.isdigit():
        given = shorten_name(reading.tokens[index + 1].text)
        yield Mistake("number", token, {"word": word, "given": given})
    elif word == "HAVING" and following != "(":
        last = _segment_end(reading, index)
        end = reading.closing.get(index + 2)
        if reading.word(index + 2) != "(" or end != last:
            edits = reading.wrapped(index + 1, last, "(", ")") if last > index else []
            yield Mistake("having", token, {}, edits)


def _segment_end(reading: Reading, index: int) -> int:
    depth = 0
    for last in range(index + 1, len(reading.tokens)):
        word = reading.word(last)
        depth += (word in ("(", "{")) - (word in (")", "}"))
        if depth < 0 or (depth == 0 and (word in MODIFIERS or word == "VALUES")):
            return last - 1
    return len(reading.tokens) - 1


def _direction(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token = reading.tokens[index]
    if reading.word(index - 1) == ")" and reading.word(index + 1) not in ("(", ","):
        yield from _call_direction(reading, index, word)
    elif reading.kind(index - 1) == "variable" and reading.kind(index + 1) != "variable":
        if reading.word(index + 1) == "(":
            return
        name = reading.tokens[index - 1].text
        edits = [Edit(reading.tokens[index - 1].start, reading.end(index), f"{word}({name})")]
        yield Mistake("direction", token, {"word": word, "name": shorten_name(name)}, edits)
    elif reading.word(index + 1) != "(" and index + 1 < len(reading.tokens):
        name = reading.tokens[index + 1].text
        plain = reading.kind(index + 1) == "variable"
        edits = reading.wrapped(index + 1, index + 1, "(", ")") if plain else []
        yield Mistake("direction", token, {"word": word, "name": shorten_name(name)}, edits)


def _call_direction(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    """Find ``COUNT(?x) DESC``."""
    opening = next((at for at, end in reading.closing.items() if end == index - 1), None)
    if opening is None or reading.word(opening - 1) in ("DESC", "ASC"):
        return
    first = opening - (reading.kind(opening - 1) == "word" and reading.word(opening - 1) != "BY")
    name = reading.slice(first, index - 1)
    edits = [Edit(reading.tokens[first].start, reading.end(index), f"{word}({name})")]
    values = {"word": word, "name": shorten_name(name)}
    yield Mistake("direction-call", reading.tokens[index], values, edits)


def _group_name(reading: Reading, index: int) -> Iterator[Mistake]:
    """Find ``GROUP BY YEAR(?x) AS ?y``."""
    opening = next((at for at, end in reading.closing.items() if end == index - 1), None)
    if opening is None or reading.kind(index + 1) != "variable":
        return
    first = opening - (reading.kind(opening - 1) == "word")
    yield Mistake(
        "group-as", reading.tokens[index], {}, reading.wrapped(first, index + 1, "(", ")")
    )


def _limit(reading: Reading, index: int) -> list[Edit]:
    """Return the edit of MySQL's ``LIMIT offset, count``."""
    if reading.kind(index + 1) != "number":
        return []
    offset, count = reading.tokens[index - 1].text, reading.tokens[index + 1].text
    start = reading.tokens[index - 1].start
    return [Edit(start, reading.end(index + 1), f"{count} OFFSET {offset}")]


def _foreign(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    """Find what doesn't belong after the pattern."""
    token = reading.tokens[index]
    last = index == len(reading.tokens) - 1
    if word == ";" and last:
        yield Mistake("semicolon", token, {}, [reading.drop(index)])
    elif word in FORMS:
        yield Mistake("two-queries", token, {"word": word})
    elif word in ("FILTER", "WHERE", "OPTIONAL", "BIND", "MINUS", "UNION"):
        yield Mistake("after-pattern", token, {"word": word}, _into_pattern(reading, index, word))
    elif word in ("TOP", "FETCH"):
        number = index + 1
        edits = [reading.replace(index, "LIMIT")] if reading.kind(number) == "number" else []
        yield Mistake("top", token, {"number": "10"}, edits)
    elif word not in _OWN and reading.kind(index) == "word" and reading.word(index + 1) != "(":
        yield Mistake("after-word", token, {"word": shorten_name(token.text)})


def _into_pattern(reading: Reading, index: int, word: str) -> list[Edit]:
    """Return the edits that move a condition after the pattern to its end."""
    if word not in ("FILTER", "WHERE") or reading.word(index - 1) != "}":
        return []
    last = _segment_end(reading, index)
    if last <= index:
        return []
    condition = reading.slice(index + 1, last)
    bare = reading.word(index + 1) != "(" and (word == "WHERE" or reading.kind(index + 1) != "word")
    text = f" FILTER({condition}) " if bare else f" FILTER {condition} "
    moved = Edit(reading.tokens[index].start, reading.end(last), "")
    return [reading.before(index - 1, text), moved]


def _order(reading: Reading) -> Iterator[Mistake]:
    """Find modifiers in another order than the grammar's."""
    begun: list[int] = []
    for index in reading.at("modifier"):
        if reading.word(index) in MODIFIERS:
            rank = _rank(reading.word(index))
            if begun and rank < _rank(reading.word(begun[-1])):
                values = {"word": _clause(reading, index), "before": _clause(reading, begun[-1])}
                yield Mistake("order", reading.tokens[index], values, _sorted(reading, begun[0]))
                return
            begun.append(index)


def _rank(word: str) -> int:
    return min(MODIFIERS.index(word), MODIFIERS.index("LIMIT"))  # OFFSET may come first


def _clause(reading: Reading, index: int) -> str:
    word = reading.word(index)
    return f"{word} BY" if word in ("ORDER", "GROUP") else word


def _sorted(reading: Reading, first: int) -> list[Edit]:
    """Return the edit that puts modifiers in order, from the first one of them to their end."""
    parts, index = [], first
    while reading.word(index) in MODIFIERS:
        last = _segment_end(reading, index)
        parts.append((_rank(reading.word(index)), reading.slice(index, last)))
        index = last + 1
    if len({rank for rank, _ in parts}) < len({text for _, text in parts}) - 1 or "#" in str(parts):
        return []
    text = " ".join(text for _, text in sorted(parts, key=lambda part: part[0]))
    return [Edit(reading.tokens[first].start, reading.end(index - 1), text)]


def _inside(reading: Reading) -> Iterator[Mistake]:
    """Find modifiers within the braces of the pattern."""
    for index, place in enumerate(reading.places):
        word = reading.word(index)
        if word not in MODIFIERS or place not in ("subject", "after", "predicate"):
            continue
        values = {"word": _clause(reading, index)}
        last = _segment_end(reading, index)
        # Others may follow it: all of them are moved, and each of them is looked at afterwards.
        while reading.word(last + 1) in MODIFIERS:
            last = _segment_end(reading, last + 1)
        end = len(reading.tokens) - 1
        edits = []
        if reading.word(last + 1) == "}" and (
            last + 1 == end or reading.word(last + 2) in MODIFIERS
        ):
            moved = Edit(reading.tokens[index].start, reading.end(last), "")
            edits = [moved, reading.after(end, f" {reading.slice(index, last)}")]
        yield Mistake("modifier-inside", reading.tokens[index], values, edits)
        return


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (_inside, _order, _modifiers)
"""Rules about solution modifiers."""
