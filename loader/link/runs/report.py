"""The reports of ``link report`` and ``link why``: figures, and the evidence for a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from loader.link.extracts.extract_files import list_extracts
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import Step
from loader.link.joining.redirects import list_moved
from loader.link.runs.evidence_rdf import spell_reason
from loader.link.runs.evidence_wording import split_evidence
from loader.link.runs.judgements import Judgement
from loader.link.runs.publication import count_links, load_reasons


def count_all(tables: Tables, judgements: list[Judgement]) -> dict[str, Any]:
    """Return figures as JSON has them: extracts, runs, links by stage, doubts by reason."""
    query = tables.connection.execute
    return {
        "extracts": list_extracts(tables),
        "runs": [
            _run(row) for row in query("SELECT id, begun, stages, counts FROM run ORDER BY number")
        ],
        "links": _counts(
            tables, "SELECT stage || ' ' || predicate, count(*) FROM link WHERE withdrawn IS NULL"
        ),
        "links by kind": {" ".join(counted): count for *counted, count in count_links(tables)},
        "linked entities": query(
            "SELECT count(DISTINCT subject) FROM link WHERE withdrawn IS NULL"
        ).fetchone()[0],
        "doubts": _counts(
            tables,
            "SELECT CASE instr(reason, ':') WHEN 0 THEN reason"
            " ELSE substr(reason, 1, instr(reason, ':') - 1) END, count(*)"
            " FROM review WHERE withdrawn IS NULL",
        ),
        "judgements": len(judgements),
        "perhaps one person twice": _list_duplicates(tables),
        "moved": _list_moved(tables),
        "identifiers that can't be read": [
            {"entity": iri, "shape": shape, "text": text}
            for iri, shape, text in query(
                "SELECT iri, shape, text FROM unread_claim JOIN entity ON entity.id = entity"
                " ORDER BY 1, 2, 3"
            )
        ],
    }


def _list_duplicates(tables: Tables) -> list[dict[str, Any]]:
    """Return the items that several records fit, with the records."""
    found: dict[str, list[str]] = {}
    for other, subject in tables.connection.execute(
        "SELECT DISTINCT object, subject FROM review WHERE withdrawn IS NULL"
        " AND reason LIKE 'several records%' ORDER BY 1, 2"
    ):
        found.setdefault(other, []).append(subject)
    return [{"object": other, "records": subjects} for other, subjects in found.items()]


def _list_moved(tables: Tables) -> list[dict[str, str]]:
    """Return links in records to what has another address now, or none; and changed headings.

    ``to`` has several addresses of what was split.
    """
    rows = tables.connection.execute(
        "SELECT DISTINCT entity.iri, claim.iri FROM claim JOIN entity ON entity.id = claim.entity"
        " WHERE shape NOT IN ('self', 'judgement') AND (EXISTS (SELECT 1 FROM identifier"
        "  WHERE identifier.iri = claim.iri AND property = 'redirect')"
        " OR EXISTS (SELECT 1 FROM authority JOIN said ON said.authority = authority.id"
        "  WHERE authority.iri = claim.iri AND property = 'gone')) ORDER BY 1, 2"
    ).fetchall()
    moved = [(entity, former, " ".join(list_moved(tables, former))) for entity, former in rows]
    rows = [row for row in moved if row[1] != row[2]]
    rows += tables.connection.execute(
        "SELECT subject, json_extract(why, '$[0][3]'), object FROM link WHERE withdrawn IS NULL"
        " AND stage = 'terms' AND json_extract(why, '$[0][2]') = 'variant label' ORDER BY 1, 2, 3"
    ).fetchall()
    return [dict(zip(("entity", "from", "to"), row, strict=True)) for row in rows]


def _run(row: tuple[str, str, str, str]) -> dict[str, Any]:
    return {"id": row[0], "begun": row[1], "stages": row[2], **orjson.loads(row[3])}


def _counts(tables: Tables, query: str) -> dict[str, int]:
    return dict(tables.connection.execute(f"{query} GROUP BY 1 ORDER BY 1").fetchall())


def format_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield a report as tab-separated lines: what, which, how many or why."""
    for extract in found["extracts"]:
        checksum = (extract["sha256"] or "unfinished")[:12]
        counts = f"{extract['kept']} facts, {extract['unread']} of {extract['units']} units unread"
        counts += f", {extract['dropped']} dropped" if extract["dropped"] else ""
        yield f"extract\t{extract['source']} {extract['name']}\t{checksum}\t{counts}"
    for run in found["runs"]:
        counts = f"{run['added']} added, {run['withdrawn']} withdrawn"
        yield f"run\t{run['id']}\t{run['begun']}\t{counts}"
    for section in ("links", "links by kind", "doubts"):
        for name, count in found[section].items():
            yield f"{section}\t{name}\t{count}"
    yield f"linked entities\t\t{found['linked entities']}"
    yield f"judgements\t\t{found['judgements']}"
    for twice in found["perhaps one person twice"]:
        yield f"perhaps one person twice\t{twice['object']}\t{' '.join(twice['records'])}"
    for moved in found["moved"]:
        yield f"moved\t{moved['entity']}\t{moved['from']}\t{moved['to'] or 'deleted'}"
    for unread in found["identifiers that can't be read"]:
        yield f"unread\t{unread['entity']}\t{unread['shape']}\t{unread['text']}"


def explain_links(tables: Tables, judgements: list[Judgement], iri: str) -> Iterator[str]:
    """Yield the links of a thing, or to it, each with its evidence; and doubts and judgements.

    iri: of an entity, of its record, or of what is linked to.
    """
    names = (iri, f"{iri}#it")
    for row in tables.connection.execute(
        "SELECT subject, predicate, object, stage, confidence, run.id, why FROM link"
        " JOIN run ON run.number = link.run WHERE withdrawn IS NULL"
        " AND (subject IN (?1, ?2) OR object = ?1) ORDER BY 1, 2, 3",
        names,
    ):
        subject, predicate, other, stage, confidence, run, reasons = row
        yield f"<{subject}> <{predicate}> <{other}>"
        yield f"  {stage}, confidence {confidence:g}, run {run}"
        yield from _spell_evidence(load_reasons(reasons))
    for subject, other, reason, confidence, reasons in tables.connection.execute(
        "SELECT subject, object, reason, confidence, why FROM review WHERE withdrawn IS NULL"
        " AND (subject IN (?1, ?2) OR object = ?1) ORDER BY 1, 2, 3",
        names,
    ):
        yield f"<{subject}> and <{other}>: no link"
        yield f"  in review, confidence {confidence:g}: {reason}"
        yield from _spell_evidence(load_reasons(reasons))
    for judgement in judgements:
        if judgement.subject in names or judgement.object == iri:
            yield f"<{judgement.subject}> and <{judgement.object}>: {judgement.verdict}"
            yield f"  said by {judgement.who} on {judgement.when[:10]}: {judgement.reason}"


def _spell_evidence(steps: Sequence[Step]) -> Iterator[str]:
    """Yield evidence step by step; before that in words, if it was weighed."""
    if any(step.text.endswith(" bits") for step in steps):
        support, against = split_evidence(steps)
        yield f"  for it: {', '.join(support) or 'nothing'}"
        yield f"  against: {', '.join(against) or 'nothing'}"
    yield from (f"  {spell_reason(step)}" for step in steps)
