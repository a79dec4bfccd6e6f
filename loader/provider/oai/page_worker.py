"""Pages of records, read and made ready for the archive where no provider and no archive is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pickle import PickleBuffer

from loader.errors import LoaderError
from loader.provider.oai.damaged_page import has_swallowed
from loader.provider.oai.page import read_page_anyhow, told_apart
from loader.provider.records import Item, Load, Ready, make_ready, newest


@dataclass(frozen=True, slots=True)
class Unread:
    """A page of ListRecords as it came, or None if it has been read and its records are in load.

    A PickleBuffer is bytes again when it has come to another process.
    """

    body: bytes | PickleBuffer | None
    load: Load


@dataclass(frozen=True, slots=True)
class Reading:
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


def read(unread: Unread) -> Reading:
    """Read a page and make its records ready."""
    if unread.body is None:
        items, ready = readied(unread.load)
        return Reading(ready, len(unread.load.items), _gone(items))
    try:
        page = read_page_anyhow(bytes(unread.body), "ListRecords")
    except LoaderError as error:
        return Reading(Ready((), None, []), failure=str(error))
    came = list(page.items)
    items, ready = readied(replace(unread.load, items=came))
    return Reading(ready, len(came), _gone(items), page.token, page.reached, page.size)


def _gone(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item.deleted]


def readied(load: Load) -> tuple[list[Item], Ready]:
    """Return the newest of some items, and those as the archive keeps them.

    Records that have been taken for a part of another one are among them.
    """
    items = newest(load.items)
    ready = make_ready(replace(load, items=items))
    if any(has_swallowed(content) for _, _, content in ready.failed):
        items = newest(piece for item in load.items for piece in told_apart(item))
        ready = make_ready(replace(load, items=items))
    return items, ready
