"""Real-shaped records with any kind of value at any place; ``tests.random_records`` tries more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.random_records.judging import attempt
from tests.random_records.making import models

pytestmark = pytest.mark.long


@pytest.mark.parametrize("seed", [0, 1], ids=["bulk", "apply"])
def test_random_records_are_stored_repaired_reported_or_in_quarantine(
    tmp_path: Path, seed: int
) -> None:
    tried = attempt(tmp_path, seed, 150, models())
    assert tried.faults == []
    assert tried.stored
    assert tried.quarantined
