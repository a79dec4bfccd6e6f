"""Explains the parser's message about a query, and puts the query as its writer meant it.

The parser says where it gave up and what it would have taken; people need the cause. It is told in
the process that has found a query malformed, not in the one that answers everybody: however long
the query is, what is said of it is short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sparql_server.sparql.correction import correct_query
from sparql_server.sparql.diagnosis import (
    call_mistakes,
    character_mistakes,
    clause_mistakes,
    expression_mistakes,
    modifier_mistakes,
    pattern_mistakes,
    projection_mistakes,
    prologue_mistakes,
    punctuation_mistakes,
    variable_mistakes,
)
from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Diagnosis, Mistake, apply_edits, find_cause
from sparql_server.sparql.diagnosis.parser_reason import gave_up, list_reasons, write_readable
from sparql_server.sparql.lexer import MOST, decode_escapes, read_first_tokens

Rule = Callable[[Reading], Iterator[Mistake]]

_SHOWN = 300  # characters of the line at fault that are shown
_ROUNDS = 8  # mistakes that are mended in one query, one after the other
# Of those in one step, what stands first in the query counts; a step counts before the next one.
_STEPS: tuple[tuple[Rule, ...], ...] = (
    character_mistakes.RULES,
    prologue_mistakes.RULES,
    prologue_mistakes.PREFIXES,
    variable_mistakes.GROUPING,
    (
        *call_mistakes.RULES,
        *projection_mistakes.RULES,
        *pattern_mistakes.RULES,
        *clause_mistakes.RULES,
        *expression_mistakes.RULES,
        *modifier_mistakes.RULES,
    ),
    punctuation_mistakes.RULES,
    variable_mistakes.RULES,
    punctuation_mistakes.LATE,
)

Parse = Callable[[str], str | None]
"""Parses a query; returns the parser's message, or None where it takes the query."""


def diagnose(query: str, message: str, prefixes: Mapping[str, str]) -> Diagnosis:
    """Explain the parser's message about a query. prefixes: those known without declaration."""
    mistake = _mistake(decode_escapes(query), message, prefixes)
    line, column, said = gave_up(message)
    lines = query.split("\n")
    if mistake and mistake.token is not None:
        line, column = _place(query, mistake.token.start)
    text = _shown(lines, line, column)
    parser = write_readable(said)
    key, values = "unread", _unread(lines, line, column, said)
    if mistake:
        key, values = mistake.cause, dict(mistake.values)
    english, swedish = (find_cause(key, values, language) for language in ("en", "sv"))
    return Diagnosis(line, column, text, *english, parser, swedish)


def repaired(query: str, message: str, prefixes: Mapping[str, str], parse: Parse) -> str | None:
    """Return a query that the parser takes, and that says what its writer meant.

    None: nothing certain is known.
    message: the parser's about the query.
    """
    text, said = decode_escapes(query), message
    for number in range(_ROUNDS):
        mistake = _mistake(text, said, prefixes)
        standard = correct_query(text)
        if standard != text and parse(standard) is None:
            return standard.strip()
        changed = apply_edits(text, mistake.edits) if mistake and mistake.edits else standard
        if changed == text:
            return None
        complaint = parse(changed)
        guess = mistake is not None and mistake.guess
        if complaint is None and not (guess and number):
            return changed.strip()
        if complaint is None or guess:
            return None
        text, said = changed, complaint
    return None


def _mistake(text: str, message: str, prefixes: Mapping[str, str]) -> Mistake | None:
    """Return the first mistake of the first step that finds any."""
    tokens = read_first_tokens(text)
    if len(tokens) >= MOST:
        return None
    reading = Reading(text, tokens, gave_up(message)[2], prefixes)
    for rules in _STEPS:
        found = [mistake for rule in rules if (mistake := next(rule(reading), None))]
        if found:
            return min(found, key=lambda mistake: mistake.token.start if mistake.token else 0)
    return None


def _line(lines: Sequence[str], line: int) -> str:
    return lines[min(line, len(lines)) - 1].removesuffix("\r")


def _shown(lines: Sequence[str], line: int, column: int) -> str:
    text = _line(lines, line)
    start = max(0, column - 1 - _SHOWN // 2) if len(text) > _SHOWN else 0
    return text[start : start + _SHOWN]


def _place(query: str, offset: int) -> tuple[int, int]:
    # Escapes shift offsets; they are rare, and then the place is a little off.
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _unread(lines: Sequence[str], line: int, column: int, said: str) -> dict[str, str]:
    """Return what is said where no rule knows the cause: the parser's reason, and its place."""
    rest = _line(lines, line)[column - 1 :][:_SHOWN].strip()[:30]
    found = list_reasons(said)
    reason = "; ".join(found) if found else write_readable(said)
    return {"rest": f"“{rest}”" if rest else "“”", "reason": reason.rstrip(".")}
