"""The dialect of an endpoint: in which form it is sent a job.

SPARQL 1.1 Protocol, 2.1, https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.engine.messages import Job
from sparql_server.engine.remote import virtuoso
from sparql_server.engine.remote.remote_query import RemoteQuery


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what an endpoint differs from the specification.

    parameters: sent with each query that names no dataset, so that its default graph is the union
    of all graphs. is_virtuoso: it has formats of its own, and takes some queries only if they are
    written in another way. row_limit: it returns no more solutions than these, or None.
    """

    parameters: tuple[tuple[str, str], ...] = (("union-default-graph", "true"),)
    is_virtuoso: bool = False
    row_limit: int | None = None

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
        return fields
