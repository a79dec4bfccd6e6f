"""EMM as Libris speaks it: change sets newest first, dumps in pages, and single records."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.standin.catalogue import Catalogue
from tests.standin.oai import java

CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://emm-spec.org/1.0/context.json"]
BASE = "https://libris.kb.se/api/emm/"  # as Libris names itself, whoever asks


@dataclass
class Emm:
    """Changes and dumps. page: changes, or ids of a dump, to a page.

    failing: as many answers of a dump are 500. generating: as many say that it is being made.
    """

    catalogue: Catalogue
    page: int = 100
    changes: list[tuple[datetime, str, dict[str, Any]]] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    failing: int = 0
    generating: int = 0
    documents: dict[str, str] = field(default_factory=dict)  # by path, in Turtle

    def announce(self, kind: str, name: str, when: datetime, **more: Any) -> None:
        thing = {"id": f"https://libris.kb.se/{name}#it", "type": "kbv:PhysicalResource", **more}
        self.changes.append((when, kind, thing))

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, Any]:
        if path.endswith("/full") and "download" in asked:
            assert asked["download"] == ".ndjsonld.gz"
            return self._file(asked["selection"])
        if path.endswith("/full"):
            return self._dump(asked.get("selection", ""), int(asked.get("offset", 0)))
        if path.endswith("/api/emm/"):
            return 200, self._changes(asked["until"]) if "until" in asked else self._entry()
        if path in self.documents:
            return 200, self.documents[path]
        return self._record(f"https://libris.kb.se{path}", asked)

    def _entry(self) -> Any:
        first = {"type": "OrderedCollectionPage", "id": f"{BASE}?until={_ms(datetime.now(UTC))}"}
        return {"@context": CONTEXT, "type": "OrderedCollection", "id": BASE, "first": first}

    def _changes(self, until: str) -> Any:
        limit = int(until)
        listed = sorted(
            (change for change in self.changes if _ms(change[0]) <= limit),
            key=lambda change: change[0],
        )
        listed = listed[::-1]
        page = listed[: self.page]
        page += [change for change in listed[self.page :] if _ms(change[0]) == limit]
        oldest = page[-1][0] if page else datetime.now(UTC)
        items = [
            {"type": kind, "published": java(when), "object": {**thing, "updated": java(when)}}
            for when, kind, thing in page
        ]
        known = {"id": f"{BASE}?until={until}", "next": f"{BASE}?until={_ms(oldest)}"}
        return {
            "@context": CONTEXT,
            "type": "OrderedCollectionPage",
            **known,
            "orderedItems": items,
        }

    def _dump(self, selection: str, offset: int) -> tuple[int, Any]:
        if self.failing:
            self.failing -= 1
            return 500, "timeout"
        rows = [row for row in self.catalogue.rows(False) if _is_in(selection, row.record)]
        items: list[Any] = [] if offset else [{"@id": "https://libris.kb.se/ctx", "@context": {}}]
        for row in rows[offset : offset + self.page]:
            if not row.deleted:
                context = [None, "https://libris.kb.se/ctx"]
                items.append({"@id": row.identifier, "@context": context, **self._held(row.record)})
        page = {"@context": CONTEXT[0], "type": "CollectionPage", "startTime": java(self.started)}
        page |= {"_status": "generating", "items": items}
        if self.generating:
            self.generating -= 1
        else:
            page |= {"_status": "done", "totalItems": len(rows)}
        if offset + self.page < len(rows):
            page["next"] = f"{BASE}full?selection={selection}&offset={offset + self.page}"
        return 200, page

    def _file(self, selection: str) -> tuple[int, Any]:
        """The whole dump as gzip of JSON lines; line 1 is the context."""
        everything = replace(self, page=1_000_000)
        status, page = everything._dump(selection, 0)
        lines = "".join(json.dumps(entity) + "\n" for entity in page["items"])
        return status, gzip.compress(lines.encode())

    def _held(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record; an item carries its instance whole, with the instance's record."""
        about, thing = record["@graph"]
        link = thing.get("itemOf")
        for other in self.catalogue.live().values():
            if link and other["@graph"][1]["@id"] == link["@id"]:
                return {"@graph": [about, {**thing, "itemOf": _whole(other)}]}
        return record

    def _record(self, name: str, asked: dict[str, str]) -> tuple[int, Any]:
        row = self.catalogue.get(name)
        if row is None or row.deleted:
            return (404 if row is None else 410), "no"
        assert asked.get("embellished") == "false"
        return 200, {"@context": "/context.jsonld", **row.record}


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    about, thing = record["@graph"]
    meta = {name: value for name, value in about.items() if name != "mainEntity"}
    return {**thing, "meta": meta}


def _is_in(selection: str, record: dict[str, Any]) -> bool:
    kind, _, which = selection.partition(":")
    thing = record["@graph"][1]
    if kind == "type":
        return bool(thing["@type"] == which)
    return kind == "all" or str(thing.get("heldBy", {}).get("@id")).endswith(f"/{which}")


def _ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def as_bytes(answer: Any) -> bytes:
    if isinstance(answer, bytes):
        return answer
    return answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
