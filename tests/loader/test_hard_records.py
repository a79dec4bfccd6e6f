"""Records that somebody's parser, buffer or stack can't take: the others never notice."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox
import pytest

from loader.archive.archive import Archive, Arrival, connect
from loader.maintenance.verification import find_breaches
from loader.store import pipeline
from loader.store.apply import Applier
from loader.store.ledger import Ledger
from loader.store.pipeline import Report
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.commands import run_loader as run
from tests.records import KBV, record, stored, title, write

pytestmark = pytest.mark.long

Load = Callable[..., Report]
MILLION = 1_000_000


def nested_text(depth: int) -> str:
    """A record nested deeper than Python's own writer goes."""
    whole = json.dumps(record("deep", {"part": "HERE"}))
    return whole.replace('"HERE"', '{"part":' * depth + '"innermost"' + "}" * depth)


def sound(workspace: Workspace) -> list[str]:
    with pipeline.opened(workspace, "test") as archive:
        return list(find_breaches(archive, GraphStore(workspace.store), lambda _: None))


def quads(workspace: Workspace) -> list[ox.Quad]:
    """What is stored, read by a parser that is strict."""
    dumped = ox.Store.read_only(str(workspace.store)).dump(format=ox.RdfFormat.N_QUADS) or b""
    return list(ox.parse(dumped, ox.RdfFormat.N_QUADS))


def quarantined(workspace: Workspace) -> dict[str, str]:
    archive = Archive(connect(workspace.archive, read_only=True))
    return {entry.identifier: entry.reason for entry in archive.reader.quarantined()}


ELSEWHERE = {"@graph": [{"@id": "http://example.org/x", "label": "x"}]}
HARD: dict[str, str | dict[str, Any]] = {
    "five-million": record("h", {"label": "a" * 5 * MILLION}),
    "seventeen-million": record("h", {"label": "a" * 17 * MILLION}),
    "escapes": record("h", {"label": "\x00" * 2 * MILLION}),
    "deletes": record("h", {"label": "\x7f" * 3 * MILLION}),
    "quotes": record("h", {"label": '"\\' * 3 * MILLION}),
    "four-bytes": record("h", {"label": "😀" * 3 * MILLION}),
    "key": record("h", {"k" * 9 * MILLION: "x"}),
    "link": record("h", {"subject": {"@id": "http://example.org/" + "a" * 9 * MILLION}}),
    "tag": record("h", {"label": {"@value": "x", "@language": "a" * 9 * MILLION}}),
    "datatype": record("h", {"label": {"@value": "x", "@type": "urn:" + "a" * 9 * MILLION}}),
    "number": json.dumps(record("h", {"label": "HERE"})).replace('"HERE"', "1" * 5 * MILLION),
    "nested-250": nested_text(250),
    "nested-900": nested_text(900),
    "nested-1100": nested_text(1100),
    "type": record("h", {"label": {"@type": 5, "@value": "1"}}),
    "infinite": '{"@graph":[{"@id":"https://libris.kb.se/h","label":1e400}]}',
    "infinite-surrogate": '{"@graph":[{"@id":"https://libris.kb.se/h","label":["\\ud800",1e400]}]}',
    "exponent": '{"@graph":[{"@id":"https://libris.kb.se/h","label":1e9999999999999999999}]}',
    "surrogate": '{"@graph":[{"@id":"https://libris.kb.se/h","label":"\\ud800"}]}',
    "key-twice": json.dumps(record("h", {"label": "x"})).replace('"label"', '"label":"y","label"'),
    "elsewhere": record("h", {"part": {"@id": "http://example.org/g", **ELSEWHERE}}),
}
STORED = {"number", "five-million", "escapes", "four-bytes", "quotes", "nested-250", "nested-900"}


# Large in another way than those that are tried into an existing store too: these take long.
LARGE_TOO = {"escapes", "deletes", "quotes", "four-bytes", "key", "tag", "datatype", "number"}
LARGE_TOO |= {"link"}


def hard_records(names: Iterable[str]) -> list[str]:
    """Each of them under its own name."""
    chosen = {name: HARD[name] for name in names}
    lines = {
        name: record if isinstance(record, str) else json.dumps(record)
        for name, record in chosen.items()
    }
    return [
        re.sub("libris.kb.se/(h|deep)", f"libris.kb.se/{name}", line)
        for name, line in lines.items()
    ]


