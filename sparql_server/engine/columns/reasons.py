"""The table of what columns leave to Oxigraph, and why.

https://www.w3.org/TR/sparql11-query/; ``docs/conformance.md`` has the same table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for which a query is left to Oxigraph.

    says: what ``Unsuited`` says begins so, or so after a number. clause: of the specification, and
    its anchor. why: in words. example: a query that shows it; None where that takes large data.
    """

    name: str
    says: tuple[str, ...]
    clause: tuple[str, str]
    why: str
    example: str | None


TABLE = (
    Reason(
        "syntax",
        ("syntax that columns don't read", "too deep a query"),
        ("19.8", "sparqlGrammar"),
        "SERVICE, what SPARQL 1.2 adds, and what could be taken for two things",
        "SELECT * { ?s :p +1 }",
    ),
    Reason(
        "own-functions",
        ("a function of more than its arguments", "a function of its own"),
        ("17.4.2", "func-rdfTerms"),
        "RAND, NOW, UUID, STRUUID and BNODE give more than their arguments say, IRI depends on the"
        " base, and others aren't the specification's",
        "SELECT (RAND() AS ?x) { ?s :p ?o }",
    ),
    Reason(
        "values-of-functions",
        (
            "a value that is a blank node or a triple",
            "an operator that Oxigraph refuses",
            "REPLACE with what isn't a constant",
            "a literal that can't be kept",
            "a blank node's label",
            "a sum with a duration",
        ),
        ("17.4", "SparqlOps"),
        "Oxigraph evaluates functions for columns, and not all that it makes can be handed back",
        "SELECT (REPLACE(STR(?o), STR(?s), 'x') AS ?x) { ?s :p ?o }",
    ),
    Reason(
        "many-values",
        ("different values", "strings that the release hasn't"),
        ("17.4", "SparqlOps"),
        "a function of more than a million different values",
        None,
    ),
    Reason(
        "nested-in-exists",
        ("more than patterns",),
        ("18.6", "defn_evalExists"),
        "a group, an OPTIONAL, a MINUS or a subquery in EXISTS sees values of around it, which"
        " those of other groups don't",
        "SELECT * { ?s :p ?o FILTER EXISTS { ?o :p ?x OPTIONAL { ?x :p ?s } } }",
    ),
    Reason(
        "graph-variable-within",
        ("a graph's variable that is mentioned in it",),
        ("18.6", "defn_evalGraph"),
        "within GRAPH ?g, something else than a filter mentions ?g and doesn't bind it",
        "SELECT * { GRAPH ?g { ?s :p ?o BIND(STR(?g) AS ?x) } }",
    ),
    Reason(
        "slice-in-graphs",
        ("a LIMIT or an OFFSET in each graph",),
        ("18.6", "defn_evalGraph"),
        "a subquery in GRAPH ?g has a LIMIT, which holds in each of the graphs",
        "SELECT * { GRAPH ?g { { SELECT * { ?s :p ?o } LIMIT 1 } } }",
    ),
    Reason(
        "numbers",
        ("something else than integers", "a sum that may be too large"),
        ("17.3", "OperatorMapping"),
        "SUM and AVG of decimals; these, MIN, MAX and an order of doubles and what is ill-typed",
        "SELECT (SUM(?n) AS ?x) { VALUES ?n { 1.5 2 } }",
    ),
    Reason(
        "order-of-kinds",
        (
            "literals of several kinds are ordered",
            "a blank node that is compared",
            "the least or the greatest of several that are equal",
        ),
        ("15.1", "modOrderBy"),
        "the order of literals with several datatypes, which the specification leaves open",
        "SELECT ?n { VALUES ?n { 1 'a' } } ORDER BY ?n",
    ),
    Reason(
        "names-of-what-is-selected",
        (
            "VALUES of a variable that grouping hides",
            "a variable is bound twice",
        ),
        ("18.2.4", "sparqlGroupAggregate"),
        "VALUES behind a query mentions a variable that GROUP BY hides",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o } VALUES ?o { :a }",
    ),
    Reason(
        "size",
        ("rows", "too little memory or too deep a query"),
        ("18.5", "sparqlAlgebraEval"),
        "a table of more than ten million rows in one piece, such as all with all",
        None,
    ),
)


def find_reason(said: str) -> Reason | None:
    """Return the reason that is meant by what was said of a query.

    >>> find_reason("12000000 rows").name
    'size'
    """
    text = said.partition(" ")[2] if said[:1].isdigit() else said
    matching = (
        reason
        for reason in TABLE
        if any(text.startswith(start) or text.endswith(start) for start in reason.says)
    )
    return next(matching, None)
