"""A mistake as a rule finds it, and the diagnosis that is made of it.

What is said of each, in English and Swedish, is in ``causes.toml``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sparql_server.sparql.lexer import Token

_LONGEST = 60  # characters of a name, as much of it as is said


@cache
def _read_causes() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((Path(__file__).parent / "causes.toml").read_text(encoding="utf-8"))


def find_cause(key: str, values: Mapping[str, str], language: str) -> tuple[str, str | None]:
    """Return a cause and its hint, if it has one. language: ``en`` or ``sv``."""
    texts = _read_causes()[key]
    hint = texts.get(f"{language}_hint")
    return texts[language].format(**values), hint and hint.format(**values)


def shorten_name(name: str) -> str:
    """Return as much of a name as is said."""
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text: ``text[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """An error at a token. cause: a key of ``causes.toml``. values: for its places.

    token: None where the parser's own place is the best there is. edits: what makes of the query
    what its writer meant; none where that isn't certain. guess: whether they guess at a name, which
    is enough where nothing else is wrong.
    """

    cause: str
    token: Token | None
    values: Mapping[str, str] = field(default_factory=dict)
    edits: Sequence[Edit] = ()
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The place and the cause of a malformed query.

    line, column: from 1. text: the line at fault; of a long one what is around the column.
    cause, hint: in English. parser: what the parser says, without its lists of characters.
    swedish: cause and hint in Swedish.
    """

    line: int
    column: int
    text: str
    cause: str
    hint: str | None = None
    parser: str = ""
    swedish: tuple[str, str | None] = ("", None)

    def sentence(self, language: str = "en") -> str:
        """Return it all in a sentence or two. language: ``en`` or ``sv``."""
        cause, hint = self.cause, self.hint
        place = f"Line {self.line}, column {self.column}"
        if language == "sv" and self.swedish[0]:
            cause, hint = self.swedish
            place = f"Rad {self.line}, kolumn {self.column}"
        return f"{place}: {cause}" + (f" {hint}" if hint else "")

    def written(self) -> str:
        """Return it as a text that another process can read."""
        parts = [self.line, self.column, self.text, self.cause, self.hint, self.parser]
        return json.dumps([*parts, *self.swedish], ensure_ascii=False)


def read_diagnosis(written: str) -> Diagnosis:
    """Return a diagnosis as ``written`` has it. Raises ValueError for what is none."""
    match json.loads(written):
        case [
            int(line),
            int(column),
            str(text),
            str(cause),
            (str() | None) as hint,
            str(parser),
            str(swedish),
            (str() | None) as swedish_hint,
        ]:
            return Diagnosis(line, column, text, cause, hint, parser, (swedish, swedish_hint))
    raise ValueError("this is no diagnosis")


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return a text after edits of it. Of two that overlap the first counts.

    >>> apply_edits("a b c", [Edit(4, 5, "d"), Edit(0, 2, "")])
    'b d'
    """
    parts, place = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start >= place:
            parts += [text[place : edit.start], edit.new]
            place = edit.end
    return "".join([*parts, text[place:]])
