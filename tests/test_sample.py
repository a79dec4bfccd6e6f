"""The sample: that it is what its README says, and whole."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest

from loader.transform.document import read_document
from loader.transform.jsonld import Transformed, transform
from tests.conftest import SAMPLE

KBV = "https://id.kb.se/vocab/"


def nodes() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    lines = (SAMPLE / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [tuple(json.loads(line)["@graph"]) for line in lines]


RECORDS = nodes()


def titles() -> list[dict[str, Any]]:
    return [thing for record, thing in RECORDS if "/sample-b" in record["@id"]]


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            yield from walk(member)


def test_every_record_says_that_it_was_not_harvested() -> None:
    for record, _ in RECORDS:
        assert record["@id"].startswith("https://libris.kb.se/sample-")
        (note,) = record["technicalNote"]
        assert note["label"] == [
            "Sample record written for this project; not harvested from Libris."
        ]


def test_there_are_titles_of_every_kind() -> None:
    assert len(titles()) >= 80
    kinds = Counter(thing["@type"] for thing in titles())
    assert kinds["PhysicalResource"] > 80
    assert kinds["DigitalResource"] >= 5
    text = json.dumps([thing for _, thing in RECORDS], ensure_ascii=False)
    for iri in (
        "saogf/Romaner",
        "saogf/Poesi",
        "saogf/Tecknade%20serier",
        "saogf/Bilderb%C3%B6cker",
        "ktg/NonFictionLiterature",
        "language/sme",
        "language/smj",
        "marc/Juvenile",
        "relator/translator",
    ):
        assert f'/{iri}"' in text, iri
    assert '"@type": "Serial"' in text
    assert '"@type": "Reproduction"' in text
    assert len({record["heldBy"]["@id"] for _, record in RECORDS if record["@type"] == "Item"}) >= 5


def test_every_link_leads_to_something_described(sample_store: ox.Store) -> None:
    described = {str(quad.subject) for quad in sample_store}
    outside = ("<http://id.loc.gov/", "<http://www.wikidata.org/", "<http://www.w3.org/")
    for quad in sample_store.quads_for_pattern(None, None, None):
        target = str(quad.object)
        if str(quad.graph_name).startswith("<https://libris.kb.se/sample") and target[0] == "<":
            known = target in described or target.startswith(outside)
            assert known or target == "<https://libris.kb.se/sample>", f"{quad}"


def test_every_class_and_property_is_in_the_vocabulary(sample_store: ox.Store) -> None:
    used = set()
    for record, thing in RECORDS:
        (result,) = transform([read_document({"@graph": [record, thing]})])
        assert isinstance(result, Transformed)
        for statement in result.triples:
            _, predicate, target = statement.split(" ", 2)
            used.add(target if predicate.endswith("#type>") else predicate)
    for term in used:
        if not term.startswith("<https://id.kb.se/"):
            continue
        labels = sample_store.quads_for_pattern(
            ox.NamedNode(term[1:-1]), ox.NamedNode(f"{KBV}label"), None, ox.NamedNode(KBV)
        )
        languages = {quad.object.language for quad in labels if isinstance(quad.object, ox.Literal)}
        assert languages == {"sv", "en"}, term


def test_vocabulary_names_its_equivalents_in_bibframe(sample_store: ox.Store) -> None:
    bibframe = "http://id.loc.gov/ontologies/bibframe/"
    owl = "http://www.w3.org/2002/07/owl#"
    for kind, name, other in (
        ("equivalentClass", "Monograph", "Monograph"),
        ("equivalentProperty", "translationOf", "translationOf"),
    ):
        assert ox.Quad(
            ox.NamedNode(KBV + name),
            ox.NamedNode(owl + kind),
            ox.NamedNode(bibframe + other),
            ox.NamedNode(KBV),
        ) in list(sample_store.quads_for_pattern(ox.NamedNode(KBV + name), None, None))


def isni_is_valid(value: str) -> bool:
    """ISO 7064 MOD 11-2."""
    digits = value.replace(" ", "")
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[15]


def issn_is_valid(value: str) -> bool:
    digits = value.replace("-", "")
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=False))
    return "0123456789X"[(11 - total % 11) % 11] == digits[7]


@pytest.mark.parametrize(("kind", "check"), [("ISNI", isni_is_valid), ("ISSN", issn_is_valid)])
def test_check_digits_are_right(kind: str, check: Any) -> None:
    values = [node["value"] for node in walk([t for _, t in RECORDS]) if node.get("@type") == kind]
    assert len(values) >= 4
    assert all(check(value) for value in values), values


def test_no_record_is_named_like_a_harvested_one() -> None:
    for record, _ in RECORDS:
        assert not re.fullmatch(
            r"https://libris\.kb\.se/[0-9b-df-hj-np-tv-xz]{15,16}", record["@id"]
        )
