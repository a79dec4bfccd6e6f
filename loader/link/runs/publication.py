"""Publication of runs: links and evidence as graphs of the archive, and so of store and releases.

``links.sqlite`` and the archive can't commit together. So a run is committed in the first with
the list of graphs that it changes, then these are written to the second, then struck off the list.
A run that was killed between is published by the next command; nothing of it is ever half there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from zlib import crc32

import orjson

from loader.archive.archive import Archive, Arrival
from loader.dates import now
from loader.link.entities.extraction import GRAPHS
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import Link, Step, kind_of
from loader.link.runs import evidence_rdf
from loader.link.runs.evidence_rdf import Run
from loader.link.runs.judgements import Judgement
from loader.release.manifest import LINK_COUNTS

_TOGETHER = 10_000  # links whose evidence stands in one graph, or a few more
_JUDGEMENTS = f"{GRAPHS}judgements"
_EXTRACTS = f"{GRAPHS}extracts"


def publish_runs(archive: Archive, tables: Tables, judgements: Sequence[Judgement]) -> None:
    """Bring the archive's graphs of links in step with the tables."""
    waiting = [
        identity
        for (identity,) in tables.connection.execute("SELECT run FROM unpublished ORDER BY 1")
    ]
    moment, counts = now(), orjson.dumps(count_links(tables))
    with archive.transaction():
        archive.remember(LINK_COUNTS, counts)
        source = archive.provider(GRAPHS, moment)
        for identity in waiting:
            run, links, parts = _run(tables, identity)
            _write(archive, source, {run.graph: evidence_rdf.write_statements(links)}, moment)
            for name, part in divide_evidence(run, links, parts):
                said = evidence_rdf.write_evidence(run, part) if part else b""
                _write(archive, source, {name: said}, moment)
        common = {
            _JUDGEMENTS: evidence_rdf.write_judgements(judgements),
            _EXTRACTS: evidence_rdf.write_extracts(_used(tables)),
        }
        _write(archive, source, common, moment)
    with tables.transaction() as connection:
        connection.executemany(
            "DELETE FROM unpublished WHERE run = ?", ((identity,) for identity in waiting)
        )


def count_links(tables: Tables) -> list[tuple[str, str, str, int]]:
    """Return kind of thing, file linked to, stage, and how many links of that are in force."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for kind, other, stage in tables.connection.execute(
        "SELECT ifnull((SELECT json_extract(body, '$.kind') FROM entity WHERE iri = subject), ''),"
        " object, stage FROM link WHERE withdrawn IS NULL"
    ):
        host = other.partition("://")[2].partition("/")[0]
        counts[kind or "term", kind_of(other) or host, stage] += 1
    return [(*counted, count) for counted, count in sorted(counts.items())]


def _write(archive: Archive, source: int, graphs: dict[str, bytes], moment: str) -> None:
    full = [Arrival(name, "ntriples", payload) for name, payload in graphs.items() if payload]
    archive.store(full, source, moment)
    empty = [f"{name} {source}" for name, payload in graphs.items() if not payload]
    known = [name for name in empty if archive.reader.has(name)]
    archive.delete([(name, "ntriples", None) for name in known], source, moment)


def _used(tables: Tables) -> set[tuple[str, str]]:
    """Return checksum and name of every extract that a run has used."""
    runs = tables.connection.execute("SELECT inputs FROM run").fetchall()
    return {
        (extract[0], extract[1]) for (used,) in runs for extract in orjson.loads(used)["extracts"]
    }


def _run(tables: Tables, identity: str) -> tuple[Run, list[Link], int]:
    """Return a run, its links in force, and in how many graphs its evidence stands."""
    row = tables.connection.execute(
        "SELECT number, inputs, counts FROM run WHERE id = ?", (identity,)
    ).fetchone()
    if row is None:
        # It was undone; how much it was has been noted with that.
        (count,) = tables.connection.execute(
            "SELECT links FROM unpublished WHERE run = ?", (identity,)
        ).fetchone()
        return Run(identity, ()), [], _parts(count)
    used = orjson.loads(row[1])["extracts"]
    run = Run(identity, tuple((extract[0], extract[1]) for extract in used))
    return run, list(load_links(tables, row[0])), _parts(orjson.loads(row[2])["added"])


def _parts(links: int) -> int:
    return max(1, -(-links // _TOGETHER))


def divide_evidence(
    run: Run, links: Sequence[Link], parts: int
) -> Iterator[tuple[str, list[Link]]]:
    """Yield the graphs of a run's evidence; a link stays in its part whatever becomes of others."""
    found: list[list[Link]] = [[] for _ in range(parts)]
    for link in links:
        found[crc32(f"{link.subject} {link.object}".encode()) % parts].append(link)
    for number, part in enumerate(found):
        yield run.evidence_graph + (f"/{number}" if number else ""), part


def load_links(tables: Tables, number: int) -> Iterator[Link]:
    """Yield the links of a run that are in force."""
    rows = tables.connection.execute(
        "SELECT subject, predicate, object, stage, confidence, why FROM link"
        " WHERE run = ? AND withdrawn IS NULL ORDER BY 1, 2, 3",
        (number,),
    )
    for row in rows.fetchall():
        subject, predicate, other, stage, confidence, why = row
        yield Link(subject, predicate, other, stage, confidence, load_reasons(why))


def load_reasons(why: str) -> tuple[Step, ...]:
    """Return the reasons that a row of the tables has as JSON."""
    return tuple(Step(*fields) for fields in orjson.loads(why))
