"""The dataset in DCAT-AP 3, with what DCAT-AP-SE adds, and PROV of the release.

https://semiceu.github.io/DCAT-AP/releases/3.0.0/, https://docs.dataportal.se/dcat/,
https://www.w3.org/TR/prov-o/. A licence is said of each part that has one, and of no more.
"""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, VOID, Graph, Literal, URIRef

from sparql_server.dataset.description import Described
from sparql_server.dataset.description_writer import AUTHORITY, VCARD, Writer
from sparql_server.dataset.distributions import (
    AVAILABLE,
    address,
    describe_dump,
    describe_endpoint,
    describe_service,
    describe_tables,
)
from sparql_server.records.kinds import KINDS

_PUBLIC = f"{AUTHORITY}/access-right/PUBLIC"
_THEME = f"{AUTHORITY}/data-theme/EDUC"
_LANGUAGES = (f"{AUTHORITY}/language/SWE", f"{AUTHORITY}/language/ENG")
_FREQUENCY = f"{AUTHORITY}/frequency/IRREG"
_SWEDEN = f"{AUTHORITY}/country/SWE"
_OPEN = "http://creativecommons.org/publicdomain/zero/1.0/"  # spelled as DCAT-AP-SE spells it
_SCHEME = f"{AUTHORITY}/data-theme"
_CONCEPTS = {
    (_THEME, SKOS.prefLabel): {
        "sv": "Utbildning, kultur och sport",
        "en": "Education, culture and sport",
    },
    (AVAILABLE, SKOS.prefLabel): {"sv": "tillgänglig", "en": "available"},
    (_SCHEME, DCTERMS.title): {"sv": "Datatema", "en": "Data theme"},
}
_TITLES = {"sv": "Libris länkade data", "en": "Libris linked data"}
_ABOUT = {
    "sv": "Sveriges samkatalog Libris som länkade data: poster, exemplar, auktoriteter och ord.",
    "en": "Libris, Sweden's union catalogue, as linked data: records, items, authorities, terms.",
}
_KEYWORDS = {
    "sv": ("bibliotek", "bibliografi", "katalog", "länkade data"),
    "en": ("libraries", "bibliography", "catalogue", "linked data"),
}


def describe(said: Described) -> Graph:
    """Return the description of a dataset, with its catalogue, parts, files and service."""
    writer = Writer(said)
    dataset, catalog = writer.iri("dataset"), writer.iri("catalog")
    _describe_publisher(writer)
    writer.add(catalog, RDF.type, DCAT.Catalog)
    writer.name(catalog, _TITLES, _ABOUT)
    writer.add(catalog, DCTERMS.publisher, writer.publisher)
    writer.add(catalog, FOAF.homepage, f"{writer.said.host}/")
    writer.add(catalog, DCAT.themeTaxonomy, _SCHEME)
    writer.add(catalog, DCTERMS.spatial, _SWEDEN)
    writer.add(catalog, DCTERMS.license, _OPEN)  # of the description, as DCAT-AP-SE wants
    writer.date(catalog)
    for (concept, property_), names in _CONCEPTS.items():
        for language, name in names.items():
            writer.add(concept, property_, Literal(name, lang=language))
    for language in _LANGUAGES:
        writer.add(catalog, DCTERMS.language, language)
    writer.add(catalog, DCAT.dataset, dataset)
    _describe_dataset(writer, dataset, _TITLES, _ABOUT)
    _describe_whole(writer, dataset)
    describe_service(writer, catalog, dataset)
    for kind in _list_kinds(writer):
        _describe_part(writer, catalog, dataset, kind)
    return writer.graph


def _describe_publisher(writer: Writer) -> None:
    terms, host = writer.said.terms, writer.said.host
    name = terms.publisher or f"The operator of {host.partition('://')[2]}"
    writer.add(writer.publisher, RDF.type, FOAF.Agent)
    writer.add(writer.publisher, FOAF.name, Literal(name))
    if terms.contact:
        contact = writer.iri("contact")
        mail = "@" in terms.contact and "://" not in terms.contact
        writer.add(contact, RDF.type, VCARD.Organization)
        writer.add(contact, RDF.type, VCARD.Kind)
        writer.add(contact, VCARD.fn, Literal(name))
        place = VCARD.hasEmail if mail else VCARD.hasURL
        writer.add(contact, place, f"mailto:{terms.contact}" if mail else terms.contact)


