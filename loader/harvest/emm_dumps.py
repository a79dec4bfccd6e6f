"""Dumps from Libris' Entity Metadata Management interface, in pages or as one file.

A page of records and the cursor behind it commit together. Libris makes a dump anew when it is
five days old. https://emm-spec.org/1.0/
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import orjson

from loader import dates
from loader.errors import InputError, ListEndless, LoaderError, ProviderError
from loader.harvest.emm import Emm, parse_json
from loader.provider.harvest_report import Counts

logger = logging.getLogger(__name__)

_LIBRARY = "https://libris.kb.se/library/"
_TOGETHER = 1000  # lines of a file to a transaction
_IN_A_MINUTE = 60.0  # seconds after which a dump that is being made is asked for again


def take_pages(emm: Emm, selection: str, limit: int | None = None) -> None:
    """Take in a dump page by page, going on at the page where a former run stood.

    limit: stop at the end of the page that holds so many records.
    Raises InputError if there is no such dump, and ProviderRefuses.
    """
    counts = emm.report.sets.setdefault(selection, Counts())
    name = f"dump {emm.url} {selection}"
    state = orjson.loads(emm.archive.reader.state(name) or b"{}")
    if "offset" not in state:
        state = {"offset": 0, "start": None}
    while not counts.finished:
        page = _ask_page(emm, selection, state["offset"])
        if state["start"] not in (None, page["startTime"]):
            logger.warning("The dump was made anew meanwhile; beginning again.")
            state = {"offset": 0, "start": None}
            continue
        state = {
            "offset": _read_offset(page.get("next"), state["offset"]),
            "start": page["startTime"],
        }
        _commit(emm, selection, page["items"], state, is_last=state["offset"] is None)
        if emm.stop() or limit and counts.received >= limit:
            return


def _ask_page(emm: Emm, selection: str, offset: int) -> dict[str, Any]:
    return _check_page(emm, selection, emm.ask(f"{_make_path(selection)}&offset={offset}"))


def _check_page(emm: Emm, selection: str, page: Any) -> dict[str, Any]:
    is_page = isinstance(page, dict) and isinstance(page.get("items"), list)
    if not is_page or dates.read_moment(str(page.get("startTime"))) is None:
        raise InputError(emm.url, f"no dump of {selection}: {str(page)[:200]}")
    return dict(page)


def _make_path(selection: str) -> str:
    return f"full?selection={quote(selection)}"


def _commit(
    emm: Emm, selection: str, documents: list[Any], state: dict[str, Any], *, is_last: bool
) -> None:
    """Take in some of a dump, with where that has come to; after the last of it, changes follow."""
    counts = emm.report.sets[selection]
    with emm.archive.transaction():
        emm.take_in([document for document in documents if _is_record(document)], counts)
        _follow(emm, selection, documents)
        name = f"dump {emm.url} {selection}"
        emm.archive.remember(name, None if is_last else orjson.dumps(state))
        if is_last:
            start = dates.to_utc(state["start"])
            emm.following.seen = min(emm.following.seen or start, start)
        emm.remember()
    counts.pages += 1
    counts.finished = is_last
    emm.shown(len(documents), None)


def _is_record(document: object) -> bool:
    """Tell a record from the context, which comes first."""
    return not isinstance(document, dict) or "@graph" in document or "@context" not in document


def _follow(emm: Emm, selection: str, documents: list[object]) -> None:
    """Want later what this selection has: types are those that its things turn out to have."""
    kind, _, which = selection.partition(":")
    if kind == "itemAndInstance":
        _add(emm.following.libraries, f"{_LIBRARY}{which}")
    elif kind == "type":
        for document in documents:
            _add(emm.following.types, _type(document))
    else:
        emm.following.everything = True


def _type(document: Any) -> str | None:
    try:
        found = document["@graph"][1]["@type"]
    except (IndexError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def _add(to: list[str], value: str | None) -> None:
    if value and value not in to:
        to.append(value)


def _read_offset(address: object, before: int) -> int | None:
    """Return the offset of the next page, which is greater than the one before; None at the end."""
    if not address:
        return None
    number = str(address).rpartition("offset=")[2]
    if not number.isdecimal() or int(number) <= before:
        reason = f"a page names one as the next that doesn't follow: {str(address)[:200]}"
        raise ListEndless(reason, again=True)
    return int(number)


# As one file


def download(emm: Emm, selection: str, folder: Path, limit: int | None = None) -> None:
    """Fetch a dump as one file into a folder and take it in, going on where a former run stood.

    The file counts only if it is whole, and of one dump from beginning to end: a dump that fails
    while it is sent just ends. limit: stop after about so many records.
    Raises InputError if there is no such dump, and ProviderRefuses.
    """
    counts = emm.report.sets.setdefault(selection, Counts())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{quote(selection, safe='')}.ndjsonld.gz"
    state = orjson.loads(emm.archive.reader.state(f"dump {emm.url} {selection}") or b"{}")
    if "line" not in state or not path.exists():
        state = {"start": _fetch(emm, selection, path), "line": 0}
        with emm.archive.transaction():
            emm.archive.remember(f"dump {emm.url} {selection}", orjson.dumps(state))
    lines = _read_lines(path, state["line"])
    while not counts.finished:
        batch = list(islice(lines, _TOGETHER))
        state["line"] += len(batch)
        is_last = len(batch) < _TOGETHER
        _commit(emm, selection, [*map(orjson.loads, batch)], state, is_last=is_last)
        if not is_last and (emm.stop() or limit and counts.received >= limit):
            return
    path.unlink()


def _fetch(emm: Emm, selection: str, path: Path) -> str:
    """Download a dump that is all of one making; return when that began."""
    part = path.with_suffix(".part")
    while True:
        start = _start(emm, selection)
        logger.info("Downloading the dump of %s that was made at %s.", selection, start)
        address = urljoin(emm.url, f"{_make_path(selection)}&download=.ndjsonld.gz")
        emm.client.download(address, part, _check, _Shown(emm).piece)
        if _start(emm, selection) == start:
            part.replace(path)
            return start
        logger.warning("The dump was made anew meanwhile; beginning again.")


def _start(emm: Emm, selection: str) -> str:
    """Return when a dump was made, waiting till it is whole."""

    def read(body: bytes) -> str:
        page = _check_page(emm, selection, parse_json(body))
        if page.get("_status", "done") != "done":
            raise ProviderError("the dump is still being made", _IN_A_MINUTE)
        return str(page["startTime"])

    return emm.client.get(
        urljoin(emm.url, f"{_make_path(selection)}&offset=0"), "application/json", read
    )


def _check(path: Path) -> None:
    """Raise ProviderError if a download isn't whole: gzip has a checksum at its end."""
    try:
        count = sum(isinstance(orjson.loads(line), dict) for line in _read_lines(path, 0))
    except (OSError, EOFError, zlib.error, orjson.JSONDecodeError) as error:
        raise ProviderError(f"the download is not whole: {error}") from error
    if not count:
        raise ProviderError("the download is empty")


class _Shown:
    """Shows how much of a download has come."""

    def __init__(self, emm: Emm) -> None:
        self._emm = emm
        self._bytes = 0

    def piece(self, size: int) -> None:
        """Show some bytes more; raise LoaderError if somebody has asked to stop."""
        self._bytes += size
        self._emm.shown(0, f"{self._bytes / 1e6:,.0f} MB of the download")
        if self._emm.stop():
            raise LoaderError("stopped within the download; the same command begins it again")


def _read_lines(path: Path, begin: int) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from islice(file, begin, None)
