"""Causes and hints in words, in English and Swedish: ``causes.toml`` has them all."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

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