def _describe_dataset(
    writer: Writer, dataset: URIRef, titles: Mapping[str, str], about: Mapping[str, str]
) -> None:
    writer.add(dataset, RDF.type, DCAT.Dataset)
    writer.name(dataset, titles, about)
    writer.add(dataset, DCTERMS.publisher, writer.publisher)
    writer.add(dataset, DCTERMS.accessRights, _PUBLIC)
    writer.add(dataset, DCAT.theme, _THEME)
    writer.add(dataset, DCTERMS.accrualPeriodicity, _FREQUENCY)
    writer.add(dataset, DCTERMS.spatial, _SWEDEN)
    writer.add(dataset, DCAT.landingPage, f"{writer.said.host}/dataset?format=html")
    writer.add(dataset, DCTERMS.identifier, Literal(str(dataset)))
    for language in _LANGUAGES:
        writer.add(dataset, DCTERMS.language, language)
    for language, words in _KEYWORDS.items():
        for word in words:
            writer.add(dataset, DCAT.keyword, Literal(word, lang=language))
    if writer.said.terms.contact:
        writer.add(dataset, DCAT.contactPoint, writer.iri("contact"))
    writer.date(dataset)


def _describe_whole(writer: Writer, dataset: URIRef) -> None:
    """Say of the whole how it came to be, and what it is had by."""
    manifest = writer.said.manifest
    writer.add(dataset, RDF.type, VOID.Dataset)
    writer.add(dataset, DCAT.version, Literal(f"{writer.said.release}"))
    writer.add(dataset, RDFS.seeAlso, writer.void)
    writer.add(dataset, VOID.sparqlEndpoint, f"{writer.said.host}/sparql")
    if "quads" in manifest:
        writer.add(dataset, VOID.triples, Literal(manifest["quads"]))
    _describe_release(writer, dataset)
    for dump in writer.said.dumps:
        if dump.kind == "all":
            describe_dump(writer, dataset, dump)
            writer.add(dataset, VOID.dataDump, address(writer, dump))
    describe_tables(writer, dataset)
    describe_endpoint(writer, dataset)


def _describe_release(writer: Writer, dataset: URIRef) -> None:
    """Say by what the dataset was made, and when."""
    manifest = writer.said.manifest
    run = writer.iri("release")
    writer.add(dataset, RDF.type, PROV.Entity)
    writer.add(dataset, PROV.wasGeneratedBy, run)
    writer.add(dataset, PROV.wasDerivedFrom, "https://libris.kb.se/")
    writer.add(run, RDF.type, PROV.Activity)
    writer.add(run, RDFS.label, Literal(f"Release {writer.said.release}"))
    for name, version in sorted(manifest.get("tools", {}).items()):
        writer.add(run, RDFS.comment, Literal(f"{name} {version}"))
    if "published" in manifest:
        writer.add(run, PROV.endedAtTime, writer.moment())
    _describe_sources(writer, run)


def _describe_sources(writer: Writer, run: URIRef) -> None:
    """Say what was taken in: files by name and checksum, providers by address."""
    for number, source in enumerate(writer.said.manifest.get("sources", ()), 1):
        entity = writer.iri(f"source-{number}")
        writer.add(run, PROV.used, entity)
        writer.add(entity, RDF.type, PROV.Entity)
        writer.add(entity, RDFS.label, Literal(source.get("name", "")))
        if source.get("sha256"):
            writer.add_checksum(entity, source["sha256"])


def _list_kinds(writer: Writer) -> list[str]:
    """Return the kinds of records that have something of their own to say: files, a licence."""
    there = {dump.kind for dump in writer.said.dumps} | set(writer.said.terms.licences)
    return [kind for kind in KINDS if kind in there]


def _describe_part(writer: Writer, catalog: URIRef, dataset: URIRef, kind: str) -> None:
    """Describe the records of a kind, as a dataset that is part of the whole."""
    part = writer.iri(f"dataset-{kind}")
    titles = dict(zip(("sv", "en"), KINDS[kind], strict=True))
    about = {language: f"{titles[language]}. {_ABOUT[language]}" for language in titles}
    _describe_dataset(writer, part, titles, about)
    writer.add(catalog, DCAT.dataset, part)
    writer.add(dataset, DCTERMS.hasPart, part)
    writer.add(part, DCTERMS.isPartOf, dataset)
    licence = writer.said.terms.licences.get(kind)
    if licence:
        writer.add(part, DCTERMS.license, licence)
    dumps = [dump for dump in writer.said.dumps if dump.kind == kind]
    for dump in dumps:
        describe_dump(writer, part, dump, licence)
    if not dumps:
        note = Literal("It is had by queries; this release has no dump of it.", lang="en")
        writer.add(part, RDFS.comment, note)
