"""Harvests from unruly providers end with exactly the provider's records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unruly.harvests import outcome

pytestmark = pytest.mark.long


@pytest.mark.parametrize("seed", range(30))
def test_harvests_from_an_unruly_provider_end_with_its_records(seed: int, tmp_path: Path) -> None:
    figures = outcome(seed, tmp_path)
    assert figures["harvests"] > 0
