"""The example questions on the sample, with another store behind the server."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.remote.conftest import Front
from tests.server.http import ask
from tests.test_queries import EXPECTED, NAMES, text


def table(tsv: str) -> tuple[str, Counter[str]]:
    head, *rows = tsv.splitlines()
    return head, Counter(rows)


@pytest.mark.parametrize("name", NAMES)
def test_question_has_the_same_answer(front: Front, name: str) -> None:
    reply = ask(front.server, text(name), format="tsv")
    assert reply.status == 200, reply.text
    expected = (EXPECTED / f"{name}.tsv").read_text(encoding="utf-8")
    assert table(reply.text) == table(expected)
