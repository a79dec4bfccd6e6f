"""Providers of any order, clock, granularity and tokens; and what a deletion needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loader.archive.archive import Archive, connect
from loader.archive.cursors import Cursors
from loader.cli import cli
from loader.errors import DeletionUnproven, ListEndless, ListShort, ProviderRefuses
from loader.harvest import update
from loader.harvest.order import Order
from loader.provider.harvest_report import HarvestReport
from loader.provider.oai.clocks import begin_after, complete_before, find_skews
from loader.store.pipeline import opened
from loader.workspace import Workspace
from tests.loader.test_harvest import QUICK, is_sound, live, quarantined
from tests.records import record
from tests.standin.faults import Answer, Listed, token_refused
from tests.standin.unruly import BASE, DAMAGE, Unruly, Version

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data")


@pytest.fixture
def provider() -> Iterator[Unruly]:
    """Six records, two to a page, dated May, January, April, February, January and March."""
    with Unruly(0) as tame:
        tame.days = False
        tame.page_size, tame.delay, tame.order = 2, timedelta(0), "as they come"
        tame.response = tame.date = "right"
        tame.sizes, tame.empties, tame.refusals, tame.endings = "none", 0, 0, 0
        tame.repeats = False
        tame.spoil = Listed({})
        tame.versions = [
            Version(f"t{number}", f"{number}", datetime(2024, month, 1, number, tzinfo=UTC))
            for number, month in enumerate((5, 1, 4, 2, 1, 3))
        ]
        yield tame


def harvest(
    workspace: Workspace, provider: Unruly, reconcile: bool = False, **order: Any
) -> HarvestReport:
    report, _ = update.harvest(
        workspace, Order(provider.url, **order), QUICK, reconcile=reconcile, archive_only=True
    )
    return report


def test_refused_token_loses_nothing_whatever_the_order(
    workspace: Workspace, provider: Unruly
) -> None:
    for number in (1, 2):
        provider.asked.clear()
        provider.spoil = Listed({number + 1: token_refused})
        harvest(workspace, provider)
        assert len(live(workspace)) == 6


def test_record_of_the_future_and_a_refused_token_lose_nothing(
    workspace: Workspace, provider: Unruly
) -> None:
    provider.versions[0] = Version("t0", "x", datetime(2034, 1, 1, tzinfo=UTC))
    provider.spoil = Listed({2: token_refused})
    harvest(workspace, provider)
    assert live(workspace) == provider.live()


def test_tokens_that_are_always_refused_end_the_run_and_are_said(
    workspace: Workspace, provider: Unruly
) -> None:
    provider.refusals = 1_000_000
    with pytest.raises(ProviderRefuses, match="tokens are refused again and again"):
        harvest(workspace, provider)
    assert len(provider.asked) < 12


def test_list_that_says_midway_that_nothing_matches_has_not_ended(
    workspace: Workspace, provider: Unruly
) -> None:
    provider.endings = 1
    harvest(workspace, provider)
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("response", ["ahead", "2099", "behind", "absent", "malformed"])
@pytest.mark.parametrize("date", ["right", "2099", "absent", "malformed"])
def test_wrong_clock_loses_no_later_update(
    workspace: Workspace, provider: Unruly, response: str, date: str
) -> None:
    provider.response, provider.date = response, date
    report = harvest(workspace, provider)
    assert any("responseDate" in remark for remark in report.remarks)
    provider.versions[3] = Version("t3", "ändrad", NOW - timedelta(hours=2))
    provider.versions.append(Version("t9", "ny", NOW))
    assert harvest(workspace, provider).total().new == 1
    assert live(workspace) == provider.live()
    assert "from" in provider.asked[-1] or "resumptionToken" in provider.asked[-1]


def test_first_harvest_that_finds_nothing_loses_no_record_that_is_older(
    workspace: Workspace, provider: Unruly
) -> None:
    versions, provider.versions = provider.versions, []
    harvest(workspace, provider)
    provider.versions = versions
    harvest(workspace, provider)
    assert live(workspace) == provider.live()


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        ("2026-11-23T11:30:00.000000Z", "2026-11-23T10:30:00Z"),
        ("2024-01-01T00:00:00.000000Z", "2026-11-22T11:00:00Z"),
    ],
)
def test_next_run_begins_before_the_newest_record_of_the_last_day(
    newest: str, expected: str
) -> None:
    moment = complete_before("2026-11-23T12:00:00.000000Z", newest)
    assert begin_after(moment, "YYYY-MM-DDThh:mm:ssZ") == expected


def test_skew_is_said_in_days_hours_and_minutes() -> None:
    own = "2026-11-23T12:00:00.000000Z"
    assert list(find_skews(own, "2026-11-23T15:07:00.000000Z", "2026-11-01T12:00:00.000000Z")) == [
        "responseDate is 3 h 7 min ahead of this machine's clock",
        "HTTP's Date is 22 days behind this machine's clock",
    ]
    assert list(find_skews(own, own, None)) == []


@pytest.mark.parametrize("year", [2034, 2099])
@pytest.mark.parametrize("how", ["update", "from", "reconcile"])
@pytest.mark.parametrize("deleted", [False, True])
def test_datestamp_of_the_future_freezes_no_record(
    workspace: Workspace, provider: Unruly, year: int, how: str, deleted: bool
) -> None:
    provider.versions[2] = Version("t2", "framtid", datetime(year, 1, 1, tzinfo=UTC))
    harvest(workspace, provider)
    provider.versions[2] = Version("t2", "ändrad", NOW - timedelta(minutes=1), deleted)
    order = {"begin": "2020-01-01"} if how == "from" else {}
    harvest(workspace, provider, reconcile=how == "reconcile", **order)
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("pages", [1, 2, 50])
@pytest.mark.parametrize("last_is_deleted", [False, True])
def test_newest_version_wins_and_not_the_last(
    workspace: Workspace, provider: Unruly, pages: int, last_is_deleted: bool
) -> None:
    provider.page_size = pages
    provider.versions += [
        Version("t1", "nyast", datetime(2024, 9, 1, tzinfo=UTC), not last_is_deleted),
        Version("t1", "äldre", datetime(2024, 8, 1, tzinfo=UTC), last_is_deleted),
    ]
    harvest(workspace, provider)
    assert live(workspace) == provider.live()
    assert harvest(workspace, provider, begin="2020-01-01").total().changed == 0
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("begin", ["2024-03-01", "2024-03-01T00:00:00Z"])
def test_provider_whose_dates_are_days_is_asked_in_days(
    workspace: Workspace, provider: Unruly, begin: str
) -> None:
    provider.days = True
    assert harvest(workspace, provider, begin=begin).total().new == 3
    harvest(workspace, provider)
    provider.versions[3] = Version("t3", "ändrad", NOW - timedelta(hours=20))
    harvest(workspace, provider)
    assert live(workspace) == provider.live()
    assert all(len(asked.get("from", "")) in (0, 10) for asked in provider.asked)
    assert sum(asked["verb"] == "Identify" for asked in provider.asked) == 1


def test_list_shorter_than_announced_is_asked_for_once_more(
    workspace: Workspace, provider: Unruly
) -> None:
    provider.sizes, provider.lists = "right", ["short"]
    with pytest.raises(ListShort, match="only 4 of the 6 records"):
        harvest(workspace, provider)
    report = harvest(workspace, provider)
    assert live(workspace) == provider.live()
    assert report.remarks == []


@pytest.mark.parametrize("sizes", ["large", "small"])
def test_size_that_is_wrong_is_said_and_borne(
    workspace: Workspace, provider: Unruly, sizes: str
) -> None:
    provider.sizes = sizes
    if sizes == "large":
        with pytest.raises(ListShort):
            harvest(workspace, provider)
    report = harvest(workspace, provider)
    assert any("announced" in remark for remark in report.remarks)
    assert live(workspace) == provider.live()
    with opened(workspace, "test") as archive:
        (selection,) = Cursors(archive.connection).selections()
    assert selection.complete


@pytest.mark.parametrize("wrong", ["cycle", "same"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_list_without_an_end_is_noticed_and_keeps_what_came(
    workspace: Workspace, provider: Unruly, wrong: str, size: int
) -> None:
    provider.page_size, provider.lists = size, [wrong]
    with pytest.raises(ListEndless, match="no end"):
        harvest(workspace, provider)
    assert len(provider.asked) <= 6 / size + 8
    assert live(workspace) == provider.live()
    assert harvest(workspace, provider).total().finished


def test_empty_pages_are_gone_through_but_not_for_ever(
    workspace: Workspace, provider: Unruly
) -> None:
    empty = provider._list("ListRecords", [], {"o": 0, "f": "", "w": "", "n": 0}, 0)

    def spoil(number: int, body: bytes) -> Answer:
        another = empty.replace(b"&quot;n&quot;: 0", b"&quot;n&quot;: %d" % number)
        return Answer(another if number > 1 else body)

    provider.spoil = spoil
    with pytest.raises(ListEndless, match="30 pages in a row have no records"):
        harvest(workspace, provider)
    assert len(provider.asked) < 40
    assert len(live(workspace)) == 2


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("size", [2, 6])
def test_damaged_record_is_told_apart_from_its_page(
    workspace: Workspace,
    provider: Unruly,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
    beside: bool,
    size: int,
) -> None:
    from loader.harvest import archive_writer

    if beside:
        monkeypatch.setattr(archive_writer, "MANY", 0)
    provider.page_size = size
    provider.versions[2] = Version("t2", "x", NOW, damage=damage)
    total = harvest(workspace, provider).total()
    assert (total.new, total.quarantined, total.finished) == (5, 1, True)
    assert live(workspace) == provider.live()
    (aside,) = quarantined(workspace)
    assert aside.identifier == f"{BASE}t2" or aside.identifier.startswith("record without")
    connection = connect(workspace.archive, read_only=True)
    (content,) = connection.execute("SELECT payload FROM unreadable").fetchone()
    connection.close()
    assert damage == "no metadata" or b"t2#it" in content
    assert b"t3" not in content
    provider.versions[2] = Version("t2", "hel", NOW + timedelta(seconds=1))
    harvest(workspace, provider)
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("wrong", ["empty", "short"])
def test_comparison_deletes_nothing_because_of_a_list(
    workspace: Workspace, provider: Unruly, wrong: str
) -> None:
    harvest(workspace, provider)
    provider.lists = [wrong]
    report = harvest(workspace, provider, reconcile=True)
    assert report.total().deleted == 0
    assert any("exist, but the provider's list lacks them" in remark for remark in report.remarks)
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("unknown", ["idDoesNotExist", "noRecordsMatch"])
def test_record_that_the_provider_says_is_gone_is_deleted(
    workspace: Workspace, provider: Unruly, unknown: str
) -> None:
    provider.unknown = unknown
    harvest(workspace, provider)
    provider.purge("t3")
    assert harvest(workspace, provider, reconcile=True).total().deleted == 1
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("code", ["cannotDisseminateFormat", "badArgument"])
def test_any_other_answer_proves_nothing(workspace: Workspace, provider: Unruly, code: str) -> None:
    harvest(workspace, provider)
    provider.unknown = code
    provider.purge("t3")
    report = harvest(workspace, provider, reconcile=True)
    assert report.total().deleted == 0
    assert any(code in remark for remark in report.remarks)
    assert f"{BASE}t3" in live(workspace)


def test_provider_that_denies_also_what_it_lists_is_not_believed(
    workspace: Workspace, provider: Unruly
) -> None:
    harvest(workspace, provider)
    provider.purge("t3")
    whole = provider.newest
    provider.newest = dict  # type: ignore[method-assign]
    with pytest.raises(DeletionUnproven, match="it is not believed"):
        harvest(workspace, provider, reconcile=True)
    provider.newest = whole  # type: ignore[method-assign]
    assert len(live(workspace)) == 6


def test_more_than_one_in_a_hundred_go_only_if_agreed_to(
    workspace: Workspace, provider: Unruly
) -> None:
    harvest(workspace, provider)
    for name in ("t1", "t3", "t4"):
        provider.purge(name)
    for agreed in (None, 2, 4):
        with pytest.raises(DeletionUnproven, match="--reconcile --delete 3"):
            harvest(workspace, provider, reconcile=True, agreed=agreed)
        assert len(live(workspace)) == 6
    assert harvest(workspace, provider, reconcile=True, agreed=3).total().deleted == 3
    assert live(workspace) == provider.live()


def test_many_that_a_list_lacks_are_not_asked_for_unless_agreed_to(
    workspace: Workspace, provider: Unruly, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loader.harvest import comparison

    monkeypatch.setattr(comparison, "_ASKED", 2)
    harvest(workspace, provider)
    for name in ("t1", "t3"):
        provider.purge(name)
    provider.lists = ["short", "short"]
    provider.asked.clear()
    with pytest.raises(DeletionUnproven, match="lacks 4 of the 6 .* --reconcile --delete 4"):
        harvest(workspace, provider, reconcile=True)
    assert not any(asked["verb"] == "GetRecord" for asked in provider.asked)
    assert harvest(workspace, provider, reconcile=True, agreed=4).total().deleted == 2
    assert live(workspace) == provider.live()


def said(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_delete_goes_with_a_comparison(tmp_path: Path, provider: Unruly) -> None:
    code, output = said("harvest", "--data", tmp_path, "--base-url", provider.url, "--delete", 3)
    assert code == 2
    assert "--delete goes with --reconcile" in output


def test_report_says_what_happened(tmp_path: Path, provider: Unruly) -> None:
    provider.response, provider.sizes = "2099", "small"
    provider.spoil = Listed({2: token_refused})
    place = ("--data", tmp_path, "--base-url", provider.url, "--report", tmp_path / "report.json")
    assert said("harvest", *place)[0] == 0
    remarks = json.loads((tmp_path / "report.json").read_text())["remarks"]
    for words in ("ahead of this machine's clock", "beginning the list anew", "had announced 3"):
        assert any(words in remark for remark in remarks), remarks


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ({"controlNumber": "1234"}, "http://libris.kb.se/bib/1234"),
        ({"controlNumber": "1234"}, "http://libris.kb.se/resource/bib/1234"),
        ({"sameAs": [{"@id": "http://libris.kb.se/hold/77"}]}, "http://libris.kb.se/hold/77"),
        ({"controlNumber": "x"}, f"{BASE}t1#it"),
        ({}, f"{BASE}t1"),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_deletion_by_a_former_address_is_understood(
    workspace: Workspace,
    provider: Unruly,
    known: dict[str, Any],
    address: str,
    first: bool,
    change: Callable[..., None],
) -> None:
    change(provider, known, None if not first else address)
    harvest(workspace, provider)
    change(provider, known, address)
    harvest(workspace, provider, begin="2020-01-01")
    assert f"{BASE}t1" not in live(workspace)
    assert len(live(workspace)) == 5
    update.apply(workspace)
    assert is_sound(workspace)


@pytest.fixture
def change() -> Callable[..., None]:
    """Give the record t1 data, and the header of a deletion by an address beside it."""

    def run(provider: Unruly, known: dict[str, Any], address: str | None) -> None:
        date = "<datestamp>2024-06-01T00:00:00Z</datestamp>"
        gone = f'<record><header status="deleted"><identifier>{address}</identifier>{date}</header>'
        data = json.dumps(record("t1", {"instanceOf": {"@id": "#w"}}, **known))

        def spoil(number: int, body: bytes) -> Answer:
            begin = body.find(b'{"@graph": [{"@id": "https://libris.kb.se/t1"')
            if begin < 0:
                return Answer(body)
            body = body[:begin] + data.encode() + body[body.find(b"]]>", begin) :]
            record_begin = body.rfind(b"<record>", 0, begin)
            deletion = f"{gone}</record>".encode() if address else b""
            return Answer(body[:record_begin] + deletion + body[record_begin:])

        provider.spoil = spoil

    return run


def test_address_of_a_merged_record_deletes_nothing(
    workspace: Workspace, provider: Unruly, change: Callable[..., None]
) -> None:
    merged = {
        "controlNumber": "1234",
        "sameAs": [{"@id": f"http://libris.kb.se/bib/{number}"} for number in (1234, 99)],
    }
    change(provider, merged, "http://libris.kb.se/bib/99")
    harvest(workspace, provider)
    assert f"{BASE}t1" in live(workspace)


def test_computed_address_is_understood(workspace: Workspace, provider: Unruly) -> None:
    name = "m4xtxx0z02xdx6w"  # bib 8369159
    provider.versions.append(Version(name, "x", datetime(2024, 1, 1, tzinfo=UTC)))
    harvest(workspace, provider)
    old, new = f"<identifier>{BASE}{name}<", "<identifier>http://libris.kb.se/bib/8369159<"
    provider.versions[-1] = Version(name, "x", NOW, deleted=True)
    provider.spoil = lambda number, body: Answer(body.replace(old.encode(), new.encode()))
    assert harvest(workspace, provider).total().deleted == 1
    provider.spoil = Listed({})
    assert live(workspace) == provider.live()


@pytest.mark.parametrize("prefix", ["rdf", "ttl"])
def test_relative_address_is_resolved_against_the_record(
    workspace: Workspace, provider: Unruly, prefix: str
) -> None:
    content = {
        "ttl": '<#it> <http://e.org/p> <../x> . <> <http://e.org/q> "å" .',
        "rdf": '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'
        '<r:Description r:about="#it"><e:p r:resource="../x"/></r:Description></r:RDF>',
    }[prefix]
    if prefix == "ttl":
        content = f"<![CDATA[{content}]]>"

    def spoil(number: int, body: bytes) -> Answer:
        begin = body.find(b"<![CDATA[")
        end = body.find(b"]]>") + 3
        return Answer(body[:begin] + content.encode() + body[end:] if begin > 0 else body)

    provider.versions = [Version("a/b", "x", NOW)]
    provider.spoil = spoil
    assert harvest(workspace, provider, prefix=prefix).total().new == 1
    archive = Archive(connect(workspace.archive, read_only=True))
    (document,) = archive.reader.documents(archive.reader.all_ids())
    archive.connection.close()
    assert document.graph == f"{BASE}a/b"
    assert f"<{BASE}a/b#it> <http://e.org/p> <{BASE}x> .".encode() in document.payload
