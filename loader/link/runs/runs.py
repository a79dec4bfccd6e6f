"""Runs: the links that each adds and withdraws, and the undo of a run.

What a run changes is committed together with the list of runs whose graphs must be written anew;
``publication`` does that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from loader.archive.archive import Archive
from loader.dates import now
from loader.errors import LinkError
from loader.link.entities.extraction import GRAPHS
from loader.link.extracts.extract_files import list_extracts
from loader.link.extracts.link_database import Tables
from loader.link.matching.score import RULES
from loader.link.runs import STAGES
from loader.link.runs.judgements import Judgement

_SAME = (
    "l.subject = f.subject AND l.predicate = f.predicate AND l.object = f.object"
    " AND l.stage = f.stage AND l.confidence = f.confidence AND l.why = f.why"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run. id: its name, or empty if nothing was to change. in_force: links now."""

    id: str
    added: int
    withdrawn: int
    doubts: int
    in_force: int


def list_inputs(
    archive: Archive, tables: Tables, judgements: Sequence[Judgement], stages: Collection[str]
) -> dict[str, Any]:
    """Return what a run depends on: checksums of records, extracts and judgements, and rules."""
    digest = hashlib.sha256()
    for content in sorted(content for _, content in archive.reader.contents(GRAPHS)):
        digest.update(content)
    used = [
        (extract["sha256"], extract["name"])
        for extract in list_extracts(tables)
        if extract["sha256"]
    ]
    said = hashlib.sha256(repr(judgements).encode()).hexdigest()
    return {
        "records": digest.hexdigest(),
        "extracts": sorted(used),
        "judgements": said,
        "stages": sorted(stages),
        "rules": RULES,
    }


