"""Whatever columns leave to Oxigraph has a reason in the table, and docs have the same table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparql_server.engine import columns
from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.reasons import TABLE, Reason, find_reason
from tests.server.columns_comparison import Asked, asked
from tests.server.test_columns_answers import LEFT_TO_OXIGRAPH, LINKS, PREFIXES, lines

ROOT = Path(__file__).parents[2]
RAISED = ("Unsuited", "TooMany")


@pytest.fixture(scope="module")
def links() -> Asked:
    return asked(LINKS, PREFIXES)


def said_in_code() -> Iterator[str]:
    """Yield what is said wherever a query is left to Oxigraph; numbers are 1, names x."""
    for path in sorted(Path(columns.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED and node.args:
                yield _text(node.args[0])


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "x" if place else "1"
            for place, part in enumerate(node.values)
        )
    assert isinstance(node, ast.Constant)
    return str(node.value)


def test_everything_that_is_said_is_in_the_table() -> None:
    said = set(said_in_code())
    assert len(said) > 20
    assert {text for text in said if find_reason(text) is None} == set()


@pytest.mark.parametrize("reason", TABLE, ids=lambda reason: reason.name)
def test_example_is_left_to_oxigraph_for_its_reason(reason: Reason, links: Asked) -> None:
    if reason.example:
        names, _ = links.by_oxigraph(reason.example)
        with pytest.raises(Unsuited) as raised:
            links.by_columns(reason.example, names)
        assert find_reason(str(raised.value)) is reason


@pytest.mark.parametrize("query", lines(LEFT_TO_OXIGRAPH))
def test_query_that_is_left_has_a_reason(query: str, links: Asked) -> None:
    names, _ = links.by_oxigraph(query)
    with pytest.raises(Unsuited) as raised:
        links.by_columns(query, names)
    assert find_reason(str(raised.value))


@pytest.mark.parametrize("reason", TABLE, ids=lambda reason: reason.name)
def test_docs_have_the_table(reason: Reason) -> None:
    number, anchor = reason.clause
    clause = f"[{number}](https://www.w3.org/TR/sparql11-query/#{anchor})"
    example = f"`{reason.example}`" if reason.example else ""
    row = f"| `{reason.name}` | {clause} | {reason.why} | {example} |"
    assert row in (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
