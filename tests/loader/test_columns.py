"""Columns of a release: to the byte those of its store, however the store came to be as it is."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.maintenance import damage
from loader.release import release
from loader.store import pipeline
from loader.store.columns_state import ColumnsMaking, identify
from loader.store.ledger import Ledger
from loader.store.pipeline import Report
from loader.workspace import Workspace
from tests.nasty import QUADS
from tests.records import record, title, write
from tests.server.columns_comparison import built
from tests.server.test_columns_building import content, dumped

Load = Callable[..., Report]

XSD = "http://www.w3.org/2001/XMLSchema#"
SPELT = [
    ("05", "integer"),
    ("+5", "int"),
    ("9" * 40, "integer"),
    ("1.50", "decimal"),
    ("1E0", "double"),
    ("NaN", "float"),
    ("1", "boolean"),
    ("2024-01-31T24:00:00Z", "dateTime"),
    ("2024-05-01T09:30:00.120+02:00", "dateTime"),
    ("2024-05-01T09:30:00.000Z", "dateTime"),
    ("2024-05-01+00:00", "date"),
    ("P1Y0M", "duration"),
    ("no number", "integer"),
]


def publish(workspace: Workspace, keep: int = 5) -> Path:
    with pipeline.opened(workspace, "release") as archive:
        number = release.publish(workspace, archive, keep)
    return release.release_folder(workspace, number)


def rebuilt(folder: Path) -> dict[str, bytes]:
    """Return the columns that a release's store would get if they were made of it."""
    return content(built(dumped(ox.Store.read_only(str(folder / "store")), 1 << 16)))


def test_it_is_said_how_many_quads_the_columns_have(tmp_path: Path) -> None:
    said: list[tuple[int, str]] = []
    making = ColumnsMaking(
        tmp_path / "columns", lambda: None, lambda count, note="": said.append((count, note))
    )
    making.write(b"<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:q> <urn:o> .\n")
    assert making.finish() == identify(tmp_path / "columns")
    assert said[-1] == (0, "2 of 2 quads of the columns")


def test_what_columns_cannot_hold_is_loaded_without_them(tmp_path: Path) -> None:
    making = ColumnsMaking(tmp_path / "columns", lambda: None, lambda count, note="": None)
    making.write(b'<urn:s> <urn:p> "a"@en--ltr .\n')
    assert making.finish() is None


def test_columns_made_while_loading_are_those_of_the_store(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    node = ox.NamedNode("http://example.org/s")
    spelt = [
        ox.Quad(node, node, ox.Literal(text, datatype=ox.NamedNode(f"{XSD}{name}")), node)
        for text, name in SPELT
    ]
    quads = [*QUADS, *spelt, ox.Quad(node, node, ox.Literal("a", language="EN-gb"), node)]
    (tmp_path / "nasty.nq").write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
    dates = [f"2024-05-01T09:30:0{n}.{n}00Z" for n in range(5)]
    odd = record("odd", {"issn": ["", "\u0000", 'a\\b"c', "å" * 300]}, modified=dates[1])
    records = [record(f"r{n}", modified=date) for n, date in enumerate(dates)]
    load(write(tmp_path / "r.jsonl", odd, *records), tmp_path / "nasty.nq")
    made = content(workspace.columns)
    folder = publish(workspace)
    assert content(folder / "columns") == made == rebuilt(folder)
    assert not workspace.columns.exists()


def test_columns_of_a_changed_store_are_those_that_are_made_anew(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    chance = random.Random(1)
    texts = {f"r{n}": f"Titel {n}" for n in range(60)}
    for round_ in range(4):
        load(write(tmp_path / f"{round_}.jsonl", *(title(*item) for item in texts.items())))
        folder = publish(workspace)
        assert content(folder / "columns") == rebuilt(folder)
        for name in chance.sample(sorted(texts), 10):
            texts[name] = f"Ny {chance.randrange(5)}"
        texts[f"new{round_}"] = "Ny bok"


def test_columns_of_a_store_with_fewer_graphs_forget_what_only_they_had(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text('<urn:a> <urn:p> "gone"@sv , "stays" . <urn:gone> <urn:q> 5 .')
    load(path, write(tmp_path / "r.jsonl", title("a", "Ett")))
    first = publish(workspace)
    path.write_text('<urn:a> <urn:p> "stays" .')
    load(path)
    folder = publish(workspace)
    assert content(folder / "columns") == rebuilt(folder) != content(first / "columns")
    assert b"gone" not in (folder / "columns" / "blob").read_bytes()


def test_columns_that_have_not_changed_are_the_same_files(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett")))
    first, second = publish(workspace), publish(workspace)
    for path in (first / "columns").iterdir():
        assert path.samefile(second / "columns" / path.name)


@contextmanager
def opened(workspace: Workspace) -> Iterator[Ledger]:
    with pipeline.opened(workspace, "release") as archive, archive.transaction():
        yield Ledger(archive.connection)


@pytest.mark.parametrize("what", ["head gone", "file cut", "changes forgotten", "other columns"])
def test_columns_that_are_no_base_are_made_anew(
    workspace: Workspace, load: Load, tmp_path: Path, what: str
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    first = publish(workspace)
    load(write(tmp_path / "s.jsonl", title("b", "Tre"), title("c", "Fyra")))
    if what == "head gone":
        (first / "columns" / "head.json").unlink()
    elif what == "file cut":
        (first / "columns" / "objects").write_bytes(b"")
    elif what == "changes forgotten":
        with opened(workspace) as ledger:
            ledger.forget_changed()
    else:
        head = first / "columns" / "head.json"
        head.write_text(head.read_text() + "\n")
    folder = publish(workspace)
    assert content(folder / "columns") == rebuilt(folder)


def test_tampered_columns_are_found(workspace: Workspace, load: Load, tmp_path: Path) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett")))
    folder = publish(workspace)
    assert not list(damage.find_in_releases(workspace))
    path = folder / "columns" / "objects"
    path.write_bytes(b"\1" + path.read_bytes()[1:])
    (found,) = damage.find_in_releases(workspace)
    assert found.endswith("columns/objects: its content doesn't match its checksum")


def test_full_disk_leaves_the_former_release_and_the_same_command_goes_on(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett")))
    publish(workspace)
    load(write(tmp_path / "s.jsonl", *(title(f"b{n}", f"Två {n} " * 2000) for n in range(20))))
    command = [sys.executable, "-m", "loader.cli", "-q", "release", "--data", str(workspace.root)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "may not grow as large" in done.stderr
    assert release.current_number(workspace) == 1
    folder = publish(workspace)
    assert content(folder / "columns") == rebuilt(folder)
    assert not (workspace.root / "work" / "columns.part").exists()
