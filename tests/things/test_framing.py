"""JSON-LD of a thing: one document, framed, with the same triples as every other format."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from sparql_server.things.pages.framing import frame
from tests.server.conftest import Server
from tests.server.http import request
from tests.things.test_things import BOOK, KBV, LIBRIS

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# rdflib's parser uses a class of its own that it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
CHOSEN = [BOOK, "sample-b0001", "sample-a0007", "sample-h0028", "library/S",
          "id.kb.se/term/saogf/Brevromaner"]  # fmt: skip


def canonical(body: bytes, format: ox.RdfFormat) -> set[str]:
    dataset = ox.Dataset(ox.parse(body, format))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(map(str, dataset))


def assert_same(framed: bytes, triples: bytes) -> None:
    assert canonical(framed, ox.RdfFormat.JSON_LD) == canonical(triples, ox.RdfFormat.N_TRIPLES)
    graphs = rdflib.Graph(), rdflib.Graph()
    graphs[0].parse(data=framed, format="json-ld")
    graphs[1].parse(data=triples, format="nt")
    assert isomorphic(*graphs)


@pytest.mark.parametrize("profile", ["full", "chip", "bibframe"])
@pytest.mark.parametrize("path", CHOSEN)
def test_framed_document_has_the_triples_of_the_profile(
    sample: Server, path: str, profile: str
) -> None:
    framed = request(sample, "GET", f"/{path}.jsonld?profile={profile}")
    assert_same(framed.body, request(sample, "GET", f"/{path}.nt?profile={profile}").body)


def test_part_of_what_points_here_has_the_same_triples(sample: Server) -> None:
    path = "/library/S.{}?incoming=kbv:descriptionCreator&limit=7"
    framed = request(sample, "GET", path.format("jsonld"))
    assert_same(framed.body, request(sample, "GET", path.format("nt")).body)
    assert len(framed.json()["@reverse"]["descriptionCreator"]) == 7


def test_thing_is_the_root_with_its_record_and_chips(sample: Server) -> None:
    told = request(sample, "GET", "/sample-b0001", Accept="application/ld+json").json()
    assert (told["@id"], told["@type"]) == (f"{LIBRIS}sample-b0001#it", "PhysicalResource")
    assert told["meta"]["@id"] == f"{LIBRIS}sample-b0001"
    assert told["meta"]["@type"] == "Record"
    assert told["hasTitle"]["mainTitle"] == "Röda rummet"
    work = told["instanceOf"]
    agents = [each for each in list_nodes(told) if each.get("familyName") == "Strindberg"]
    assert agents[0]["@type"] == "Person"
    assert work["@type"]
    held = told["@reverse"]["itemOf"]
    assert all({"@id", "@type"} <= item.keys() for item in held)
    assert list(told).index("hasTitle") < list(told).index("@reverse")


def list_nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [node for each in value for node in list_nodes(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(node for each in value.values() for node in list_nodes(each))]


def test_framed_document_can_be_kept_and_is_not_another_form(sample: Server) -> None:
    framed = request(sample, "GET", f"/{BOOK}", Accept="application/ld+json")
    expanded = request(sample, "GET", f"/{BOOK}?format=expanded")
    head = request(sample, "HEAD", f"/{BOOK}", Accept="application/ld+json")
    assert framed.headers["etag"] != expanded.headers["etag"]
    for name in ("etag", "content-type", "link", "libris-release", "vary"):
        assert head.headers[name] == framed.headers[name]
    again = request(
        sample,
        "GET",
        f"/{BOOK}",
        Accept="application/ld+json",
        If_None_Match=framed.headers["etag"],
    )
    assert again.status == 304


ODD = """\
<urn:doc> <{k}mainEntity> <urn:it> .
<urn:it> <{k}broader> <urn:up> . <urn:up> <{k}narrower> <urn:it> . <urn:up> <{k}label> "up"@sv .
<urn:it> <{k}related> <urn:it> . <urn:other> <{k}meta> <urn:it> . <urn:it> <{k}meta> "x" .
<urn:it> <{k}notes> _:l1 . _:l1 <{r}first> "a" . _:l1 <{r}rest> _:l2 .
_:l2 <{r}first> _:n . _:l2 <{r}rest> <{r}nil> . _:n <{k}label> "inside" .
<urn:it> <{k}two> _:s . <urn:up> <{k}two> _:s . _:s <{k}self> _:s . <urn:it> <{k}none> _:empty .
_:alone <{k}label> "alone" . <urn:it> <{r}type> _:class . _:class <{k}label> "class" .
<urn:it> <{r}type> "text" . <urn:it> <{k}year> "1999"^^<urn:year> . <urn:it> <bf:x> <bf:y> .
<urn:it> <http://www.w3.org/2002/07/owl#sameAs> <marc:z> . <urn:it> <{k}a/b> "\\u0000\\"" .
<urn:it> <{k}empty> <{r}nil> . <urn:it> <{k}%40id> "keyword" .
"""


def test_nothing_is_lost_in_circles_lists_and_odd_names() -> None:
    triples = ODD.format(k=KBV, r=RDF)
    triples += "".join(f"_:d{n} <{KBV}deeper> _:d{n + 1} .\n" for n in range(60))
    triples += f"<urn:it> <{KBV}deeper> _:d0 .\n"
    triples += "".join(f"<urn:c{n}> <{KBV}next> <urn:c{n + 1}> .\n" for n in range(60))
    quads = ox.parse(triples.encode(), ox.RdfFormat.TURTLE)
    nodes: dict[str, dict[str, Any]] = {}
    for quad in quads:
        write(nodes.setdefault(identify(quad.subject), {"@id": identify(quad.subject)}), quad)
    framed = frame(list(nodes.values()), ["urn:doc", "urn:it"])
    same = canonical(framed, ox.RdfFormat.JSON_LD)
    assert same == canonical(triples.encode(), ox.RdfFormat.TURTLE)
    assert json.loads(framed)["@id"] == "urn:it"


def identify(term: object) -> str:
    return str(term) if isinstance(term, ox.BlankNode) else term.value  # type: ignore[attr-defined]


def write(node: dict[str, Any], quad: ox.Quad) -> None:
    object_ = quad.object
    if not isinstance(object_, ox.Literal):
        is_type = quad.predicate.value == f"{RDF}type"
        value: Any = identify(object_) if is_type else {"@id": identify(object_)}
        node.setdefault("@type" if is_type else quad.predicate.value, []).append(value)
        return
    said = {"@value": object_.value}
    if object_.language:
        said["@language"] = object_.language
    elif object_.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        said["@type"] = object_.datatype.value
    node.setdefault(quad.predicate.value, []).append(said)
