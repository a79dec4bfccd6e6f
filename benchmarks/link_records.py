"""Records and items of things that are no persons, as Libris and Wikidata have them in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def record(number: int, thing: Json, name: str, others: Iterable[str] = ()) -> Json:
    """Return a record of a thing with a name, and variants of it."""
    iri = f"https://libris.kb.se/thing{number:012}"
    key = "name" if thing["@type"] == "Organization" else "prefLabel"
    variants = [{"@type": thing["@type"], key: other} for other in others if other != name]
    described = {"@id": f"{iri}#it", key: name, "hasVariant": variants} | thing
    about = {"@id": iri, "@type": "Record", "mainEntity": {"@id": described["@id"]}}
    return {"@graph": [about, described]}


def item(qid: str, labels: dict[str, str], kind: str = "") -> Json:
    """Return an item as Wikidata's JSON has it. labels: by language. kind: what it is a P31 of."""
    statement = {"rank": "normal", "mainsnak": {"datavalue": {"value": {"id": kind}}}}
    named = {language: {"language": language, "value": name} for language, name in labels.items()}
    claims = {"P31": [statement]} if kind else {}
    return {"id": qid, "type": "item", "labels": named, "claims": claims}
