"""Mistakes of brackets: what is never closed, and what closes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.sparql.diagnosis.model import Edit, Mistake
from sparql_server.sparql.diagnosis.reading import Reading

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
