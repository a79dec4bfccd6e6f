"""Mistakes of punctuation: brackets without their other half, marks and triples that end early."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake
from sparql_server.sparql.diagnosis.places import PLACED, TERMS

_PAIRS = {"}": "{", ")": "(", "]": "["}
_CLOSING = {opening: closing for closing, opening in _PAIRS.items()}
_MOST = 20  # brackets that are added at the end


def _unbalanced(reading: Reading) -> Iterator[Mistake]:
    opened: list[int] = []
    for index, token in enumerate(reading.tokens):
        if token.kind != "symbol":
            continue
        if token.text in _CLOSING:
            opened.append(index)
        elif token.text in _PAIRS:
            if opened and reading.word(opened[-1]) == _PAIRS[token.text]:
                opened.pop()
                continue
            yield _surplus(reading, index, opened)
            return
    if opened:
        yield _unclosed(reading, opened)


def _surplus(reading: Reading, index: int, opened: list[int]) -> Mistake:
    """Return the mistake of a bracket that doesn't close what is open."""
    token = reading.tokens[index]
    wanted = _PAIRS[token.text]
    if len(opened) > 1 and reading.word(opened[-2]) == wanted:
        open_ = reading.tokens[opened[-1]]
        closing = _CLOSING[open_.text]
        edits = [reading.before(index, f"{closing} ")]
        return Mistake("unclosed-before", open_, {"mark": open_.text, "before": token.text}, edits)
    last = index == len(reading.tokens) - 1
    edits = [reading.drop(index)] if last and not opened else []
    return Mistake("closes-nothing", token, {"mark": token.text}, edits)


def _unclosed(reading: Reading, opened: list[int]) -> Mistake:
    token = reading.tokens[opened[-1]]
    edits: list[Edit] = []
    if len(opened) <= _MOST:
        closing = "".join(f" {_CLOSING[reading.word(index)]}" for index in reversed(opened))
        # On a line of its own: the last line may be a comment.
        edits = [Edit(len(reading.text), len(reading.text), f"\n{closing.strip()}")]
    return Mistake("never-closed", token, {"mark": token.text}, edits)


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (_unbalanced,)
"""Rules about brackets."""


def find_marks(reading: Reading) -> Iterator[Mistake]:
    """Find commas, semicolons and full stops where nothing can be continued."""
    for index, place in enumerate(reading.places):
        word = reading.word(index)
        if word not in (",", ".", ";") or place not in PLACED:
            continue
        token, following = reading.tokens[index], reading.word(index + 1)
        if word == "," and place in ("predicate", "object"):
            yield Mistake("comma-early", token, {}, [reading.drop(index)])
        elif word == "," and following in ("}", ".", ";"):
            yield Mistake("comma-late", token, {}, [reading.drop(index)])
        elif word == "," and _is_pair(reading, index + 1):
            yield Mistake("comma-pair", token, {}, [reading.replace(index, ";")])
        elif word == "." and place == "subject" and reading.word(index - 1) in (".", "{"):
            yield Mistake("stops", token, {}, [reading.drop(index)])
        elif (
            word in (".", ";")
            and place in ("predicate", "object")
            and word != reading.word(index - 1)
        ) and (place == "object" or reading.place(index - 1) in ("subject", "after")):
            yield from _half(reading, index)


def _is_pair(reading: Reading, index: int) -> bool:
    """Tell whether a predicate and an object follow, and then an end."""
    return (
        reading.kind(index) == "name"
        and reading.kind(index + 1) in TERMS
        and reading.word(index + 2) in ("}", ".", ";", ",")
    )


def _half(reading: Reading, index: int) -> Iterator[Mistake]:
    start = index - 1
    while start > 0 and reading.place(start - 1) in ("after", "subject", "predicate"):
        if reading.word(start - 1) in (".", ";", ","):
            break
        start -= 1
    count = sum(reading.kind(i) in TERMS for i in range(start, index))
    has_more = "after" in (reading.place(start), reading.place(start - 1))
    if has_more and count != 2:
        yield Mistake("full-stop", reading.tokens[index - 1])
    else:
        yield Mistake("half-triple", reading.tokens[index])


def _halves(reading: Reading) -> Iterator[Mistake]:
    """Find triples that end before they have three parts."""
    pending = -1
    for index, place in enumerate(reading.places):
        if place in PLACED and (reading.kind(index) in TERMS or reading.kind(index) == "word"):
            pending = index
        elif reading.word(index) in ("}", "{") or place == "keyword":
            half = reading.place(pending) in ("after", "predicate", "subject")
            if half and pending == index - 1 and (reading.word(index) != "{" or place == "bracket"):
                after = any(reading.place(i) == "after" for i in (pending, pending - 1))
                wrong = pending if after else index
                yield Mistake("full-stop" if after else "half-triple", reading.tokens[wrong])
            pending = -1


LATE = (_halves,)
"""The rule about triples that aren't whole: it holds where no other one does."""
