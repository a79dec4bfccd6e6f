"""What is wrong with a malformed query: where, which line, why, and what would help.

The parser says where it gave up and what it would have taken; people need the cause. It is told in
the process that has found a query malformed, not in the one that answers everybody: however long
the query is, what is said of it is short.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sparql_server.sparql.correction import AGGREGATES as _AGGREGATES
from sparql_server.sparql.lexer import FORMS, MOST, Token, decode_escapes, first_tokens

_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_PAIRS = {"}": "{", ")": "(", "]": "["}
_SHOWN = 300  # characters of the line at fault that are shown
_LONGEST = 60  # characters of a name, as much of it as is said
_DECLARED = 200  # prefixes that a query may declare and still be told which one was meant
_NAMED = 10  # variables that are named in a sentence


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Where and why a query is malformed.

    line, column: from 1. text: the line at fault; of a long one what is around the column.
    """

    line: int
    column: int
    text: str
    cause: str
    hint: str | None = None

    def sentence(self) -> str:
        """Return it all in a sentence or two."""
        return f"Line {self.line}, column {self.column}: {self.cause}" + (
            f" {self.hint}" if self.hint else ""
        )

    def written(self) -> str:
        """Return it as a text that another process can read."""
        return json.dumps([self.line, self.column, self.text, self.cause, self.hint])


def read_diagnosis(written: str) -> Diagnosis:
    """Return a diagnosis as ``written`` has it. Raises ValueError for what is none."""
    match json.loads(written):
        case [int(line), int(column), str(text), str(cause), (str() | None) as hint]:
            return Diagnosis(line, column, text, cause, hint)
    raise ValueError("this is no diagnosis")


def diagnose(query: str, message: str, prefixes: Mapping[str, str]) -> Diagnosis:
    """Explain the parser's message about a query. prefixes: those known without declaration."""
    line, column, said = gave_up(message)
    lines = query.split("\n")
    found = first_tokens(decode_escapes(query))
    explanations = (_empty, _update, _prefix, _unnamed, _ungrouped, _unbalanced, _no_form)
    for explain in explanations if len(found) < MOST else ():
        explained = explain(found, said, prefixes)
        if explained:
            cause, hint, token = explained
            if token is not None:
                line, column = _place(query, token.start)
            return Diagnosis(line, column, _shown(lines, line, column), cause, hint)
    text = _shown(lines, line, column)
    rest = _line(lines, line)[column - 1 :][:_SHOWN]
    return Diagnosis(line, column, text, _as_parser_has_it(said, rest), _common(text))


def _line(lines: Sequence[str], line: int) -> str:
    return lines[min(line, len(lines)) - 1].removesuffix("\r")


