"""Dumps and changes from a stand-in Libris."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loader.errors import ListEndless, LoaderError, ProviderRefuses
from loader.harvest import emm_dumps, update
from loader.harvest.emm import Emm
from loader.provider.harvest_report import Counts
from loader.workspace import Workspace
from tests.loader.test_harvest import BASE, QUICK, is_sound, is_whole, live, quarantined
from tests.records import record, title
from tests.standin import faults
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DATE = "2026-11-23T12:00:00Z"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data")


@pytest.fixture
def libris() -> Iterator[Standin]:
    catalogue = Catalogue()
    for number in range(12):
        catalogue.put(title(f"t{number:02d}", f"Titel {number}"), datestamp="2024-05-01T00:00:00Z")
    catalogue.delete(f"{BASE}t03", "2024-05-02T00:00:00Z")
    with Standin(catalogue) as standin:
        standin.emm.page = 5
        standin.emm.started = NOW
        yield standin


def dump(workspace: Workspace, libris: Standin, selection: str = "all") -> Counts:
    work = lambda emm: emm_dumps.take_pages(emm, selection)  # noqa: E731
    return update.follow(workspace, libris.emm_url, QUICK, work)[0].total()


def download(
    workspace: Workspace, libris: Standin, selection: str = "all", limit: int | None = None
) -> Counts:
    folder = workspace.downloads
    work = lambda emm: emm_dumps.download(emm, selection, folder, limit)  # noqa: E731
    return update.follow(workspace, libris.emm_url, QUICK, work)[0].total()


def changes(workspace: Workspace, libris: Standin, since: str | None = None) -> Counts:
    work = lambda emm: emm.changes(since)  # noqa: E731
    return update.follow(workspace, libris.emm_url, QUICK, work)[0].total()


def change(libris: Standin, name: str, text: str, minutes: float, **more: Any) -> None:
    libris.catalogue.put(title(name, text), datestamp=DATE)
    libris.emm.announce("Update", name, NOW + timedelta(minutes=minutes), **more)


def test_dump_comes_page_by_page(workspace: Workspace, libris: Standin) -> None:
    counts = dump(workspace, libris)
    assert (counts.received, counts.new, counts.finished) == (11, 11, True)
    assert is_whole(workspace, libris)
    assert is_sound(workspace)


def test_dump_that_is_being_made_is_waited_for(workspace: Workspace, libris: Standin) -> None:
    libris.emm.failing = 3
    dump(workspace, libris)
    assert is_whole(workspace, libris)


def make_anew_after_first_answer(libris: Standin) -> None:
    def renew(number: int) -> None:
        if number == 1:
            libris.emm.started = NOW + timedelta(days=5)

    libris.change = renew


def test_dump_that_is_made_anew_meanwhile_begins_again(
    workspace: Workspace, libris: Standin
) -> None:
    make_anew_after_first_answer(libris)
    dump(workspace, libris)
    assert [request.get("offset") for request in libris.asked] == ["0", "5", "0", "5", "10"]
    assert is_whole(workspace, libris)


def test_interrupted_dump_goes_on_at_its_page(workspace: Workspace, libris: Standin) -> None:
    libris.spoil = lambda number, body: faults.status(500)(body) if number else faults.Answer(body)
    with pytest.raises(ProviderRefuses):
        dump(workspace, libris)
    libris.spoil = faults.Listed({})
    asked = len(libris.asked)
    dump(workspace, libris)
    assert [request["offset"] for request in libris.asked[asked:]] == ["5", "10"]
    assert is_whole(workspace, libris)


def test_instance_within_an_item_is_a_record_of_its_own(
    workspace: Workspace, libris: Standin
) -> None:
    held = {
        "@type": "Item",
        "itemOf": {"@id": f"{BASE}t01#it"},
        "heldBy": {"@id": f"{BASE}library/S"},
    }
    libris.catalogue.put(record("h", held), "hold", datestamp=DATE)
    dump(workspace, libris, "itemAndInstance:S")
    expected = {name: libris.catalogue.live()[name] for name in (f"{BASE}h", f"{BASE}t01")}
    assert live(workspace) == expected
    assert is_sound(workspace)


def test_changes_go_on_from_the_dump_over_all_pages(workspace: Workspace, libris: Standin) -> None:
    dump(workspace, libris)
    for number in range(12):
        change(libris, f"t{number:02d}", f"Ändrad {number}", number + 0.5)
    change(libris, "t00", "Ändrad igen", 20)
    libris.emm.announce("Create", "ny", NOW + timedelta(minutes=21))
    libris.catalogue.put(title("ny", "Ny"), datestamp=DATE)
    libris.catalogue.delete(f"{BASE}t07", DATE)
    libris.emm.announce("Delete", "t07", NOW + timedelta(minutes=22))
    counts = changes(workspace, libris)
    assert (counts.new, counts.changed, counts.deleted) == (2, 10, 1)
    assert is_whole(workspace, libris)
    assert is_sound(workspace)
    assert changes(workspace, libris).received <= 1  # the seam is looked at again


def test_more_changes_of_one_moment_than_a_page_holds(
    workspace: Workspace, libris: Standin
) -> None:
    dump(workspace, libris)
    for number in range(12):
        change(libris, f"t{number:02d}", f"Ändrad {number}", 1)
    change(libris, "t05", "Ändrad", 0.5)
    changes(workspace, libris)
    assert is_whole(workspace, libris)


def test_record_that_is_gone_when_asked_for_is_deleted(
    workspace: Workspace, libris: Standin
) -> None:
    dump(workspace, libris)
    libris.emm.announce("Update", "t05", NOW + timedelta(minutes=1))
    libris.emm.announce("Update", "t06", NOW + timedelta(minutes=1))
    libris.catalogue.delete(f"{BASE}t05", DATE)
    libris.catalogue.purge(f"{BASE}t06")
    assert changes(workspace, libris).deleted == 2
    assert is_whole(workspace, libris)


def test_only_what_is_followed_comes(workspace: Workspace, libris: Standin) -> None:
    person = record("p", {"@type": "Person"})
    libris.catalogue.put(person, "auth", datestamp=DATE)
    dump(workspace, libris, "type:Person")
    change(libris, "t01", "Inte vår", 1)
    libris.catalogue.put(record("q", {"@type": "Person"}), "auth", datestamp=DATE)
    libris.emm.announce("Create", "q", NOW + timedelta(minutes=2), type="kbv:Person")
    changes(workspace, libris)
    assert set(live(workspace)) == {f"{BASE}p", f"{BASE}q"}


def test_changes_without_a_beginning_are_refused(workspace: Workspace, libris: Standin) -> None:
    with pytest.raises(LoaderError, match="--since"):
        changes(workspace, libris)
    assert libris.asked == []


def test_killed_while_fetching_it_fetches_the_rest(
    workspace: Workspace, libris: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loader.harvest import emm

    monkeypatch.setattr(emm, "_TOGETHER", 2)
    dump(workspace, libris)
    for number in range(12):
        change(libris, f"t{number:02d}", f"Ändrad {number}", number + 1)
    asked = len(libris.asked)
    libris.spoil = lambda number, body: (
        faults.html(body) if number > asked + 10 else faults.Answer(body)
    )
    with pytest.raises(ProviderRefuses):
        changes(workspace, libris)
    libris.spoil = faults.Listed({})
    changes(workspace, libris)
    assert is_whole(workspace, libris)


def test_update_follows_what_was_dumped(workspace: Workspace, libris: Standin) -> None:
    dump(workspace, libris)
    change(libris, "t01", "Ändrad", 1)
    harvested, _, number = update.update(workspace, lambda url: QUICK, 5)
    assert (harvested.total().changed, number) == (1, 1)
    assert is_whole(workspace, libris)


def test_dump_comes_as_a_file_and_changes_go_on_from_it(
    workspace: Workspace, libris: Standin
) -> None:
    counts = download(workspace, libris)
    assert (counts.received, counts.new, counts.finished) == (11, 11, True)
    assert [set(request) for request in libris.asked] == [
        {"selection", "offset"},
        {"selection", "download"},
        {"selection", "offset"},
    ]
    assert is_whole(workspace, libris)
    assert is_sound(workspace)
    assert list(workspace.downloads.iterdir()) == []
    change(libris, "t01", "Ändrad", 1)
    assert changes(workspace, libris).changed == 1
    assert is_whole(workspace, libris)


def cut_gzip(body: bytes) -> faults.Answer:
    """Whole as HTTP sees it."""
    return faults.Answer(body[: len(body) // 2])


def ended_within_a_line(body: bytes) -> faults.Answer:
    """Whole as gzip sees it."""
    return faults.Answer(gzip.compress(gzip.decompress(body)[:-10]))


@pytest.mark.parametrize(
    "fault",
    [cut_gzip, ended_within_a_line, lambda body: faults.Answer(b""), *faults.FAULTS[:9]],
)
def test_download_that_goes_wrong_is_fetched_again(
    workspace: Workspace, libris: Standin, fault: faults.Fault
) -> None:
    if fault is faults.truncated_after_a_record:
        fault = faults.truncated
    libris.spoil = faults.Listed({1: fault})
    download(workspace, libris)
    assert len(libris.asked) == 4
    assert is_whole(workspace, libris)


def test_download_of_a_dump_that_is_made_anew_meanwhile_begins_again(
    workspace: Workspace, libris: Standin
) -> None:
    make_anew_after_first_answer(libris)
    download(workspace, libris)
    assert sum("download" in request for request in libris.asked) == 2
    assert is_whole(workspace, libris)


def test_download_waits_till_a_dump_is_made(workspace: Workspace, libris: Standin) -> None:
    libris.emm.failing = 2
    download(workspace, libris)
    assert is_whole(workspace, libris)


def test_download_of_a_dump_that_is_being_made_says_when_to_come_back(
    workspace: Workspace, libris: Standin
) -> None:
    libris.emm.generating = 1
    with pytest.raises(ProviderRefuses, match="still being made; come back after"):
        download(workspace, libris)
    download(workspace, libris)
    assert is_whole(workspace, libris)


def test_download_goes_on_at_the_line_where_it_stood(
    workspace: Workspace, libris: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emm_dumps, "_TOGETHER", 3)
    first = download(workspace, libris, limit=4)
    assert (first.received, first.finished) == (5, False)  # and the context
    asked = len(libris.asked)
    second = download(workspace, libris)
    assert (second.received, second.finished) == (6, True)
    assert len(libris.asked) == asked
    assert is_whole(workspace, libris)


def test_pages_and_a_download_of_one_dump_do_not_mix(
    workspace: Workspace, libris: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emm_dumps, "_TOGETHER", 3)
    download(workspace, libris, limit=1)
    dump(workspace, libris)
    assert is_whole(workspace, libris)


def test_line_that_is_no_record_is_quarantined(workspace: Workspace, libris: Standin) -> None:
    def spoil(number: int, body: bytes) -> faults.Answer:
        bad = b'{"@graph":[]}\n'
        return faults.Answer(gzip.compress(gzip.decompress(body) + bad) if number == 1 else body)

    libris.spoil = spoil
    assert download(workspace, libris).quarantined == 1
    assert is_whole(workspace, libris)


def test_changes_stop_at_the_limit_and_go_on(
    workspace: Workspace, libris: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loader.harvest import emm

    monkeypatch.setattr(emm, "_TOGETHER", 2)
    dump(workspace, libris)
    for number in range(6):
        change(libris, f"t{number:02d}", f"Ändrad {number}", number + 1)
    work = lambda emm: emm.changes(limit=2)  # noqa: E731
    report, _ = update.follow(workspace, libris.emm_url, QUICK, work)
    assert (report.total().received, report.total().finished) == (2, False)
    changes(workspace, libris)
    assert is_whole(workspace, libris)


def test_address_with_nothing_there_is_said(workspace: Workspace, libris: Standin) -> None:
    with pytest.raises(LoaderError, match=r"nothing there \(HTTP 404\)"):
        update.follow(workspace, f"{libris.emm_url}x/", QUICK, lambda emm: emm.ask(""))


@pytest.mark.parametrize("seed", range(10))
def test_random_faults_lose_nothing(workspace: Workspace, libris: Standin, seed: int) -> None:
    libris.spoil = faults.Random(seed, 0.3)
    for _ in range(20):
        try:
            dump(workspace, libris)
            break
        except (ProviderRefuses, LoaderError):
            continue
    change(libris, "t02", "Ändrad", 1)
    libris.spoil = faults.Listed({})
    changes(workspace, libris)
    assert is_whole(workspace, libris)


def test_emm_state_is_what_the_next_run_reads(workspace: Workspace, libris: Standin) -> None:
    dump(workspace, libris, "type:PhysicalResource")
    from loader.store.pipeline import opened

    with opened(workspace, "test") as archive:
        following = Emm(archive, libris.emm_url, QUICK).following
    assert following.seen == "2026-11-23T12:00:00.000000Z"
    assert following.types == ["PhysicalResource"]


def test_change_of_the_future_hides_no_later_one(workspace: Workspace, libris: Standin) -> None:
    def spoil(number: int, body: bytes) -> faults.Answer:
        page = json.loads(body)
        for item in page.get("orderedItems", ()):
            if item["object"]["id"].endswith("t01#it"):
                item["published"] = "2099-01-01T00:00:00Z"
        return faults.Answer(json.dumps(page).encode())

    dump(workspace, libris)
    libris.spoil = spoil
    for name, minutes in (("t01", 1), ("t02", 2)):
        change(libris, name, "Ändrad", minutes)
        changes(workspace, libris)
        assert is_whole(workspace, libris)


@pytest.mark.parametrize(
    "item",
    [None, 1, {}, {"object": 1}, {"object": {"id": "x"}, "type": "Add", "published": "?"}],
)
def test_activity_that_is_none_is_set_aside(
    workspace: Workspace, libris: Standin, item: Any
) -> None:
    def spoil(number: int, body: bytes) -> faults.Answer:
        page = json.loads(body)
        if page.get("orderedItems"):
            page["orderedItems"].insert(0, item)
        return faults.Answer(json.dumps(page).encode())

    dump(workspace, libris)
    change(libris, "t01", "Ändrad", 1)
    libris.spoil = spoil
    assert changes(workspace, libris).quarantined > 0
    assert is_whole(workspace, libris)
    (aside,) = quarantined(workspace)
    assert aside.reason.startswith("no activity")


@pytest.mark.parametrize("body", [b"[]", b"1", b'{"first": 1}', b'{"first": {"id": "x"}}'])
def test_answer_that_is_no_change_set_is_said(
    workspace: Workspace, libris: Standin, body: bytes
) -> None:
    dump(workspace, libris)
    libris.spoil = lambda number, _: faults.Answer(body)
    with pytest.raises(ProviderRefuses):
        changes(workspace, libris)


def test_changes_without_an_end_are_noticed(workspace: Workspace, libris: Standin) -> None:
    pages: list[bytes] = []

    def spoil(number: int, body: bytes) -> faults.Answer:
        pages.extend([body] if b"orderedItems" in body else [])
        return faults.Answer(pages[0] if pages else body)

    dump(workspace, libris)
    change(libris, "t01", "Ändrad", 1)
    libris.spoil = spoil
    begun = len(libris.asked)
    with pytest.raises(ListEndless):
        changes(workspace, libris, "2020-01-01")
    assert len(libris.asked) - begun < 10


@pytest.mark.parametrize("following", ["offset=0", "offset=-5", "x"])
def test_dump_without_an_end_is_noticed(
    workspace: Workspace, libris: Standin, following: str
) -> None:
    libris.spoil = lambda number, body: faults.Answer(body.replace(b"offset=5", following.encode()))
    with pytest.raises(ListEndless):
        dump(workspace, libris)
    assert len(libris.asked) == 1


@pytest.mark.parametrize("item", [b"1", b'"x"', b"null", b"[]"])
def test_item_of_a_dump_that_is_no_record_is_set_aside(
    workspace: Workspace, libris: Standin, item: bytes
) -> None:
    begin = b'"items": ['
    libris.spoil = lambda number, body: faults.Answer(body.replace(begin, begin + item + b", "))
    assert dump(workspace, libris).quarantined > 0
    assert is_whole(workspace, libris)
