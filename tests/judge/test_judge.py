"""Random queries are answered as a second judge answers them, or it is known who is right."""

from __future__ import annotations

import pytest

from tests.judge.comparing import compare

pytestmark = pytest.mark.long


@pytest.mark.filterwarnings("ignore")  # rdflib's own
def test_second_judge_agrees_or_is_known_to_be_wrong() -> None:
    outcomes, unsettled = compare(400, 20_260_501)
    assert unsettled == []
    assert outcomes["the same"] > 100
