"""Mistakes of variables: grouped by or not, selected twice, given a value twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sparql_server.sparql.correction import AGGREGATES
from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.lexer import Token

_NAMED = 10  # variables that are named in a sentence


def _projection(reading: Reading) -> range:
    """Return the indexes of what the first SELECT selects."""
    start = next((i for i in reading.at("form") if reading.word(i) == "SELECT"), None)
    if start is None:
        return range(0)
    words = ("{", "WHERE", "FROM")
    ends = (i for i in range(start, len(reading.tokens)) if reading.word(i) in words)
    return range(start + 1, next(ends, start + 1))


def _bare(reading: Reading) -> list[int]:
    """Return the variables that are selected as they are."""
    depth, bare = 0, []
    for index in _projection(reading):
        depth += (reading.word(index) == "(") - (reading.word(index) == ")")
        if reading.kind(index) == "variable" and depth == 0:
            bare.append(index)
    return bare


def _aliases(reading: Reading) -> list[int]:
    """Return the variables after AS in what is selected."""
    return [
        index
        for index in _projection(reading)
        if reading.word(index - 1) == "AS" and reading.kind(index) == "variable"
    ]


def _keys(reading: Reading) -> list[int]:
    """Return the variables after GROUP BY, up to anything else."""
    for index in range(len(reading.tokens) - 1):
        if reading.word(index) == "GROUP" and reading.word(index + 1) == "BY":
            keys = []
            for place in range(index + 2, len(reading.tokens)):
                if reading.kind(place) != "variable":
                    break
                keys.append(place)
            return keys
    return []


def _few(tokens: Sequence[Token]) -> str:
    more = " …" if len(tokens) > _NAMED else ""
    return " ".join(shorten_name(token.text) for token in tokens[:_NAMED]) + more


def _ungrouped(reading: Reading) -> Iterator[Mistake]:
    """Find a variable beside an aggregate that the query doesn't group by."""
    if "unbound" not in reading.said and "GROUP" not in reading.said:
        return
    if not any(token.text.upper() in AGGREGATES for token in reading.tokens):
        return
    tokens = reading.tokens
    grouped = {tokens[index].text[1:]: tokens[index] for index in _keys(reading)}
    bare = [tokens[index] for index in _bare(reading) if tokens[index].text[1:] not in grouped]
    if bare:
        names = _few(bare)
        already = f"{_few(list(grouped.values()))} " if grouped else ""
        values = {"names": names, "keys": f"{already}{names}"}
        yield Mistake("ungrouped", bare[0], values, _grouped(reading, bare))


def _grouped(reading: Reading, bare: Sequence[Token]) -> list[Edit]:
    """Return the edit that groups by variables where there is HAVING and no GROUP BY."""
    having = [i for i in reading.at("modifier") if reading.word(i) == "HAVING"]
    if not having or any(reading.word(i) == "GROUP" for i in reading.at("modifier")):
        return []
    names = " ".join(dict.fromkeys(token.text for token in bare))
    return [reading.before(having[0], f"GROUP BY {names} ")]


def _star(reading: Reading) -> Iterator[Mistake]:
    projection = _projection(reading)
    star = next(
        (i for i in projection if reading.word(i) == "*" and reading.place(i) == "select"), None
    )
    group = next((i for i in reading.at("modifier") if reading.word(i) == "GROUP"), None)
    if star is not None and group is not None:
        names = " ".join(reading.tokens[index].text for index in _keys(reading)[:_NAMED])
        edits = [reading.replace(star, names)] if names else []
        yield Mistake("star-group", reading.tokens[star], {"names": names or "?x"}, edits)


def _twice(reading: Reading) -> Iterator[Mistake]:
    """Find variables that are selected twice."""
    seen: set[str] = set()
    for index in sorted([*_bare(reading), *_aliases(reading)]):
        token = reading.tokens[index]
        if token.text[1:] in seen:
            edits = [] if reading.word(index - 1) == "AS" else [reading.drop(index)]
            yield Mistake("twice", token, {"name": shorten_name(token.text)}, edits)
            return
        seen.add(token.text[1:])


def _overridden(reading: Reading) -> Iterator[Mistake]:
    """Find names after AS, in SELECT, that the pattern or GROUP BY has already."""
    keys = {reading.tokens[index].text[1:]: index for index in _keys(reading)}
    in_pattern = {
        token.text[1:]
        for index, token in enumerate(reading.tokens)
        if token.kind == "variable"
        and reading.place(index) in ("subject", "predicate", "object", "after", "argument", "data")
    }
    for index in _aliases(reading):
        token = reading.tokens[index]
        name = token.text[1:]
        if name in in_pattern:
            yield Mistake(
                "as-bound", token, {"name": shorten_name(token.text)}, _renamed(reading, index)
            )
        elif name in keys:
            key = keys[name]
            edits = [reading.drop(key)] if len(keys) > 1 else []
            yield Mistake(
                "group-alias", reading.tokens[key], {"name": shorten_name(token.text)}, edits
            )


def _renamed(reading: Reading, alias: int) -> list[Edit]:
    """Return the edit that gives another name, where nothing after the pattern has the old one."""
    name = reading.tokens[alias].text
    later = any(
        reading.tokens[index].text == name and reading.place(index) == "modifier"
        for index in range(alias + 1, len(reading.tokens))
    )
    number = next(n for n in range(2, 100) if f"{name[1:]}{n}" not in reading.variables or n == 99)
    return [] if later else [reading.replace(alias, f"{name}{number}")]


def _bound(reading: Reading) -> Iterator[Mistake]:
    """Find BIND of a variable that stands before it in the same group."""
    seen: list[set[str]] = [set()]
    clause = ""
    for index, token in enumerate(reading.tokens):
        word, place = reading.word(index), reading.place(index)
        if word == "{":
            seen.append(set())
        elif word == "}" and len(seen) > 1:
            inner, outer = seen.pop(), seen.pop()
            larger, smaller = (inner, outer) if len(inner) > len(outer) else (outer, inner)
            larger |= smaller
            seen.append(larger)
        elif place == "keyword":
            clause = word
        if token.kind != "variable":
            continue
        if clause == "BIND" and place == "expression":
            if reading.word(index - 1) == "AS":
                if token.text[1:] in seen[-1]:
                    yield Mistake("bind-bound", token, {"name": shorten_name(token.text)})
                    return
                seen[-1].add(token.text[1:])
        elif place in ("subject", "predicate", "object", "after"):
            seen[-1].add(token.text[1:])


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (_star, _twice, _overridden, _bound)
"""Rules about variables."""

GROUPING = (_ungrouped,)
"""The rule about variables beside aggregates."""
