"""What beginners write wrong is explained in words, and put as it was meant."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.local.evaluation import Failed, evaluate
from sparql_server.engine.messages import Job
from sparql_server.engine.prefixes import predefined
from sparql_server.sparql import diagnosis
from sparql_server.sparql.diagnosis import Diagnosis, diagnose, read_diagnosis, repaired
from sparql_server.sparql.diagnosis.parser_reason import write_readable
from tests.server.beginners import MISTAKES
from tests.server.conftest import Server
from tests.server.http import ask

QUERYING = (Path(__file__).parents[2] / "docs" / "querying.md").read_text(encoding="utf-8")
CAUSES = tomllib.loads(
    (Path(diagnosis.__file__).parent / "causes.toml").read_text(encoding="utf-8")
)


def refused(query: str) -> tuple[Diagnosis, str | None]:
    with pytest.raises(Failed) as failed:
        evaluate(ox.Store(), Job(query, solutions="json", graphs="nt"))
    failure = failed.value.failure
    return read_diagnosis(failure.detail), failure.corrected


@pytest.mark.parametrize(("query", "place", "cause", "corrected"), MISTAKES)
def test_mistake_is_explained_in_words_and_corrected(
    query: str, place: tuple[int, int], cause: str, corrected: str | None
) -> None:
    found, proposed = refused(query)
    assert (found.line, found.column) == place
    assert found.cause.startswith(cause)
    assert proposed == corrected
    if proposed:
        ox.Store().query(proposed, prefixes=predefined())


def test_table_in_docs_says_what_is_said() -> None:
    rows = re.findall(r"^\| `(SELECT.*)` \| (.*) \| `(.*)` \|$", QUERYING, re.MULTILINE)
    assert len(rows) > 10
    for query, cause, corrected in rows:
        found, proposed = refused(query)
        assert (found.cause, (proposed or "").replace("\n", " ")) == (cause, corrected)


@pytest.mark.parametrize("query", [row[0] for row in MISTAKES])
def test_mistake_is_explained_in_swedish_too_and_the_parser_is_heard(query: str) -> None:
    found, _ = refused(query)
    assert found.swedish[0]
    assert found.swedish[0] != found.cause
    assert bool(found.swedish[1]) == bool(found.hint)
    assert found.sentence("sv").startswith(f"Rad {found.line}, kolumn {found.column}: ")
    assert found.parser


@pytest.mark.parametrize("key", CAUSES)
def test_cause_has_both_languages_and_the_same_values_in_them(key: str) -> None:
    texts = CAUSES[key]
    assert {"en", "sv"} <= set(texts)
    assert ("en_hint" in texts) == ("sv_hint" in texts)


@pytest.mark.parametrize("query", [row[0] for row in MISTAKES] + ["SELECT * { ?s ?p ?o } €"])
def test_expected_characters_are_not_listed(query: str) -> None:
    found, _ = refused(query)
    said = found.sentence() + found.parser
    assert "FDCF" not in said
    assert "\\u{" not in said
    assert "['" not in said


def test_reason_of_the_parser_stays_where_no_rule_knows_the_cause() -> None:
    found, _ = refused("SELECT ?s { ?s ?p ?o } GROUP BY ?s VALUES")
    assert "the parser says: " in found.cause
    assert write_readable('expected one of "{", Prefix not found, [_]') == "Prefix not found"


def test_mistakes_one_after_the_other_are_all_corrected() -> None:
    _, proposed = refused("SELECT t, COUNT(*) WHERE { ?p name Selma ; :title ?t LIMIT 5 }")
    assert proposed is not None
    assert ':name "Selma"' in proposed
    assert proposed.endswith("GROUP BY ?t LIMIT 5")


def test_guess_at_a_name_counts_only_where_nothing_else_is_wrong() -> None:
    assert refused("SELECT ?s { ?s kvb:x ?o }")[1] == "SELECT ?s { ?s kbv:x ?o }"
    assert refused("SELECT COUNT(?s) { ?s kvb:x ?o }")[1] is None


WORDS = (
    "SELECT WHERE { } ( ) [ ] ?x :p a , ; . FILTER = <http://e> word AS BY GROUP HAVING ORDER LIMIT"
    " UNION OPTIONAL NOT EXISTS VALUES COUNT BIND - / ^ & | ! < > ` LIKE IN 5 @prefix ' \""
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=30))
def test_any_words_are_explained(words: list[str]) -> None:
    query = " ".join(words)
    found = diagnose(query, "error at 1:1: expected WHERE", predefined())
    assert found.cause
    repaired(query, "error at 1:1: expected WHERE", predefined(), lambda text: "error at 1:1: no")


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "f(",
        "{",
        "[",
        "“",
        "SELECT (",
        "a ",
        ", ",
        "BIND(?x AS ?y) ",
        "{?a ?b ?c ",
        "VALUES ?x {",
        "(?x AS",
        "<a ",
    ],
)
def test_long_query_is_explained_in_short_words(piece: str) -> None:
    found = diagnose("SELECT * { " + piece * 9_000, "error at 1:1: expected WHERE", predefined())
    assert len(found.written()) < 5000


def test_page_says_the_cause_in_swedish(server: Server) -> None:
    query = "SELECT * { ?p a Person }"
    page = ask(server, query, format="html", lang="sv")
    assert page.status == 400
    assert "Person är ingen klass: det saknar prefix." in page.text
    assert "SELECT * { ?p a :Person }" in page.text
    problem = ask(server, query).json()
    assert problem["parser"].startswith("expected")
    assert problem["corrected"] == "SELECT * { ?p a :Person }"


@pytest.mark.parametrize(
    ("query", "column"),
    [
        (
            "SELECT ?p ?pLabel { ?p a :Person ."
            ' SERVICE wikibase:label { bd:serviceParam wikibase:language "sv" } }',
            36,
        ),
        (
            "SELECT ?p ?pLabel { ?p a :Person . ?p a ?c SERVICE wikibase:label"
            ' { bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en". ?p rdfs:label ?pLabel } }',
            44,
        ),
        ("SELECT * { SERVICE <http://wikiba.se/ontology#label> { } ?p a :Person }", 12),
    ],
)
def test_label_service_of_wikidata_has_its_like(server: Server, query: str, column: int) -> None:
    reply = ask(server, query)
    problem = reply.json()
    assert (reply.status, problem["line"], problem["column"]) == (400, 1, column)
    assert "Wikidata's own service" in problem["detail"]
    assert ask(server, problem["corrected"]).status == 200
    assert "Wikidatas egen tjänst" in ask(server, query, format="html", lang="sv").text
