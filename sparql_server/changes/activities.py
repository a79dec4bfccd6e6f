"""Changes in ActivityStreams, as Libris' Entity Metadata Management interface has them.

https://emm-spec.org/1.0/ and https://www.w3.org/TR/activitystreams-core/. Beside what Libris has,
an object names its graph and the page of the event stream that has all that the graph held then.
"""

from __future__ import annotations

from typing import Any

from sparql_server.changes.entries import DELETE
from sparql_server.changes.feed import Change, Feed, spell_time
from sparql_server.sparql.namespaces import KBV

MEDIA_TYPE = "application/activity+json"

_CONTEXT = [
    "https://www.w3.org/ns/activitystreams",
    "https://emm-spec.org/1.0/context.json",
    {"kbv": "https://id.kb.se/vocab/"},
]

Json = dict[str, Any]


def describe_collection(feed: Feed, base: str, now: int, dumps: str | None = None) -> Json:
    """Return the entry point. base: its address. now: milliseconds since 1970.

    dumps: where files with all of it are, with which a copy begins; None: there are none.
    """
    return {
        "@context": _CONTEXT,
        "type": "OrderedCollection",
        "id": base,
        **({"url": dumps} if dumps else {}),
        "totalItems": feed.total,
        "first": {"type": "OrderedCollectionPage", "id": f"{base}?until={now}"},
    }


def describe_change_set(feed: Feed, base: str, until: int, now: int) -> Json:
    """Return a page of changes, the latest first: ``PAGE``, and all of the page's last moment."""
    changes = feed.page(until)
    return {
        "@context": _CONTEXT,
        "type": "OrderedCollectionPage",
        "id": f"{base}?until={until}",
        "partOf": base,
        "next": f"{base}?until={changes[-1].time - 1 if changes else now}",
        "orderedItems": [_describe(feed, change, base) for change in changes],
    }


def _describe(feed: Feed, change: Change, base: str) -> Json:
    entry, when = change.entry, spell_time(change.time)
    kind = entry.type.replace(KBV, "kbv:", 1) if entry.type else "Object"
    thing: Json = {"id": entry.thing, "type": kind, "updated": when}
    if entry.held_by:
        thing["kbv:heldBy"] = {"@id": entry.held_by}
    thing["kbv:meta"] = {"@id": entry.graph}
    if entry.kind != DELETE:
        thing["url"] = {
            "type": "Link",
            "mediaType": "application/n-quads",
            "href": f"{base}stream/{change.release}/{feed.find_page(change)}#{change.number + 1}",
        }
    return {"type": entry.kind, "published": when, "object": thing}
