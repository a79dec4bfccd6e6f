"""What GitHub runs: the same script as on one's own machine, with no more rights than it needs."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from tests.documents import ROOT

TEXT = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_workflow_runs_what_must_pass() -> None:
    (job,) = WORKFLOW["jobs"].values()
    assert any(step.get("run", "").endswith("bash .ci/run") for step in job["steps"])


def test_actions_are_pinned_and_rights_are_few() -> None:
    assert WORKFLOW["permissions"] == {}
    used = re.findall(r"uses: (.*)$", TEXT, re.MULTILINE)
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    for job in WORKFLOW["jobs"].values():
        assert job["permissions"] == {"contents": "read"}


def test_pythons_that_are_tested_are_those_that_are_said() -> None:
    (job,) = WORKFLOW["jobs"].values()
    tested = job["strategy"]["matrix"]["python"]
    assert PROJECT["requires-python"] == f">={tested[0]}"
    named = [re.fullmatch(r".* :: (3\.\d+)", name) for name in PROJECT["classifiers"]]
    assert tested == [match[1] for match in named if match]
    container = (ROOT / "sparql_server" / "deploy" / "Containerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM python:([\d.]+)", container, re.MULTILINE)) <= set(tested)
