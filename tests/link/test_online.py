"""Asking services: politely, within a budget, from the cache, and whatever they answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loader.errors import ContactMissing, LinkError
from loader.link import operations
from loader.link.extracts.link_database import Tables
from loader.link.online.fetcher import Fetcher, Question
from loader.link.online.inquiry import Asker, plan_questions
from loader.link.online.manners import Clock, Refused
from loader.link.online.services import DAY, SERVICES, choose_services
from loader.link.operations import Online
from loader.link.runs import STAGES
from loader.link.stages import find_links
from tests.link.conftest import ISNI, Linker, Q, exact, item, person
from tests.records import heading, record
from tests.standin.linked import Linked, Reply

STRINDBERG = item(7724, "August Strindberg", "1849-1912", P213=ISNI, P214="54154627")
ISNI_IRI = f"https://isni.org/isni/{ISNI}"
LC = "http://id.loc.gov/authorities/subjects/"
HTML = Reply(200, b"<html>Sorry, you have been blocked</html>", "text/html")


@pytest.fixture
def linked() -> Iterator[Linked]:
    with Linked(STRINDBERG) as standin:
        yield standin


@pytest.fixture
def strindberg(linker: Linker) -> Linker:
    isni = {"identifiedBy": [{"@type": "ISNI", "value": ISNI}]}
    linker.load(person("tr574vdc33gk2cc", "August Strindberg", "1849-1912", **isni))
    return linker


class Time:
    """A clock that lets time pass by itself. slept: how long each wait was."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


def link(linker: Linker, linked: Linked, *, replay: bool = False, time: Time | None = None) -> None:
    time = time or Time()
    online = Online("", choose_services(linked.services), replay, time.clock)
    operations.link(linker.workspace, STAGES, online=online)


def test_item_is_found_by_asking(strindberg: Linker, linked: Linked) -> None:
    link(strindberg, linked)
    assert strindberg.links() == exact(f"{Q}7724", ISNI_IRI, "http://viaf.org/viaf/54154627")
    assert linked.agents[0].startswith("libris-linked-data/")


def test_what_was_answered_is_not_asked_again(strindberg: Linker, linked: Linked) -> None:
    link(strindberg, linked)
    before = len(linked.asked)
    link(strindberg, linked)
    assert len(linked.asked) == before


def test_replay_gives_the_same_links_and_asks_nobody(strindberg: Linker, linked: Linked) -> None:
    link(strindberg, linked)
    links, before = strindberg.links(), len(linked.asked)
    link(strindberg, linked, replay=True)
    assert (strindberg.links(), len(linked.asked)) == (links, before)
    assert len(strindberg.rows("SELECT id FROM run")) == 1


def test_replay_of_what_was_never_asked_is_an_error(strindberg: Linker, linked: Linked) -> None:
    with pytest.raises(LinkError, match="not in the cache"):
        link(strindberg, linked, replay=True)
    assert linked.asked == []


def test_dry_run_counts_requests_and_sends_none(strindberg: Linker, linked: Linked) -> None:
    planned = operations.count_requests(
        strindberg.workspace, Online("", choose_services(linked.services))
    )
    # Its number now, its number before 2018, and its ISNI.
    assert planned == {"wikidata-query": 3, "wikidata": 1, "viaf": 0, "lc": 0}
    assert linked.asked == []


def test_nobody_elsewhere_is_asked_without_a_contact(strindberg: Linker) -> None:
    with pytest.raises(ContactMissing, match="LIBRIS_CONTACT"):
        operations.link(strindberg.workspace, STAGES, online=Online("", choose_services({})))


def test_label_is_looked_up_and_the_encoded_header_believed(linker: Linker, linked: Linked) -> None:
    linker.load(record("t", {"@type": "Topic", "closeMatch": [heading("Champā (Kingdom)")]}))
    linked.labels["subjects", "champā (kingdom)"] = (f"{LC}sh85022229", "Champā (Kingdom)")
    link(linker, linked)
    assert linker.links("t") == {("closeMatch", f"{LC}sh85022229")}
    assert linked.count("lc") == 1


def test_label_that_lc_does_not_have_is_no_failure(linker: Linker, linked: Linked) -> None:
    linker.load(record("t", {"@type": "Topic", "closeMatch": [heading("Nonsense")]}))
    link(linker, linked)
    link(linker, linked)
    assert linker.links() == set()
    assert linked.count("lc") == 1
    assert linker.rows("SELECT * FROM answer WHERE failure != ''") == []


@pytest.mark.parametrize("prefix", ["ns1", "ns4", "v"])
def test_cluster_leads_on_whatever_its_prefix(linker: Linker, linked: Linked, prefix: str) -> None:
    linker.load(
        person(
            "a",
            "August Strindberg",
            "1849-1912",
            identifiedBy=[{"@type": "VIAF", "value": "54154627"}],
        )
    )
    source = {"content": "LC|n  79068416", "nsid": "n79068416"}
    cluster = {f"{prefix}:sources": {f"{prefix}:source": source}, f"{prefix}:viafID": 54154627}
    linked.items.clear()
    linked._store.clear()
    linked.clusters["54154627"] = {f"{prefix}:VIAFCluster": cluster}
    link(linker, linked)
    names = "http://id.loc.gov/authorities/names/n79068416"
    assert linker.links() == exact("http://viaf.org/viaf/54154627", names)


def test_cluster_that_was_merged_is_followed(linker: Linker, linked: Linked) -> None:
    linker.load(person("a", "August Strindberg", identifiedBy=[{"@type": "VIAF", "value": "111"}]))
    moved = {"ns0:abandoned_viaf_record": {"ns0:redirect": {"ns0:directto": "54154627"}}}
    linked._store.clear()
    linked.clusters["111"] = moved
    link(linker, linked)
    assert linker.links() == exact("http://viaf.org/viaf/54154627")


