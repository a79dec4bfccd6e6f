"""Reader of SPARQL results as facts: JSON, CSV or TSV, a column per property.

https://www.w3.org/TR/sparql11-results-json/ and https://www.w3.org/TR/sparql11-results-csv-tsv/.
The item's column is the one that holds items; the others are known by their names: ``P214`` or
``viaf``, ``itemLabel``, ``birth`` and so on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import IO

import orjson

from loader.link.extracts.authority_facts import Fact, dump_years, state_identifier
from loader.link.extracts.wikidata import ENTITY, SOURCE, read_page_facts, read_property_facts
from loader.link.identifiers import identifiers, normalisation
from loader.link.names.lifespans import read_life_span

_COLUMNS = {
    "P5587": ("libris", "librisid", "librisuri", "libris_uri"),
    "P906": ("selibr", "selibrid"),
    "P244": ("lc", "lccn", "loc", "lcauth", "lcauthority", "locid"),
    "P213": ("isni",),
    "P214": ("viaf", "viafid"),
    "P227": ("gnd",),
    "P496": ("orcid",),
    "P569": ("birth", "born", "birthdate", "dateofbirth", "birthyear", "dob"),
    "P570": ("death", "died", "deathdate", "dateofdeath", "deathyear", "dod"),
    "P31": ("type", "instanceof", "class"),
    "P27": ("citizenship", "citizenshiplabel", "nationality", "nationalitylabel", "p27label"),
    "P106": (
        *("occupation", "occupationlabel", "occupations", "profession", "professionlabel"),
        *("p106label", "yrke"),
    ),
    "description": ("description", "itemdescription", "persondescription"),
    "P742": ("pseudonym", "penname"),
    "P1889": ("differentfrom",),
    "label": ("label", "itemlabel", "name", "preflabel"),
    "alias": ("alias", "altlabel", "itemaltlabel", "aliases"),
    "page": ("article", "sitelink", "page", "wikipedia", "svwiki", "enwiki"),
    "life": ("lifespan",),
    "redirect": ("redirect", "formeritem", "mergeditem", "olditem", "old", "former", "merged"),
    "gone": ("deleted", "gone", "missing"),
    "item": (
        *("item", "wikidata", "qid", "entity", "wd", "wduri", "person", "human", "new", "now"),
    ),
    "property": ("property", "p", "prop", "predicate"),
    "value": ("value", "v", "o", "object", "id", "identifier"),
}
_PROPERTY = {name: property for property, names in _COLUMNS.items() for name in names}
_TERM = re.compile(r'<([^>]*)>|"((?:[^"\\]|\\.)*)"(?:@[\w-]+|\^\^\S+)?|(.*)', re.DOTALL)


_TRUE = ("true", "1", "yes", "deleted", "missing")


class _Tsv(csv.excel_tab):
    quoting = csv.QUOTE_NONE


Solution = dict[str, str]


def read_json_solutions(stream: IO[bytes]) -> Iterator[Solution]:
    """Yield the solutions of a SPARQL JSON result; ValueError for any other JSON."""
    found = orjson.loads(stream.read())
    bindings = found.get("results", {}).get("bindings") if isinstance(found, dict) else None
    if not isinstance(bindings, list):
        raise ValueError("no SPARQL result: it has no results.bindings")
    for solution in bindings:
        yield {name: str(term["value"]) for name, term in solution.items()}


def read_table_solutions(stream: IO[bytes], separator: str) -> Iterator[Solution]:
    """Yield the solutions of a CSV or TSV result."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        dialect = csv.excel if separator == "," else _Tsv
        for row in csv.DictReader(text, dialect=dialect):
            yield {name.lstrip("?"): _plain(value) for name, value in row.items() if name and value}
    except csv.Error as error:
        raise ValueError(str(error)) from error
    finally:
        text.detach()


def _plain(value: str) -> str:
    """Return a term of a TSV result without its marks."""
    found = _TERM.fullmatch(value.strip())
    return next((part for part in found.groups() if part is not None), "") if found else value


def read_column(name: str) -> str | None:
    """Return what a column holds: a property, or ``item``, ``label``, ``page`` …; None if unknown.

    >>> read_column("P214"), read_column("viaf_id"), read_column("itemLabel"), read_column("colour")
    ('P214', 'P214', 'label', None)
    """
    short = name.lower().replace("_", "")
    if re.fullmatch(r"p\d+", short):
        return short.upper()
    return _PROPERTY.get(short) or _PROPERTY.get(name.lower())


def read_solution_facts(solution: Solution) -> list[Fact]:
    """Return what a solution says of its item; ValueError if it names none."""
    known = {name: read_column(name) for name in solution}
    item = next((_item(solution[name]) for name in solution if known[name] == "item"), None)
    item = item or next((iri for value in solution.values() if (iri := _item(value))), None)
    if item is None:
        raise ValueError(f"no item of Wikidata in {solution}")
    facts: list[Fact] = []
    for name, value in solution.items():
        if known[name] not in (None, "item", "property", "value"):
            facts += _facts(item, str(known[name]), value)
    return facts + _pair(item, solution, known)


def _item(value: str) -> str | None:
    found = identifiers.wikidata(value) or normalisation.read_address(value)
    return found.iri if found and found.kind == "wikidata" else None


def _pair(item: str, solution: Solution, known: dict[str, str | None]) -> list[Fact]:
    """Return what a solution says that has the property in one column and its value in another."""
    by = next((solution[name] for name in solution if known[name] == "property"), "")
    value = next((solution[name] for name in solution if known[name] == "value"), "")
    found = re.search(r"P\d+$", by)
    return _facts(item, found[0], value) if found and value else []


def _facts(item: str, by: str, value: str) -> list[Fact]:
    if by in ("label", "alias", "description"):
        return [Fact(item, SOURCE, by, value)]
    if by == "page":
        return read_page_facts(item, normalisation.read_address(value))
    if by == "redirect":
        return state_identifier(item, SOURCE, by, normalisation.read_address(value))
    if by == "gone":
        return [Fact(item, SOURCE, by, "deleted")] if value.casefold() in _TRUE else []
    if by == "life":
        life = read_life_span(value)
        both = (("birth", life.birth), ("death", life.death))
        return [Fact(item, SOURCE, name, dump_years(years)) for name, years in both if years]
    return read_property_facts(item, by, value.removeprefix(ENTITY) if by == "P31" else value)
