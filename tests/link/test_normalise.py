"""Identifiers and addresses: every spelling has one IRI, and every text has an answer."""

from __future__ import annotations

import csv
import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.identifiers import record_identifier
from loader.link.identifiers import check_digits, identifiers, normalisation
from loader.link.names import keys
from sparql_server.records import legacy
from tests.shared import SHARED, needs_shared

WIKIDATA = "http://www.wikidata.org/entity/"
LC = "http://id.loc.gov/authorities/"

ADDRESSES = [
    ("https://www.wikidata.org/wiki/Q1762#sitelinks-wikipedia", f"{WIKIDATA}Q1762"),
    ("https://m.wikidata.org/wiki/Q1762", f"{WIKIDATA}Q1762"),
    ("https://www.wikidata.org/wiki/Special:EntityData/Q42.ttl?flavor=dump", f"{WIKIDATA}Q42"),
    ("https://www.wikidata.org/entity/Q42", f"{WIKIDATA}Q42"),
    ("https://www.wikidata.org/wiki/Property:P31", None),
    ("https://viaf.org/viaf/111533709/#Jansson,_Tove", "http://viaf.org/viaf/111533709"),
    ("http://www.viaf.org/viaf/111533709", "http://viaf.org/viaf/111533709"),
    ("https://viaf.org/viaf/111533709#skos:Concept", "http://viaf.org/viaf/111533709"),
    ("http://viaf.org/viaf/111533709/#foaf:Person", "http://viaf.org/viaf/111533709"),
    ("https://viaf.org/en/viaf/111533709", "http://viaf.org/viaf/111533709"),
    (
        "https://viaf.org/viaf/7654153126245124750008/",
        "http://viaf.org/viaf/7654153126245124750008",
    ),
    ("https://id.loc.gov/authorities/names/n79046514.html", f"{LC}names/n79046514"),
    ("http://id.loc.gov/authorities/names/n79046514#concept", f"{LC}names/n79046514"),
    ("http://id.loc.gov/authorities/sh85006507#concept", f"{LC}subjects/sh85006507"),
    ("http://id.loc.gov/rwo/agents/n79046514", f"{LC}names/n79046514"),
    (
        "http://id.loc.gov/authorities/childrensSubjects/sj96004762",
        f"{LC}childrensSubjects/sj96004762",
    ),
    ("https://id.loc.gov/authorities/genreForms/gf2014026339.json", f"{LC}genreForms/gf2014026339"),
    ("http://id.loc.gov/authorities/names/445874", None),
    ("http://id.loc.gov/vocabulary/relators/aut.html", "http://id.loc.gov/vocabulary/relators/aut"),
    (
        "http://dbpedia.org/resource/Selma_Lagerl%25C3%25B6f",
        "http://dbpedia.org/resource/Selma_Lagerlöf",
    ),
    ("http://dbpedia.org/page/Tove_Jansson", "http://dbpedia.org/resource/Tove_Jansson"),
    ("https://dbpedia.org/data/Tove_Jansson.json", "http://dbpedia.org/resource/Tove_Jansson"),
    ("http://en.dbpedia.org/resource/Tove_Jansson", "http://dbpedia.org/resource/Tove_Jansson"),
    ("http://fr.dbpedia.org/resource/Tove_Jansson", None),
    (
        "http://dbpedia.org/resource/Who%27s_Afraid_of_Virginia_Woolf%3F",
        "http://dbpedia.org/resource/Who's_Afraid_of_Virginia_Woolf%3F",
    ),
    (
        "http://sv.m.wikipedia.org/wiki/Selma_Lagerl%C3%B6f#Biografi",
        "https://sv.wikipedia.org/wiki/Selma_Lagerlöf",
    ),
    (
        "https://en.wikipedia.org/w/index.php?title=100%25&action=edit",
        "https://en.wikipedia.org/wiki/100%25",
    ),
    ("http://en.wikipedia.org/wiki/Lagerl%F6f", None),
    ("http://www.isni.org/0000000103407488", "https://isni.org/isni/0000000103407488"),
    ("http://isni.org/isni/0000 0001 0340 7488", "https://isni.org/isni/0000000103407488"),
    ("http://isni.org/isni/0000%200001%200340%207488", "https://isni.org/isni/0000000103407488"),
    ("http://www.isni.org/0000000103407489", None),
    ("http://d-nb.info/gnd/118601555/about/lds", "https://d-nb.info/gnd/118601555"),
    ("https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
    ("http://id.worldcat.org/fast/fst01740895", "http://id.worldcat.org/fast/1740895"),
    ("https://libris.kb.se/1zcfh30k0gr4zxt", "https://libris.kb.se/1zcfh30k0gr4zxt"),
    ("http://libris.kb.se/1zcfh30k0gr4zxt#it", "https://libris.kb.se/1zcfh30k0gr4zxt#it"),
    ("http://libris.kb.se/resource/auth/230807", "http://libris.kb.se/resource/auth/230807"),
    ("http://libris.kb.se/auth/230807", "http://libris.kb.se/auth/230807"),
    ("https://example.org/viaf/111533709", None),
    ("https://notviaf.org/viaf/111533709", None),
    ("http://[viaf.org/viaf/1", None),
    ("", None),
    ("\ud800", None),
]


@pytest.mark.parametrize(("text", "iri"), ADDRESSES)
def test_address_has_one_spelling(text: str, iri: str | None) -> None:
    found = normalisation.read_address(text)
    assert (found and found.iri) == iri


def test_thing_and_record_are_never_the_same() -> None:
    thing = normalisation.read_address("https://libris.kb.se/1zcfh30k0gr4zxt#it")
    record = normalisation.read_address("https://libris.kb.se/1zcfh30k0gr4zxt")
    assert thing is not None
    assert record is not None
    assert (thing.kind, record.kind) == ("libris", "record")
    old_thing = normalisation.read_address("http://libris.kb.se/resource/auth/1")
    old_record = normalisation.read_address("http://libris.kb.se/auth/1")
    assert old_thing is not None
    assert old_record is not None
    assert (old_thing.kind, old_record.kind) == ("libris", "record")


def test_source_id_of_viaf_is_pending_and_no_cluster() -> None:
    found = normalisation.read_address("https://viaf.org/viaf/sourceID/SELIBR%7C254498")
    assert found is not None
    assert found.kind == "pending"


def test_source_that_names_the_agent_itself_is_remembered() -> None:
    agent = normalisation.read_address("http://id.loc.gov/rwo/agents/n79046514")
    authority = normalisation.read_address("http://id.loc.gov/authorities/names/n79046514")
    assert agent is not None
    assert authority is not None
    assert (agent.real_world, authority.real_world) == (True, False)
    assert agent == authority


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(DLC)sh 85006507", "sh85006507"),
        ("(DLC) n 78087649", "n78087649"),
        ("LC|n  79068416", "n79068416"),
        ("nb2001-5", "nb2001000005"),
        ("n78-890351", "n78890351"),
        ("n50012345/AC", "n50012345"),
        ("445874", None),
        ("gmgpc000700", None),
    ],
)
def test_control_number_of_the_library_of_congress(text: str, number: str | None) -> None:
    assert check_digits.lccn(text) == number


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("http://id.loc.gov/authorities/label/Art%20%C2%A1%20Study", "art--study"),
        (
            "http://id.loc.gov/authorities/label/Information--Information%20Age",
            "information--information age",
        ),
        ("http://id.loc.gov/authorities/childrensSubjects/label/Dogs", "dogs"),
    ],
)
def test_address_of_a_label_is_no_concept(address: str, label: str) -> None:
    found = normalisation.read_address(address)
    assert found is not None
    assert found.kind == "label"
    again = normalisation.read_address(found.iri)
    assert found == again
    assert keys.make_label_key(label) == label


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Art ‡x Study", "art--study"),
        ("Art - Study", "art--study"),
        ("Art – Study", "art--study"),
        ("Art  --  Study.", "art--study"),
        ("Global Financial Crisis, 2008–2009", "global financial crisis, 2008-2009"),
        ("Plug-in hybrids", "plug-in hybrids"),
    ],
)
def test_separators_in_headings_are_one(text: str, key: str) -> None:
    assert keys.make_label_key(text) == key


