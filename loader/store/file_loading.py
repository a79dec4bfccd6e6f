"""Files on their way into the archive: what of a file is stored, withdrawn, or set aside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeGuard

from loader.archive.archive import Archive, Arrival
from loader.dates import now
from loader.errors import InputError
from loader.files import files
from loader.files.load_report import FaultCounts, Report
from loader.progress import Advance

_PAGE = 1000  # documents that enter the archive in one transaction


def take_in(
    archive: Archive,
    file: files.InputFile,
    pieces: Iterator[files.Piece],
    report: Report,
    advance: Advance,
) -> None:
    """Read a file into the archive, a page to a transaction.

    report: counts what comes. Raises InputError where the file can't be read on; what was
    committed stays, and the archive has a note of it.
    """
    moment = now()
    with archive.transaction():
        source = archive.source(file.key, file.name, moment)
    graphs: set[str] = set()
    faults = FaultCounts(file.name)
    try:
        while page := list(islice(pieces, _PAGE)):
            with archive.transaction():
                _store_page(archive, page, source, moment, report)
            for piece in page:
                if not isinstance(piece, Arrival):
                    faults.say(piece)
            graphs |= {arrival.graph for arrival in filter(_is_plain, page)}
            advance(len(page))
        with archive.transaction():
            if not faults.unreadable:  # what couldn't be read may be what stood in the others
                archive.withdraw(source, graphs)
            archive.finish_source(source, file.sha256(), file.path.stat().st_size)
        report.failed += not files.is_json(file) and faults.count > 0
    except InputError as error:
        with archive.transaction():
            archive.set_aside(source, error.location, error.reason, None)
        raise
    finally:
        faults.conclude(report)


def _is_plain(piece: files.Piece) -> TypeGuard[Arrival]:
    return isinstance(piece, Arrival) and piece.format == "ntriples"


def _store_page(
    archive: Archive,
    page: list[files.Piece],
    source: int,
    moment: str,
    report: Report,
) -> None:
    arrivals = [piece for piece in page if isinstance(piece, Arrival)]
    new, changed = archive.store(arrivals, source, moment)
    report.received += len(arrivals)
    report.new += new
    report.changed += changed
    for piece in page:
        if isinstance(piece, files.Unreadable):
            archive.set_aside(source, piece.location, piece.reason, piece.payload)
