"""Harvests from a stand-in Libris: whole, incremental, interrupted, and against misbehaviour."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loader import dates
from loader.archive.archive import Archive, connect
from loader.archive.cursors import Cursors
from loader.errors import ContactMissing, ProviderRefuses
from loader.harvest import update
from loader.harvest.harvester import Harvester
from loader.harvest.order import Order
from loader.maintenance.verification import find_breaches
from loader.provider.harvest_report import HarvestReport
from loader.provider.http import Manners
from loader.provider.oai.page import OaiError
from loader.store.pipeline import opened
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.records import record, title
from tests.shared import needs_shared, real_records
from tests.standin import faults
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin

QUICK = Manners(pause=0, first_wait=0.001, longest_wait=0.01, silence=2, patience=5)
BASE = "https://libris.kb.se/"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data")


@pytest.fixture
def libris() -> Iterator[Standin]:
    """Twelve records, five to a page, dates as Libris writes them."""
    catalogue = Catalogue(page_size=5)
    for number in range(12):
        fraction = ("", ".8", ".87", ".404")[number % 4]
        date = f"2024-05-{number + 1:02d}T11:30:00{fraction}+02:00"
        catalogue.put(title(f"t{number:02d}", f"Titel {number}"), datestamp=date, sets=("bib:S",))
    with Standin(catalogue) as standin:
        yield standin


def harvest(
    workspace: Workspace,
    libris: Standin,
    manners: Manners = QUICK,
    reconcile: bool = False,
    archive_only: bool = True,
    **order: Any,
) -> HarvestReport:
    report, _ = update.harvest(
        workspace,
        Order(libris.url, **order),
        manners,
        reconcile=reconcile,
        archive_only=archive_only,
    )
    return report


def live(workspace: Workspace) -> dict[str, Any]:
    """What the archive holds, as JSON, by identifier."""
    archive = Archive(connect(workspace.archive, read_only=True))
    documents = list(archive.reader.documents(archive.reader.all_ids()))
    archive.connection.close()
    return {
        document.identifier: json.loads(document.payload)
        for document in documents
        if not document.deleted and document.format == "jsonld"
    }


def is_whole(workspace: Workspace, libris: Standin) -> bool:
    expected = {
        name: {"@graph": record["@graph"]} for name, record in libris.catalogue.live().items()
    }
    assert live(workspace) == expected
    return True


def is_sound(workspace: Workspace) -> bool:
    with opened(workspace, "test") as archive:
        assert list(find_breaches(archive, GraphStore(workspace.store), lambda *_: None)) == []
    return True


def test_first_harvest_takes_everything_page_by_page(workspace: Workspace, libris: Standin) -> None:
    report = harvest(workspace, libris, archive_only=False)
    total = report.total()
    assert (total.received, total.new, total.pages, total.finished) == (12, 12, 3, True)
    assert report.traffic.requests == 3
    assert is_whole(workspace, libris)
    assert is_sound(workspace)
    assert libris.asked[0] == {"verb": "ListRecords", "metadataPrefix": "jsonld"}
    assert set(libris.asked[1]) == {"verb", "resumptionToken"}


def test_archive_knows_datestamp_in_utc_and_sets(workspace: Workspace, libris: Standin) -> None:
    harvest(workspace, libris)
    connection = connect(workspace.archive, read_only=True)
    row = connection.execute(
        "SELECT datestamp, sets, path FROM document JOIN source ON source.id = source"
        " WHERE identifier LIKE '%t02'"
    ).fetchone()
    connection.close()
    assert row == ("2024-05-03T09:30:00.870000Z", "bib bib:S", libris.url)


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "2021-05-12T18:36:20Z+02:00",
        "2021-05-12T18:36:20+01:00+02:00",
        "2021-05-12T25:36:20+02:00",
        "?",
    ],
)
def test_datestamp_that_is_no_moment_in_utc_is_none(text: str) -> None:
    assert dates.read_moment(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-01-01T00:30:00+01:00", "2020-12-31T23:30:00.000000Z"),
        ("2021-05-12T18:36:20.87+02:00", "2021-05-12T16:36:20.870000Z"),
        ("2021-05-12T18:36:20.123456789+02:00", "2021-05-12T16:36:20.123456Z"),
        ("2021-05-12T18:36+02:00", "2021-05-12T16:36:00.000000Z"),
        ("2021-05-12T18:36:20.87+03:00", "2021-05-12T15:36:20.870000Z"),
        (" 2021-05-12T18:36:20Z ", "2021-05-12T18:36:20.000000Z"),
        ("2021-05-12", "2021-05-12T00:00:00.000000Z"),
    ],
)
def test_datestamp_is_spelt_in_utc(text: str, expected: str) -> None:
    assert dates.read_moment(text) == expected


def test_second_harvest_begins_a_day_and_an_hour_before_the_first(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.clock = lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    harvest(workspace, libris)
    harvest(workspace, libris)
    assert libris.asked[-1]["from"] == "2026-11-22T11:00:00Z"


def test_second_harvest_begins_an_hour_before_the_newest_record_of_the_last_day(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.clock = lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    libris.catalogue.put(title("t00", "Nyss"), datestamp="2026-11-23T10:30:00+01:00")
    harvest(workspace, libris)
    libris.catalogue.clock = lambda: datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    libris.catalogue.put(title("t03", "Ny titel"), datestamp="2026-11-23T15:00:00+01:00")
    libris.catalogue.put(title("t99", "Ännu en"), datestamp="2026-11-23T16:00:00.1+01:00")
    libris.catalogue.delete(f"{BASE}t04", "2026-11-23T17:00:00+01:00")
    report = harvest(workspace, libris, archive_only=False)
    assert libris.asked[-1]["from"] == "2026-11-23T08:30:00Z"
    total = report.total()
    assert (total.received, total.new, total.changed, total.deleted) == (4, 1, 1, 1)
    assert is_whole(workspace, libris)
    assert is_sound(workspace)
    assert not GraphStore(workspace.store, read_only=True).graph(f"{BASE}t04")


def test_nothing_new_is_no_error(workspace: Workspace, libris: Standin) -> None:
    harvest(workspace, libris)
    total = harvest(workspace, libris).total()
    assert (total.received, total.finished) == (0, True)


def test_equal_content_is_noticed_and_an_older_version_left_alone(
    workspace: Workspace, libris: Standin
) -> None:
    harvest(workspace, libris)
    libris.catalogue.put(title("t01", "Äldre"), datestamp="2023-01-01T00:00:00+01:00")
    total = harvest(workspace, libris, begin="2020-01-01").total()
    assert (total.received, total.new, total.changed, total.unchanged) == (12, 0, 0, 12)
    assert "Äldre" not in json.dumps(live(workspace), ensure_ascii=False)


def test_former_payloads_are_kept_only_if_asked_for(workspace: Workspace, libris: Standin) -> None:
    for number, keep in enumerate((False, True)):
        harvest(workspace, libris)
        libris.catalogue.put(title("t01", f"{number}"), datestamp="2026-01-01T00:00:00Z")
        harvest(workspace, libris, begin="2026-01-01", keep_history=keep)
        connection = connect(workspace.archive, read_only=True)
        assert connection.execute("SELECT count(*) FROM history").fetchone() == (int(keep),)
        connection.close()


@pytest.mark.parametrize("fault", [*faults.FAULTS, faults.drip(0.01), faults.silence(4)])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_answer_that_goes_wrong_loses_nothing(
    workspace: Workspace, libris: Standin, fault: faults.Fault, number: int
) -> None:
    libris.spoil = faults.Listed({number: fault})
    manners = Manners(pause=0, first_wait=0.001, longest_wait=0.01, silence=1, whole=2)
    assert harvest(workspace, libris, manners).total().finished
    assert is_whole(workspace, libris)


def test_refused_token_begins_the_list_anew_whatever_its_order(
    workspace: Workspace, libris: Standin
) -> None:
    libris.spoil = faults.Listed({1: faults.token_refused})
    report = harvest(workspace, libris)
    assert libris.asked[2] == libris.asked[0]
    assert any("beginning the list anew" in remark for remark in report.remarks)
    assert is_whole(workspace, libris)


def test_page_that_repeats_is_not_taken_for_the_next(workspace: Workspace, libris: Standin) -> None:
    kept: list[bytes] = []

    def repeat(number: int, body: bytes) -> faults.Answer:
        kept.append(body)
        return faults.Answer(kept[1] if number == 2 else body)

    libris.spoil = repeat
    report = harvest(workspace, libris)
    assert report.traffic.retries == 1
    assert is_whole(workspace, libris)


def test_page_without_records_but_with_a_token_is_gone_through(workspace: Workspace) -> None:
    catalogue = Catalogue(page_size=2)
    for number in range(7):
        kind = "hold" if number in (0, 1, 2, 3, 6) else "bib"
        one = title(f"t{number}", "x")
        catalogue.put(one, kind, datestamp=f"2024-05-0{number + 1}T11:30:00+02:00")
    with Standin(catalogue) as libris:
        total = harvest(workspace, libris, sets=("bib",)).total()
        assert (total.received, total.pages) == (2, 4)


def test_libris_before_tokens_is_one_page(workspace: Workspace, libris: Standin) -> None:
    libris.catalogue.streaming = True
    assert harvest(workspace, libris).total().pages == 1
    assert is_whole(workspace, libris)


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every answer in a temporary file, and hand it on in threes."""
    from loader.provider import http
    from loader.provider.oai import paging

    monkeypatch.setattr(http, "LARGE", 100)
    monkeypatch.setattr(paging, "_TOGETHER", 3)