def _shown(lines: Sequence[str], line: int, column: int) -> str:
    text = _line(lines, line)
    start = max(0, column - 1 - _SHOWN // 2) if len(text) > _SHOWN else 0
    return text[start : start + _SHOWN]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def gave_up(message: str) -> tuple[int, int, str]:
    """Return where the parser gave up, line and column, and the rest of what it says.

    >>> gave_up("error at 1:15: expected OPTIONAL")
    (1, 15, 'expected OPTIONAL')
    """
    match = _POSITION.search(message)
    return (int(match[1]), int(match[2]), match[3]) if match else (1, 1, message)


Explanation = tuple[str, str | None, Token | None] | None


def _place(query: str, offset: int) -> tuple[int, int]:
    # Escapes shift offsets; they are rare, and then the place is a little off.
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _empty(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    if found:
        return None
    return "the query is empty.", "Begin with SELECT, ASK, CONSTRUCT or DESCRIBE.", None


def _first_keyword(found: list[Token]) -> Token | None:
    prologue = ("BASE", "PREFIX")
    words = [one for one in found if one.kind == "word" and one.text.upper() not in prologue]
    return words[0] if words else None


def _update(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    first = _first_keyword(found)
    if first is None or first.text.upper() not in _UPDATES:
        return None
    cause = f"{first.text.upper()} is an update, and this endpoint only answers queries."
    return cause, None, first


def _prefix(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    """Find an undeclared prefix, with the nearest one that is known."""
    declared = {
        name.text.rstrip(":")
        for one, name in zip(found, found[1:], strict=False)
        if one.kind == "word" and one.text.upper() == "PREFIX"
    }
    known = {*declared, *prefixes}
    for token in found:
        name = token.text.partition(":")[0]
        if token.kind == "name" and name not in known:
            near = _nearest(name, known)
            hint = f"Did you mean {near}:? " if near else ""
            hint += f"Declare it with PREFIX {_short(name)}: <…>; predefined are"
            hint += f" {_listed(prefixes)}."
            return f"the prefix {_short(name)}: is not declared.", hint, token
    return None


def _nearest(name: str, known: Collection[str], cutoff: float = 0.5) -> str | None:
    """Return the known name that is most like another one; None: there is none, or none is tried.

    To compare takes the product of the lengths of both, for each of those known.
    """
    if len(name) > _LONGEST or len(known) > _DECLARED:
        return None
    comparable = sorted(other for other in known if len(other) <= _LONGEST)
    return next(iter(difflib.get_close_matches(name, comparable, n=1, cutoff=cutoff)), None)


def _listed(prefixes: Mapping[str, str]) -> str:
    return ", ".join(f"{name}:" for name in sorted(prefixes))


def _unnamed(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    """Find an aggregate that stands as it is between what is selected, as Virtuoso lets it."""
    depth = 0
    for token in _projection(found):
        depth += (token.text == "(") - (token.text == ")")
        function = token.text.upper()
        if token.kind == "word" and depth == 0 and function in _AGGREGATES:
            cause = f"{function} stands without a name of its own."
            return cause, f"Put it in parentheses and name it: ({function}(…) AS ?x).", token
    return None


def _ungrouped(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    """Find a variable beside an aggregate that the query doesn't group by."""
    if "unbound" not in said and "GROUP" not in said:
        return None
    projection = _projection(found)
    if not any(one.text.upper() in _AGGREGATES for one in projection):
        return None
    grouped = dict.fromkeys(_grouped(found))
    bare = [token for token in _bare_variables(projection) if token.text[1:] not in grouped]
    if not bare:
        return None
    names = _few([token.text for token in bare])
    already = _few([f"?{name}" for name in grouped]) + " " if grouped else ""
    cause = f"{names} stands beside an aggregate, but the query does not group by it."
    return cause, f"Add GROUP BY {already}{names} at the end, or leave {names} out.", bare[0]


def _few(names: Sequence[str]) -> str:
    more = " …" if len(names) > _NAMED else ""
    return " ".join(map(_short, names[:_NAMED])) + more


def _projection(found: list[Token]) -> list[Token]:
    words = [one.text.upper() for one in found]
    if "SELECT" not in words:
        return []
    start = words.index("SELECT")
    end = next((i for i in range(start, len(words)) if words[i] in ("{", "WHERE", "FROM")), start)
    return found[start:end]


def _bare_variables(projection: list[Token]) -> list[Token]:
    depth, bare = 0, []
    for token in projection:
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and depth == 0:
            bare.append(token)
    return bare


def _grouped(found: list[Token]) -> list[str]:
    words = [one.text.upper() for one in found]
    for i in range(len(words) - 1):
        if words[i] == "GROUP" and words[i + 1] == "BY":
            names = []
            for token in found[i + 2 :]:
                if token.kind != "variable":
                    break
                names.append(token.text[1:])
            return names
    return []


def _unbalanced(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    open_: list[Token] = []
    for token in found:
        if token.kind != "symbol":
            continue
        if token.text in _PAIRS.values():
            open_.append(token)
        elif token.text in _PAIRS:
            if not open_ or open_[-1].text != _PAIRS[token.text]:
                return f"this {token.text} closes nothing.", None, token
            open_.pop()
    if open_:
        return f"this {open_[-1].text} is never closed.", None, open_[-1]
    return None


def _no_form(found: list[Token], said: str, prefixes: Mapping[str, str]) -> Explanation:
    first = _first_keyword(found)
    if first is None or first.text.upper() in FORMS:
        return None
    near = _nearest(first.text.upper(), FORMS, cutoff=0.6)
    hint = f"Did you mean {near}?" if near else None
    return f"a query can't begin with {_short(first.text)}.", hint, first


def _as_parser_has_it(said: str, rest: str) -> str:
    """Return the parser's own words. rest: what the line has from where it gave up."""
    rest = rest.strip()
    where = f"before “{rest[:30]}”" if rest else "at the end of the line"
    if "unbound" in said:
        return "a variable in SELECT is bound nowhere in the query."
    words = [word for word in re.findall(r"[A-Z]{2,}+", said) if word not in ("LATERAL",)]
    expected = f" It could take {' or '.join(sorted(set(words))[:6])} here." if words else ""
    return f"the query can't be read on {where}.{expected}"


def _common(text: str) -> str | None:
    if "“" in text or "”" in text or "’" in text:
        return "Use straight quotation marks."
    if re.search(r"[?$]\w+\s+[?$]\w+\s+[?$]\w+\s+[?$]\w+", text):
        return "Between two triples stands a full stop, or a semicolon if the subject is the same."
    return None
