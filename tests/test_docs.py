"""README and Makefile: what they promise is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from loader import cli as loader_cli
from sparql_server import cli as server_cli
from sparql_server.cli.options import as_shown
from sparql_server.serving.serve import make_endpoint, make_engine
from sparql_server.settings import Settings, described
from tests.test_queries import NAMES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "group"), [("libris-loader", loader_cli.cli), ("libris-sparql", server_cli.cli)]
)
def test_every_command_is_in_readme(script: str, group: object) -> None:
    listed = set(re.findall(rf"^\| `{script} ([\w-]+)", README, re.MULTILINE))
    assert listed == set(group.commands)  # type: ignore[attr-defined]


def test_every_make_target_has_a_sentence() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    for target in targets[1].split():
        assert re.search(rf"^{target} +[A-Z].*\.$", listed, re.MULTILINE), target


def test_links_in_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_number_of_examples_in_readme_is_theirs() -> None:
    assert f"has {len(NAMES)} questions with parameters" in README


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
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in re.findall(r'"([A-Za-z-]+)>=', project):
        assert name.lower().replace("-", "_") in names, name


def test_settings_in_readme_are_those_there_are() -> None:
    for one in described():
        said, several = one.metadata, isinstance(one.default, tuple)
        shown = said.get("shown") or ("none" if several else as_shown(one.default, said["unit"]))
        unit = said["unit"].lower().replace("|", " or ")
        option = one.name.replace("_", "-")
        assert f"| `--{option}` | {shown} | {unit} | {said['sentence']} |" in README
    listed = re.findall(r"^\| `--([\w-]+)` \| .* \| .* \| .* \|$", README, re.MULTILINE)
    assert listed == [one.name.replace("_", "-") for one in described()]


def test_metrics_in_readme_are_those_there_are(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    text = make_endpoint(settings, make_engine(settings)).journal.figures().decode()
    names = {name for name in re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)}
    there = {name for name in names if not name.endswith("_created")}
    assert set(re.findall(r"`(libris_\w+?)(?:\{[\w, ]+\})?`", README)) == there
