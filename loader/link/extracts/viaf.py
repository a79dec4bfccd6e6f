"""Reader of VIAF's frozen dumps: the names in other files that a cluster brings together.

Clusters of 2024-08-04 as XML, one to a line after its number; the older list of links, a line
each; and N-Triples. https://viaf.org/viaf/data
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loader.link.extracts.authority_facts import Fact, state_identifier
from loader.link.extracts.ntriples import parse_statement
from loader.link.extracts.wikidata_identifiers import find_libris_thing, find_selibr_thing
from loader.link.identifiers import identifiers, normalisation
from loader.link.identifiers.identifiers import Identifier

SOURCE = "viaf"
_SOURCES = re.compile(rb">\s*([A-Z0-9]+)\|([^<]+)<")
_NUMBER = re.compile(rb"viafID>\s*(\d+)\s*<")
_SAME = ("exactMatch", "sameAs")


def name_elsewhere(agency: str, value: str) -> Identifier | None:
    """Return what an agency's identifier in a cluster names; None for agencies not joined with.

    >>> name_elsewhere("LC", "n  79068416").iri, name_elsewhere("SELIBR", "254498").iri
    ('http://id.loc.gov/authorities/names/n79068416', 'http://libris.kb.se/resource/auth/254498')
    """
    if agency == "LC":
        return identifiers.lc(value)
    if agency == "SELIBR":
        # Numbers of before 2018 and ids of after stand side by side.
        return find_selibr_thing(value) or find_libris_thing(value)
    if agency == "ISNI":
        return identifiers.isni(value)
    if agency == "DNB":
        return identifiers.gnd(value) or normalisation.read_address(value)
    return identifiers.wikidata(value) if agency == "WKP" else None


def read_cluster_facts(line: bytes) -> list[Fact]:
    """Return what a line of the cluster dump says, if the cluster has a Libris record in it.

    Raises ValueError for a line with no cluster's number.
    """
    if b"SELIBR|" not in line:
        return []
    head = line.split(b"\t", 1)[0].strip()
    found = _NUMBER.search(line)
    number = head.decode() if head.isdigit() else found[1].decode() if found else ""
    cluster = identifiers.viaf(number)
    if cluster is None:
        raise ValueError(f"no cluster's number: {line[:100]!r}")
    names = {(agency.decode(), value.decode()) for agency, value in _SOURCES.findall(line)}
    return _facts(cluster, sorted(names))


def _facts(cluster: Identifier, names: Sequence[tuple[str, str]]) -> list[Fact]:
    found = []
    for agency, value in names:
        found += state_identifier(cluster.iri, SOURCE, "VIAF", name_elsewhere(agency, value))
    return found


def read_link_facts(line: bytes) -> list[Fact]:
    """Return what a line ``http://viaf.org/viaf/1<tab>LC|n  79068416`` says; ValueError if none."""
    address, _, name = line.decode().strip().partition("\t")
    cluster = normalisation.read_address(address)
    if cluster is None or cluster.kind != "viaf":
        raise ValueError(f"no cluster: {line[:200]!r}")
    agency, bar, value = name.partition("|")
    if bar:
        return _facts(cluster, [(agency, value)])
    if agency.startswith("Wikipedia@"):
        return []
    return state_identifier(
        cluster.iri, SOURCE, "VIAF", normalisation.read_address(name.partition("@")[2] or name)
    )


def read_statement_facts(line: bytes) -> list[Fact]:
    """Return what a line of N-Triples says of a cluster; ValueError for no statement."""
    triple = parse_statement(line)
    cluster = normalisation.read_address(triple.subject) if triple else None
    if triple is None or cluster is None or cluster.kind != "viaf":
        return []
    said = re.split(r"[#/]", triple.predicate)[-1]
    if said == "isReplacedBy":
        now = normalisation.read_address(triple.iri)
        is_cluster = now is not None and now.kind == "viaf" and now != cluster
        return state_identifier(now.iri, SOURCE, "redirect", cluster) if now and is_cluster else []
    if said not in _SAME:
        return []
    return state_identifier(cluster.iri, SOURCE, "VIAF", normalisation.read_address(triple.iri))
