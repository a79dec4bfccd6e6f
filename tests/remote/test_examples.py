"""The saved queries on the sample, with another store behind the server."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.remote.conftest import Front
from tests.server.http import ask
from tests.test_queries import EXPECTED, NAMES, text

pytestmark = pytest.mark.long

_CONCAT = (
    "CONCAT of an unbound variable gives an empty string there; the specification has it as an"
    " error, which COALESCE passes over"
)
VIRTUOSO = {
    "authors-translated-into": _CONCAT,
    "persons-without-outside-identifiers": _CONCAT,
    "translations-between-languages": _CONCAT,
    "places-of-publication": "MAX of what is never bound gives an empty string there",
    "subject-hierarchy": "it answers the query's paths of any length with HTTP 500",
}


def table(tsv: str) -> tuple[str, Counter[str]]:
    head, *rows = tsv.splitlines()
    return head, Counter(rows)


@pytest.mark.parametrize("name", NAMES)
def test_question_has_the_same_answer(
    front: Front, name: str, request: pytest.FixtureRequest
) -> None:
    if front.store.kind == "virtuoso" and name in VIRTUOSO:
        request.applymarker(pytest.mark.xfail(reason=VIRTUOSO[name]))
    reply = ask(front.server, text(name), format="tsv")
    assert reply.status == 200, reply.text
    expected = (EXPECTED / f"{name}.tsv").read_text(encoding="utf-8")
    assert table(reply.text) == table(expected)
