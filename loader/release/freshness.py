"""Freshness of a copy: when providers were last asked, how that ended, and the newest datestamp.

The archive remembers it; a copy of the figures lies in the data directory for the server, which
reads no archive, and another in each release's manifest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from loader.archive.archive import Archive
from loader.dates import now
from loader.disk import REFUSALS
from loader.store.ledger import Ledger

_LAST = "last update"
_LAST_WELL = "last update that ended well"


@contextmanager
def note_run(archive: Archive, path: Path) -> Iterator[Callable[[bool], None]]:
    """Note in the archive and in a file that a run begins, and how it ends.

    Yields what the block calls when all is done, with whether all came that was asked for. A block
    that raises has not ended well; of one that is killed, the beginning stays.
    path: of the figures for the server.
    """
    began, well_before = now(), archive.reader.state(_LAST_WELL)

    def note(ended: str | None, well: bool) -> None:
        run = {"began": began, "ended": ended, "well": well}
        with archive.transaction():
            archive.remember(_LAST, orjson.dumps(run))
            archive.remember(_LAST_WELL, ended.encode() if well and ended else well_before)
        write_figures(archive, path)

    note(None, False)
    try:
        yield lambda well: note(now(), well)
    except BaseException:
        with suppress(*REFUSALS):  # what was raised says more
            note(now(), False)
        raise


def write_figures(archive: Archive, path: Path) -> None:
    """Write the figures to a file, which has them all or those of before."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(orjson.dumps(read_figures(archive), option=orjson.OPT_INDENT_2))
    os.replace(part, path)


def read_figures(archive: Archive) -> dict[str, Any]:
    """Return the figures as JSON has them. Times are UTC, ``2026-11-23T20:15:04.250000Z``.

    last_update: when the last harvest, dump, changes or update began and ended (null: it is going
    on, or was killed) and whether all came that was asked for; null if there was none.
    last_update_well: when the last one ended of which all came. newest_datestamp: of all records,
    as the provider has it. quarantined: records and pieces of files. dropped, repaired: values.
    """
    last, well = archive.reader.state(_LAST), archive.reader.state(_LAST_WELL)
    problems = Ledger(archive.connection).problem_counts()
    return {
        "last_update": orjson.loads(last) if last else None,
        "last_update_well": well.decode() if well else None,
        "newest_datestamp": archive.reader.newest_datestamp(),
        "quarantined": archive.reader.quarantine_count(),
        "dropped": problems.get("dropped", 0),
        "repaired": problems.get("repaired", 0),
    }
