"""Each attack at small scale; ``make attack`` runs them at full scale, and judges the figures."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.attack.attacks import ATTACKS, Attack
from tests.attack.running import OPTIONS, run_on
from tests.attack.sending import SMALL
from tests.server.conftest import Server, publish, start, stop

pytestmark = pytest.mark.long

MEMORY = 400 * 2**20  # bytes that the server's process has at most, at this scale


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("attacked")
    publish(data, 1, columns=True)
    server = start(data, *OPTIONS)
    yield server
    assert stop(server) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_others_are_answered_during_an_attack(attacked: Server, attack: Attack) -> None:
    seen = run_on(attacked, attack, SMALL).seen
    assert not seen.wrong, seen.wrong[:3]
    assert seen.queries
    assert seen.healths
    assert seen.memory < MEMORY