@pytest.mark.usefixtures("spooled")
def test_answer_too_large_to_be_held_comes_whole(workspace: Workspace, libris: Standin) -> None:
    libris.catalogue.streaming = True
    libris.catalogue.delete(f"{BASE}t04", "2024-06-01T00:00:00Z")
    total = harvest(workspace, libris).total()
    assert (total.received, total.deleted, total.pages, total.finished) == (12, 0, 1, True)
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("spooled")
@pytest.mark.parametrize("seed", range(20))
def test_random_faults_in_large_answers_lose_nothing(
    workspace: Workspace, libris: Standin, seed: int
) -> None:
    libris.spoil = faults.Random(seed, 0.4, faults.token_refused)
    until_finished(lambda: harvest(workspace, libris))
    libris.spoil = faults.Listed({})
    libris.catalogue.purge(f"{BASE}t05")
    harvest(workspace, libris, reconcile=True)
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("spooled")
def test_large_answer_that_is_taken_in_by_half_comes_again(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.streaming = True
    pages = []

    def killed(count: int, reached: str | None) -> None:
        pages.append(count)
        if len(pages) == 2:
            raise Killed

    with opened(workspace, "test") as archive, pytest.raises(Killed):
        Harvester(archive, Order(libris.url), QUICK, killed).harvest()
    assert len(live(workspace)) == 6
    total = harvest(workspace, libris).total()
    assert (total.new, total.unchanged) == (6, 6)
    assert is_whole(workspace, libris)


def test_huge_text_is_read(workspace: Workspace, libris: Standin) -> None:
    libris.catalogue.put(title("huge", "x" * 50_000_000), datestamp="2024-06-01T00:00:00Z")
    harvest(workspace, libris)
    assert len(json.dumps(live(workspace)[f"{BASE}huge"])) > 50_000_000


def test_cdata_end_within_a_record_survives(workspace: Workspace, libris: Standin) -> None:
    libris.catalogue.put(title("odd", "a]]>b & <c>"), datestamp="2024-06-01T00:00:00Z")
    harvest(workspace, libris)
    assert is_whole(workspace, libris)


def test_failed_conversion_is_quarantined_until_it_comes_whole(
    workspace: Workspace, libris: Standin
) -> None:
    said = "Error: Document conversion failed."
    libris.catalogue.put(title("bad", "x"), datestamp="2024-06-01T00:00:00Z", content=said)
    assert harvest(workspace, libris).total().quarantined == 1
    assert [(record.identifier, said in record.reason) for record in quarantined(workspace)] == [
        (f"{BASE}bad", True)
    ]
    libris.catalogue.put(title("bad", "x"), datestamp="2024-06-02T00:00:00Z")
    harvest(workspace, libris, begin="2024-06-01")
    assert quarantined(workspace) == []
    assert is_whole(workspace, libris)


def quarantined(workspace: Workspace) -> list[Any]:
    archive = Archive(connect(workspace.archive, read_only=True))
    found = archive.reader.quarantined()
    archive.connection.close()
    return found


def test_limit_stops_at_a_page_and_the_same_command_goes_on(
    workspace: Workspace, libris: Standin
) -> None:
    first = harvest(workspace, libris, limit=6).total()
    assert (first.received, first.finished) == (10, False)
    assert harvest(workspace, libris).total().received == 2
    assert is_whole(workspace, libris)


def test_older_version_does_not_bring_a_deleted_record_back(
    workspace: Workspace, libris: Standin
) -> None:
    harvest(workspace, libris)
    libris.catalogue.delete(f"{BASE}t01", "2026-01-01T00:00:00Z")
    harvest(workspace, libris, begin="2026-01-01")
    libris.catalogue.put(title("t01", "Äldre"), datestamp="2025-01-01T00:00:00Z")
    harvest(workspace, libris, begin="2020-01-01")
    assert f"{BASE}t01" not in live(workspace)
    libris.catalogue.put(title("t01", "Åter"), datestamp="2026-02-01T00:00:00Z")
    assert harvest(workspace, libris, begin="2020-01-01").total().new == 1
    assert is_whole(workspace, libris)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("page", [1, 2, 3])
def test_killed_between_two_pages_goes_on(
    workspace: Workspace, libris: Standin, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(monkeypatch, page)
    with pytest.raises(Killed):
        harvest(workspace, libris)
    monkeypatch.undo()
    asked = len(libris.asked)
    harvest(workspace, libris)
    assert len(libris.asked) - asked == 4 - page
    assert is_whole(workspace, libris)


def stop_after(monkeypatch: pytest.MonkeyPatch, commits: int) -> None:
    """Die as if killed when the transaction of page number ``commits`` is about to commit."""
    from loader.provider.oai import paging as module

    left = [commits]
    behind = module.move_behind

    def count(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return behind(*arguments)

    monkeypatch.setattr(module, "move_behind", count)


def test_libris_own_error_is_said_and_not_asked_for_again(
    workspace: Workspace, libris: Standin
) -> None:
    with pytest.raises(OaiError, match=r"badArgument: Not a supported set spec: film"):
        harvest(workspace, libris, sets=("film",))
    assert len(libris.asked) == 1


def test_provider_that_never_answers_is_left_in_peace(
    workspace: Workspace, libris: Standin
) -> None:
    libris.spoil = lambda number, body: faults.status(500)(body)
    with pytest.raises(ProviderRefuses, match="6 attempts in a row failed: HTTP 500"):
        harvest(workspace, libris)
    assert len(libris.asked) == 6


def test_long_retry_after_ends_the_run_and_says_when_to_come_back(
    workspace: Workspace, libris: Standin
) -> None:
    libris.spoil = faults.Listed({1: faults.status(503, **{"Retry-After": "7200"})})
    with pytest.raises(ProviderRefuses, match=r"HTTP 503; come back after 20\d\d-"):
        harvest(workspace, libris)
    assert harvest(workspace, libris).total().received == 7
    assert is_whole(workspace, libris)


def test_budget_of_requests_holds_over_runs(workspace: Workspace, libris: Standin) -> None:
    manners = Manners(pause=0, budget=2)
    for _ in range(2):
        with pytest.raises(ProviderRefuses, match="budget of 2 requests a day"):
            harvest(workspace, libris, manners)
    assert len(libris.asked) == 2


def test_provider_elsewhere_must_know_whom_to_write_to(workspace: Workspace) -> None:
    order = Order("https://libris.kb.se/api/oaipmh/")
    with pytest.raises(ContactMissing, match="--contact"):
        update.harvest(workspace, order, QUICK)


def test_user_agent_names_project_and_contact(workspace: Workspace, libris: Standin) -> None:
    harvest(workspace, libris, Manners(contact="librarian@example.org", pause=0))
    assert libris.agents[0].startswith("libris-linked-data/")
    assert "librarian@example.org" in libris.agents[0]


def test_silent_change_comes_only_if_asked_for(workspace: Workspace, libris: Standin) -> None:
    harvest(workspace, libris)
    changed = title("t01", "Tyst ändrad")
    date = "2024-05-02T11:30:00.8+02:00"
    libris.catalogue.put(changed, datestamp=date, generation="2026-11-01T00:00:00+01:00")
    assert harvest(workspace, libris, begin="2026-01-01").total().received == 0
    total = harvest(workspace, libris, begin="2026-01-01", silent=True).total()
    assert (total.received, total.changed) == (1, 1)
    assert is_whole(workspace, libris)


def test_reconciling_fetches_what_is_missing_and_drops_what_is_gone(
    workspace: Workspace, libris: Standin
) -> None:
    harvest(workspace, libris, archive_only=False)
    libris.catalogue.purge(f"{BASE}t05")
    libris.catalogue.put(title("old", "Gammal"), datestamp="2001-01-01T00:00:00+01:00")
    libris.catalogue.put(title("t06", "Ny"), datestamp="2024-06-01T00:00:00+02:00")
    total = harvest(workspace, libris, reconcile=True, archive_only=False).total()
    assert (total.received, total.new, total.changed, total.deleted) == (2, 1, 1, 1)
    assert is_whole(workspace, libris)
    assert is_sound(workspace)


def test_comparison_killed_while_it_fetches_is_no_whole_harvest(
    workspace: Workspace, libris: Standin
) -> None:
    libris.spoil = lambda number, body: (faults.html if number > 4 else faults.Answer)(body)
    with pytest.raises(ProviderRefuses):
        harvest(workspace, libris, reconcile=True)
    assert len(live(workspace)) == 2
    libris.spoil = faults.Listed({})
    asked = len(libris.asked)
    harvest(workspace, libris)
    assert libris.asked[asked] == {"verb": "ListRecords", "metadataPrefix": "jsonld"}
    assert is_whole(workspace, libris)


def test_comparison_is_a_beginning_for_the_next_harvest(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.clock = lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    harvest(workspace, libris, reconcile=True)
    harvest(workspace, libris)
    assert libris.asked[-1]["from"] == "2026-11-22T11:00:00Z"
    assert is_whole(workspace, libris)


def test_what_two_selections_brought_is_gone_only_for_both(
    workspace: Workspace, libris: Standin
) -> None:
    harvest(workspace, libris, sets=("bib", "bib:S"))
    one = libris.catalogue.get(f"{BASE}t01")
    assert one is not None
    libris.catalogue.put(one.record, datestamp=one.datestamp)  # in no library any more
    assert harvest(workspace, libris, sets=("bib:S",), reconcile=True).total().deleted == 0
    assert f"{BASE}t01" in live(workspace)


def test_works_come_without_a_set_only(workspace: Workspace, libris: Standin) -> None:
    work = record("w", {"@type": "Monograph"})
    libris.catalogue.put(work, "auth", datestamp="2024-06-01T00:00:00Z")
    assert harvest(workspace, libris, sets=("auth",)).total().received == 0
    assert harvest(workspace, libris).total().received == 13


def test_embedded_descriptions_are_reduced_and_holdings_taken(
    workspace: Workspace, libris: Standin
) -> None:
    held = record("h", {"@type": "Item", "itemOf": {"@id": f"{BASE}t01#it"}})
    libris.catalogue.put(held, "hold", datestamp="2024-06-01T00:00:00Z")
    harvest(workspace, libris, sets=("bib",), prefix="jsonld_includehold")
    assert f"{BASE}h" in live(workspace)
    linking = record("l", {"@type": "PhysicalResource", "instanceOf": {"@id": f"{BASE}t01#it"}})
    libris.catalogue.put(linking, datestamp="2024-06-02T00:00:00Z")
    harvest(workspace, libris, sets=("bib",), prefix="jsonld_expanded", archive_only=False)
    assert is_sound(workspace)
    graph = GraphStore(workspace.store, read_only=True).graph(f"{BASE}l")
    assert not any("mainTitle" in line for line in graph)


RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">
<rdf:Description rdf:about="http://e.org/{0}"><e:p>{0}</e:p></rdf:Description></rdf:RDF>"""


def test_other_rdf_is_loaded_into_a_graph_per_record(workspace: Workspace, libris: Standin) -> None:
    for number in range(12):
        date = f"2024-07-{number + 1:02d}T00:00:00Z"
        name = f"{BASE}t{number:02d}"
        content = RDF.format(number)
        libris.catalogue.put(title(f"t{number:02d}", "x"), datestamp=date, content=content)
    assert harvest(workspace, libris, prefix="rdfxml", archive_only=False).total().new == 12
    assert GraphStore(workspace.store, read_only=True).graph(name) == [
        '<http://e.org/11> <http://e.org/p> "11"'
    ]
    libris.catalogue.delete(name, "2026-11-23T00:00:00Z")
    harvest(workspace, libris, prefix="rdfxml", begin="2026-11-01", archive_only=False)
    assert not GraphStore(workspace.store, read_only=True).graph(name)
    assert is_sound(workspace)


@pytest.mark.parametrize("seed", range(200))
def test_harvest_through_random_faults_and_kills_ends_with_the_providers_records(
    workspace: Workspace, libris: Standin, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import random

    chance = random.Random(seed)
    libris.spoil = faults.Random(seed, 0.4, faults.token_refused)
    libris.change = changing(libris, chance)
    for _ in range(chance.randint(0, 3)):
        stop_after(monkeypatch, chance.randint(1, 4))
        with contextlib.suppress(Killed, ProviderRefuses):
            harvest(workspace, libris, limit=chance.choice([None, 4]))
        monkeypatch.undo()
    libris.change = lambda number: None
    until_finished(lambda: harvest(workspace, libris))
    libris.spoil = faults.Listed({})
    harvest(workspace, libris)
    assert is_whole(workspace, libris)


def changing(libris: Standin, chance: Any) -> Callable[[int], None]:
    """Change, add or delete a record now and then, dated now, while it is harvested."""

    def change(number: int) -> None:
        name, now = f"t{chance.randrange(20):02d}", datetime.now(UTC).isoformat()
        if chance.random() < 0.5:
            libris.catalogue.put(title(name, f"Ändrad {number}"), datestamp=now)
        elif libris.catalogue.get(f"{BASE}{name}"):
            libris.catalogue.delete(f"{BASE}{name}", now)

    return change


def until_finished(run: Callable[[], HarvestReport]) -> None:
    for _ in range(20):
        try:
            if run().total().finished:
                return
        except ProviderRefuses:
            continue
    raise AssertionError("never finished")


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make records ready in a process of their own from the first page on."""
    from loader.harvest import archive_writer

    monkeypatch.setattr(archive_writer, "MANY", 0)


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("seed", range(5))
def test_random_faults_lose_nothing_when_records_are_made_ready_beside(
    workspace: Workspace, libris: Standin, seed: int
) -> None:
    libris.spoil = faults.Random(seed, 0.4, faults.token_refused)
    until_finished(lambda: harvest(workspace, libris))
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_what_came_before_a_refusal_is_kept(workspace: Workspace, libris: Standin) -> None:
    libris.spoil = lambda number, body: (faults.html if number > 1 else faults.Answer)(body)
    with pytest.raises(ProviderRefuses):
        harvest(workspace, libris)
    assert len(live(workspace)) == 10
    libris.spoil = faults.Listed({})
    assert harvest(workspace, libris).total().received == 2
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("seed", range(10))
def test_random_faults_in_pages_that_are_read_late_lose_nothing(
    workspace: Workspace, libris: Standin, seed: int
) -> None:
    libris.catalogue.page_size = 1
    libris.spoil = faults.Random(seed, 0.3, faults.invalid_utf8, faults.token_refused)
    until_finished(lambda: harvest(workspace, libris))
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_page_that_turns_out_spoilt_is_asked_for_again(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.page_size = 2
    libris.spoil = faults.Listed({2: faults.invalid_utf8})
    report = harvest(workspace, libris)
    assert report.total().finished
    assert report.total().received == 12
    assert report.traffic.retries == 1
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_error_that_a_spoilt_page_led_to_does_not_end_the_harvest(
    workspace: Workspace, libris: Standin
) -> None:
    def refused(body: bytes) -> faults.Answer:
        said = faults.token_refused(body).body
        return faults.Answer(said.replace(b"badResumptionToken", b"badArgument"))

    libris.catalogue.page_size = 2
    libris.spoil = faults.Listed({2: faults.invalid_utf8, 3: refused})
    assert harvest(workspace, libris).total().finished
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_page_that_stays_spoilt_keeps_what_came_before(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.page_size = 2
    libris.spoil = lambda number, body: (faults.truncated if number > 2 else faults.Answer)(body)
    with pytest.raises(ProviderRefuses, match="not well-formed"):
        harvest(workspace, libris)
    assert len(live(workspace)) == 6
    with opened(workspace, "test") as archive:
        (selection,) = Cursors(archive.connection).selections()
    assert selection.run is not None
    assert selection.run.reached == "2024-05-06T09:30:00.800000Z"
    libris.spoil = faults.Listed({})
    assert harvest(workspace, libris).total().received == 6
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_deletions_in_pages_that_are_read_late_drop_records(
    workspace: Workspace, libris: Standin
) -> None:
    libris.catalogue.page_size = 2
    harvest(workspace, libris)
    for number in range(3, 7):
        libris.catalogue.delete(f"{BASE}t{number:02d}", datetime.now(UTC).isoformat())
    assert harvest(workspace, libris).total().deleted == 4
    assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_dictionary_learnt_beside_is_kept(workspace: Workspace) -> None:
    catalogue = Catalogue(page_size=300)
    for number in range(1200):
        date = f"2024-05-01T{number // 60:02d}:{number % 60:02d}:00+02:00"
        catalogue.put(title(f"t{number}", f"Titel {number}"), datestamp=date)
    with Standin(catalogue) as libris:
        assert harvest(workspace, libris).total().new == 1200
        assert is_whole(workspace, libris)


@pytest.mark.usefixtures("beside")
def test_pages_on_their_way_together_learn_one_dictionary(workspace: Workspace) -> None:
    import random

    chance = random.Random(1)
    phrases = [chance.randbytes(20).hex() for _ in range(50)]
    catalogue = Catalogue(page_size=250)
    for number in range(1000):
        text = " ".join(chance.sample(phrases, 20)) if number >= 250 else f"Titel {number}"
        date = f"2024-05-01T{number // 60:02d}:{number % 60:02d}:00+02:00"
        catalogue.put(title(f"t{number}", text), datestamp=date)
    with Standin(catalogue) as libris:
        assert harvest(workspace, libris).total().new == 1000
        assert is_whole(workspace, libris)
    connection = connect(workspace.archive, read_only=True)
    query = "SELECT count(*) FROM state WHERE name LIKE 'dictionary%'"
    assert connection.execute(query).fetchone() == (2,)
    connection.close()


@needs_shared
def test_real_records_come_through_whole(workspace: Workspace) -> None:
    catalogue = Catalogue(page_size=100)
    for document in real_records():
        kind = {"Item": "hold"}.get(document["@graph"][1]["@type"], "bib")
        date = document["@graph"][0].get("modified", "2020-01-01T00:00:00+01:00")
        catalogue.put({"@graph": document["@graph"]}, kind, datestamp=date)
    with Standin(catalogue) as libris:
        total = harvest(workspace, libris, archive_only=False).total()
        assert (total.new, total.pages) == (309, 4)
        assert is_whole(workspace, libris)
        assert is_sound(workspace)
