"""Statistics of archive and store: documents, problems, quarantine, classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from loader.archive.archive import Archive
from loader.link.entities.extraction import GRAPHS
from loader.link.joining.decisions import CLOSE, EXACT
from loader.release.freshness import read_figures
from loader.store.contents.literal_values import RESPELT
from loader.store.ledger import Ledger, Tally
from loader.transform.gate import visible


def count_all(archive: Archive) -> dict[str, Any]:
    """Return figures as JSON has them: counts by name, and lists for what needs a look."""
    ledger = Ledger(archive.connection)
    tally = ledger.tally()
    classes = {iri: uses for (kind, iri), uses in tally.items() if kind == "class"}
    return {
        "documents": archive.reader.counts(),
        "freshness": read_figures(archive),
        "quads": sum(uses for (kind, _), uses in tally.items() if kind == "property"),
        "links": _count_links(archive, tally),
        "literals respelt": _count_kind(RESPELT, tally),
        "classes": dict(sorted(classes.items(), key=lambda item: (-item[1], item[0]))),
        "outside things described": len(ledger.things()),
        "triples kept once that stand in two graphs": ledger.shadows(),
        "repaired or dropped": ledger.problems(),
        "quarantine": [asdict(entry) for entry in archive.reader.quarantined()],
    }


def _count_kind(kind: str, tally: Tally) -> dict[str, int]:
    return {iri: uses for (counted, iri), uses in sorted(tally.items()) if counted == kind}


def _count_links(archive: Archive, tally: Tally) -> dict[str, int]:
    """Return how many links of the matching properties records hold, and how many are derived."""
    derived = Counter(
        line.split(b" ", 2)[1]
        for document in archive.reader.documents(archive.reader.ids_in(f"{GRAPHS}run/"))
        if "/evidence" not in document.graph
        for line in document.payload.splitlines()
    )
    found = sum(derived[f"<{iri}>".encode()] for iri in (EXACT, CLOSE))
    everywhere = sum(tally["property", iri] for iri in (EXACT, CLOSE))
    return {"asserted": everywhere - found, "derived": found}


def format_lines(found: dict[str, Any], most: int | None = None) -> Iterator[str]:
    """Yield the figures as tab-separated lines: what, which, how many or why.

    most: of each list, so many lines and one that counts the rest.
    """
    for name, count in found["documents"].items():
        yield f"documents\t{name}\t{count}"
    yield from _describe_freshness(found["freshness"])
    yield f"quads\t\t{found['quads']}"
    for origin, count in found["links"].items():
        yield f"links\t{origin}\t{count}"
    for iri, uses in found["literals respelt"].items():
        yield f"respelt\t{iri}\t{uses}"
    for iri, uses in found["classes"].items():
        yield f"class\t{iri}\t{uses}"
    yield f"outside\tthings described\t{found['outside things described']}"
    shadows = found["triples kept once that stand in two graphs"]
    yield from _take_first(
        [
            f"kept once\t{shadow['graph']} in {shadow['holder']}\t{shadow['triples']}"
            for shadow in shadows
        ],
        most,
    )
    problems = found["repaired or dropped"]
    yield from _take_first(
        [
            f"{problem['kind']}\t{problem['identifier']}\t{visible(problem['value'])}"
            for problem in problems
        ],
        most,
    )
    yield from _take_first(
        [
            f"quarantine\t{entry['identifier']} ({entry['source']})\t{entry['reason']}"
            for entry in found["quarantine"]
        ],
        most,
    )


def _describe_freshness(found: dict[str, Any]) -> Iterator[str]:
    last = found["last_update"] or {"began": "never", "ended": None, "well": False}
    yield f"last update\tbegan\t{last['began']}"
    yield f"last update\tended\t{last['ended'] or 'not yet, or was killed'}"
    yield f"last update\tended well\t{found['last_update_well'] or 'never'}"
    yield f"newest datestamp\t\t{found['newest_datestamp'] or ''}"
    for kind in ("repaired", "dropped"):
        yield f"values\t{kind}\t{found[kind]}"


def _take_first(lines: list[str], most: int | None) -> Iterator[str]:
    yield from lines[:most]
    if most is not None and len(lines) > most:
        yield f"{lines[0].partition(chr(9))[0]}\tand so on (--all)\t{len(lines) - most} more"
