"""A short soak; ``make soak`` holds it for minutes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.soak import soak, table

pytestmark = pytest.mark.long


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_mixed_load_with_switches_and_deaths_ends_well(tmp_path: Path) -> None:
    report = soak(tmp_path, 15)
    assert not report.wrong, table(report)
    assert report.tally.statuses[200] > 100
    assert len(report.tally.releases) > 1
    assert report.done["workers killed"] + report.done["nurseries killed"] > 0
