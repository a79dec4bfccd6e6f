"""The dataset: described for data portals, taken whole, with the licences that its parts have."""

from __future__ import annotations

import gzip
import hashlib
import json
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
import zstandard
from rdflib import DCAT, DCTERMS, RDF, VOID, Graph, URIRef

from loader.files import files
from loader.release import additions, release
from loader.store import pipeline
from loader.workspace import Workspace
from sparql_server.errors import StartError
from sparql_server.records.licences import CC0, read_terms
from tests.conftest import SAMPLE
from tests.records import canonical, quads_of, stored
from tests.saved.html import Browser
from tests.server.conftest import Server, start, stop
from tests.server.http import Reply, request

SHAPES = Path(__file__).parent / "dcat-ap.ttl"
KINDS = {"nb", "work", "auth", "hold", "other"}  # those that the sample has records of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    workspace = Workspace(tmp_path_factory.mktemp("dumped"))
    pipeline.load(workspace, files.find_files([SAMPLE]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 1, ["dumps"])
    options = ("--contact", "libris@example.org", "--publisher", "A library")
    running = start(workspace.root, "--workers", "1", *options)
    yield running
    assert stop(running) == 0


def described(server: Server, path: str = "/dataset") -> Graph:
    reply = request(server, "GET", path, Accept="text/turtle")
    assert reply.status == 200
    return Graph().parse(data=reply.body, format="turtle")


def listed(server: Server) -> list[dict[str, object]]:
    reply = request(server, "GET", "/dumps/", Accept="application/json")
    return list(reply.json()["dumps"])


def unpack(reply: Reply, name: str) -> bytes:
    if name.endswith(".gz"):
        return gzip.decompress(reply.body)
    reader = zstandard.ZstdDecompressor().stream_reader(reply.body, read_across_frames=True)
    return bytes(reader.read())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pyshacl's use of rdflib
def test_description_is_valid_by_the_rules_of_dcat_ap(server: Server) -> None:
    pyshacl = pytest.importorskip("pyshacl")
    valid, _, report = pyshacl.validate(described(server), shacl_graph=str(SHAPES))
    assert valid, report


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rules_of_dcat_ap_find_what_is_missing(server: Server) -> None:
    pyshacl = pytest.importorskip("pyshacl")
    graph = described(server)
    graph.remove((None, DCAT.accessURL, None))
    graph.remove((None, DCTERMS.publisher, None))
    assert not pyshacl.validate(graph, shacl_graph=str(SHAPES))[0]


def test_licence_is_said_of_the_parts_that_have_one_and_of_no_more(server: Server) -> None:
    graph = described(server)
    catalogue = set(graph.subjects(RDF.type, DCAT.Catalog))  # its licence is the description's
    licensed = set(graph.subjects(DCTERMS.license, URIRef(CC0)))
    assert set(graph.subjects(DCTERMS.license)) - catalogue == licensed
    names = {str(each).partition("#")[2] for each in licensed}
    assert names == {
        *("dataset-nb", "dataset-auth"),
        *(f"dump-{kind}.nq.{coding}" for kind in ("nb", "auth") for coding in ("gz", "zst")),
    }
    by_kind = {str(dump["kind"]): dump["license"] for dump in listed(server)}
    assert by_kind == {**dict.fromkeys([*KINDS, "all"]), "nb": CC0, "auth": CC0}


def test_licences_are_set_by_kind() -> None:
    assert read_terms(["hold=urn:l"], "", "").licences == {"hold": "urn:l"}
    assert read_terms([""], "", "").licences == {}
    for wrong in ("all=urn:l", "nb", "nb=cc0", "=urn:l"):
        with pytest.raises(StartError):
            read_terms([wrong], "", "")


@pytest.mark.parametrize("coding", ["gz", "zst"])
def test_dumps_are_the_store_whole_and_by_kind(server: Server, coding: str) -> None:
    dumps = {
        str(dump["kind"]): dump for dump in listed(server) if f".{coding}" in str(dump["name"])
    }
    assert dumps.keys() == KINDS | {"all"}
    lines: dict[str, list[str]] = {}
    for kind, dump in dumps.items():
        reply = request(server, "GET", f"/dumps/{dump['name']}")
        assert hashlib.sha256(reply.body).hexdigest() == dump["sha256"]
        assert len(reply.body) == dump["bytes"]
        lines[kind] = unpack(reply, str(dump["name"])).decode().splitlines()
        assert len(lines[kind]) == dump["quads"]
    assert sorted(lines["all"]) == sorted(line for kind in KINDS for line in lines[kind])
    assert canonical(quads_of(lines["all"])) == stored(server.data / "current" / "store")
    assert all("sample-h" in line.rpartition(" <")[2] for line in lines["hold"])
    assert all("sample-b" in line.rpartition(" <")[2] for line in lines["nb"])


def test_checksums_are_those_of_the_files(server: Server) -> None:
    reply = request(server, "GET", "/dumps/SHA256SUMS")
    assert reply.headers["content-type"].startswith("text/plain")
    lines = dict(line.split("  ")[::-1] for line in reply.text.splitlines())
    assert lines == {str(dump["name"]): dump["sha256"] for dump in listed(server)}
    tag = reply.headers["etag"]
    assert request(server, "GET", "/dumps/SHA256SUMS", If_None_Match=tag).status == 304
    assert request(server, "HEAD", "/dumps/SHA256SUMS").status == 200


def test_dump_is_resumed_where_it_was_left(server: Server) -> None:
    head = request(server, "HEAD", "/dumps/all.nq.gz")
    tag, size = head.headers["etag"], int(head.headers["content-length"])
    assert (head.status, head.body, head.headers["accept-ranges"]) == (200, b"", "bytes")
    whole = request(server, "GET", "/dumps/all.nq.gz").body
    rest = request(server, "GET", "/dumps/all.nq.gz", Range="bytes=1000-", If_Range=tag)
    assert (rest.status, rest.body) == (206, whole[1000:])
    assert rest.headers["content-range"] == f"bytes 1000-{size - 1}/{size}"
    last = request(server, "GET", "/dumps/all.nq.gz", Range="bytes=-10")
    assert last.body == whole[-10:]
    other = request(server, "GET", "/dumps/all.nq.gz", Range="bytes=1000-", If_Range='"other"')
    assert (other.status, other.body) == (200, whole)
    assert request(server, "GET", "/dumps/all.nq.gz", Range=f"bytes={size}-").status == 416
    assert request(server, "GET", "/dumps/all.nq.gz", Range="bytes=-0").status == 416
    longer = request(server, "GET", "/dumps/all.nq.gz", Range=f"bytes=-{size + 1}")
    assert (longer.status, longer.body) == (206, whole)
    for odd in ("bytes=5-2", "bytes=0-1,4-5", "lines=0-1"):
        assert request(server, "GET", "/dumps/all.nq.gz", Range=odd).status == 200
    lost = request(server, "GET", "/dumps/all.nq.gz", If_Match='"other"')
    assert (lost.status, lost.json()["status"]) == (412, 412)
    assert request(server, "GET", "/dumps/all.nq.gz", If_None_Match=tag).status == 304
    for name in ("nothing.nq.gz", "..%2Fmanifest.json", "%2e%2e", "all.nq"):
        assert request(server, "GET", f"/dumps/{name}").status == 404


def test_dumps_are_in_the_manifest_and_made_once(server: Server) -> None:
    folder = (server.data / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    there = {f"dumps/{path.name}" for path in (folder / "dumps").iterdir()}
    assert {name for name in manifest["files"] if name.startswith("dumps/")} == there
    assert not additions.add_part(Workspace(server.data), folder, "dumps")


def test_void_counts_the_links_to_each_other_dataset(server: Server) -> None:
    void = described(server, "/.well-known/void")
    told = {
        (str(void.value(links, VOID.linkPredicate)), str(void.value(target, VOID.uriSpace))): int(
            str(void.value(links, VOID.triples))
        )
        for links, target in void.subject_objects(VOID.objectsTarget)
    }
    counted: Counter[tuple[str, str]] = Counter()
    for triple in {quad.triple for quad in ox.Store.read_only(str(server.data / "current/store"))}:
        space = urlsplit(triple.object.value) if isinstance(triple.object, ox.NamedNode) else None
        if space and space.hostname not in ("libris.kb.se", "id.kb.se"):
            counted[triple.predicate.value, f"{space.scheme}://{space.netloc}"] += 1
    outside = {key: count for key, count in counted.items() if not key[0].startswith(str(RDF))}
    assert told == outside
    assert any("wikidata" in space for _, space in told)


def test_void_comes_in_every_format_and_leads_people_to_a_page(server: Server) -> None:
    void = described(server, "/.well-known/void")
    for name, read in (("ttl", "TURTLE"), ("nt", "N_TRIPLES"), ("rdf", "RDF_XML")):
        reply = request(server, "GET", f"/.well-known/void?format={name}")
        assert len(list(ox.parse(reply.body, getattr(ox.RdfFormat, read)))) == len(void)
    framed = request(server, "GET", "/.well-known/void?format=jsonld")
    assert framed.headers["content-type"] == "application/ld+json"
    assert request(server, "GET", "/.well-known/void?format=csv").status == 406
    page = request(server, "GET", "/.well-known/void", Accept="text/html,*/*;q=0.8")
    assert (page.status, page.headers["location"]) == (303, "/dataset")


def test_description_and_void_lead_to_the_dumps(server: Server) -> None:
    graph, void = described(server), described(server, "/.well-known/void")
    assert request(server, "GET", "/changes/").json()["url"] == f"{server.address}/dumps/"
    files_of_all = {f"{server.address}/dumps/all.nq.{coding}" for coding in ("gz", "zst")}
    assert {str(each) for each in void.objects(None, VOID.dataDump)} == files_of_all
    downloads = {str(each) for each in graph.objects(None, DCAT.downloadURL)}
    assert files_of_all <= downloads
    assert len(downloads) == len(listed(server)) == 12
    for address in downloads:
        head = request(server, "HEAD", address.removeprefix(server.address))
        assert head.status == 200


@pytest.mark.parametrize("language", ["sv", "en"])
def test_page_of_the_dataset_says_files_and_licences(server: Server, language: str) -> None:
    browser = Browser(server, language)
    for path in ("/dataset", "/dumps/"):
        page = browser.open(path)
        leads = {link.get("href") for link in page.iter("a")}
        assert {CC0, "/dumps/all.nq.gz"} <= leads


def test_editors_find_prefixes_examples_and_partitions(server: Server) -> None:
    """With the queries of SIB's sparql-editor, which it puts to the service description."""
    graph = described(server, "/sparql")
    declare = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX void: <http://rdfs.org/ns/void#>"
    for pattern, least in (
        ("[] sh:namespace ?a ; sh:prefix ?b .", 25),
        ("?a a sh:SPARQLExecutable ; rdfs:comment ?c ; sh:select|sh:ask|sh:construct ?b .", 53),
        ("?x void:class ?a ; void:propertyPartition ?y . ?y void:property ?b .", 100),
    ):
        assert len(graph.query(f"{declare} SELECT DISTINCT ?a ?b {{ {pattern} }}")) >= least
    assert (
        None,
        RDF.type,
        URIRef("http://www.w3.org/ns/sparql-service-description#Service"),
    ) in graph


def test_sitemaps_list_pages_and_every_record(server: Server) -> None:
    def places(path: str) -> list[str]:
        reply = request(server, "GET", path)
        assert (reply.status, reply.headers["content-type"]) == (200, "application/xml")
        tree = ElementTree.fromstring(reply.body)
        return [str(each.text) for each in tree.iter() if each.tag.endswith("}loc")]

    robots = request(server, "GET", "/robots.txt").text
    assert f"Sitemap: {server.address}/sitemap.xml" in robots
    parts = [each.removeprefix(server.address) for each in places("/sitemap.xml")]
    listed = [place for part in parts for place in places(part)]
    assert f"{server.address}/dataset" in listed
    assert f"{server.address}/sample-b0010" in listed
    assert sum("/sample-" in place for place in listed) == 588
    for place in listed[:3] + listed[-3:]:
        assert request(server, "GET", place.removeprefix(server.address)).status in (200, 404)
    assert request(server, "GET", "/sitemaps/things-2.xml").status == 404
    search = ElementTree.fromstring(request(server, "GET", "/opensearch.xml").body)
    assert any("{searchTerms}" in str(each.get("template")) for each in search)
