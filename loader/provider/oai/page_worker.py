"""Work of other processes: pages of records, read and prepared for the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pickle import PickleBuffer

from loader.errors import LoaderError
from loader.provider.oai.damaged_page import swallows_records
from loader.provider.oai.page import read_page_anyhow, tell_apart
from loader.provider.records import Item, Load, Ready, keep_newest, make_ready


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """A page of ListRecords as it came, or None if it has been read and its records are in load.

    A PickleBuffer is bytes again when it has come to another process.
    """

    body: bytes | PickleBuffer | None
    load: Load


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page's records as the archive keeps them, and what else is in it.

    received: how many records it has. gone: the deleted ones. token, reached, size: as in ``Page``.
    failure: why it can't be read, or empty.
    """

    ready: Ready
    received: int = 0
    gone: Sequence[Item] = ()
    token: str | None = None
    reached: str | None = None
    size: int | None = None
    failure: str = ""


def read_unread(unread: UnreadPage) -> ReadPage:
    """Read a page and make its records ready."""
    if unread.body is None:
        items, ready = prepare_records(unread.load)
        return ReadPage(ready, len(unread.load.items), _find_deleted(items))
    try:
        page = read_page_anyhow(bytes(unread.body), "ListRecords")
    except LoaderError as error:
        return ReadPage(Ready((), None, []), failure=str(error))
    came = list(page.items)
    items, ready = prepare_records(replace(unread.load, items=came))
    return ReadPage(ready, len(came), _find_deleted(items), page.token, page.reached, page.size)


def _find_deleted(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.deleted]


def prepare_records(load: Load) -> tuple[list[Item], Ready]:
    """Return the newest of some items, and those as the archive keeps them.

    Records that have been taken for a part of another one are among them.
    """
    items = keep_newest(load.items)
    ready = make_ready(replace(load, items=items))
    if any(swallows_records(content) for _, _, content in ready.failed):
        items = keep_newest(piece for item in load.items for piece in tell_apart(item))
        ready = make_ready(replace(load, items=items))
    return items, ready
