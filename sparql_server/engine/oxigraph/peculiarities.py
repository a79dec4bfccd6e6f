"""Where Oxigraph departs from SPARQL 1.1, and how queries are put to it so that it doesn't matter.

Right is what the specification says, https://www.w3.org/TR/sparql11-query/. What is answered in
another way was seen with pyoxigraph 0.5.13. Columns answer as the specification has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sparql_server.engine.oxigraph import functions, graphs, paths, selects
from sparql_server.engine.oxigraph.reading import Query, read
from sparql_server.engine.oxigraph.scope import Names
from sparql_server.engine.oxigraph.syntax import Select, Unreadable
from sparql_server.lexer import VARIABLE

_REMEMBERED = 10_000  # characters of a query that is remembered with its other words


@dataclass(frozen=True, slots=True)
class Peculiarity:
    """Where Oxigraph departs from the specification.

    clause: of the specification, and its anchor. differs: what Oxigraph does. remedy: what is done.
    example: a query that shows it. rewrite: puts a query in other words, and tells whether it did;
    None where that is done elsewhere. refused: Oxigraph doesn't take the query at all.
    """

    name: str
    clause: tuple[str, str]
    differs: str
    remedy: str
    example: str
    rewrite: Callable[[Select, Names], bool] | None = None
    refused: bool = False


TABLE = (
    Peculiarity(
        "select-left-to-right",
        ("18.2.4.4", "sparqlSelectExpressions"),
        "refuses, in a SELECT that aggregates, an expression with a variable that stands to its left, or one that is grouped by",
        "aggregated in a subquery, around which the expressions stand",
        "SELECT (SUM(?v) AS ?sum) (COUNT(*) AS ?n) (?sum / ?n AS ?mean) { ?s :v ?v }",
        selects.mend,
        refused=True,
    ),
    Peculiarity(
        "space-before-arguments",
        ("19.8", "rBuiltInCall"),
        "refuses a space between CONCAT, COALESCE or BNODE and its arguments",
        "written without",
        "SELECT (CONCAT (\"a\", \"b\") AS ?x) {}",
        refused=True,
    ),
    Peculiarity(
        "group-concat",
        ("18.5.1.7", "defn_aggGroupConcat"),
        "keeps the language of what it joins if that is the same throughout, and joins nothing but strings",
        "STR of what is joined, so that IRIs, numbers and dates are joined by their string forms; of DISTINCT only where they aren't all strings",
        "SELECT (GROUP_CONCAT(?x) AS ?all) { ?s :name ?x }",
        functions.rewrite_concatenation,
    ),
    Peculiarity(
        "replace",
        ("17.4.3.15", "func-replace"),
        "reads `$1_` as a group of the name `1_`, has no `\\$`, and replaces what has no characters",
        "the replacement string is written as Oxigraph has it; where it isn't a constant, fn:replace is a function of ours",
        'SELECT (REPLACE("19400101", "^(....)(..)(..)$", "$1_$2_$3") AS ?x) {}',
        functions.rewrite_replacement,
    ),
    Peculiarity(
        "bnode",
        ("17.4.2.9", "func-bnode"),
        "makes the same blank node of the same string in all solutions",
        "a string that is each solution's own goes into it",
        'SELECT (BNODE("a") AS ?x) { VALUES ?v { 1 2 } }',
        functions.rewrite_nodes,
    ),
    Peculiarity(
        "path-alternatives",
        ("18.2.2.3", "sparqlTranslatePathExpressions"),
        "has each solution of `a|b` or `!(a|^b)` once, though it is a union",
        "UNION",
        "SELECT ?o { :s (:p|:p) ?o }",
        paths.rewrite,
    ),
    Peculiarity(
        "path-of-length-zero",
        ("18.4", "PropertyPathPatterns"),
        "finds no path of length zero from or to a term that isn't in the data",
        "UNION with the term itself, if Oxigraph finds none from it",
        "SELECT ?o { :nowhere :p* ?o }",
    ),
    Peculiarity(
        "graph-of-a-variable",
        ("18.6", "defn_evalGraph"),
        "in `GRAPH ?g`, aggregates over all graphs at once, leaves `?g` unbound beside VALUES, subqueries and other graphs, and has MINUS compare it",
        "`?g` is selected and grouped by in subqueries, `GRAPH ?g {}` joined where it has no value, and MINUS dropped or put as NOT EXISTS",
        "SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s :v ?v } } }",
        graphs.rewrite,
    ),
    Peculiarity(
        "select-all",
        ("18.2.4.4", "sparqlProject"),
        "has the columns of SELECT * in the order of the alphabet",
        "they are written out, in the order in which variables come in the query",
        "SELECT * { ?z :v ?a }",
    ),
    Peculiarity(
        "unknown-function",
        ("17.6", "extensionFunctions"),
        "refuses a query that calls a function it doesn't know",
        "the call is an error: what it would be part of is unbound, or no solution",
        "SELECT (<http://example.org/nothing>(1) AS ?x) {}",
    ),
)

# What a query must have for any of these to matter, but for those that Oxigraph refuses.
_MARKS = re.compile(
    rf"(?<!\|)\|(?!\|)|GROUP_CONCAT|REPLACE|BNODE|GRAPH|\?(?![{VARIABLE}])", re.IGNORECASE
)
_SOLUTIONS = re.compile(r"\(\s*(?:DISTINCT\s*)?\*", re.IGNORECASE)


def reworded(query: str) -> str | None:
    """Return other words for a query that Oxigraph takes; None: it is answered as it is written."""
    stars = query.count("*")
    if not _MARKS.search(query) and (not stars or stars == len(_SOLUTIONS.findall(query))):
        return None
    return _put(query, False) if len(query) <= _REMEMBERED else _put.__wrapped__(query, False)


def mended(query: str) -> str | None:
    """Return other words for a query that Oxigraph refuses; None: it can't be right."""
    return _put(query, True) if len(query) <= _REMEMBERED else _put.__wrapped__(query, True)


@lru_cache(maxsize=256)
def _put(query: str, refused: bool) -> str | None:
    try:
        found = read(query)
    except Unreadable:
        return None
    names = Names(query)
    has_order = _write_out(found, query)
    met = {one.name for one in TABLE if _is_met(one, found.select, names, refused)}
    if names.used:
        found = read(query)
        has_order = _write_out(found, query)
        selects.expand_stars(found.select)
        for one in TABLE:
            _is_met(one, found.select, names, refused)
    return str(found) if met or has_order or refused else None


def _is_met(one: Peculiarity, select: Select, names: Names, refused: bool) -> bool:
    if one.rewrite is None or (one.refused and not refused):
        return False
    return one.rewrite(select, names)


def _write_out(query: Query, text: str) -> bool:
    """Write out ``SELECT *`` of the whole query; tell whether it was that."""
    select = query.select
    if select.items is not None or not select.form.startswith("SELECT"):
        return False
    return selects.write_out(select, text)