class _Preview(Exception):
    """Carries what would be done out of a transaction that must not commit."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def preview_run(tables: Tables, made_of: dict[str, Any], stages: Collection[str]) -> Outcome:
    """Return what ``commit_run`` would do, and do nothing."""
    try:
        with tables.transaction():
            raise _Preview(_commit(tables, made_of, stages))
    except _Preview as found:
        return found.outcome


def commit_run(tables: Tables, made_of: dict[str, Any], stages: Collection[str]) -> Outcome:
    """Put what was found in force; return what that changed.

    Links of stages that did not run stay as they are.
    """
    with tables.transaction():
        return _commit(tables, made_of, stages)


def _commit(tables: Tables, made_of: dict[str, Any], stages: Collection[str]) -> Outcome:
    query = tables.connection.execute
    identity = _identity(tables, made_of)
    number = 1 + int(query("SELECT ifnull(max(number), 0) FROM run").fetchone()[0])
    withdrawn, added = _commit_links(tables, number, stages)
    doubts = _commit_doubts(tables, number, {*stages}.issuperset(STAGES))
    if not (withdrawn or added or doubts):
        return Outcome("", 0, 0, _open_doubts(tables), _in_force(tables))
    counts = {"added": added, "withdrawn": withdrawn}
    query(
        "INSERT INTO run (number, id, inputs, stages, begun, counts) VALUES (?, ?, ?, ?, ?, ?)",
        (number, identity, _json(made_of), " ".join(sorted(stages)), now(), _json(counts)),
    )
    _mark_changed(tables, number)
    return Outcome(identity, added, withdrawn, _open_doubts(tables), _in_force(tables))


def _commit_links(tables: Tables, number: int, stages: Collection[str]) -> tuple[int, int]:
    """Withdraw what was not found again and add what is new; return how many of each."""
    ran = {*stages, *(("judgement",) if "identifiers" in stages else ())}
    ran |= {"derived"} if {*stages} >= {"identifiers", "names"} else set()
    marks = ",".join(f"'{stage}'" for stage in sorted(ran))
    withdrawn = tables.connection.execute(
        f"UPDATE link AS l SET withdrawn = ? WHERE withdrawn IS NULL AND stage IN ({marks})"
        f" AND NOT EXISTS (SELECT 1 FROM found AS f WHERE {_SAME})",
        (number,),
    ).rowcount
    added = tables.connection.execute(
        "INSERT INTO link SELECT ?, subject, predicate, object, stage, confidence, why, NULL"
        " FROM found AS f WHERE NOT EXISTS (SELECT 1 FROM link AS l WHERE withdrawn IS NULL"
        "  AND l.subject = f.subject AND l.predicate = f.predicate AND l.object = f.object)",
        (number,),
    ).rowcount
    return withdrawn, added


def _commit_doubts(tables: Tables, number: int, whole: bool) -> int:
    """Put doubts in force; those of stages that did not run stay. Return how many changed.

    A pair that is linked is in no doubt.
    """
    connection = tables.connection
    linked = (
        "EXISTS (SELECT 1 FROM link AS l WHERE l.withdrawn IS NULL AND l.subject = {0}.subject"
        " AND l.object = {0}.object)"
    )
    same = "r.subject = d.subject AND r.object = d.object AND r.reason = d.reason AND r.why = d.why"
    connection.execute(f"DELETE FROM doubted AS d WHERE {linked.format('d')}")
    closed = connection.execute(
        f"UPDATE review AS r SET withdrawn = ? WHERE withdrawn IS NULL AND {linked.format('r')}",
        (number,),
    ).rowcount
    if whole:
        closed += connection.execute(
            "UPDATE review AS r SET withdrawn = ? WHERE withdrawn IS NULL AND NOT EXISTS"
            f" (SELECT 1 FROM doubted AS d WHERE {same})",
            (number,),
        ).rowcount
    opened = connection.execute(
        "INSERT INTO review SELECT ?, subject, object, reason, confidence, why, NULL"
        " FROM doubted AS d WHERE NOT EXISTS (SELECT 1 FROM review AS r WHERE withdrawn IS NULL"
        "  AND r.subject = d.subject AND r.object = d.object AND r.reason = d.reason)",
        (number,),
    ).rowcount
    return closed + opened


def _identity(tables: Tables, made_of: dict[str, Any]) -> str:
    """Return a run's name: the same for the same inputs after the same runs."""
    before = [
        identity for (identity,) in tables.connection.execute("SELECT id FROM run ORDER BY number")
    ]
    return hashlib.sha256(_json([made_of, before]).encode()).hexdigest()[:12]


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _in_force(tables: Tables) -> int:
    query = "SELECT count(*) FROM link WHERE withdrawn IS NULL"
    return int(tables.connection.execute(query).fetchone()[0])


def _open_doubts(tables: Tables) -> int:
    query = "SELECT count(*) FROM review WHERE withdrawn IS NULL"
    return int(tables.connection.execute(query).fetchone()[0])


def _mark_changed(tables: Tables, number: int) -> None:
    """Note which runs' graphs must be written anew: this one's, and those it withdrew from."""
    tables.connection.execute(
        "INSERT OR IGNORE INTO unpublished SELECT id, json_extract(counts, '$.added') FROM run"
        " WHERE number = ?1 OR number IN (SELECT run FROM link WHERE withdrawn = ?1)",
        (number,),
    )


def undo_run(tables: Tables, identity: str) -> Outcome:
    """Take a run back: what it added goes, what it withdrew is in force again.

    Raises LinkError if there is no such run.
    """
    with tables.transaction() as connection:
        row = connection.execute("SELECT number FROM run WHERE id = ?", (identity,)).fetchone()
        if row is None:
            raise LinkError(f"there is no run {identity}: libris-loader link report lists them")
        _mark_changed(tables, row[0])
        removed = connection.execute("DELETE FROM link WHERE run = ?", row).rowcount
        restored = connection.execute(
            "UPDATE link SET withdrawn = NULL WHERE withdrawn = ?", row
        ).rowcount
        connection.execute("DELETE FROM review WHERE run = ?", row)
        connection.execute("UPDATE review SET withdrawn = NULL WHERE withdrawn = ?", row)
        connection.execute("DELETE FROM run WHERE number = ?", row)
    return Outcome(identity, restored, removed, _open_doubts(tables), _in_force(tables))
