"""KB's lenses: which properties of a thing of a class stand on its chip, and on its card.

After ``source/vocab/display.jsonld`` of https://github.com/libris/definitions (Apache-2.0). Where a
lens has alternatives, all of them stand here: what a thing hasn't got isn't shown. What a lens
shows the other way (``inverseOf``) isn't here: that is what points to a thing. Ours are the lens
that is taken for a class: one of Libris' classes of works or instances since 2026 has that of
``Work`` or ``Instance``, a subject or a genre that of ``Concept``; and what hangs on blank nodes is
all shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sparql_server.records.kinds import INSTANCES, WORKS
from sparql_server.sparql.namespaces import KBV

FULL = "full"
"""The profile with everything."""

CHIP, CARD = "chip", "card"

BIBFRAME = "bibframe"
"""The profile with what has a name in BIBFRAME."""

PROFILES = {
    CHIP: f"{KBV}chips",
    CARD: f"{KBV}cards",
    BIBFRAME: "http://id.loc.gov/ontologies/bibframe/",
    FULL: "",
}
"""Profile to its IRI: KB's groups of lenses, BIBFRAME's own; the last has none."""

_MARC = "https://id.kb.se/marc/"
_LABELS = "title prefLabel label name code"
_PROVISION = "publication production manufacture distribution provisionActivity"
_PERSON = "familyName givenName name marc:numeration lifeSpan fullerFormOfName"
_ARRANGED = "marc:arrangedStatementForMusic"
_TITLED = "marc:titlesAndOtherWordsAssociatedWithAName"
_ABOUT = "hasVariant seeAlso description disambiguatingDescription identifiedBy nationality"
_MATCHES = "exactMatch closeMatch broadMatch comment"

_CHIPS = {
    "Resource": f"{_LABELS} isPartOf isDefinedBy",
    "Record": "controlNumber encodingLevel inDataset",
    "Instance": f"hasTitle identifiedBy {_PROVISION}",
    "Work": f"hasTitle legalDate language contribution version {_ARRANGED} originDate",
    "Item": "heldBy itemOf shelfMark shelfControlNumber",
    "Person": f"{_PERSON} {_TITLED}",
    "Family": f"name {_TITLED} lifeSpan place",
    "Organization": "name isPartOf marc:subordinateUnit",
    "Meeting": "name marc:numeration date place",
    "Library": "name qualifier sigel",
    "Concept": "prefLabel label termComponentList code inScheme",
    "Language": "prefLabel label code",
}
_CARDS = {
    "Resource": f"{_CHIPS['Resource']} {_MATCHES}",
    "Record": "controlNumber inDataset created modified identifiedBy bibliography encodingLevel"
    " hasChangeNote technicalNote recordStatus descriptionCreator descriptionUpgrader"
    " descriptionLastModifier descriptionConventions cataloguersNote generationDate"
    " generationProcess sourceConsulted",
    "Instance": f"reproductionOf identifiedBy indirectlyIdentifiedBy issuanceType mediaType"
    f" carrierType category hasTitle instanceOf responsibilityStatement editionStatement"
    f" editionStatementRemainder marc:primaryProvisionActivity marc:mediaTerm"
    f" isIssueOfEdition {_PROVISION} copyright copyrightDate projectedProvisionDate extent"
    " hasDimensions hasDuration physicalDetailsNote baseMaterial appliedMaterial"
    " productionMethod digitalCharacteristic genreForm classification accompaniedBy"
    " seriesMembership intendedAudience associatedMedia usageAndAccessPolicy accessMode"
    " isIssueOf relatedTo",
    "Work": f"hasTitle legalDate version {_ARRANGED} originDate contribution language hasNotation"
    " hasVariant inCollection genreForm category classification subject intendedAudience"
    " contentType illustrativeContent cartographicAttributes isPartOf translationOf musicMedium"
    " musicKey composition",
    "Item": "itemOf heldBy hasComponent physicalLocation shelfMark shelfControlNumber language"
    " genreForm classification subject summary immediateAcquisition",
    "Person": f"{_CHIPS['Person']} {_ABOUT} hasOccupation fieldOfActivity",
    "Family": f"{_CHIPS['Family']} {_ABOUT} hasTypeOfFamily",
    "Organization": f"{_CHIPS['Organization']} {_ABOUT} activityStartDate activityEndDate",
    "Meeting": f"{_CHIPS['Meeting']} {_ABOUT}",
    "Library": f"{_CHIPS['Library']}",
    "Language": f"{_CHIPS['Language']} altLabel langTag isReplacedBy broader comment",
    "Country": f"{_CHIPS['Resource']} isReplacedBy",
    "Place": f"{_CHIPS['Resource']} locatedIn country description",
    "Concept": f"{_CHIPS['Concept']} {_MATCHES} altLabel broader narrower related definition"
    " scopeNote langTag isReplacedBy",
}
_LENSES = {CHIP: _CHIPS, CARD: _CARDS}
_CONCEPTS = frozenset(
    ("Topic", "TopicSubdivision", "GenreForm", "GenreSubdivision", "Geographic", "Temporal")
    + ("GeographicSubdivision", "TemporalSubdivision", "ComplexSubject")
    + ("Role", "Nationality", "ConceptScheme")
)
_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_MOST = 20  # members of a header that are looked at
_ALIKE = {
    **dict.fromkeys(INSTANCES, "Instance"),
    **dict.fromkeys(WORKS, "Work"),
    **dict.fromkeys(_CONCEPTS, "Concept"),
    "Jurisdiction": "Organization",
    "Bibliography": "Library",
}


def list_shown(profile: str, types: Iterable[str]) -> list[str]:
    """Return the IRIs of the properties that a thing of these classes is shown with.

    profile: ``CHIP`` or ``CARD``. types: IRIs.

    >>> list_shown("chip", ["https://id.kb.se/vocab/Record"])[0]
    'https://id.kb.se/vocab/controlNumber'
    """
    lenses = _LENSES[profile]
    names = [each.removeprefix(KBV) for each in types]
    kinds = [_ALIKE.get(name, name) for name in names]
    chosen = [lenses[kind] for kind in kinds if kind in lenses] or [lenses["Resource"]]
    properties = dict.fromkeys(name for lens in chosen for name in lens.split())
    return [_expand(name) for name in properties]


def find_profile(text: str) -> str | None:
    """Return the profile of a name or an IRI; None: there is none."""
    if text in PROFILES:
        return text
    return next((name for name, iri in PROFILES.items() if iri and iri == text), None)


def choose_profile(accept: str | None) -> str:
    """Return the profile that an Accept-Profile header wants most and there is; else all.

    https://www.w3.org/TR/dx-prof-conneg/#http-getresourcebyprofile

    >>> choose_profile("<urn:x>, <https://id.kb.se/vocab/chips>;q=0.5")
    'chip'
    """
    best, chosen = 0.0, FULL
    for member in (accept or "").split(",")[:_MOST]:
        iri, _, parameters = member.strip().partition(";")
        found = find_profile(iri.strip().strip("<>"))
        weight = _WEIGHT.fullmatch(parameters.replace(" ", ""))
        quality = float(weight[1]) if weight else 1.0
        if found and quality > best:
            best, chosen = quality, found
    return chosen


def _expand(name: str) -> str:
    return f"{_MARC}{name.removeprefix('marc:')}" if name.startswith("marc:") else f"{KBV}{name}"
