"""Review: what is worth a decision comes first, the pages, and what goes back to Wikidata."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from flask.testing import FlaskClient

from benchmarks.link_choices import gather_judged
from loader.link import operations
from loader.link.desk.pages import Login, make_app
from loader.link.joining.decisions import Step
from loader.link.runs import exports, report
from loader.link.runs.evidence_wording import split_evidence
from loader.link.runs.judgements import Judgement, append_judgements, read_judgements
from loader.link.runs.review import rank_doubts
from loader.release import void
from loader.release.manifest import LINK_COUNTS
from tests.link.conftest import Linker, Q, exact, item, person
from tests.link.test_names import title_of

BOTH = "1858-1940"
ID = "64jmq9fq21x1w63"


@pytest.fixture
def pages(linker: Linker) -> FlaskClient:
    """Two doubts: of somebody with a title, and of somebody without one."""
    linker.load(
        person("b", "Selma Lagerlöf", "1860-1940"),
        person("c", "August Strindberg", "1851-1912"),
        title_of("c", "Röda rummet"),
    )
    linker.extract(
        item(44519, "Selma Lagerlöf", BOTH), item(7724, "August Strindberg", "1849-1912")
    )
    linker.link()
    return make_app(linker.workspace, "Karin").test_client()


def test_what_is_used_comes_first(pages: FlaskClient, linker: Linker) -> None:
    with operations.open_tables(linker.workspace) as tables:
        ranked = [(doubt.object, uses) for doubt, uses in rank_doubts(tables)]
    assert ranked == [(f"{Q}7724", 1), (f"{Q}44519", 0)]


def test_judgement_at_the_page_is_in_the_log(pages: FlaskClient, linker: Linker) -> None:
    shown = pages.get("/").get_data(as_text=True)
    assert "births differ: 1851, 1849" in shown
    assert "Röda rummet" in shown
    assert "same name" in shown
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    answer = pages.post("/judge", data={**fields, "verdict": "yes"})
    assert answer.status_code == 302
    (judgement,) = read_judgements(linker.workspace.judgements)
    assert (judgement.object, judgement.verdict, judgement.who) == (f"{Q}7724", "yes", "Karin")
    assert f"{Q}44519" in pages.get("/").get_data(as_text=True)
    linker.link()
    assert linker.links("c") == exact(f"{Q}7724")


def test_what_was_judged_last_can_be_judged_again(pages: FlaskClient, linker: Linker) -> None:
    shown = pages.get("/").get_data(as_text=True)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    pages.post("/judge", data={**fields, "verdict": "yes"})
    assert "Last you said yes" in pages.get("/").get_data(as_text=True)
    again = pages.get("/?again=1").get_data(as_text=True)
    assert f"{Q}7724" in again
    pages.post("/judge", data={**fields, "verdict": "no"})
    linker.link()
    assert not linker.links()


def test_skipped_doubt_stays_skipped_after_a_judgement(pages: FlaskClient) -> None:
    shown = pages.get("/?skip=1").get_data(as_text=True)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    assert pages.post("/judge", data={**fields, "verdict": "no"}).location == "/?skip=1"


@pytest.mark.parametrize(
    ("host", "token", "status"),
    [("evil.example", "", 403), ("127.0.0.1", "guessed", 403), ("127.0.0.1", "gissåd", 403)],
)
def test_no_other_site_can_judge(
    pages: FlaskClient, linker: Linker, host: str, token: str, status: int
) -> None:
    data = {"token": token, "subject": "x", "object": "y", "verdict": "yes"}
    assert pages.post("/judge", data=data, headers={"Host": host}).status_code == status
    assert read_judgements(linker.workspace.judgements) == []


def test_page_shows_where_both_are_from_and_what_they_do(linker: Linker) -> None:
    swede = {"nationality": [{"@id": "https://id.kb.se/nationality/e-sw---"}]}
    linker.load(person("c", "August Strindberg", "1851-1912", **swede))
    work = {"P27": {"id": "Q33"}, "P106": {"id": "Q36834"}}
    linker.extract(item(7724, "August Strindberg", "1849-1912", **work))
    linker.link()
    page = make_app(linker.workspace, "Karin").test_client()
    shown = page.get("/", headers={"Accept-Language": "sv"}).get_data(as_text=True)
    assert "nationalitet</th><td>Sverige</td><td>Finland</td>" in shown
    assert "verksamhet</th><td></td><td>musik</td>" in shown
    assert "en annan nationalitet" in shown


def test_judgements_behind_a_login_are_of_who_has_logged_in(
    pages: FlaskClient, linker: Linker
) -> None:
    login = Login("granska.example", "X-Forwarded-User")
    client = make_app(linker.workspace, "Karin", login).test_client()
    headers = {"Host": "granska.example", "X-Forwarded-User": " Nils  Ek "}
    shown = client.get("/", headers=headers).get_data(as_text=True)
    assert "Judgements of Nils Ek" in shown
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    client.post("/judge", data={**fields, "verdict": "no"}, headers=headers)
    (judgement,) = read_judgements(linker.workspace.judgements)
    assert judgement.who == "Nils Ek"
    # Without a login nobody is believed to be somebody else.
    plain = pages.get("/", headers={"X-Forwarded-User": "Nils Ek"}).get_data(as_text=True)
    assert "Judgements of Karin" in plain
    assert pages.get("/", headers={"Host": "granska.example"}).status_code == 403


def test_two_records_of_one_item_are_reported(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH), person("b", "Selma Lagerlöf", BOTH))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    linker.link()
    with operations.open_tables(linker.workspace) as tables:
        (twice,) = report.count_all(tables, [])["perhaps one person twice"]
    assert twice["object"] == f"{Q}44519"
    assert len(twice["records"]) == 2


def test_link_to_a_merged_item_is_followed_and_reported(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH, exactMatch=[{"@id": f"{Q}1"}]))
    path = linker.folder / "truthy.nt"
    direct = "http://www.wikidata.org/prop/direct/P31"
    path.write_text(
        f"<{Q}1> <http://www.w3.org/2002/07/owl#sameAs> <{Q}44519> .\n"
        f"<{Q}44519> <{direct}> <{Q}5> .\n",
        encoding="utf-8",
    )
    linker.read("wikidata", path)
    linker.link()
    assert linker.links("a") == exact(f"{Q}44519")
    with operations.open_tables(linker.workspace) as tables:
        (moved,) = report.count_all(tables, [])["moved"]
    assert (moved["from"], moved["to"]) == (f"{Q}1", f"{Q}44519")


def test_item_that_was_merged_twice_is_followed_to_the_last(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH, exactMatch=[{"@id": f"{Q}1"}]))
    path = linker.folder / "merged.tsv"
    path.write_text(f"?old\t?new\n<{Q}1>\t<{Q}2>\n<{Q}2>\t<{Q}44519>\n", encoding="utf-8")
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    linker.read("wikidata", path)
    linker.link()
    assert linker.links("a") == exact(f"{Q}44519")


def test_link_to_a_deleted_item_is_reported_and_not_repeated(linker: Linker) -> None:
    ids = [{"@type": "WikidataID", "value": "Q1"}]
    linker.load(person("a", "Selma Lagerlöf", BOTH, identifiedBy=ids))
    path = linker.folder / "deleted.csv"
    path.write_text(f"item,deleted\n{Q}1,true\n", encoding="utf-8")
    linker.read("wikidata", path)
    linker.link()
    assert linker.links("a") == set()
    with operations.open_tables(linker.workspace) as tables:
        (moved,) = report.count_all(tables, [])["moved"]
    assert (moved["from"], moved["to"]) == (f"{Q}1", "")


def test_item_that_was_deleted_is_not_given_by_name(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH))
    path = linker.folder / "deleted.csv"
    path.write_text(f"item,deleted\n{Q}44519,true\n", encoding="utf-8")
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    linker.read("wikidata", path)
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(f"{Q}44519", "the item was deleted, or merged into another")}


def test_what_wikidata_lacks_is_written_for_quickstatements(linker: Linker) -> None:
    linker.load(
        person(ID, "Selma Lagerlöf", BOTH, exactMatch=[{"@id": f"{Q}44519"}]),
        person("zw9cc33h1cb62s8", "August Strindberg", "1849-1912"),
    )
    linker.extract(
        item(44519, "Selma Lagerlöf", BOTH, P5587="0xbdfjvj5rjnrc0"),
        item(7724, "August Strindberg", "1849-1912"),
    )
    linker.link()
    confirmed, named = io.StringIO(), io.StringIO()
    with operations.open_tables(linker.workspace) as tables:
        exports.write_quickstatements(tables, confirmed)
        exports.write_quickstatements(tables, named, names=True)
    assert confirmed.getvalue() == ""
    assert named.getvalue() == 'Q7724\tP5587\t"zw9cc33h1cb62s8"\n'
    table = io.StringIO()
    with operations.open_tables(linker.workspace) as tables:
        assert exports.write_openrefine(tables, table, names=True) == 1
    (row,) = csv.DictReader(table.getvalue().splitlines())
    assert (row["item"], row["record"], row["found by"]) == ("Q7724", "zw9cc33h1cb62s8", "names")
    assert row["name in Libris"] == row["name in Wikidata"] == "August Strindberg"


def test_evidence_is_said_in_words_the_weightiest_first() -> None:
    steps = [
        Step("a", "b", "any candidate", "-6.9 bits"),
        Step("a", "b", "name exact", "+1.2 bits"),
        Step("a", "b", "birth equal", "+5.9 bits"),
        Step("a", "b", "death only there", "-0.8 bits"),
        Step("a", "b", "rarity to 14", "+3.4 bits"),
    ]
    support, against = split_evidence(steps)
    assert support == ["same birth year", "a rare name", "same name"]
    assert against == ["the record has no death year"]


def test_what_people_judged_is_fitted_to(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf"), person("b", "August Strindberg"))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH), item(7724, "August Strindberg", BOTH))
    linker.link()
    said = [
        Judgement(f"https://libris.kb.se/{name}#it", f"{Q}{number}", verdict, "E", "2026-11-28", "")
        for name, number, verdict in (("a", 44519, "yes"), ("b", 7724, "no"))
    ]
    append_judgements(linker.workspace.judgements, said)
    chosen = gather_judged(linker.workspace.root)
    assert [choice.case.right for choice in chosen] == [f"{Q}44519", ""]
    assert [dict(choice.candidates).keys() for choice in chosen] == [{f"{Q}44519"}, {f"{Q}7724"}]


def test_pair_is_never_both_linked_and_in_review(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", "1860-1940"))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    linker.link()
    assert linker.doubts() == {(f"{Q}44519", "births differ")}
    subject = "https://libris.kb.se/a#it"
    yes = Judgement(subject, f"{Q}44519", "yes", "E", "2026-11-28T00:00:00Z", "")
    append_judgements(linker.workspace.judgements, [yes])
    linker.link()
    assert (linker.links("a"), linker.doubts()) == (exact(f"{Q}44519"), set())


def test_release_says_how_many_links_there_are_of_each_kind(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    linker.link()
    with operations.open_for_linking(linker.workspace, "test") as (archive, _):
        counts = json.loads(archive.reader.state(LINK_COUNTS) or b"[]")
    assert counts == [["person", "wikidata", "names", 1]]
    empty: dict[str, int] = {}
    said = {"published": "2026-11-28T12:00:00Z", "quads": 1, "classes": empty, "properties": empty}
    described = void.describe(said | {"links": counts}, {})
    assert "void:Linkset" in described
    assert '"person, wikidata, by names"@en' in described
