"""Review of doubts: those worth most first, both sides, in a table that is read back."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from loader.dates import now, to_utc
from loader.errors import LinkError
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import Doubt
from loader.link.matching.profiles import load_profile
from loader.link.names.backgrounds import NOTHING, Background
from loader.link.names.lifespans import Life, Years
from loader.link.runs.evidence_rdf import spell_reason
from loader.link.runs.judgements import Judgement
from loader.link.runs.publication import load_reasons

COLUMNS = (
    *("subject", "name", "years", "titles", "links", "uses"),
    *("object", "object name", "object years", "object titles", "object links"),
    *("score", "reason", "evidence", "verdict", "who", "when", "note"),
)
_VERDICTS = {
    **dict.fromkeys(("yes", "y", "ja", "j", "1"), "yes"),
    **dict.fromkeys(("no", "n", "nej", "0"), "no"),
    **dict.fromkeys(("unsure", "?", "osäker", "vet ej"), "unsure"),
}
_PROFILE = (
    "SELECT body FROM authority JOIN profile ON profile.authority = authority.id WHERE iri = ?"
)
_MANY = 8  # titles or links to a cell
_TITLES = (
    "SELECT text || ifnull(' (' || min(year) || ')', '') FROM title WHERE agent = ? GROUP BY key"
)


def export_doubts(tables: Tables, stream: IO[str]) -> int:
    """Write the open doubts as TSV, those worth most first; return how many there are."""
    table = csv.writer(stream, csv.excel_tab, lineterminator="\n")
    table.writerow(COLUMNS)
    count = 0
    for doubt, uses in rank_doubts(tables):
        evidence = " | ".join(spell_reason(step) for step in doubt.why)
        row = [doubt.subject, *describe_entity(tables, doubt.subject), str(uses), doubt.object]
        row += [*describe_authority(tables, doubt.object), f"{doubt.confidence:.3f}", doubt.reason]
        table.writerow([protect_cell(text) for text in (*row, evidence, "", "", "", "")])
        count += 1
    return count


def rank_doubts(tables: Tables) -> list[tuple[Doubt, int]]:
    """Return the open doubts with how many titles use the thing, those worth a decision first.

    A decision is worth the more the more it is used, and the less certain it is either way.
    """
    uses = dict(tables.connection.execute("SELECT agent, count(*) FROM title GROUP BY agent"))
    rows = tables.connection.execute(
        "SELECT subject, object, reason, confidence, why FROM review WHERE withdrawn IS NULL"
    ).fetchall()
    doubts = [
        (Doubt(subject, other, reason, likely, load_reasons(why)), uses.get(subject, 0))
        for subject, other, reason, likely, why in rows
    ]
    return sorted(doubts, key=lambda ranked: (-_worth(*ranked), _key(ranked[0])))


def _worth(doubt: Doubt, uses: int) -> float:
    likely = min(max(doubt.confidence, 0.001), 0.999)
    doubtful = -likely * math.log2(likely) - (1 - likely) * math.log2(1 - likely)
    return (1 + uses) * doubtful


def _key(doubt: Doubt) -> tuple[float, str, str, str]:
    return -doubt.confidence, doubt.subject, doubt.object, doubt.reason


def protect_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula or for two cells."""
    flat = " ".join(text.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") else flat


def describe_entity(tables: Tables, iri: str) -> Iterator[str]:
    """Yield a thing's names, years, titles and links, a cell each."""
    row = tables.connection.execute(
        "SELECT id, body FROM entity WHERE iri = ? ORDER BY id", (iri,)
    ).fetchone()
    if row is None:
        yield from ("", "", "", "")
        return
    entity = load_entity(iri, row[1])
    yield " / ".join(entity.names[:_MANY])
    yield _years(entity.life)
    yield _join(tables, _TITLES, iri)
    yield _join(
        tables, "SELECT DISTINCT iri FROM claim WHERE entity = ? AND shape != 'self'", row[0]
    )


def describe_authority(tables: Tables, iri: str) -> Iterator[str]:
    """Yield an authority's names, years, titles and links, a cell each."""
    row = tables.connection.execute("SELECT id FROM authority WHERE iri = ?", (iri,)).fetchone()
    if row is None:
        yield from describe_entity(tables, iri)
        return
    labels = (
        "SELECT DISTINCT value FROM said WHERE property IN ('label', 'alias') AND authority = ?"
    )
    yield _join(tables, labels, row[0], " / ")
    body = tables.connection.execute("SELECT body FROM profile WHERE authority = ?", row).fetchone()
    yield _years(load_profile(body[0]).life) if body else ""
    for table in ("said WHERE property = 'title'", "identifier WHERE property != 'self'"):
        column = "value" if table.startswith("said") else "iri"
        yield _join(tables, f"SELECT DISTINCT {column} FROM {table} AND authority = ?", row[0])


def load_backgrounds(tables: Tables, doubt: Doubt) -> tuple[Background, Background]:
    """Return where both sides of a doubt are from and what they do, as far as it is known."""
    query = tables.connection.execute
    here = query("SELECT body FROM entity WHERE iri = ?", (doubt.subject,)).fetchone()
    there = query(_PROFILE, (doubt.object,)).fetchone()
    return (
        load_entity(doubt.subject, here[0]).background if here else NOTHING,
        load_profile(there[0]).background if there else NOTHING,
    )


def _join(tables: Tables, query: str, value: object, mark: str = " ; ") -> str:
    rows = tables.connection.execute(f"{query} ORDER BY 1 LIMIT {_MANY}", (value,))
    return mark.join(text for (text,) in rows)


def _years(life: Life) -> str:
    if life == Life():
        return ""
    return f"{_year(life.birth)}–{_year(life.death)}"


def _year(years: Years | None) -> str:
    if years is None:
        return ""
    return str(years.low) if years.exact else f"{years.low}/{years.high}"


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
