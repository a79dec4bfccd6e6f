"""Mistakes of triples: words that are no terms, comparisons, texts in places of IRIs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.diagnosis.places import PLACED, TERMS
from sparql_server.sparql.diagnosis.punctuation_mistakes import find_marks

_TYPE = ("a", "rdf:type")
_ISA = ("IS", "AN", "A", "TYPE", "ISA", "ÄR")
_COMPARISONS = ("=", "<", ">", "!")
_CONDITIONS = ("WHERE", "AND", "IF", "HAVING", "WHEN")
_LITERALS = ("TRUE", "FALSE")
_IRI = re.compile(r"<[^<>?$\n{}]{0,300} [^<>?$\n{}]{0,300}>")
_LOCAL = re.compile(r"\w[\w.-]*")


def _words(reading: Reading) -> Iterator[Mistake]:
    for index, place in enumerate(reading.places):
        if reading.kind(index) != "word" or place not in PLACED:
            continue
        token, word = reading.tokens[index], reading.word(index)
        if (place == "predicate" and token.text == "a") or word in _LITERALS:
            continue
        if reading.tokens[index - 1].text in _TYPE and reading.place(index - 1) == "predicate":
            yield from _class(reading, index)
        elif place == "subject":
            yield from _subject(reading, index, word)
        elif place == "predicate":
            yield from _predicate(reading, index, word)
        elif place == "object":
            yield from _object(reading, index, word)
        else:
            yield from _surplus(reading, index, word)
        return


def _class(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    values = {"word": shorten_name(token.text)}
    certain = "" in reading.prefixes and _LOCAL.fullmatch(token.text)
    yield Mistake("class-word", token, values, [reading.before(index, ":")] if certain else [])


def _subject(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token = reading.tokens[index]
    values = {"word": shorten_name(token.text)}
    if word in _CONDITIONS:
        yield Mistake("condition", token, {"word": word}, _as_filter(reading, index))
    elif token.text in reading.variables:
        yield Mistake("subject-word", token, values, [reading.before(index, "?")])
    elif word not in ("ORDER", "GROUP", "LIMIT", "OFFSET", "SELECT"):
        yield Mistake("subject-word", token, values)


def _as_filter(reading: Reading, index: int) -> list[Edit]:
    if index + 1 >= len(reading.tokens):
        return []
    if reading.word(index + 1) == "(" and reading.closing.get(index + 1) is not None:
        return [reading.replace(index, "FILTER")]
    last = reading.part_end(index + 1)
    wrapped = reading.wrapped(index + 1, last, "(", ")")
    return [reading.replace(index, "FILTER"), *wrapped] if last > index else []


def _predicate(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token = reading.tokens[index]
    values = {"word": shorten_name(token.text)}
    if word in _ISA and reading.word(index + 1) != ":":
        more = (
            [reading.drop(index + 1)]
            if reading.tokens[index + 1 :] and reading.tokens[index + 1].text == "a"
            else []
        )
        yield Mistake("is-a", token, values, [reading.replace(index, "a"), *more])
    elif word in ("IN", "LIKE", "CONTAINS", "NOT", "BETWEEN"):
        edits = _comparison(reading, index) if word == "IN" else []
        yield Mistake("operator-word", token, {"word": word}, edits)
    elif word in ("ORDER", "GROUP", "LIMIT", "OFFSET", "HAVING"):
        yield Mistake("half-triple", reading.tokens[index])
    elif reading.word(index - 1) == "." and reading.joined(index):
        yield Mistake("path-dot", token, values, [reading.replace(index - 1, "/")])
    else:
        certain = "" in reading.prefixes and _LOCAL.fullmatch(token.text)
        edits = [reading.before(index, ":")] if certain else []
        yield Mistake("predicate-word", token, values, edits)


def _object(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token = reading.tokens[index]
    values = {"word": shorten_name(token.text)}
    comma = reading.word(index - 1) == "," and reading.joined(index)
    if comma and reading.kind(index - 2) == "name" and reading.joined(index - 1):
        edits = [reading.replace(index - 1, "\\,")]
        yield Mistake("name-comma", reading.tokens[index - 2], values, edits)
        return
    if word in ("NULL", "NONE", "NIL"):
        yield Mistake("null", token, values)
        return
    if token.text in reading.variables and reading.word(index + 1) in (".", "}", ";"):
        yield Mistake("object-variable", token, values, [reading.before(index, "?")])
        return
    last = index
    while reading.kind(last + 1) == "word" and reading.place(last + 1) in ("after", "predicate"):
        if reading.word(last + 1) in ("ORDER", "GROUP", "LIMIT"):
            break
        last += 1
    text = reading.slice(index, last)
    certain = "\n" not in text and reading.word(last + 1) in (".", "}", ";", ",")
    values["word"] = shorten_name(text)
    yield Mistake(
        "object-word", token, values, reading.wrapped(index, last, '"', '"') if certain else []
    )


def _surplus(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    if word in _CONDITIONS:
        yield Mistake(
            "condition", reading.tokens[index], {"word": word}, _as_filter(reading, index)
        )
    elif word not in ("ORDER", "GROUP", "LIMIT", "OFFSET"):
        yield Mistake(
            "surplus-word",
            reading.tokens[index],
            {"word": shorten_name(reading.tokens[index].text)},
        )


def _equals(reading: Reading) -> Iterator[Mistake]:
    """Find comparisons between triples."""
    for index, place in enumerate(reading.places):
        word = reading.word(index)
        if word not in _COMPARISONS or place not in ("object", "predicate"):
            continue
        token = reading.tokens[index]
        negated_path = word == "!" and reading.word(index + 1) != "="
        if place == "object" and word == "=":
            yield Mistake("equals-object", token, {}, [reading.drop(index)])
        elif place == "object" and word == ">" and reading.kind(index + 1) in ("name", "word"):
            yield Mistake("path-arrow", token, {}, [reading.replace(index, "/")])
        elif place == "predicate" and not negated_path and reading.kind(index - 1) in TERMS:
            yield Mistake("equals", token, {"sign": word}, _comparison(reading, index))


def _comparison(reading: Reading, index: int) -> list[Edit]:
    """Return the edits that make a condition, or a value, of what is compared between triples."""
    last = reading.part_end(index)
    if last <= index:
        return []
    name = reading.tokens[index - 1].text
    if reading.word(index) == "=" and reading.kind(index - 1) == "variable":
        in_pattern = sum(
            token.text == name and reading.place(place) in (*PLACED, "argument")
            for place, token in enumerate(reading.tokens)
        )
        if in_pattern == 1:
            value = reading.slice(index + 1, last)
            start = reading.tokens[index - 1].start
            return [Edit(start, reading.end(last), f"BIND({value} AS {name})")]
    return reading.wrapped(index - 1, last, "FILTER(", ")")


def _text_predicate(reading: Reading) -> Iterator[Mistake]:
    for index in reading.at("predicate"):
        token = reading.tokens[index]
        if token.kind in ("string", "number"):
            dashes = token.kind == "number" and reading.word(index - 1) == "-"
            if not dashes:
                yield Mistake("predicate-text", token, {"word": shorten_name(token.text)})


def _apart(reading: Reading) -> Iterator[Mistake]:
    """Find names and variables with a space in them, and dates without quotation marks."""
    for index, token in enumerate(reading.tokens):
        following = reading.kind(index + 1)
        if reading.place(index) not in PLACED:
            continue
        if token.text == "<" and token.kind == "symbol" and _IRI.match(reading.text, token.start):
            yield Mistake("iri-space", token)
        elif token.text == ":" and following == "word" and not reading.joined(index + 1):
            edits = [Edit(reading.end(index), reading.tokens[index + 1].start, "")]
            yield Mistake(
                "name-space", token, {"word": shorten_name(reading.tokens[index + 1].text)}, edits
            )
        elif token.text in ("?", "$") and token.kind == "symbol" and following == "word":
            if reading.place(index) != "predicate" or reading.kind(index - 1) not in TERMS:
                edits = [Edit(reading.end(index), reading.tokens[index + 1].start, "")]
                values = {"word": shorten_name(reading.tokens[index + 1].text)}
                yield Mistake("variable-space", token, values, edits)
        elif (
            token.kind == "number" and reading.word(index + 1) == "-" and reading.joined(index + 1)
        ):
            last = index
            while (
                reading.joined(last + 1)
                and reading.tokens[last + 1].text.strip("-0123456789:TZ") == ""
            ):
                last += 1
            edits = reading.wrapped(index, last, '"', '"')
            yield Mistake("date", token, {"text": shorten_name(reading.slice(index, last))}, edits)


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (
    _apart,
    _words,
    _equals,
    find_marks,
    _text_predicate,
)
"""Rules about triples."""
