"""Questions, made of requests: what is to be evaluated, in which format, under which name.

A question is the same for everybody who asks it, on whichever release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace

from sparql_server.answering.cache import Key
from sparql_server.engine.messages import Job
from sparql_server.errors import NotAcceptable
from sparql_server.errors.failures.translation import make_unacceptable
from sparql_server.memo import remembered
from sparql_server.sparql.formats import (
    DATASETS,
    EXPANDED,
    FULL,
    GRAPHS,
    SOLUTIONS,
    Format,
    choose,
    find_format,
    list_available,
)
from sparql_server.sparql.pattern_graph import NONE, read_quad_pattern
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.sparql.query import Reading, read
from sparql_server.sparql.service import check_services

PAGE_ROWS = 1000

EXPLAINING = 2.0
"""Seconds for which an explanation may be looked for: it takes a tenth of that."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it is evaluated. digest: of all that its result depends on, or None."""

    query: str
    job: Job
    digest: bytes | None

    def key(self, release: int) -> Key | None:
        """Return the name of its result in the cache; None where that can't be kept."""
        return None if self.digest is None else (release, self.digest)


@dataclass(frozen=True, slots=True)
class Asking:
    """The makings of questions that are the same for all requests to this server.

    allow_service: endpoints that queries may call. union: whether the default graph is that of all
    graphs, or the store's own. describes_quads: whether the triples of DESCRIBE have graphs.
    """

    allow_service: frozenset[str]
    union: bool
    describes_quads: bool = False

    def question(
        self, request: QueryRequest, accept: str | None, reading: Reading | None = None
    ) -> Question:
        """Return the question for a result in the format the client wants most.

        reading: of the query, if it has been read. Raises RequestError.
        """
        reading = reading or read(request.query)
        solutions, graphs = self._name_formats(request, accept, reading)
        return self._question(request, reading, solutions, graphs)

    def _name_formats(
        self, request: QueryRequest, accept: str | None, reading: Reading
    ) -> tuple[str | None, str | None]:
        solutions, graphs = _choose_formats(request.format, accept, datasets=True)
        if reading.is_graph and graphs in DATASETS and not self._has_graphs(request, reading):
            graphs = _choose_formats(request.format, accept, datasets=False)[1]
            if graphs is None:
                raise NotAcceptable(NONE, available=list_available(GRAPHS))
        if solutions and request.full:
            solutions = FULL.get(solutions.name, solutions)
        return _name(solutions), _name(graphs)

    def _has_graphs(self, request: QueryRequest, reading: Reading) -> bool:
        if reading.form == "DESCRIBE":
            return self.describes_quads
        return read_quad_pattern(request.query) is not None

    def rows(self, request: QueryRequest) -> Question:
        """Return the question for a page's rows. Raises RequestError."""
        return self._question(request, read(request.query), rows=PAGE_ROWS)

    def explanation(self, request: QueryRequest) -> Question:
        """Return the question why a query has no rows. Raises RequestError."""
        job = replace(self.rows(request).job, rows=1, explain=True, timeout=EXPLAINING)
        return Question(request.query, job, None)  # one that lacked time isn't to be kept

    def search(self, wanted: tuple[str, ...]) -> Question:
        """Return the question for things by their names, as ``Job.search`` has it."""
        return Question("", Job("", rows=0, search=wanted), _compute_digest(("search", *wanted)))

    def telling(self, wanted: str, graphs: str | None = None) -> Question:
        """Return the question what is told of a thing, as ``Job.tell`` has it.

        graphs: name of the format of a graph; None: facts are wanted, as JSON.
        """
        job = Job("", graphs=graphs, rows=None if graphs else 0, tell=wanted)
        return Question("", job, _compute_digest(("tell", wanted, graphs)))

    def plan(self, request: QueryRequest) -> Question:
        """Return the question how a query is evaluated. Raises RequestError."""
        job = replace(self.rows(request).job, rows=1, plan=True)
        return Question(request.query, job, None)  # times differ

    def graph(self, name: str, chosen: Format, rows: int | None = None) -> Question:
        """Return the question for a graph, or for whether there is one: no ``rows`` of it."""
        job = Job("", graphs=chosen.name, graph=name, union=self.union, rows=rows)
        return Question("", job, _compute_digest((name, chosen.name, rows)))

    def _question(
        self,
        request: QueryRequest,
        reading: Reading,
        solutions: str | None = None,
        graphs: str | None = None,
        rows: int | None = None,
    ) -> Question:
        check_services(request.query, self.allow_service)
        dataset = (request.default_graphs, request.named_graphs)
        base = request.base if reading.relative else None
        job = Job(
            request.query,
            *dataset,
            solutions,
            graphs,
            rows,
            union=self.union,
            timeout=request.timeout,
            base=base,
            services=tuple(self.allow_service),
        )
        wanted = job.graphs if reading.is_graph else job.solutions
        if not reading.lasting or reading.form is None or (wanted or job.rows) is None:
            return Question(request.query, job, None)
        rest = (reading.normal, *dataset, wanted, job.rows, job.timeout, base)
        return Question(request.query, job, _compute_digest(rest))


def make_asking(
    allow_service: Collection[str] = (), *, union: bool = True, describes_quads: bool = False
) -> Asking:
    """Return what makes questions of requests, as ``Asking`` says."""
    return Asking(frozenset(allow_service), union, describes_quads)


def choose_graph_format(format_name: str | None, accept: str | None) -> Format:
    """Return the format in which a client gets a graph. Raises NotAcceptable."""
    chosen = _choose_formats(format_name, accept, datasets=True)[1]
    if chosen is None:
        raise make_unacceptable("graphs")
    return chosen


def _compute_digest(of: tuple[object, ...]) -> bytes:
    """Return what stands for the parts of a key, which may be as long as a request."""
    return hashlib.sha256(repr(of).encode()).digest()


_TRIPLES = (*GRAPHS, EXPANDED)


def _choose_formats(
    name: str | None, accept: str | None, *, datasets: bool
) -> tuple[Format | None, Format | None]:
    """Return the formats for either kind of result; None where the client accepts none.

    datasets: whether there are those that say which graph a triple stands in.
    """
    if name is None:
        return _choose_accepted(accept, datasets)
    graphs = (*_TRIPLES, *DATASETS)
    chosen = find_format(name, SOLUTIONS), find_format(name, graphs)
    if chosen == (None, None):
        both = list_available(SOLUTIONS) + list_available(graphs)
        raise NotAcceptable(f"There is no format {name}.", available=both)
    return chosen[0], chosen[1] if datasets or chosen[1] not in DATASETS else None


@remembered(256, 1000)  # by the header alone: to hash the formats took longer than to look it up
def _choose_accepted(accept: str | None, datasets: bool) -> tuple[Format | None, Format | None]:
    graphs = (*_TRIPLES, *DATASETS) if datasets else _TRIPLES
    return choose(accept, SOLUTIONS), choose(accept, graphs)


def _name(chosen: Format | None) -> str | None:
    return chosen.name if chosen else None