@pytest.mark.parametrize(
    ("kind", "value", "iri"),
    [
        ("VIAF", "24583475", "http://viaf.org/viaf/24583475"),
        ("viaf", "http://viaf.org/viaf/24583475", "http://viaf.org/viaf/24583475"),
        ("ISNI", "0000 0001 0340 7488", "https://isni.org/isni/0000000103407488"),
        ("WikidataID", "q1762", f"{WIKIDATA}Q1762"),
        ("LCCN", "n  79046514", f"{LC}names/n79046514"),
        ("URI", "https://www.wikidata.org/wiki/Q1762", f"{WIKIDATA}Q1762"),
        ("ISNI", "http://viaf.org/viaf/24583475", None),
        ("ISBN", "91-7000-059-X", "urn:isbn:9789170000591"),
        ("ISBN", "9789100000058", None),
        ("EAN", "9789170000591", None),
    ],
)
def test_typed_identifier(kind: str, value: str, iri: str | None) -> None:
    found = normalisation.read_typed(kind, value)
    assert (found and found.iri) == iri


def test_orcid_is_an_isni_of_one_block() -> None:
    assert check_digits.orcid("0000-0002-1825-0097") == "0000-0002-1825-0097"
    assert check_digits.orcid("0000000103407488") is None
    assert check_digits.isni("0000-0002-1825-0097") == "0000000218250097"


