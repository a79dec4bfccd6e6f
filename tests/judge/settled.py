"""Where two judges differ, who is right, and by which clause of SPARQL 1.1.

https://www.w3.org/TR/sparql11-query/; rdflib 7.6, of which ``judges`` mends joins, OPTIONAL and
groups of nothing: it evaluates what is nested with the bindings of what stands before it (18.5,
18.6), takes equal solutions of a group for one, and makes up a group where there is none. A query
that has what is described isn't counted as a difference, whatever rdflib has answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.judge.questions import NS


@dataclass(frozen=True, slots=True)
class Settled:
    """A kind of difference.

    mark: what a query has where it can occur; what it has as ``absent`` is a graph that the data
    must not have. clause, why: who is right.
    """

    name: str
    mark: str
    clause: str
    why: str

    def is_met(self, query: str, nquads: str) -> bool:
        """Tell whether a query, on this data, has what makes judges differ so."""
        for match in re.finditer(self.mark, query):
            absent = match.groupdict().get("absent")
            if absent is None or not _has_graph(nquads, f"{NS}{absent}"):
                return True
        return False


def _has_graph(nquads: str, iri: str) -> bool:
    return any(line.endswith(f"<{iri}> .") for line in nquads.splitlines())


SETTLED = (
    Settled(
        "left to right",
        r"\(\?n\d+ \+ 1 AS",
        "18.2.4.4",
        "rdflib leaves unbound what is computed of an aggregate's name",
    ),
    Settled(
        "grouped by an error",
        r"GROUP BY [^}]*LANG\(",
        "18.5.1",
        "rdflib makes a group of each solution for which the key is an error",
    ),
    Settled(
        "path of length zero or one",
        r"\)\?|[pqr]\? ",
        "18.4",
        "rdflib has a term twice as its own end: by no step, and by one that leads back",
    ),
    Settled(
        "path of any length",
        r"[pqr)]\*",
        "18.4",
        "rdflib has some pairs of ends more than once",
    ),
    Settled(
        "no such graph",
        r"GRAPH :(?P<absent>\w+)",
        "18.6",
        "rdflib takes a graph that isn't there for an empty one, which has a solution of {}",
    ),
    Settled(
        "more than patterns in EXISTS",
        r"EXISTS \{.*(SELECT|BIND|VALUES|MINUS|OPTIONAL)",
        "18.6",
        "nobody: what substitution does to what binds or hides variables, isn't said (errata)",
    ),
    Settled(
        "negated inverse",
        r"![(^][^)]*\^|!\^",
        "18.2.2.3",
        "rdflib has forward steps alone, and leaves out those that have the inverse beside them",
    ),
    Settled(
        "grouped by what is unbound",
        r"\{ SELECT [^{]*(COUNT|SUM).*GROUP BY",
        "18.5.1",
        "rdflib gives an unbound key a value, with which no other solution is compatible",
    ),
    Settled(
        "hidden by a subquery",
        r"\{ SELECT (?!DISTINCT \*|\*).*\} .*EXISTS \{",
        "18.6",
        "rdflib has EXISTS see variables that a subquery doesn't select",
    ),
    Settled(
        "exists in graphs",
        r"GRAPH \?\w \{.*SELECT \*.*EXISTS \{",
        "18.6",
        "rdflib loses solutions to EXISTS beside a subquery in GRAPH ?g, whose graph has no match",
    ),
    Settled(
        "distinct solutions",
        r"DISTINCT \*\)",
        "18.5.1.2",
        "rdflib's COUNT(DISTINCT *) counts equal solutions, and blank nodes of patterns",
    ),
)
"""The kinds of differences that have been looked at, the most telling first."""


def settled(query: str, nquads: str) -> str | None:
    """Return the name of the kind of difference that a query has; None if it is none of these."""
    return next((kind.name for kind in SETTLED if kind.is_met(query, nquads)), None)
