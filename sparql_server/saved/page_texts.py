"""The texts of the pages, in Swedish and English: ``texts.toml``, one place for all of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sparql_server.catalogue.saved_query import LANGUAGES, Texts
from sparql_server.errors import RequestError

_NARROW = "\N{NARROW NO-BREAK SPACE}"


@cache
def texts() -> Mapping[str, Mapping[str, Texts]]:
    """Return room to key to text in each language, as the file has them."""
    return tomllib.loads((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8"))


class Wording:
    """The texts of the pages in one language: ``sv`` or ``en``.

    >>> Wording("sv")("list.title")
    'Sparade frågor'
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, with values in the places it has for them. key: ``room.name``."""
        room, _, name = key.partition(".")
        shown = {name: self.number(v) if type(v) is int else v for name, v in values.items()}
        return texts()[room][name][self.language].format(**shown)

    def of(self, several: Texts) -> str:
        """Return a text that comes in several languages; empty if it comes in none."""
        return several.get(self.language, "")

    def number(self, value: int) -> str:
        """Return a number with its thousands apart.

        >>> Wording("en").number(12345)
        '12,345'
        """
        return f"{value:,}" if self.language == "en" else f"{value:,}".replace(",", _NARROW)

    def column(self, name: str) -> str:
        """Return what a column is called: ``roleName`` is *role name*."""
        return self._word("column", name)

    def tag(self, name: str) -> str:
        """Return what a tag is called."""
        return self._word("tag", name)

    def heading(self, tag: str) -> str:
        """Return what a tag is called above what has it."""
        found = self.tag(tag)
        return found[:1].upper() + found[1:]

    def _word(self, room: str, name: str) -> str:
        found = texts()[room].get(name)
        if found:
            return found[self.language]
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()

    def error(self, error: RequestError) -> str:
        """Return the title of an error."""
        return self.of(texts()["error"].get(error.title, {})) or error.title

    @property
    def other(self) -> str:
        """The other language."""
        return next(language for language in LANGUAGES if language != self.language)