def test_name_of_a_thing_before_2018_comes_from_its_name_now() -> None:
    new = f"https://libris.kb.se/{legacy.compute_libris_id('auth', 211389)}#it"
    assert new == "https://libris.kb.se/rp3563595lkhv4q#it"
    assert identifiers.thing_before_2018(new) == "http://libris.kb.se/resource/auth/211389"
    assert identifiers.thing_before_2018("https://libris.kb.se/rp3563595lkhv4q") is None


@given(st.sampled_from(["auth", "bib", "hold"]), st.integers(0, 10**8))
def test_id_of_a_number_is_libris_own_and_leads_back(collection: str, number: int) -> None:
    found = legacy.compute_libris_id(collection, number)
    assert found == record_identifier(collection, number)
    assert legacy.find_legacy_number(found) == (collection, number)


def mutated(chance: random.Random, text: str) -> str:
    symbols = list(text)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(symbols) + 1)
        piece = chance.choice(
            ["%", "%25", "%C3", "#", "?", "/", "ö", "\u0308", "¡", " - ", "İ", "ﬁ", "1", ""]
        )
        symbols[place : place + chance.randint(0, 2)] = piece
    return "".join(symbols)


SPELLINGS = [text for text, _ in ADDRESSES] + ["Art ¡ Study", "(DLC)sh 85006507"]
texts = st.one_of(
    st.text(),
    st.builds(mutated, st.randoms(use_true_random=False), st.sampled_from(SPELLINGS)),
    st.builds("{}{}".format, st.sampled_from(SPELLINGS), st.text()),
)


@settings(max_examples=2000, deadline=None)
@given(texts)
def test_any_text_has_an_answer_and_its_address_the_same(text: str) -> None:
    found = normalisation.read_address(text)
    if found is not None:
        assert normalisation.read_address(found.iri) == found


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["VIAF", "ISNI", "ORCID", "WikidataID", "LCCN", "GND", "URI", "x"]), texts)
def test_any_value_has_an_answer_of_its_kind(kind: str, text: str) -> None:
    found = normalisation.read_typed(kind, text)
    if found is not None:
        assert normalisation.read_address(found.iri) == found


@settings(max_examples=1000, deadline=None)
@given(texts)
def test_keys_of_keys_are_themselves(text: str) -> None:
    for key in (keys.make_label_key, keys.fold, keys.fold_but_swedish, keys.sort_words):
        assert key(key(text)) == key(text)


@needs_shared
def test_every_isni_of_the_reference_data_is_valid_and_every_id_decodes() -> None:
    path = SHARED / "linking" / "libris_isni.tsv.gz"
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        identifier, isni = line.split()
        assert check_digits.isni(isni) == isni
        assert legacy.find_legacy_number(identifier) is not None


@needs_shared
def test_computed_ids_of_the_reference_data_are_ours() -> None:
    path = SHARED / "linking" / "persons_full_links.csv"
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        if row["selibr"] and row["libris_xl"]:
            assert legacy.compute_libris_id("auth", int(row["selibr"])) == row["libris_xl"]
