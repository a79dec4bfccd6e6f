"""Values to pick from: queries that list them with their labels, and search those.

Each gives the columns ``?value ?sv ?en``; a label that isn't there is unbound.
"""

from __future__ import annotations

from collections.abc import Sequence

from sparql_server.catalogue.parameter_types import make_term
from sparql_server.catalogue.saved_query import Catalogue, Parameter
from sparql_server.catalogue.source import find_prologue_end
from sparql_server.engine.terms import iri, literal
from sparql_server.sparql.lexer import tokens
from sparql_server.sparql.namespaces import KBV, RDF

LIMIT = 50

# A label without language is Swedish: so Libris writes the terms of its own schemes.
_OF_A_KIND = """\
SELECT DISTINCT ?value ?sv ?en WHERE {{
  ?value {restriction} .
  FILTER(isIRI(?value))
  OPTIONAL {{
    ?value <{kbv}prefLabel>|<{kbv}label>|<{kbv}name> ?swedish .
    FILTER(LANG(?swedish) IN ("sv", ""))
  }}
  OPTIONAL {{
    ?value <{kbv}prefLabel>|<{kbv}label>|<{kbv}name> ?english .
    FILTER(LANG(?english) = "en")
  }}
  BIND(STR(?swedish) AS ?sv)
  BIND(STR(?english) AS ?en)
}}
"""
_TYPE = f"{RDF}type"


def has_choices(parameter: Parameter) -> bool:
    """Tell whether values can be listed for a parameter by a query."""
    return any((parameter.values, parameter.class_, parameter.scheme))


def make_choices_query(
    parameter: Parameter, catalogue: Catalogue, search: str = "", limit: int = LIMIT
) -> str | None:
    """Return the query for values to pick from, in the order of their labels.

    search: what a label or the value holds, in either case; empty: all. limit: rows at most.
    None: the parameter's values can't be listed.
    """
    listing = _write_listing(parameter, catalogue)
    if listing is None:
        return None
    start = find_prologue_end(listing)
    return (
        f"{listing[:start]}SELECT ?value ?sv ?en WHERE {{\n{_search(search)}"
        f"{{\n{listing[start:]}}}\n{_write_matching(search)}}}\n"
        f"ORDER BY LCASE(COALESCE(?sv, ?en, STR(?value))) ?value LIMIT {limit}\n"
    )


def make_known_query(
    parameter: Parameter, catalogue: Catalogue, things: Sequence[str], limit: int = LIMIT
) -> str | None:
    """Return the query for those of some things that are values to pick from; None: see above.

    things: their IRIs.
    """
    listing = _write_listing(parameter, catalogue)
    if listing is None:
        return None
    wanted = f"VALUES ?value {{ {' '.join(map(iri, things))} }}\n"
    start = find_prologue_end(listing)
    return (
        f"{listing[:start]}SELECT DISTINCT ?value ?sv ?en WHERE {{\n{wanted}"
        f"{{\n{_write_within(listing, start, wanted)}}}\n}} LIMIT {limit}\n"
    )


def make_labels_query(
    parameter: Parameter, catalogue: Catalogue, values: Sequence[str]
) -> str | None:
    """Return the query for the labels of values that a request has. Raises NotOfType.

    It has a column ``?requested`` too: the value as requested. ``?value`` differs from it when a
    thing is named by an IRI that it has elsewhere, ``wd:Q44519``.
    """
    listing = _write_listing(parameter, catalogue)
    if listing is None:
        return None
    wanted = _write_wanted(parameter, values)
    start = find_prologue_end(listing)
    return (
        f"{listing[:start]}SELECT DISTINCT ?requested ?value ?sv ?en WHERE {{\n{wanted}"
        f"{{\n{_write_within(listing, start, wanted)}}}\n}}\n"
    )


def _write_within(listing: str, start: int, wanted: str) -> str:
    """Return a listing without its prologue, and what is wanted in it: else it would list all."""
    braces = (token.start for token in tokens(listing) if token.text == "{")
    brace = next(place for place in braces if place > start) + 1
    return f"{listing[start:brace]}\n{wanted}{listing[brace:]}"


def _write_wanted(parameter: Parameter, values: Sequence[str]) -> str:
    terms = [make_term(parameter, value) for value in values]
    if parameter.type == "iri":
        return (
            f"VALUES ?requested {{ {' '.join(terms)} }}\n?requested ^<{KBV}exactMatch>? ?value .\n"
        )
    rows = " ".join(f"({text} {text})" for text in terms)
    return f"VALUES (?requested ?value) {{ {rows} }}\n"


def _write_listing(parameter: Parameter, catalogue: Catalogue) -> str | None:
    if parameter.values is not None:
        return catalogue.values[parameter.values]
    if parameter.scheme is not None:
        restriction = f"<{KBV}inScheme> {iri(parameter.scheme)}"
    elif parameter.class_ is not None:
        restriction = f"<{_TYPE}> {iri(parameter.class_)}"
    else:
        return None
    return _OF_A_KIND.format(restriction=restriction, kbv=KBV)


def _search(search: str) -> str:
    return f"VALUES ?search {{ {literal(search.lower())} }}\n" if search else ""


def _write_matching(search: str) -> str:
    if not search:
        return ""
    # The whole of a value only for what looks like one: each of Libris' IRIs holds "libris".
    whole = "/" in search or ":" in search
    value = "STR(?value)" if whole else 'REPLACE(STR(?value), "^.*/|#.*$", "")'
    text = f'LCASE(CONCAT(COALESCE(?sv, ""), " ", COALESCE(?en, ""), " ", {value}))'
    return f"FILTER(CONTAINS({text}, ?search))\n"
