"""The ways in which a dataset is had, in DCAT: files, and the service that answers queries."""

from __future__ import annotations

from rdflib import DCAT, DCTERMS, RDF, XSD, Literal, URIRef

from sparql_server.dataset.description_writer import AUTHORITY, DCATAP, Writer
from sparql_server.dataset.dumps import Dump
from sparql_server.tables.model import FOLDER as TABLES

_PUBLIC = f"{AUTHORITY}/access-right/PUBLIC"
AVAILABLE = f"{AUTHORITY}/planned-availability/AVAILABLE"
_IANA = "https://www.iana.org/assignments/media-types/"
_NQUADS = f"{_IANA}application/n-quads"
_PARQUET = f"{_IANA}application/vnd.apache.parquet"
_RESULTS = f"{_IANA}application/sparql-results+json"
_SPARQL = {"sv": "SPARQL", "en": "SPARQL"}
_BY_QUERIES = {
    "sv": "Datamängden genom frågor i SPARQL 1.1.",
    "en": "The dataset by queries in SPARQL 1.1.",
}
_TABLE = {"sv": "Tabell", "en": "Table"}
_AS_TABLE = {"sv": "En tabell i Apache Parquet.", "en": "A table in Apache Parquet."}
_AS_DUMP = {
    "sv": "Alla satser i N-Quads, komprimerade; posten är grafens namn.",
    "en": "All statements in N-Quads, compressed; graphs have the names of records.",
}


def describe_endpoint(writer: Writer, dataset: URIRef) -> None:
    """Say that the dataset is had by queries: a distribution by the service."""
    distribution = writer.iri("by-sparql")
    writer.add(dataset, DCAT.distribution, distribution)
    writer.add(distribution, RDF.type, DCAT.Distribution)
    writer.name(distribution, _SPARQL, _BY_QUERIES)
    writer.add(distribution, DCTERMS.format, _RESULTS)
    writer.add(distribution, DCAT.accessURL, f"{writer.said.host}/sparql")
    writer.add(distribution, DCAT.accessService, writer.iri("service"))
    writer.add(distribution, DCATAP.availability, AVAILABLE)


def describe_service(writer: Writer, catalog: URIRef, dataset: URIRef) -> None:
    """Describe the service that answers queries."""
    service, host = writer.iri("service"), writer.said.host
    writer.add(catalog, DCAT.service, service)
    writer.add(service, RDF.type, DCAT.DataService)
    writer.name(service, _SPARQL, _BY_QUERIES)
    writer.add(service, DCTERMS.publisher, writer.publisher)
    writer.add(service, DCAT.endpointURL, f"{host}/sparql")
    writer.add(service, DCAT.endpointDescription, f"{host}/sparql")
    writer.add(service, DCAT.endpointDescription, f"{host}/openapi.json")
    writer.add(service, DCTERMS.conformsTo, "https://www.w3.org/TR/sparql11-protocol/")
    writer.add(service, DCTERMS.accessRights, _PUBLIC)
    writer.add(service, DCAT.servesDataset, dataset)


def describe_tables(writer: Writer, dataset: URIRef) -> None:
    """Describe the files of the tables that a release has, as its manifest lists them."""
    for path, file in sorted(writer.said.manifest.get("files", {}).items()):
        folder, _, name = path.partition("/")
        if folder != TABLES or not name.endswith(".parquet"):
            continue
        distribution = writer.iri(f"table-{name}")
        writer.add(dataset, DCAT.distribution, distribution)
        writer.add(distribution, RDF.type, DCAT.Distribution)
        titles = {language: f"{title}: {name}" for language, title in _TABLE.items()}
        writer.name(distribution, titles, _AS_TABLE)
        writer.add(distribution, DCTERMS.format, _PARQUET)
        writer.add(distribution, DCAT.accessURL, f"{writer.said.host}/tables/")
        writer.add(distribution, DCAT.downloadURL, f"{writer.said.host}/tables/{name}")
        writer.add(distribution, DCAT.mediaType, _PARQUET)
        size = Literal(file["bytes"], datatype=XSD.nonNegativeInteger)
        writer.add(distribution, DCAT.byteSize, size)
        writer.add(distribution, DCATAP.availability, AVAILABLE)
        writer.add_checksum(distribution, file["sha256"])
        writer.date(distribution)


def describe_dump(writer: Writer, dataset: URIRef, dump: Dump, licence: str | None = None) -> None:
    """Describe a dump as a way in which a dataset is had."""
    distribution = writer.iri(f"dump-{dump.name}")
    writer.add(dataset, DCAT.distribution, distribution)
    writer.add(distribution, RDF.type, DCAT.Distribution)
    titles = {language: f"{title}: {dump.name}" for language, title in dump.title.items()}
    writer.name(distribution, titles, _AS_DUMP)
    writer.add(distribution, DCTERMS.format, f"{AUTHORITY}/file-type/RDF_N_QUADS")
    writer.add(distribution, DCAT.accessURL, f"{writer.said.host}/dumps/")
    writer.add(distribution, DCAT.downloadURL, address(writer, dump))
    writer.add(distribution, DCAT.mediaType, _NQUADS)
    writer.add(distribution, DCAT.compressFormat, f"{_IANA}{dump.media_type}")
    size = Literal(dump.bytes, datatype=XSD.nonNegativeInteger)
    writer.add(distribution, DCAT.byteSize, size)
    writer.add(distribution, DCATAP.availability, AVAILABLE)
    writer.add_checksum(distribution, dump.sha256)
    writer.date(distribution)
    if licence:
        writer.add(distribution, DCTERMS.license, licence)


def address(writer: Writer, dump: Dump) -> str:
    """Return where a dump is had."""
    return f"{writer.said.host}/dumps/{dump.name}"
