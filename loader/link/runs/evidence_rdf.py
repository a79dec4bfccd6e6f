"""Evidence as RDF: statements, SSSOM mappings, PROV activities. N-Triples, sorted.

SSSOM: https://mapping-commons.github.io/sssom/; PROV-O: https://www.w3.org/TR/prov-o/. Nothing
here knows the time, so the same links give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loader import __version__
from loader.link.entities.extraction import GRAPHS
from loader.link.joining.decisions import Link, Step
from loader.link.matching.score import RULES
from loader.link.runs.judgements import Judgement

_SSSOM = "https://w3id.org/sssom/"
_SEMAPV = "https://w3id.org/semapv/vocab/"
_OWL = "http://www.w3.org/2002/07/owl#"
_PROV = "http://www.w3.org/ns/prov#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_DOUBLE = "http://www.w3.org/2001/XMLSchema#double"
_DATE = "http://www.w3.org/2001/XMLSchema#date"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})

_JUSTIFICATIONS = {
    "identifiers": "BackgroundKnowledgeBasedMatching",
    "derived": "MappingChaining",
    "terms": "LexicalMatching",
    "names": "CompositeMatching",
    "judgement": "ManualMappingCuration",
}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of link. inputs: checksums of the extracts it used, with their names."""

    id: str
    inputs: tuple[tuple[str, str], ...]

    @property
    def graph(self) -> str:
        """The name of the graph of its statements."""
        return f"{GRAPHS}run/{self.id}"

    @property
    def evidence_graph(self) -> str:
        """The name of the graph that says why."""
        return f"{self.graph}/evidence"


def write_statements(links: Iterable[Link]) -> bytes:
    """Return links as N-Triples."""
    return _document(_triple(link.subject, link.predicate, link.object) for link in links)


def write_evidence(run: Run, links: Iterable[Link]) -> bytes:
    """Return a run and a mapping for each of its links as N-Triples."""
    return _document([*_activity(run), *(line for link in links for line in _mapping(run, link))])


def _activity(run: Run) -> Iterator[str]:
    activity = f"{run.graph}/activity"
    yield _triple(activity, _TYPE, f"{_PROV}Activity")
    yield _literal(activity, f"{_SSSOM}mapping_tool_version", f"libris-linked-data {__version__}")
    yield _literal(activity, f"{_SSSOM}curation_rule_text", RULES)
    yield _triple(run.graph, f"{_PROV}wasGeneratedBy", activity)
    yield _triple(run.graph, _TYPE, f"{_SSSOM}MappingSet")
    for checksum, _ in run.inputs:
        yield _triple(activity, f"{_PROV}used", f"{GRAPHS}extract/{checksum}")


def write_extracts(used: Iterable[tuple[str, str]]) -> bytes:
    """Return what the extracts that runs have used are called. used: checksum and name of each.

    They stand in a graph of their own, as several runs use the same.
    """
    named = [(f"{GRAPHS}extract/{checksum}", name) for checksum, name in used]
    labels = (_literal(extract, _LABEL, name) for extract, name in named)
    return _document(
        [*labels, *(_triple(extract, _TYPE, f"{_PROV}Entity") for extract, _ in named)]
    )


def _mapping(run: Run, link: Link) -> Iterator[str]:
    node = make_mapping_iri(run.id, link.subject, link.predicate, link.object)
    yield _triple(node, _TYPE, f"{_OWL}Axiom")
    yield _triple(node, f"{_OWL}annotatedSource", link.subject)
    yield _triple(node, f"{_OWL}annotatedProperty", link.predicate)
    yield _triple(node, f"{_OWL}annotatedTarget", link.object)
    justification = _SEMAPV + find_justification(link)
    yield _triple(node, f"{_SSSOM}mapping_justification", justification)
    yield _literal(node, f"{_SSSOM}confidence", repr(link.confidence), _DOUBLE)
    yield _literal(node, f"{_SSSOM}other", "; ".join(spell_reason(step) for step in link.why))
    yield _triple(node, f"{_PROV}wasGeneratedBy", f"{run.graph}/activity")


def find_justification(link: Link) -> str:
    """Return how a link was found, in the words of SEMAPV."""
    chained = (
        link.stage == "identifiers" and sum(1 for step in link.why if "bits" not in step.text) > 2
    )
    return "MappingChaining" if chained else _JUSTIFICATIONS[link.stage]


def make_mapping_iri(run: str, subject: str, predicate: str, other: str) -> str:
    """Return the name of the mapping node of a link."""
    digest = hashlib.sha256("\n".join((run, subject, predicate, other)).encode()).hexdigest()
    return f"{GRAPHS}mapping/{digest[:24]}"


def spell_reason(step: Step) -> str:
    """Return a reason as a line of text."""
    text = f" ({step.text})" if step.text and step.text != step.other else ""
    return f"{step.one} – {step.by} – {step.other}{text}"


def write_judgements(judgements: Iterable[Judgement]) -> bytes:
    """Return judgements as N-Triples: mappings that people have reviewed."""
    return _document(line for judgement in judgements for line in _judgement(judgement))


def _judgement(judgement: Judgement) -> Iterator[str]:
    node = make_mapping_iri("judgement", judgement.subject, judgement.when, judgement.object)
    yield _triple(node, _TYPE, f"{_OWL}Axiom")
    yield _triple(node, f"{_OWL}annotatedSource", judgement.subject)
    yield _triple(node, f"{_OWL}annotatedProperty", "https://id.kb.se/vocab/exactMatch")
    yield _triple(node, f"{_OWL}annotatedTarget", judgement.object)
    yield _triple(node, f"{_SSSOM}mapping_justification", f"{_SEMAPV}MappingReview")
    if judgement.verdict == "no":
        yield _literal(node, f"{_SSSOM}predicate_modifier", "Not")
    yield _literal(node, f"{_SSSOM}reviewer_label", judgement.who)
    yield _literal(node, f"{_SSSOM}review_date", judgement.when[:10], _DATE)
    yield _literal(node, f"{_SSSOM}other", f"{judgement.verdict}: {judgement.reason}".rstrip(": "))


def _triple(subject: str, predicate: str, other: str) -> str:
    return f"<{subject}> <{predicate}> <{other}> .\n"


def _literal(subject: str, predicate: str, text: str, datatype: str = "") -> str:
    suffix = f"^^<{datatype}>" if datatype else ""
    return f'<{subject}> <{predicate}> "{text.translate(_ESCAPES)}"{suffix} .\n'


def _document(lines: Iterable[str]) -> bytes:
    return "".join(sorted(set(lines))).encode()
