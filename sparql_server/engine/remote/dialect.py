"""The dialect of an endpoint: in which form it is sent a job.

SPARQL 1.1 Protocol, 2.1, https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparql_server.engine.messages import Job
from sparql_server.engine.remote import qlever, virtuoso
from sparql_server.engine.remote.remote_query import RemoteQuery
from sparql_server.errors.failures.remote_endpoint import make_no_own_default


@dataclass(frozen=True, slots=True)
class Dialect:
    """Departures of an endpoint from the specification.

    parameters: sent with each query that names no dataset, so that its default graph is the union
    of all graphs. is_virtuoso: it has formats of its own, and takes some queries only if they are
    written in another way. is_qlever: it has formats and a time limit of its own. row_limit: it
    returns no more solutions than these, or None. time_limit: seconds that QLever allows, or None.
    """

    parameters: tuple[tuple[str, str], ...] = (("union-default-graph", "true"),)
    is_virtuoso: bool = False
    is_qlever: bool = False
    row_limit: int | None = None
    time_limit: float | None = None

    @property
    def readable(self) -> Mapping[str, Sequence[str]]:
        """Return the only formats to ask it for, by the kind of result; empty: all are good."""
        if self.is_qlever:
            return qlever.READABLE
        return virtuoso.READABLE if self.is_virtuoso else {}

    def fields(self, query: RemoteQuery, job: Job, seconds: float) -> list[tuple[str, str]]:
        """Return the form that asks the endpoint. seconds: as long as the answer may take."""
        default, named = job.default_graphs, job.named_graphs
        if self.is_virtuoso:
            query = virtuoso.rewrite(query, replace_dataset=bool(default or named))
            default, named = virtuoso.complete_dataset(default, named)
        fields = [("query", query.with_prefixes(job.base))]
        fields += [("default-graph-uri", iri) for iri in default]
        fields += [("named-graph-uri", iri) for iri in named]
        if not (default or named or query.clauses()) and job.union:
            fields += self.parameters
        if self.is_virtuoso:
            fields.append(("timeout", virtuoso.write_timeout(seconds)))
        if self.is_qlever:
            fields += self._qlever_fields(query, job, seconds)
        return fields

    def _qlever_fields(
        self, query: RemoteQuery, job: Job, seconds: float
    ) -> Iterator[tuple[str, str]]:
        """Yield QLever's parameters. Raises RemoteFailed for a dataset that it doesn't have."""
        if not (job.union or job.default_graphs or job.named_graphs or query.clauses()):
            if query.names_graphs:
                raise make_no_own_default()
            yield "default-graph-uri", qlever.OWN_DEFAULT
        yield "timeout", qlever.write_timeout(seconds, self.time_limit)
