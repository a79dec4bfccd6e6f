"""The harvests that docs/harvesting.md shows print what stands below them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.documents import ROOT, examples
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin

pytestmark = pytest.mark.long

SCRIPTS = Path(sys.executable).parent
SHOWN = [
    example
    for example in examples()
    if example.document == "docs/harvesting.md" and "--base-url" in example.command
]
COLLECTIONS = {"a": "auth", "t": "auth", "b": "bib", "h": "hold"}


@pytest.fixture
def libris() -> Iterator[Standin]:
    """A server with the sample's records."""
    catalogue = Catalogue(page_size=100)
    for line in (SAMPLE / "records.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        kind = record["@graph"][0]["@id"].rpartition("sample-")[2][0]
        catalogue.put(record, COLLECTIONS[kind])
    with Standin(catalogue) as standin:
        yield standin


def without_times(text: str) -> list[str]:
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "…", text)
    return re.sub(r"\bin [\d.]+ s\b", "in … s", text).splitlines()


def test_harvests_print_what_is_shown(libris: Standin, tmp_path: Path) -> None:
    done = [example.command.split()[1] for example in SHOWN]
    assert done == ["harvest", "harvest", "dump", "changes"]
    for example in SHOWN:
        command = re.sub(r"http://127.0.0.1:\d+/api/oaipmh/", libris.url, example.command)
        command = re.sub(r"http://127.0.0.1:\d+/api/emm/", libris.emm_url, command)
        place = tmp_path / ("oai" if "harvest" in command else "emm")
        words = command.replace("--data copy", f"--data {place}").split()
        run = subprocess.run(
            [SCRIPTS / words[0], *words[1:]], capture_output=True, text=True, cwd=ROOT
        )
        assert without_times(run.stderr + run.stdout) == without_times(example.output)
