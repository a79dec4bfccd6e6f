"""Small Libris records to test with, and RDF in a form that can be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox

KBV = "https://id.kb.se/vocab/"


def record(name: str, thing: dict[str, Any] | None = None, **of_record: Any) -> dict[str, Any]:
    """A record ``https://libris.kb.se/NAME`` of ``…#it``, with what is given said of the two."""
    iri = f"https://libris.kb.se/{name}"
    main = {"@id": f"{iri}#it", "@type": "PhysicalResource", **(thing or {})}
    described = {"@id": iri, "@type": "Record", "mainEntity": {"@id": main["@id"]}, **of_record}
    return {"@graph": [described, main]}


def title(name: str, text: str) -> dict[str, Any]:
    return record(name, {"hasTitle": [{"@type": "Title", "mainTitle": text}]})


def heading(label: str, **more: Any) -> dict[str, Any]:
    """A subject heading of the Library of Congress, described where it is used."""
    iri = f"http://id.loc.gov/authorities/label/{label}"
    return {"@id": iri, "@type": "Topic", "prefLabel": label, **more}


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def canonical(quads: Any) -> list[str]:
    """Quads as sorted lines with canonical blank node labels (RDFC-1.0)."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} ." for quad in dataset)


def stored(path: Path) -> list[str]:
    """What a store holds, canonical."""
    return canonical(ox.Store.read_only(str(path)))


def quads_of(lines: list[str]) -> list[ox.Quad]:
    return list(ox.parse("\n".join(lines), ox.RdfFormat.N_QUADS))
