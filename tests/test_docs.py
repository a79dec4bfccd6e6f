"""README, docs and Makefile: what they promise is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from loader import __version__ as loader_version
from loader import cli as loader_cli
from sparql_server import __version__ as server_version
from sparql_server import cli as server_cli
from sparql_server.cli.options import as_shown
from sparql_server.serving.composition import make_endpoint, make_engine
from sparql_server.settings import Settings, list_described
from tests.documents import DOCUMENTS, ROOT, table, text
from tests.test_architecture import FLOW, FOLDERS
from tests.test_queries import NAMES

README = text("README.md")
OPERATING = text("docs/operating.md")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SCRIPTS = {"libris-loader": loader_cli.cli, "libris-sparql": server_cli.cli}


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 250


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_command_is_in_readme(script: str) -> None:
    listed = set(re.findall(rf"^\| `{script} ([\w-]+)", README, re.MULTILINE))
    assert listed == set(SCRIPTS[script].commands)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_and_targets_that_are_named_exist(document: str) -> None:
    for script, name in re.findall(
        r"[`/ ](libris-\w+) ([a-z][\w-]+)(?=[`\s])", DOCUMENTS[document]
    ):
        assert name in SCRIPTS[script].commands, f"{script} {name}"
    for target in re.findall(r"(?:`|^\$ )make ([a-z-]+)(?=[`\s])", DOCUMENTS[document], re.M):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from parameter.opts
    for inner in getattr(command, "commands", {}).values():
        yield from options(inner)


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name.startswith("docs/")])
def test_options_that_are_named_exist(document: str) -> None:
    known = {option for script in SCRIPTS.values() for option in options(script)}
    inline = re.sub(r"^```.*?^```", "", DOCUMENTS[document], flags=re.MULTILINE | re.DOTALL)
    ours = re.findall(r"`((?!python|pip|systemctl|[\w/]+/pip)[^`]*)`", inline)
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]+", " ".join(ours))) <= {*known, "--help"}


def test_every_make_target_has_a_sentence() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert targets is not None
    for target in targets[1].split():
        assert re.search(rf"^{target} +[A-Z].*\.$", listed, re.MULTILINE), target


def anchors(content: str) -> set[str]:
    """The addresses of a document's headings, as GitHub makes them."""
    outside = re.sub(r"^```.*?^```", "", content, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", outside, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    folder = (ROOT / document).parent
    outside = re.sub(r"^```.*?^```", "", DOCUMENTS[document], flags=re.MULTILINE | re.DOTALL)
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", outside):
        target = (folder / path) if path else ROOT / document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


def test_every_document_is_in_readme() -> None:
    listed = set(re.findall(r"\]\((docs/[\w-]+\.md)[#)]", README))
    assert listed == {name for name in DOCUMENTS if name.startswith("docs/")}


@pytest.mark.parametrize("document", ["README.md", "docs/querying.md"])
def test_number_of_saved_queries_is_theirs(document: str) -> None:
    assert f"has {len(NAMES)} questions with parameters" in DOCUMENTS[document].replace("\n", " ")


def test_every_room_is_in_architecture() -> None:
    rooms = {f"{name.replace('.', '/')}/" for name in FLOW if "." in name and name in FOLDERS}
    described_rooms = text("docs/architecture.md").split("### Beside them")[0]
    assert set(re.findall(r"`((?:loader|sparql_server)/[\w/]+/)`", described_rooms)) == rooms


def test_figures_in_readme_are_those_of_the_benchmarks() -> None:
    headings, *rows = table("docs/benchmarks.md", "## Questions")
    measured = {
        row[0]: dict(zip(headings, (cell.partition(";")[0] for cell in row), strict=True))
        for row in rows
    }
    _, *shown = table("README.md", "## How fast")
    for name, here, oxigraph, virtuoso in shown:
        (row,) = (row for long, row in measured.items() if long.startswith(name.split(",")[0]))
        assert (here, oxigraph) == (row["columns"], row["Oxigraph's server"])
        assert virtuoso in {row["Virtuoso 7.2.5"], "20 (24 of 29; it refuses 5)"}


@pytest.mark.parametrize("package", ["loader", "sparql_server"])
def test_help_needs_no_heavy_library(package: str) -> None:
    """What makes help slow is importing what it doesn't need."""
    code = f"import sys, {package}.cli; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    for library in ("pyoxigraph", "flask", "rdflib", "waitress", "prometheus_client", "rich"):
        assert f"'{library}'" not in loaded


def test_dependencies_are_pinned_without_addresses() -> None:
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in pinned.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    names = {line.partition("==")[0].lower().replace("-", "_") for line in lines}
    for name in re.findall(r'"([A-Za-z-]+)>=', PROJECT):
        assert name.lower().replace("-", "_") in names, name


def test_version_is_the_same_everywhere_and_has_its_changes() -> None:
    (version,) = re.findall(r'^version = "(.*)"$', PROJECT, re.MULTILINE)
    assert loader_version == server_version == version
    newest = re.findall(r"^## ([\d.]+) - (\d{4}-\d\d-\d\d)$", text("CHANGELOG.md"), re.MULTILINE)
    assert newest[0][0] == version


def test_settings_in_operating_are_those_there_are() -> None:
    for field in list_described():
        about, several = field.metadata, isinstance(field.default, tuple)
        shown = about.get("shown") or (
            "none" if several else as_shown(field.default, about["unit"])
        )
        unit = about["unit"].lower().replace("|", " or ")
        option = field.name.replace("_", "-")
        assert f"| `--{option}` | {shown} | {unit} | {about['sentence']} |" in OPERATING
    listed = re.findall(r"^\| `--([\w-]+)` \| .* \| .* \| .* \|$", OPERATING, re.MULTILINE)
    assert listed == [field.name.replace("_", "-") for field in list_described()]


def test_metrics_in_operating_are_those_there_are(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    figures = make_endpoint(settings, make_engine(settings)).journal.figures().decode()
    names = {name for name in re.findall(r"^# TYPE (\w+)", figures, re.MULTILINE)}
    there = {name for name in names if not name.endswith("_created")}
    assert set(re.findall(r"`(libris_\w+?)(?:\{[\w, ]+\})?`", OPERATING)) == there