def test_item_that_was_merged_is_found_by_its_former_number(linker: Linker, linked: Linked) -> None:
    linker.load(person("a", "August Strindberg", identifiedBy=[{"@type": "ISNI", "value": ISNI}]))
    linked.moved["Q7724"] = "Q1"
    linked.items["Q1"] = {**STRINDBERG, "id": "Q1"}
    link(linker, linked)
    assert ("exactMatch", f"{Q}1") in linker.links()
    assert ("exactMatch", f"{Q}7724") not in linker.links()


BAD = {
    "lag in a good answer": Reply(200, b'{"error": {"code": "maxlag"}}'),
    "too much, in a good answer": Reply(200, b'{"error": {"code": "ratelimited"}}'),
    "too much": Reply(429, b"slow down", headers={"Retry-After": "7"}),
    "broken": Reply(503, b"", headers={"Retry-After": "1"}),
    "a page instead": HTML,
    "cut short": Reply(200, b'{"entities": {"Q7724": {"id": "Q7724"}}}', cut=20),
}


@pytest.mark.parametrize("service", ["wikidata-query", "wikidata"])
@pytest.mark.parametrize("bad", BAD)
def test_bad_answer_is_asked_for_again(
    strindberg: Linker, linked: Linked, service: str, bad: str
) -> None:
    linked.spoil = lambda name, number, good: BAD[bad] if (name, number) == (service, 0) else good
    time = Time()
    link(strindberg, linked, time=time)
    assert ("exactMatch", f"{Q}7724") in strindberg.links()
    if "Retry-After" in BAD[bad].headers:
        assert float(BAD[bad].headers["Retry-After"]) <= max(time.slept)


@pytest.mark.parametrize("bad", BAD)
def test_service_that_goes_on_failing_is_left_alone_and_nothing_is_linked(
    strindberg: Linker, linked: Linked, bad: str
) -> None:
    linked.spoil = lambda name, number, good: BAD[bad]
    time = Time()
    link(strindberg, linked, time=time)
    assert strindberg.links() == exact(ISNI_IRI)
    assert linked.count("wikidata-query") == 3
    assert strindberg.rows("SELECT failure FROM answer") != []
    link(strindberg, linked, time=time)
    assert linked.count("wikidata-query") == 3
    linked.spoil = lambda name, number, good: good
    time.at += 3600
    link(strindberg, linked, time=time)
    assert ("exactMatch", f"{Q}7724") in strindberg.links()


@pytest.mark.parametrize("block", [Reply(403, HTML.body, "text/html"), HTML])
def test_viaf_is_never_asked_again_after_it_blocks(
    linker: Linker, linked: Linked, block: Reply
) -> None:
    ids = [{"@type": "VIAF", "value": "111"}]
    linker.load(
        person("a", "Ett", identifiedBy=ids),
        person("b", "Två", identifiedBy=[{**ids[0], "value": "222"}]),
    )
    linked.spoil = lambda name, number, good: block if name == "viaf" else good
    time = Time()
    link(linker, linked, time=time)
    assert linked.count("viaf") == 1
    time.at += 3700
    link(linker, linked, time=time)
    assert linked.count("viaf") == 2
    time.at += 3700
    link(linker, linked, time=time)
    assert linked.count("viaf") == 2  # The second rest is twice as long.


@pytest.mark.parametrize("name", SERVICES)
def test_pace_and_daily_budget_are_kept(tmp_path: Path, linked: Linked, name: str) -> None:
    """A day of as many questions as the service would take and more, on a clock of its own."""
    time, tables = Time(), Tables(tmp_path / "links.sqlite")
    budget = 20
    service = replace(SERVICES[name], url=f"{linked.services['lc']}/authorities/x", budget=budget)
    fetcher = Fetcher(tables, tmp_path / "cache.sqlite", "", clock=time.clock)
    sent: list[float] = []
    begun = time.at

    def ask(label: str) -> None:
        fetcher.ask(service, Question(f"{service.url}/label/{label}", "*/*"), lambda answer: "")
        sent.append(time.at)

    for number in range(budget):
        ask(str(number))
    with pytest.raises(Refused, match="budget"):
        ask("one too many")
    assert len(linked.asked) == budget
    if sent[-1] - begun < DAY:
        gaps = [later - earlier for earlier, later in zip(sent, sent[1:], strict=False)]
        assert all(gap >= service.pause for gap in gaps)
    time.at += DAY
    ask("again")
    fetcher.close()
    tables.close()


def test_interrupted_asking_goes_on_with_what_is_left(linker: Linker, linked: Linked) -> None:
    words = ("Archives", "Botany", "Zoology")
    topics = [
        record(f"t{number}", {"@type": "Topic", "closeMatch": [heading(word)]})
        for number, word in enumerate(words)
    ]
    linker.load(*topics)
    for number, word in enumerate(words):
        linked.labels["subjects", word.casefold()] = (f"{LC}sh8500000{number}", word)
    assert linker.link().added == 0

    class Interrupted(Exception):
        pass

    def interrupt(count: int, note: str = "", /) -> None:
        if linked.count("lc") == 2:
            raise Interrupted

    tables = Tables(linker.workspace.links)
    fetcher = Fetcher(tables, linker.workspace.root / "answers.sqlite", "")
    find_links(tables, {}, STAGES, lambda count, note="": None)
    asker = Asker(tables, fetcher, choose_services(linked.services), Time().clock.now)
    with pytest.raises(Interrupted):
        asker.ask(plan_questions(tables), interrupt)
    fetcher.close()
    tables.close()
    link(linker, linked)
    assert linked.count("lc") == 3
    assert len(linker.links()) == 3
