"""Judgements: the decisions of people about links, a log in a file that only grows.

A line has subject, object, verdict, who, when and why, tab-separated; of several about one pair,
the last holds. Nothing that the loader makes anew touches the file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

VERDICTS = ("yes", "no", "unsure")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision. verdict: one of VERDICTS. when: UTC, as the archive spells it."""

    subject: str
    object: str
    verdict: str
    who: str
    when: str
    reason: str


def read_judgements(path: Path) -> list[Judgement]:
    """Return every judgement, oldest first; a line that can't be read is reported."""
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        fields = line.split("\t")
        if len(fields) == 6 and fields[2] in VERDICTS:
            found.append(Judgement(*fields))
        elif line:
            logger.warning("%s:%s: no judgement: %r", path.name, number, line)
    return found


def pick_latest(judgements: Iterable[Judgement]) -> dict[tuple[str, str], Judgement]:
    """Return the last judgement about each pair."""
    return {(judgement.subject, judgement.object): judgement for judgement in judgements}


def append_judgements(path: Path, judgements: Iterable[Judgement]) -> None:
    """Add judgements at the end of the log; they are on the disk when this returns."""
    lines = ["\t".join(_flat(text) for text in astuple(judgement)) for judgement in judgements]
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # A line that was cut short by a crash must not run into the next.
    begin = b"" if _ends_well(path) else b"\n"
    with open(path, "ab") as stream:
        stream.write(begin + "".join(f"{line}\n" for line in lines).encode())
        stream.flush()
        os.fsync(stream.fileno())


def _ends_well(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return True
    with open(path, "rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read() == b"\n"


def _flat(text: str) -> str:
    return " ".join(text.split())
