"""The JSON-LD context under which Libris records are read.

Libris stores its records without a context and publishes one at https://id.kb.se/context.jsonld.
What that context says is put here as tables, so that it can be given inline to a parser that
fetches nothing. Terms it declares as sets are left out: ``@container: @set`` changes how JSON is
written, not which triples it means (JSON-LD 1.1 API, 5.1.2 step 13.11,
https://www.w3.org/TR/json-ld11-api/#expansion-algorithm).
"""

from __future__ import annotations

from typing import Any

KBV = "https://id.kb.se/vocab/"
MARC = "https://id.kb.se/marc/"

PREFIXES = {
    "bibdb": "https://id.kb.se/ns/bibdb/",
    "bulk": "https://id.kb.se/ns/bulk/",
    "fresnel": "http://www.w3.org/2004/09/fresnel#",
    "jsonld": "http://www.w3.org/ns/json-ld#",
    "kbv": KBV,
    "librissearch": "https://id.kb.se/ns/librissearch/",
    "ls": "https://id.kb.se/ns/librissearch/",
    "marc": MARC,
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sdo": "http://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

# Terms that stand for an IRI outside KBV.
ALIASES = {
    "Class": "owl:Class",
    "Datatype": "rdfs:Datatype",
    "DatatypeProperty": "owl:DatatypeProperty",
    "FunctionalProperty": "owl:FunctionalProperty",
    "ObjectProperty": "owl:ObjectProperty",
    "Ontology": "owl:Ontology",
    "Property": "rdf:Property",
    "Restriction": "owl:Restriction",
    "TransitiveProperty": "owl:TransitiveProperty",
    "abstract": "http://protege.stanford.edu/plugins/owl/protege#abstract",
    "allValuesFrom": "owl:allValuesFrom",
    "deprecated": "owl:deprecated",
    "domain": "rdfs:domain",
    "domainIncludes": "sdo:domainIncludes",
    "equivalentClass": "owl:equivalentClass",
    "equivalentProperty": "owl:equivalentProperty",
    "hasValue": "owl:hasValue",
    "imports": "owl:imports",
    "inverseOf": "owl:inverseOf",
    "isDefinedBy": "rdfs:isDefinedBy",
    "lensGroup": "fresnel:group",
    "onProperty": "owl:onProperty",
    "propertyChainAxiom": "owl:propertyChainAxiom",
    "range": "rdfs:range",
    "rangeIncludes": "sdo:rangeIncludes",
    "seeAlso": "rdfs:seeAlso",
    "someValuesFrom": "owl:someValuesFrom",
    "subClassOf": "rdfs:subClassOf",
    "subPropertyOf": "rdfs:subPropertyOf",
    "termGroup": "http://purl.org/vocab/vann/termGroup",
    "term_status": "http://www.w3.org/2003/06/sw-vocab-status/ns#term_status",
}

# Terms whose string values are themselves terms: "marc:FullLevel" is an IRI, not a string.
VOCABULARY_VALUES = (
    "additionalType",
    "bibdb:displayMode",
    "bulk:matchingMode",
    "bulk:status",
    "encodingLevel",
    "isMemberOfRelation",
    "issuanceType",
    "librissearch:encodingLevel",
    "marc:audienceType",
    "marc:coverageOrLocationInSource",
    "marc:displayConstantController",
    "marc:holdingType",
    "marc:i1codeSource",
    "marc:i2sourceOfCode",
    "marc:languageCode",
    "marc:nameForm",
    "marc:publicationStatus",
    "marc:sequenceStatus",
    "marc:subjectLevel",
    "marc:summaryType",
    "marc:thesaurus",
    "marc:typeCompletenessSourceOfClassCallNumber",
    "marc:typeOfDate",
    "marc:typeOfTimePeriod",
    "memberClass",
    "recordStatus",
    "shelfMarkStatus",
    "slugProperty",
)

# Term: datatype of its values.
DATATYPES = {
    "atTime": "xsd:dateTime",
    "created": "xsd:dateTime",
    "marc:internationalInterest": "xsd:boolean",
    "marc:isPrivate": "xsd:boolean",
    "modified": "xsd:dateTime",
    "uri": "xsd:anyURI",
    "url": "xsd:anyURI",
}

# Term: the property it stands for, and the datatype of its values.
TYPED_TERMS = {
    "birthYear": ("birthDate", "Year"),
    "deathYear": ("deathDate", "Year"),
    "descriptionHTML": ("description", "rdf:HTML"),
    "labelHTML": ("label", "rdf:HTML"),
    "langCode": ("code", "ISO639-2"),
    "langCodeBib": ("code", "ISO639-2-B"),
    "langCodeFull": ("code", "ISO639-3"),
    "langCodeLibrisLocal": ("code", "LibrisLocalLanguageCode"),
    "langCodeShort": ("code", "ISO639-1"),
    "langCodeTerm": ("code", "ISO639-2-T"),
    "langTag": ("code", "BCP47"),
    "librisQueryCode": ("code", "ls:QueryCode"),
}

# Term: the property whose values it holds as an ordered rdf:List.
LISTS = {
    "hasPartList": "hasPart",
    "includesList": "includes",
    "intersectionOf": "owl:intersectionOf",
    "marc:data": "marc:data",
    "marc:partList": "marc:partList",
    "marc:parts": "marc:parts",
    "sliceList": "slice",
    "termComponentList": "termComponentList",
    "unionOf": "owl:unionOf",
}

# Properties that have a companion term in "ByLang", which holds {language tag: value}.
LANGUAGE_MAPS = (
    "altLabel",
    "changeNote",
    "comment",
    "definition",
    "description",
    "editionStatement",
    "editorialNote",
    "familyName",
    "givenName",
    "hiddenLabel",
    "historyNote",
    "label",
    "lifeSpan",
    "mainTitle",
    "name",
    "note",
    "partName",
    "partNumber",
    "pluralLabel",
    "prefLabel",
    "responsibilityStatement",
    "scopeNote",
    "searchLabel",
    "seriesEnumeration",
    "seriesStatement",
    "singularLabel",
    "subtitle",
    "title",
    "titleRemainder",
)

# Terms for which Libris says: not data.
IGNORED = (
    "_marcBroken",
    "_marcFailedFixedFields",
    "_marcUncompleted",
    "_note",
    "_topicTree",
    "highlight",
    "recordPriority",
)

_DEGREES = ("broad", "narrow", "close", "exact")

# Under datasetClass the four matches go by names of their own. Two contexts, one after the
# other: in one, broadType would be defined by a broadMatch that is already gone.
_DATASET_CLASS = {
    "@context": [
        {f"{degree}Type": {"@id": f"{degree}Match", "@type": "@vocab"} for degree in _DEGREES},
        {f"{degree}Match": None for degree in _DEGREES},
    ]
}


def _build() -> dict[str, Any]:
    return {
        "@vocab": KBV,
        **PREFIXES,
        **{term: {"@id": iri} for term, iri in ALIASES.items()},
        **{term: {"@type": "@vocab"} for term in VOCABULARY_VALUES},
        **{term: {"@type": datatype} for term, datatype in DATATYPES.items()},
        **{term: {"@id": iri, "@type": kind} for term, (iri, kind) in TYPED_TERMS.items()},
        **{term: {"@id": iri, "@container": "@list"} for term, iri in LISTS.items()},
        **{f"{term}ByLang": {"@id": term, "@container": "@language"} for term in LANGUAGE_MAPS},
        **dict.fromkeys(IGNORED),
        "_categoryByCollection": {"@id": "category", "@container": "@index"},
        "datasetClass": _DATASET_CLASS,
        "dimensionChain": {"@id": "dimension", "@type": "@vocab", "@container": "@list"},
        "inverseOfTerm": {"@id": "owl:inverseOf", "@type": "@vocab"},
        "sliceByDimension": {"@id": "slice", "@container": "@index"},
    }


CONTEXT: dict[str, Any] = _build()
"""Usable as the value of ``@context``."""
