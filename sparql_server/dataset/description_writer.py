"""The writer of a description: terms, names in two languages, moments and checksums."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from sparql_server.dataset.description import Described

DCATAP = Namespace("http://data.europa.eu/r5r/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
AUTHORITY = "http://publications.europa.eu/resource/authority"

_RANGES = {
    DCAT.accessURL: RDFS.Resource,
    DCAT.compressFormat: DCTERMS.MediaType,
    DCAT.downloadURL: RDFS.Resource,
    DCAT.endpointDescription: RDFS.Resource,
    DCAT.endpointURL: RDFS.Resource,
    DCAT.landingPage: FOAF.Document,
    DCAT.mediaType: DCTERMS.MediaType,
    DCAT.theme: SKOS.Concept,
    DCAT.themeTaxonomy: SKOS.ConceptScheme,
    DCATAP.availability: SKOS.Concept,
    DCTERMS.accessRights: DCTERMS.RightsStatement,
    DCTERMS.accrualPeriodicity: DCTERMS.Frequency,
    DCTERMS.conformsTo: DCTERMS.Standard,
    DCTERMS.format: DCTERMS.MediaTypeOrExtent,
    DCTERMS.language: DCTERMS.LinguisticSystem,
    DCTERMS.license: DCTERMS.LicenseDocument,
    DCTERMS.spatial: DCTERMS.Location,
    FOAF.homepage: FOAF.Document,
    SPDX.algorithm: SPDX.ChecksumAlgorithm,
}
"""The classes that DCAT-AP wants values of properties to have. They are said where the values
stand: who validates the description hasn't got the vocabularies that the values are from."""


class Writer:
    """Writes into a graph. said: what is described."""

    def __init__(self, said: Described) -> None:
        self.said = said
        self.graph = Graph()
        for prefix, namespace in (("dcatap", DCATAP), ("vcard", VCARD), ("spdx", SPDX)):
            self.graph.bind(prefix, namespace)
        self.void = f"{said.host}/.well-known/void"
        self.publisher = self.iri("publisher")

    def iri(self, fragment: str) -> URIRef:
        """Return the name of something described here; the dataset has that of VoID."""
        base = self.void if fragment == "dataset" else f"{self.said.host}/dataset"
        return URIRef(f"{base}#{fragment}")

    def add(self, subject: URIRef | str, predicate: URIRef, value: URIRef | Literal | str) -> None:
        """Add a statement. A text stands for an IRI."""
        term = value if isinstance(value, URIRef | Literal) else URIRef(value)
        self.graph.add((URIRef(subject), predicate, term))
        if predicate in _RANGES:
            self.graph.add((term, RDF.type, _RANGES[predicate]))

    def name(self, subject: URIRef, titles: Mapping[str, str], about: Mapping[str, str]) -> None:
        """Say what something is called and what it is, by language."""
        for language, title in titles.items():
            self.add(subject, DCTERMS.title, Literal(title, lang=language))
            self.add(subject, DCTERMS.description, Literal(about[language], lang=language))

    def date(self, subject: URIRef) -> None:
        """Say when something was issued and modified: with the release."""
        if "published" in self.said.manifest:
            self.add(subject, DCTERMS.issued, self.moment())
            self.add(subject, DCTERMS.modified, self.moment())

    def moment(self) -> Literal:
        """Return when the release was published."""
        published = self.said.manifest["published"]
        return Literal(published, datatype=XSD.dateTime, normalize=False)

    def add_checksum(self, subject: URIRef, sha256: str) -> None:
        """Say the checksum of a file."""
        checksum = URIRef(f"{subject}-checksum")
        self.add(subject, SPDX.checksum, checksum)
        self.add(checksum, RDF.type, SPDX.Checksum)
        self.add(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        value = Literal(sha256, datatype=XSD.hexBinary, normalize=False)
        self.add(checksum, SPDX.checksumValue, value)
