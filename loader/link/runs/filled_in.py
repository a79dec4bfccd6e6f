"""Judgements read from a table that ``review`` wrote and somebody filled in."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from loader.dates import now, to_utc
from loader.errors import LinkError
from loader.link.runs.judgements import Judgement

_VERDICTS = {
    **dict.fromkeys(("yes", "y", "ja", "j", "1"), "yes"),
    **dict.fromkeys(("no", "n", "nej", "0"), "no"),
    **dict.fromkeys(("unsure", "?", "osäker", "vet ej"), "unsure"),
}


def import_judgements(path: Path, who: str, known: Iterable[Judgement]) -> list[Judgement]:
    """Return the judgements in a table that ``export_doubts`` wrote and somebody filled in.

    who: who has judged, for rows that don't say. known: those taken in before, which are left out.
    Raises LinkError, with the line, for a verdict that isn't one or a row without a name.
    """
    before = {replace(judgement, when="") for judgement in known}
    found = []
    for number, row in _rows(path):
        word = (row.get("verdict") or "").strip().casefold()
        if not word:
            continue
        if word not in _VERDICTS:
            raise LinkError(f"{path.name}:{number}: the verdict is yes, no or unsure, not {word!r}")
        judgement = _judgement(row, _VERDICTS[word], who, f"{path.name}:{number}")
        if replace(judgement, when="") not in before:
            found.append(judgement)
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LinkError(f"{path.name}: {error}") from error
    table = csv.DictReader(text.splitlines(), dialect=csv.excel_tab)
    missing = {"subject", "object", "verdict"} - set(table.fieldnames or ())
    if missing:
        raise LinkError(f"{path.name}: no column {', '.join(sorted(missing))}")
    yield from enumerate(table, 2)


def _judgement(row: dict[str, str], verdict: str, who: str, where: str) -> Judgement:
    subject, other = (row.get("subject") or "").strip(), (row.get("object") or "").strip()
    if not all(re.fullmatch(r"https?://[^\s<>\"]+", iri) for iri in (subject, other)):
        raise LinkError(f"{where}: subject and object are not two addresses")
    name = (row.get("who") or "").strip() or who
    if not name:
        raise LinkError(f"{where}: nobody is named: fill in the column who, or give --who NAME")
    try:
        when = to_utc(row["when"]) if (row.get("when") or "").strip() else now()
    except ValueError as error:
        raise LinkError(f"{where}: {error}") from error
    return Judgement(subject, other, verdict, name, when, " ".join((row.get("note") or "").split()))
