"""Commands that documents show are run, and print what stands below them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.files import files
from loader.release import release
from loader.release.additions import PARTS
from loader.store import pipeline
from loader.workspace import Workspace
from tests.conftest import SAMPLE
from tests.documents import ROOT, Example, examples
from tests.server.conftest import Server, start, stop

pytestmark = pytest.mark.long

SCRIPTS = Path(sys.executable).parent
ASKED = [example for example in examples() if example.command.startswith("curl ")]
ANSWERED = [
    example
    for example in examples()
    if example.command.startswith("libris-sparql query ") and example.output
]
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|(?<=year = {)\d{4}")
"""A date or time in what is printed: of the day on which it was."""

HELD_LATER = "sample-h0362"
CORRECTED = ('"familyName": "Boye"', '"familyName": "Boije"')


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two releases: the sample with a name misspelt and without a holding; the sample.

    So are those of ``docs/changes.md``.
    """
    folder = tmp_path_factory.mktemp("examples")
    workspace = Workspace(folder / "data")
    former = shutil.copytree(SAMPLE, folder / "former")
    records = (SAMPLE / "records.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(record for record in records if HELD_LATER not in record)
    (former / "records.jsonl").write_text(kept.replace(*CORRECTED), encoding="utf-8")
    for content in (former, SAMPLE):
        pipeline.load(workspace, files.find_files([content]), None)
        with pipeline.opened(workspace, "release") as archive:
            release.publish(workspace, archive, 3, PARTS)
    server = start(workspace.root, "--workers", "2")
    yield server
    assert stop(server) == 0


def as_shown(printed: str, example: Example) -> bool:
    """Whether the output is the one that is shown, where ``…`` stands for any text."""
    shown, came = (
        MOMENT.sub("MOMENT", text.replace("\r\n", "\n").rstrip())
        for text in (example.output, printed)
    )
    return re.fullmatch(re.escape(shown).replace("…", ".*"), came, re.DOTALL) is not None


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("example", ASKED, ids=str)
def test_endpoint_answers_as_shown(example: Example, sample: Server) -> None:
    command = example.command.replace("http://127.0.0.1:8080", sample.address)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
    printed = done.stdout.replace(sample.address, "http://127.0.0.1:8080")
    assert as_shown(printed, example), printed


@pytest.mark.parametrize("example", ANSWERED, ids=str)
def test_command_line_answers_as_shown(example: Example, sample: Server) -> None:
    command = example.command.replace(" --data mine", "")
    command = command.replace(
        "libris-sparql query", f"{SCRIPTS}/libris-sparql query --data {sample.data}", 1
    )
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert as_shown(done.stdout, example), (done.stdout, done.stderr)


def test_there_are_examples() -> None:
    assert len(ASKED) >= 5
    assert ANSWERED


def test_backup_prints_what_is_shown(sample: Server, tmp_path: Path) -> None:
    shown = [example for example in examples() if "/backup/" in example.command]
    assert [example.command.split()[1] for example in shown] == ["backup", "restore"]
    places = {
        "/srv/libris": str(sample.data),
        "/srv/restored": str(tmp_path / "restored"),
        "/backup": str(tmp_path),
    }
    for example in shown:
        command = example.command.replace("libris-loader", str(SCRIPTS / "libris-loader"))
        for place, there in places.items():
            command = re.sub(rf"(?<!\w){place}\b", there, command)
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
        printed = done.stdout
        for place, there in places.items():
            printed = printed.replace(there, place)
        assert printed == example.output, (printed, done.stderr)


def test_first_command_prints_what_is_shown(tmp_path: Path) -> None:
    """``make run``, with the environment of the tests, on a free port, until all is served."""
    (example,) = (example for example in examples() if example.command == "make run")
    environment = [f"VENV={sys.prefix}", "--assume-old", f"{sys.prefix}/.installed"]
    command = ["make", "--silent", *environment, "run", "PORT=0", f"DATA={tmp_path}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as make:
        assert make.stdout is not None
        lines = []
        for line in make.stdout:
            lines.append(re.sub(r":\d+/.*$| in [\d.]+ s", " …", line.strip()))
            if line.startswith("Serving"):
                break
        make.terminate()
        make.stdout.read()
    shown = [re.sub(r":\d+/.*$| in [\d.]+ s", " …", line) for line in example.output.splitlines()]
    assert [line for line in lines if line in shown] == shown, lines
