"""The journal of queries: a line in the log for each, and figures for Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache as cache_of
from json.encoder import encode_basestring_ascii

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sparql_server.answering.cache import CacheStatus
from sparql_server.engine.status import Status

_TEXT = 2000  # characters of a query that the log shows
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal: what became of a query.

    outcome: ``ok``, ``unchanged``, or the name of the error. form: SELECT, ASK, CONSTRUCT,
    DESCRIBE; None: it has none. engine: ``columns``, ``disk``, ``remote`` or ``cache``. seconds:
    from the request to the last byte. queued, cpu: seconds. rows, bytes: of what was sent.
    """

    query: str
    form: str | None
    status: int
    outcome: str
    release: int
    engine: str = ""
    cache: str = "none"
    seconds: float = 0.0
    queued: float = 0.0
    cpu: float = 0.0
    rows: int | None = None
    bytes: int = 0
    identifier: str | None = None

    def line(self) -> str:
        """Return the line of the log, JSON in ASCII, which keeps line breaks and controls in.

        hash: of the query's text, the same for the same query. Not json.dumps: with the dictionary
        that it takes, it took more than twice as long.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        text_hash = hashlib.sha256(self.query.encode(errors="replace")).hexdigest()[:16]
        more = f', "id": {_write_text(self.identifier)}' if self.identifier else ""
        return (
            f'{{"time": "{now}", "status": {self.status}, "outcome": {_write_text(self.outcome)},'
            f' "form": {_write_text(self.form)}, "release": {self.release},'
            f' "engine": {_write_text(self.engine)}, "cache": {_write_text(self.cache)},'
            f' "ms": {_round_milliseconds(self.seconds)},'
            f' "queued_ms": {_round_milliseconds(self.queued)},'
            f' "cpu_ms": {_round_milliseconds(self.cpu)},'
            f' "rows": {"null" if self.rows is None else self.rows}, "bytes": {self.bytes},'
            f' "hash": "{text_hash}", "query": {_write_text(self.query[:_TEXT])}{more}}}'
        )


def _write_text(text: str | None) -> str:
    return "null" if text is None else encode_basestring_ascii(text)


def _round_milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


@dataclass(frozen=True, slots=True)
class Weights:
    """The memory of the server process, in bytes.

    taken: by each of its parts, as far as they are counted. bounds: what each may take. measured:
    what the system says that the process has of its own.
    """

    taken: Mapping[str, int]
    bounds: Mapping[str, int]
    measured: int


class Journal:
    """Writes the log of queries and keeps the figures. All of a query is told when it has ended.

    write: takes the log's lines. Not logging: for each line, it took as long as a cached answer.
    """

    def __init__(
        self,
        engine: Callable[[], Status],
        cache: Callable[[], CacheStatus],
        write: Callable[[str], object],
    ) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._registry = here = CollectorRegistry()
        self._queries = Counter(
            "libris_queries",
            "Queries by form and outcome.",
            ["form", "outcome"],
            registry=here,
        )
        self._seconds = Histogram(
            "libris_query_seconds",
            "Wall-clock time from request to last byte.",
            ["form"],
            buckets=_SECONDS,
            registry=here,
        )
        self._cpu = Counter(
            "libris_query_cpu_seconds",
            "Processor time that workers spent.",
            registry=here,
        )
        self._bytes = Counter("libris_result_bytes", "Bytes of results sent.", registry=here)
        self._rows = Counter(
            "libris_result_rows", "Rows of results sent, where known.", registry=here
        )
        self._registry.register(_State(engine, cache))
        self._memory = _Memory()
        self._registry.register(self._memory)
        # There are some dozens of forms and outcomes; looking them up took as long as counting.
        self._count = cache_of(self._queries.labels)
        self._measure = cache_of(self._seconds.labels)

    def note(self, entry: Entry) -> None:
        """Tell of a query that has ended."""
        line = f"{entry.line()}\n"
        with self._lock, suppress(OSError):  # answers go on where the log's disk is full
            self._write(line)
        form = entry.form or "none"
        self._count(form, entry.outcome).inc()
        self._measure(form).observe(entry.seconds)
        self._cpu.inc(entry.cpu)
        self._bytes.inc(entry.bytes)
        self._rows.inc(entry.rows or 0)

    def weigh_with(self, weigh: Callable[[], Weights]) -> None:
        """Have the memory of the process among the figures from now on."""
        self._memory.weigh = weigh

    def figures(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return generate_latest(self._registry)


class _Memory(Collector):
    """The memory that the process takes and may take, once there is something that weighs it."""

    def __init__(self) -> None:
        self.weigh: Callable[[], Weights] | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; without their values as long as nothing is weighed."""
        weights = self.weigh() if self.weigh else None
        taken, bounds = (weights.taken, weights.bounds) if weights else ({}, {})
        yield _count_by_part("libris_memory_part_bytes", "Bytes of each part.", taken)
        yield _count_by_part("libris_memory_part_bound_bytes", "The most of each.", bounds)
        totals = (
            ("sum", "Bytes of all parts.", sum(taken.values())),
            ("bound", "Bytes that they may have.", sum(bounds.values())),
            ("measured", "Bytes that the system counts.", weights.measured if weights else 0),
        )
        for name, says, size in totals:
            yield GaugeMetricFamily(f"libris_memory_{name}_bytes", says, size if weights else None)


