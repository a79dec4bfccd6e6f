"""Libris' Entity Metadata Management interface: what is followed, and its changes one by one.

Changes name things and carry no data: each record is then asked for by itself.
https://emm-spec.org/1.0/
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from loader import dates
from loader.archive.archive import Archive, Arrival, content_hash
from loader.archive.cursors import Cursors
from loader.errors import LoaderError, ProviderError, TransformError
from loader.files.files import read_record
from loader.harvest.change_sets import Activity, read_activity, read_change_sets
from loader.harvest.following import Following
from loader.harvest.whole_graphs import GraphPages, take_graphs
from loader.provider.harvest_report import Counts, HarvestReport, Shown
from loader.provider.http import Client, Manners, Missing

logger = logging.getLogger(__name__)

_LIBRIS = "https://libris.kb.se/"
_ACTIVITIES = "application/activity+json, application/json;q=0.9"
_RECORD = "application/ld+json"
_TOGETHER = 50  # records fetched to a transaction


class Emm:
    """Reads from one server into an archive.

    shown, stop, report: as for ``Harvester``.
    """

    def __init__(
        self,
        archive: Archive,
        url: str,
        manners: Manners,
        shown: Shown = lambda count, reached: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.archive = archive
        self.url = url if url.endswith("/") else f"{url}/"
        self.shown = shown
        self.stop = stop
        self._cursors = Cursors(archive.connection)
        self.client = Client(url, manners, lambda budget: self._cursors.spend(url, budget))
        self._pages = GraphPages(self.client, self.url)
        self._source = archive.provider(url, dates.now())
        self.following = Following(**orjson.loads(archive.reader.state(f"emm {self.url}") or b"{}"))
        self.report = HarvestReport(traffic=self.client.traffic)

    def ask(self, path: str) -> Any:
        """Return the JSON at an address below the server's."""
        return self.client.get(urljoin(self.url, path), _ACTIVITIES, parse_json)

    def remember(self) -> None:
        """Note what is followed, and since when; belongs within a transaction."""
        self.archive.remember(f"emm {self.url}", orjson.dumps(asdict(self.following)))

    # Records

    def take_in(self, documents: list[object], counts: Counts) -> None:
        """Take records in, and count them; belongs within a transaction."""
        arrivals = []
        for document in documents:
            where = self._name(document)
            try:
                arrivals += [read_record(part, where) for part in _list_parts(document)]
            except TransformError as error:
                self.archive.set_aside(self._source, where, error.reason, orjson.dumps(document))
                counts.quarantined += 1
        self._store(arrivals, counts)

    def _name(self, document: object) -> str:
        """Return a name for what should be a record, its own if it has one."""
        name = document.get("@id") if isinstance(document, dict) else None
        return str(name or f"{self.url} {content_hash(orjson.dumps(document)).hex()}")

    def _store(self, arrivals: list[Arrival], counts: Counts) -> None:
        now = dates.now()
        new, changed = self.archive.store(arrivals, self._source, now, since=now)
        self.archive.take_back(self._source, [arrival.graph for arrival in arrivals])
        counts.received += len(arrivals)
        counts.new += new
        counts.changed += changed
        counts.unchanged += len(arrivals) - new - changed

    # Changes

    def changes(
        self, since: str | None = None, limit: int | None = None, *, everything: bool = False
    ) -> None:
        """Follow the changes since the last ones that are known, or since a moment.

        limit: fetch about as many records; the rest comes the next time. everything: from now on
        follow also things that the archive doesn't have.
        Raises LoaderError if no beginning is known.
        """
        begin = dates.to_utc(since) if since else self.following.seen
        begin = begin and min(begin, dates.now())
        if begin is None:
            raise LoaderError("changes since when? Begin with libris-loader dump, or give --since")
        self.following.everything |= everything
        announced, newest = self._list_announced(begin)
        with self.archive.transaction():
            self._cursors.announce(self.url, announced)
            self.following.seen = max(newest, begin)
            self.remember()
        counts = self.report.sets.setdefault("changes", Counts())
        self._fetch(counts, limit)
        counts.finished = not self._cursors.announced(self.url)

    def _list_announced(self, begin: str) -> tuple[list[tuple[str, str, str, str | None]], str]:
        """Return thing (or graph), kind, time and address of all wanted changes since.

        And the time of the newest of all.

        A time in the future is not the newest: what is published later would seem to be known.
        """
        rows: list[tuple[str, str, str, str | None]] = []
        newest, now = begin, dates.now()
        for items in read_change_sets(self.ask):
            activities = [activity for item in items if (activity := self._read_activity(item))]
            rows += [
                _note(activity)
                for activity in activities
                if activity.published >= begin and self._is_wanted(activity)
            ]
            times = [activity.published for activity in activities]
            newest = max([newest, *(time for time in times if time <= now)])
            if not items or times and min(times) < begin:
                break
        return rows, newest

    def _read_activity(self, item: object) -> Activity | None:
        """Return an activity; set aside what is none."""
        try:
            return read_activity(item)
        except ValueError as error:
            content = orjson.dumps(item)
            with self.archive.transaction():
                where = f"activity {content_hash(content).hex()}"
                self.archive.set_aside(self._source, where, f"no activity: {error}", content)
            self.report.sets.setdefault("changes", Counts()).quarantined += 1
            return None

    def _is_wanted(self, activity: Activity) -> bool:
        if activity.graph is None:
            is_known = self._find_record(activity.name) is not None
        else:
            is_known = bool(self.archive.reader.names_in(activity.graph))
        return is_known or self.following.wants(activity.thing)

    def _find_record(self, thing: str) -> str | None:
        """Return the record of a thing, if the archive has one."""
        return self.archive.reader.record_of(thing)

    def _fetch(self, counts: Counts, limit: int | None) -> None:
        waiting = self._cursors.announced(self.url)
        for start in range(0, len(waiting), _TOGETHER):
            batch = waiting[start : start + _TOGETHER]
            documents, gone, graphs = self._fetch_batch(batch)
            with self.archive.transaction():
                self.take_in(documents, counts)
                take_graphs(self.archive, self._source, graphs, counts)
                counts.deleted += self._delete(gone)
                self._cursors.fetched(self.url, (thing for thing, *_ in batch))
            self.shown(len(batch), None)
            if self.stop() or limit and counts.received >= limit:
                return

    def _fetch_batch(
        self, batch: list[tuple[str, str, str | None]]
    ) -> tuple[list[object], list[str], list[tuple[str, Arrival | None]]]:
        """Return records, things that have none any more, and graphs with what they hold."""
        documents: list[object] = []
        gone, graphs = [], []
        for name, kind, address in batch:
            if address is not None:
                fetched = self._pages.fetch(name, address) if address else None
                graphs.append((name, fetched))
                continue
            document = None if kind == "Delete" else self._fetch_record(name)
            if document is None:
                gone.append(name)
            else:
                documents.append(document)
        return documents, gone, graphs

    def _fetch_record(self, thing: str) -> Any:
        """Return the record of a thing as it is now; None if there is none any more."""
        address = (self._find_record(thing) or thing).partition("#")[0]
        if address.startswith(_LIBRIS):
            server = urlsplit(self.url)
            address = f"{server.scheme}://{server.netloc}/{address.removeprefix(_LIBRIS)}"
        try:
            return self.client.get(f"{address}?embellished=false", _RECORD, parse_json)
        except Missing:
            return None

    def _delete(self, things: list[str]) -> int:
        names = [name for name in map(self._find_record, things) if name]
        deletions = [(name, "jsonld", None) for name in names]
        return self.archive.delete(deletions, self._source, dates.now())


def _note(activity: Activity) -> tuple[str, str, str, str | None]:
    """Return what is noted of a change until it is fetched."""
    if activity.graph is None:
        return activity.name, activity.kind, activity.published, None
    return activity.graph, activity.kind, activity.published, activity.address


def parse_json(body: bytes) -> Any:
    """Read an answer as JSON; raise ProviderError if it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProviderError(f"the answer is not JSON: {error}") from error


def _list_parts(document: object) -> Iterator[Any]:
    """Yield a record, and before it the one of the instance that an item carries whole."""
    graph = document.get("@graph") if isinstance(document, dict) else None
    thing = graph[1] if isinstance(graph, list) and len(graph) > 1 else None
    thing = thing if isinstance(thing, dict) else {}
    instance = thing.get("itemOf")
    meta = instance.get("meta") if isinstance(instance, dict) and "@id" in instance else None
    if isinstance(graph, list) and isinstance(instance, dict) and isinstance(meta, dict):
        rest = {name: value for name, value in instance.items() if name != "meta"}
        link = {"@id": instance["@id"]}
        yield {"@graph": [{**meta, "mainEntity": link}, rest]}
        document = {"@graph": [graph[0], {**thing, "itemOf": link}, *graph[2:]]}
    yield document
