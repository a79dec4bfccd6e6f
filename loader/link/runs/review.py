"""Review of doubts: those worth most first, with both sides, as a table for a spreadsheet."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from typing import IO

from loader.link.entities.extraction import load_entity
from loader.link.extracts.tables import Tables
from loader.link.joining.decisions import Doubt
from loader.link.matching.profiles import load_profile
from loader.link.names.lifespans import Life, Years
from loader.link.runs.evidence import spell_reason
from loader.link.runs.publication import load_reasons

COLUMNS = (
    *("subject", "name", "years", "titles", "links", "uses"),
    *("object", "object name", "object years", "object titles", "object links"),
    *("score", "reason", "evidence", "verdict", "who", "when", "note"),
)
_MANY = 8  # titles or links to a cell


def export_doubts(tables: Tables, stream: IO[str]) -> int:
    """Write the open doubts as TSV, those worth most first; return how many there are."""
    table = csv.writer(stream, csv.excel_tab, lineterminator="\n")
    table.writerow(COLUMNS)
    count = 0
    for doubt, uses in rank_doubts(tables):
        evidence = " | ".join(spell_reason(step) for step in doubt.why)
        row = [doubt.subject, *describe_entity(tables, doubt.subject), str(uses), doubt.object]
        row += [*describe_authority(tables, doubt.object), f"{doubt.confidence:.3f}", doubt.reason]
        table.writerow([_cell(text) for text in (*row, evidence, "", "", "", "")])
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


def _cell(text: str) -> str:
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
    yield _join(tables, "SELECT DISTINCT key FROM title WHERE agent = ?", iri)
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