def _count_by_part(name: str, says: str, sizes: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=["part"])
    for part, size in sizes.items():
        family.add_metric([part], size)
    return family


class _State(Collector):
    """The figures that are read off when they are asked for."""

    def __init__(self, engine: Callable[[], Status], cache: Callable[[], CacheStatus]) -> None:
        self._engine = engine
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        status, cache = self._engine(), self._cache()
        workers = GaugeMetricFamily("libris_workers", "Worker processes.", labels=["state"])
        workers.add_metric(["busy"], status.busy)
        workers.add_metric(["idle"], status.idle)
        yield workers
        yield GaugeMetricFamily("libris_queue", "Requests that wait for a worker.", status.waiting)
        release = GaugeMetricFamily("libris_release", "Number of the release.", labels=["engine"])
        release.add_metric([status.mode], status.release.number if status.release else 0)
        yield release
        yield from _measure_freshness(status.release.freshness() if status.release else {})
        yield GaugeMetricFamily("libris_cache_entries", "Results in the cache.", cache.entries)
        yield GaugeMetricFamily("libris_cache_bytes", "Bytes in the cache.", cache.bytes)
        yield CounterMetricFamily("libris_cache_hits", "Results found there.", cache.hits)
        yield CounterMetricFamily("libris_cache_misses", "Results not found.", cache.misses)


def _measure_freshness(said: Mapping[str, object]) -> Iterator[Metric]:
    """Yield how fresh the data is; without values where nothing is known."""
    last = said.get("last_update")
    began = last.get("began") if isinstance(last, dict) else None
    for name, sentence, moment in (
        ("last_update", "When the last update began.", began),
        (
            "last_update_well",
            "When the last one that went well ended.",
            said.get("last_update_well"),
        ),
        ("newest_datestamp", "Newest datestamp of a record.", said.get("newest_datestamp")),
    ):
        family = f"libris_{name}_timestamp_seconds"
        yield GaugeMetricFamily(family, sentence, _read_timestamp(moment))
    for name, sentence in (
        ("quarantined", "Records and pieces of files that can't be read."),
        ("dropped", "Values that were left out of records."),
        ("repaired", "Values that were repaired."),
    ):
        count = said.get(name)
        value = count if isinstance(count, int) else None
        yield GaugeMetricFamily(f"libris_{name}", sentence, value)


def _read_timestamp(moment: object) -> float | None:
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except (OverflowError, ValueError):
        return None