@pytest.mark.parametrize("existing", [False, True], ids=["bulk", "apply"])
def test_hard_records_are_stored_or_in_quarantine_and_stop_no_other(
    workspace: Workspace, load: Load, tmp_path: Path, existing: bool
) -> None:
    if existing:
        load(write(tmp_path / "first.jsonl", title("first", "Ett")))
    hard = HARD.keys() - (LARGE_TOO if existing else set())
    path = write(tmp_path / "r.jsonl", title("a", "Ett"), *hard_records(hard), title("b", "Två"))
    report = load(path)
    assert report.received + report.unreadable == len(hard) + 2
    graphs = {quad.graph_name.value.rpartition("/")[2] for quad in quads(workspace)}
    assert graphs - {"first"} == {"a", "b"} | hard & STORED
    reasons = quarantined(workspace)
    assert len(reasons) == len(hard - STORED)
    assert all(reason and len(reason) < 1000 for reason in reasons.values())
    assert sound(workspace) == []
    again = load(path)  # the next command goes on
    assert (again.new, again.changed) == (0, 0)


def test_store_is_closed_after_a_statement_that_is_too_large(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    """An update publishes in the same process, whenever that collects what refers to itself."""
    load(write(tmp_path / "first.jsonl", title("first", "Ett")))
    path = write(tmp_path / "r.jsonl", *hard_records({"seventeen-million"}))
    gc.disable()
    try:
        load(path)
        assert GraphStore(workspace.store).has_graph("https://libris.kb.se/first")
    finally:
        gc.enable()


@pytest.mark.parametrize("depth", [250, 900])
def test_deep_record_is_stored_to_its_innermost_value(
    workspace: Workspace, load: Load, tmp_path: Path, depth: int
) -> None:
    load(write(tmp_path / "r.jsonl", nested_text(depth)))
    assert sum(quad.predicate.value == f"{KBV}part" for quad in quads(workspace)) == depth + 1
    assert any(quad.object == ox.Literal("innermost") for quad in quads(workspace))


def test_record_that_comes_again_mended_leaves_quarantine(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", record("a", {"label": "old"})))
    report = load(write(tmp_path / "r.jsonl", record("a", {"label": {"@type": 5, "@value": "1"}})))
    assert report.quarantined == 1
    assert any(quad.object == ox.Literal("old") for quad in quads(workspace))
    assert load(write(tmp_path / "r.jsonl", title("a", "Två"))).applied == 1
    assert quarantined(workspace) == {}
    assert sound(workspace) == []


def test_outside_thing_with_a_long_list_is_stored(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    thing = {"@id": "http://example.org/t", "hasPartList": [str(n) for n in range(3000)]}
    load(write(tmp_path / "r.jsonl", record("a", {"subject": thing})))
    assert sum(isinstance(quad.object, ox.Literal) for quad in quads(workspace)) == 3000
    assert sound(workspace) == []


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
INJECTION = (
    "http://example.org/t> <https://libris.kb.se/x> .\n"
    "<http://example.org/s> <http://example.org/p> <http://example.org/o"
)


@pytest.mark.parametrize(
    "thing",
    [
        {"label": {"@type": INJECTION, "@value": "1"}},
        {"label": {"@language": f'sv" {INJECTION[20:]}"', "@value": "1"}},
        {"label": {"@language": 'x"', "@value": "1"}},
        {"label": {"@language": f'x"@sv" . {INJECTION[20:]} "', "@value": "1"}},
        {"labelByLang": {INJECTION: "1"}},
        {"subject": {"@id": INJECTION}},
        {"subject": {"@id": INJECTION, "label": "x"}},
        {"@type": INJECTION},
        {INJECTION: "1"},
        {INJECTION + "\\": "\\"},
        {"marc:typeOfDate": f"marc:{INJECTION[11:]}"},
        {"subject": {"@id": f"_:b {INJECTION[20:]}", "label": "x"}},
        {"_:p": "x"},
        {"label": {"@value": INJECTION + '" .\n'}},
        {"label": {"@type": "@id", "@value": "x"}},
        {
            "label": {
                "@type": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
                "@value": "x",
            }
        },
        {"label": {"@value": "x", "@language": "sv", "@direction": "rtl"}},
    ],
)
@pytest.mark.parametrize("existing", [False, True], ids=["bulk", "apply"])
def test_no_text_is_read_as_a_statement_that_no_record_makes(
    workspace: Workspace, load: Load, tmp_path: Path, thing: dict[str, Any], existing: bool
) -> None:
    if existing:
        load(write(tmp_path / "first.jsonl", title("first", "Ett")))
    load(write(tmp_path / "r.jsonl", record("a", thing, note='a "quoted" word')))
    predicates = {quad.predicate.value for quad in quads(workspace)}
    assert "http://example.org/p" not in predicates
    assert len(quads(workspace)) == len(ox.Store.read_only(str(workspace.store)))
    assert sound(workspace) == []


@pytest.mark.parametrize(
    ("datatype", "written", "kind"),
    [
        ("a b", f"{KBV}a%20b", "repaired"),
        ("http://example.org/a b", "http://example.org/a%20b", "repaired"),
        ("@id", None, "dropped"),
        ("http://example.org/a", "http://example.org/a", None),
    ],
)
def test_datatype_is_valid_or_repaired_or_its_statement_is_dropped(
    workspace: Workspace,
    load: Load,
    tmp_path: Path,
    datatype: str,
    written: str | None,
    kind: str | None,
) -> None:
    thing = {"label": {"@type": datatype, "@value": "1"}}
    report = load(write(tmp_path / "r.jsonl", record("a", thing)))
    written_types = {
        quad.object.datatype.value
        for quad in quads(workspace)
        if isinstance(quad.object, ox.Literal)
    }
    assert written_types == ({written} if written else set())
    with pipeline.opened(workspace, "test") as archive:
        kinds = [problem["kind"] for problem in Ledger(archive.connection).problems()]
    assert kinds == ([kind] if kind else [])
    assert (report.repaired, report.dropped) == (kind == "repaired", kind == "dropped")


@pytest.mark.parametrize(
    "thing",
    [
        {"@foo": "lost"},
        {"subject": {"@id": "@foo"}},
        {"subject": {"@id": "highlight"}},
        {"@type": "highlight"},
        {"encodingLevel": "_note"},
        {"label": {"@language": "sv"}},
        {"label": {"@index": "lost"}},
        {"part": {"@graph": "lost"}},
        {"_:p": "lost"},
        {"part": {"@1": "x", "@value": "lost"}},
        {"part": {"@nest": {"label": "x"}, "@value": "lost"}},
        {"part": {"@included": [], "@value": {"label": "lost"}}},
        {"@reverse": {"sliceByDimension": {"x": ["lost"]}}},
        {"@reverse": {"labelByLang": {"sv": "lost"}}},
        {"@reverse": {"_categoryByCollection": {"x": {"@set": [{"@value": "lost"}]}}}},
    ],
)
def test_what_json_ld_passes_over_is_reported(
    workspace: Workspace, load: Load, tmp_path: Path, thing: dict[str, Any]
) -> None:
    report = load(write(tmp_path / "r.jsonl", record("a", thing)))
    assert report.dropped + report.quarantined == 1


def test_value_for_no_index_or_language_is_no_loss(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    thing = {"labelByLang": {"@none": "a"}, "sliceByDimension": {"@none": {"label": "b"}}}
    report = load(write(tmp_path / "r.jsonl", record("a", thing)))
    assert (report.dropped, report.quarantined) == (0, 0)
    assert {"a", "b"} <= {getattr(quad.object, "value", "") for quad in quads(workspace)}


def test_stray_values_and_what_stands_beside_the_graph_are_not_lost(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    one = record("a")
    one["@graph"] += [
        "stray",
        {"@value": "stray too"},
        {"@id": "http://example.org/t", "note": "t"},
    ]
    one["note"] = "beside"
    report = load(write(tmp_path / "r.jsonl", one))
    assert report.dropped == 2
    values = {quad.object.value for quad in quads(workspace) if isinstance(quad.object, ox.Literal)}
    assert values == {"t", "beside"}
    assert sound(workspace) == []


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize(
    "stray",
    [
        *("stray", ["stray"], 5, True, [[{"label": "x"}, "stray"]]),
        {"@list": True, "@set": {"@reverse": []}, "label": "stray"},
        {"@list": [{"label": "x"}], "label": "stray"},
        {"@set": [{"@list": ["stray"]}]},
    ],
    ids=repr,
)
def test_value_that_alone_spoils_a_simple_record_is_reported(
    workspace: Workspace, load: Load, tmp_path: Path, stray: Any, place: int
) -> None:
    content = title("a", "Ett")
    content["@graph"].insert(place, stray)
    assert load(write(tmp_path / "r.jsonl", content)).dropped == 1


def test_record_can_say_nothing_in_the_graph_of_another(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    other = {"@id": "https://libris.kb.se/b", "@graph": [{"@id": "https://libris.kb.se/b#it"}]}
    other["@graph"][0]["label"] = "from a"
    load(write(tmp_path / "r.jsonl", record("a", {"part": other}), title("b", "Två")))
    assert not any(quad.object == ox.Literal("from a") for quad in quads(workspace))
    assert list(quarantined(workspace)) == ["https://libris.kb.se/a"]


def former_payload(workspace: Workspace, identifier: str, payload: bytes) -> None:
    """Put content into an archive as a version that checked less might have done."""
    with pipeline.opened(workspace, "test") as archive, archive.transaction():
        source = archive.source("/f", "f", "2026-01-01T00:00:00.000000Z")
        form = "jsonld" if payload.startswith(b"{") else "ntriples"
        archive.store([Arrival(identifier, form, payload)], source, "2026-01-01T00:00:00.000000Z")


@pytest.mark.parametrize(
    "payload",
    [
        b"not JSON",
        b'{"@graph":5}',
        b'{"@graph":[{"@id":"https://libris.kb.se/other","mainEntity":{"@id":"urn:x"}}]}',
        b'<urn:s> <urn:p> "' + b"a" * 17 * MILLION + b'" .\n',
        b"<urn:s> <urn:p> .\n",
    ],
    ids=["no-json", "no-record", "another", "long-line", "no-triple"],
)
@pytest.mark.parametrize("existing", [False, True], ids=["bulk", "apply"])
def test_archive_that_holds_what_it_should_not_recovers_by_itself(
    workspace: Workspace, load: Load, tmp_path: Path, payload: bytes, existing: bool
) -> None:
    if existing:
        load(write(tmp_path / "r.jsonl", title("a", "Ett")))
    former_payload(workspace, "https://libris.kb.se/h", payload)
    report = load(write(tmp_path / "s.jsonl", title("b", "Två")))
    assert report.quarantined == 1
    assert any(quad.object == ox.Literal("Två") for quad in quads(workspace))
    assert pipeline.rebuild(workspace).quarantined == 1
    assert sound(workspace) == []


def test_batch_of_a_former_version_that_the_store_refused_is_done_again(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett")))
    bad = record("h", {"label": {"@type": "@id", "@value": "1"}})
    payload = json.dumps(bad).encode()
    former_payload(workspace, "https://libris.kb.se/h", payload)
    with pipeline.opened(workspace, "test") as archive, archive.transaction():
        tally = [("property", f"{KBV}label", 1), ("property", f"{KBV}mainEntity", 1)]
        note = {"documents": archive.reader.pending(), "graphs": ["https://libris.kb.se/h"]}
        archive.remember(Applier.NOTE, orjson.dumps({**note, "tally": tally}))
    assert load(write(tmp_path / "r.jsonl", title("a", "Två"))).applied == 1
    assert sound(workspace) == []


def test_verify_names_each_quad_that_is_no_rdf(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    store = ox.Store(str(workspace.store))
    bad = b'<urn:s> <urn:p q> "x"^^<a b> <https://libris.kb.se/a> .\n<urn:s> <urn:p> "x" <g h> .'
    store.bulk_load(bad, ox.RdfFormat.N_QUADS, lenient=True)
    store.flush()
    del store
    found = sound(workspace)
    assert sum("is no RDF" in breach for breach in found) == 2
    done = run("verify", "--data", workspace.root)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "2 breaches" in done.stderr


def alike(count: int) -> dict[str, str]:
    """Graphs in Turtle whose nodes look alike."""
    names = range(count)
    return {
        "list": f"<urn:s> <urn:p> ({' 1' * count}) .",
        "chain": "<urn:s> " + "<urn:p> [ " * count + "<urn:p> 1" + " ]" * count + " .",
        "clique": "".join(f"_:b{n} <urn:p> _:b{m} .\n" for n in names[:12] for m in names[:12]),
        "ring": "".join(f"_:b{n} <urn:p> _:b{(n + 1) % count} .\n" for n in names),
    }


@pytest.mark.parametrize("name", alike(1))
def test_nodes_that_look_alike_take_no_longer_than_others(
    workspace: Workspace, load: Load, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "r.ttl"
    path.write_text(alike(2000)[name])
    count = len(list(ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE)))
    assert load(path).applied == 1
    assert len(quads(workspace)) == count
    assert sound(workspace) == []


def test_loss_is_said_in_a_line_and_exit_code_1(tmp_path: Path) -> None:
    data = tmp_path / "data"
    bad = record("h", {"label": {"@type": 5, "@value": "1"}})
    path = write(tmp_path / "r.jsonl", bad, title("b", "Två"))
    for arguments in (("load", path), ("rebuild",)):
        done = run(arguments[0], "--data", data, *arguments[1:])
        assert done.returncode == 1
        assert "https://libris.kb.se/h goes to quarantine: JSON-LD: " in done.stderr
    assert run("apply", "--data", data).returncode == 0  # nothing came, nothing was lost
    dropped = record("d", {"subject": {"@id": "nowhere"}})
    done = run("load", "--data", data, write(tmp_path / "s.jsonl", dropped))
    assert (done.returncode, "1 statements left out" in done.stderr) == (1, True)


def test_store_stays_until_the_one_that_replaces_it_is_whole(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", *[title(f"r{n}", f"Titel {n}") for n in range(3000)]))
    before = stored(workspace.store)
    command = [sys.executable, "-m", "loader.cli", "rebuild", "--data", str(workspace.root)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not workspace.building.exists() and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert stored(workspace.store) == before
    assert sound(workspace) == []
    assert pipeline.rebuild(workspace).applied == 3000
    assert stored(workspace.store) == before
