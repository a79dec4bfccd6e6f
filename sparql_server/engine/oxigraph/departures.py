"""The table of where Oxigraph departs from SPARQL 1.1, and what is done about each departure.

https://www.w3.org/TR/sparql11-query/, as seen with pyoxigraph 0.5.13.
``docs/conformance.md`` has the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparql_server.engine.oxigraph import (
    differences,
    functions,
    graph_patterns,
    nested_selects,
    outer_values,
    paths,
    selects,
)
from sparql_server.engine.oxigraph.syntax.elements import Select
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables


@dataclass(frozen=True, slots=True)
class Peculiarity:
    """A departure of Oxigraph from the specification.

    clause: of the specification, and its anchor. differs: what Oxigraph does. remedy: what is done.
    example: a query that shows it. rewrite: puts a query in other words, and tells whether it did;
    None where that is done elsewhere. refused: Oxigraph doesn't take the query at all.
    """

    name: str
    clause: tuple[str, str]
    differs: str
    remedy: str
    example: str
    rewrite: Callable[[Select, FreshVariables], bool] | None = None
    refused: bool = False


TABLE = (
    Peculiarity(
        "select-left-to-right",
        ("18.2.4.4", "selectExpressions"),
        "refuses, in a SELECT that aggregates, an expression of what stands to its left, or of a"
        " call that is grouped by, `LANG(?v)`",
        "what is aggregated is a subquery, around which the expressions stand",
        "SELECT (SUM(?v) AS ?sum) (COUNT(*) AS ?n) (?sum / ?n AS ?mean) { ?s :v ?v }",
        nested_selects.rewrite,
        refused=True,
    ),
    Peculiarity(
        "space-before-arguments",
        ("19.8", "rBuiltInCall"),
        "refuses a space between CONCAT, COALESCE or BNODE and its arguments",
        "written without",
        'SELECT (CONCAT ("a", "b") AS ?x) {}',
        refused=True,
    ),
    Peculiarity(
        "exists-in-a-group",
        ("18.6", "defn_evalExists"),
        "has EXISTS in a group see the values of variables outside it, which filters don't see",
        "such variables have other names in its pattern",
        "SELECT ?o { ?s :v ?v { ?s :p ?o FILTER NOT EXISTS { :t :v ?v } } }",
        outer_values.rewrite,
    ),
    Peculiarity(
        "optional-in-optional",
        ("18.5", "defn_algLeftJoin"),
        "has OPTIONAL within OPTIONAL see the value that a variable has before both, where what"
        " follows binds it too",
        "the variable has another name there, and a filter compares the two",
        "SELECT ?o { ?s :loop ?s OPTIONAL { ?t :p ?o OPTIONAL { ?o ^:p/:v ?s } } ?s :q :o }",
    ),
    Peculiarity(
        "group-concat",
        ("18.5.1.7", "defn_aggGroupConcat"),
        "keeps the language of what GROUP_CONCAT joins if that is the same throughout, and joins"
        " nothing but strings",
        "STR of what is joined: IRIs, numbers and dates are joined by their string forms, which by"
        " the letter would be an error; only blank nodes, and what is unbound, still are one",
        "SELECT (GROUP_CONCAT(?x) AS ?all) { ?s :name ?x }",
        functions.rewrite_concatenation,
    ),
    Peculiarity(
        "replace",
        ("17.4.3.15", "func-replace"),
        "reads `$1_` as a group named `1_`, has no `\\$`, and replaces what has no characters",
        "the replacement is written as Oxigraph has it; where it is no constant, a function of ours"
        " does what fn:replace says",
        'SELECT (REPLACE("19400101", "^(....)(..)(..)$", "$1_$2_$3") AS ?x) {}',
        functions.rewrite_replacement,
    ),
    Peculiarity(
        "bnode",
        ("17.4.2.9", "func-bnode"),
        "makes the same blank node of the same string in all solutions",
        "something that each solution has of its own goes into the string",
        'SELECT (BNODE("a") AS ?x) { VALUES ?v { 1 2 } }',
        functions.rewrite_nodes,
    ),
    Peculiarity(
        "count-distinct-solutions",
        ("18.5.1.2", "defn_aggCount"),
        "has COUNT(DISTINCT *) tell solutions apart by what can't be seen in them: blank nodes of"
        " patterns, and what lies between the steps of a path",
        "counted over a subquery of what can be seen",
        "SELECT (COUNT(DISTINCT *) AS ?n) { ?s :v ?v . ?s :name [] }",
        selects.rewrite_counts,
    ),
    Peculiarity(
        "count-of-errors",
        ("18.5.1.2", "defn_aggCount"),
        "has no COUNT of an expression that is an error for some solution",
        "SUM of 1 for each that isn't",
        "SELECT (COUNT(1 / (?v - 1)) AS ?n) { :s :v ?v }",
        functions.rewrite_counts,
    ),
    Peculiarity(
        "path-alternatives",
        ("18.2.2.3", "sparqlTranslatePathExpressions"),
        "has each solution of `a|b`, and of `!(a|^b)`, once, though they are unions",
        "UNION",
        "SELECT ?o { :s (:p|:p) ?o }",
        paths.rewrite,
    ),
    Peculiarity(
        "negated-property-set",
        ("18.4", "defn_evalPP_neg"),
        "has two terms once as the ends of `!a`, where both are known, however many predicates"
        " lead from one to the other",
        "a variable for the predicate, and a filter of it",
        "SELECT ?x { BIND(1 AS ?x) :s !:v :o }",
    ),
    Peculiarity(
        "negated-property-set-of-nothing",
        ("19.8", "rPathNegatedPropertySet"),
        "refuses `!()`",
        "a variable for the predicate; `(!a|a)` in what is repeated",
        "SELECT ?o { :s !() ?o }",
        refused=True,
    ),
    Peculiarity(
        "path-of-length-zero",
        ("18.4", "PropertyPathPatterns"),
        "finds no path of length zero from or to a term that isn't in the data",
        "UNION with the term itself, where Oxigraph finds none from it",
        "SELECT ?o { :nowhere :p* ?o }",
    ),
    Peculiarity(
        "minus-in-a-group",
        ("18.5", "defn_algMinus"),
        "has MINUS in a group, or before other patterns, compare values of outside it, depending"
        " on how it joins them",
        "MINUS is left out where its sides share nothing, put as NOT EXISTS where one may lack"
        " what they share, and what is its right side's alone has other names",
        "SELECT ?n { :s :p+ ?v . OPTIONAL { ?z :text ?n MINUS { ?x :label ?k } } :s :q ?v }",
        differences.rewrite,
    ),
    Peculiarity(
        "graph-of-a-variable",
        ("18.6", "defn_evalGraph"),
        "in `GRAPH ?g`, aggregates over all graphs at once, leaves `?g` unbound beside VALUES,"
        " subqueries and other graphs, and has MINUS compare it",
        "subqueries select it and group by it, `GRAPH ?g {}` is joined where it has no value, and"
        " MINUS is left out or put as NOT EXISTS",
        "SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s :v ?v } } }",
        graph_patterns.rewrite,
    ),
    Peculiarity(
        "graph-that-is-not-there",
        ("18.6", "defn_evalGraph"),
        "in `GRAPH <g>`, has solutions of VALUES, subqueries and other graphs where there is no"
        " graph of that name",
        "`GRAPH <g> {}`, which has none then, is joined with them",
        "SELECT ?x { GRAPH :nowhere { VALUES ?x { 1 } } }",
        graph_patterns.rewrite_named,
    ),
    Peculiarity(
        "select-all",
        ("18.2.4.4", "selectExpressions"),
        "has the columns of SELECT * in the order of the alphabet",
        "they are written out, in the order in which variables come in the query",
        "SELECT * { ?z :v ?a }",
    ),
    Peculiarity(
        "unknown-function",
        ("17.6", "extensionFunctions"),
        "refuses a query that calls a function it doesn't know",
        "the call is an error: what it is part of is unbound, or no solution",
        "SELECT (<http://example.org/nothing>(1) AS ?x) {}",
    ),
)
