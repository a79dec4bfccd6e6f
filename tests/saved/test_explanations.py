"""Results of no rows explain themselves: on the page, and as JSON for those who ask."""

from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from sparql_server import web
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.explaining.explanation import explain
from sparql_server.engine.explaining.similar_terms import find_nearest, list_variants
from tests.server.columns_comparison import built
from tests.server.conftest import Server
from tests.server.http import ask, request

# A query, the kind of a reason, what it says may stand in its place, and words of its sentence.
EMPTY = (
    ("SELECT * { ?s :hasTitel ?o }", "unknown-property", ":hasTitle", "the property :hasTitel"),
    ("SELECT * { ?s a :Persn }", "unknown-class", ":Person", "the class :Persn"),
    ("SELECT * { ?s :year 1940 }", "literal-type", '"1940"', "of another type"),
    ("SELECT * { ?i :publication/:year 1999 }", "literal-type", '"1999"', "of another type"),
    ("SELECT * { ?s a bf2:Work }", "other-vocabulary", ":Work", "another vocabulary"),
    ("SELECT * { ?s a bf2:Agent }", "other-vocabulary", ":", "corresponds"),
    ("SELECT * { ?s bf2:title ?t }", "other-vocabulary", ":hasTitle", "another vocabulary"),
    ("SELECT * { ?s a :Instance }", "narrower", ":PhysicalResource", "itself does not occur"),
    ("SELECT * { ?s a :Text }", "renamed", ":Monograph", "since March 2026"),
    ("SELECT * { ?s a :Print }", "renamed", ":PhysicalResource", "since March 2026"),
    ("SELECT * { ?s <foaf:name> ?o }", "prefix-in-brackets", "foaf:name", "without them"),
    ("SELECT * { ?s :language lge:sve }", "unknown-term", "lge:swe", "lge:sve does not occur"),
    ('SELECT * { ?s :language "ita" }', "literal-for-iri", "lge:", "are resources"),
    ("SELECT * { ?s :hasTitle+/:mainTitel ?o }", "unknown-property", ":mainTitle", ":mainTitel"),
    (
        "SELECT * { { ?s :hasTitel ?o } UNION { ?s :mainTitel ?o } }",
        "unknown-property",
        ":hasTitle",
        "Nearest",
    ),
    (
        "SELECT * { ?s :year ?y FILTER(?y > 1900) }",
        "text-compared",
        "xsd:integer(?y)",
        "are strings",
    ),
    ('SELECT * { ?s :mainTitle ?t FILTER(?t = "zzz") }', "condition", None, "solutions"),
    ("SELECT * { ?s :year ?y FILTER(?y * 2 > 5) }", "condition-error", None, "is an error for"),
    (
        "SELECT * { ?s :hasTitle ?t . ?t :language ?x . ?x :year ?y }",
        "pattern-together",
        None,
        "is the first",
    ),
    ("ASK { ?s :hasTitel ?o }", "unknown-property", ":hasTitle", "the property :hasTitel"),
    ("CONSTRUCT { ?s a ?o } { ?s :hasTitel ?o }", "unknown-property", ":hasTitle", ":hasTitel"),
    (
        "SELECT ?y (COUNT(*) AS ?n) { ?s :year ?y } GROUP BY ?y HAVING(?n > 1000)",
        "having-alias",
        "HAVING (COUNT(*) > 1000)",
        "names only afterwards",
    ),
    # What is taken away, and what must be there.
    ("SELECT * { ?s a :Person MINUS { ?s a ?x } }", "minus", None, "takes away each"),
    ("SELECT * { ?s a :Person MINUS { ?s a* ?x } }", "minus", None, "takes away each"),
    ("SELECT * { ?s a :Person FILTER NOT EXISTS { ?s a ?c } }", "not-exists", None, "leaves none"),
    (
        "SELECT * { ?s a :Person FILTER EXISTS { ?s :hasTitel ?c } }",
        "unknown-property",
        ":hasTitle",
        ":hasTitel",
    ),
    ('SELECT * { ?s a :Person FILTER EXISTS { ?s :familyName "Zzz" } }', "exists", None, "EXISTS"),
    (
        "SELECT * { ?s a :Person OPTIONAL { ?s :familyNam ?n } FILTER(BOUND(?n)) }",
        "unknown-property",
        ":familyName",
        ":familyNam",
    ),
    # Graphs.
    (
        "SELECT * { GRAPH <http://libris.kb.se/sample-b0001> { ?s a ?x } }",
        "unknown-graph",
        "<https://libris.kb.se/sample-b0001>",
        "no graph of the name",
    ),
    (
        "SELECT * { GRAPH <https://libris.kb.se/sample-b0001#it> { ?s a ?x } }",
        "unknown-graph",
        "<https://libris.kb.se/sample-b0001>",
        "no graph of the name",
    ),
    (
        "SELECT * FROM <https://libris.kb.se/sample-b0001/> { ?s a ?x }",
        "unknown-graph",
        "<https://libris.kb.se/sample-b0001>",
        "no graph of the name",
    ),
    (
        "SELECT * { GRAPH <https://libris.kb.se/sample-b0001> { ?s a :Person } }",
        "pattern-other-graph",
        None,
        "but it has in others",
    ),
    (
        "SELECT * { GRAPH ?g { ?i :instanceOf ?w . ?w :language ?l . ?l :code ?c } }",
        "pattern-one-graph",
        None,
        "must stand in one graph",
    ),
    (
        "SELECT * FROM NAMED <https://libris.kb.se/sample-b0001> { ?s a ?x }",
        "no-default-graph",
        None,
        "default graph is empty",
    ),
    (
        "SELECT * FROM <https://libris.kb.se/sample-b0001> { GRAPH ?g { ?s a ?x } }",
        "no-named-graphs",
        None,
        "no named graphs",
    ),
    (
        "SELECT * FROM NAMED <https://libris.kb.se/sample-b0001>"
        " { GRAPH <https://libris.kb.se/sample-b0002> { ?s ?p ?o } }",
        "graph-left-out",
        None,
        "is none of those",
    ),
    # Subqueries, VALUES, BIND and paths.
    (
        "SELECT * { { SELECT ?s { ?s a :Person . ?s :hasTitel ?t } } ?s :name ?n }",
        "unknown-property",
        ":hasTitle",
        ":hasTitel",
    ),
    ("SELECT * { { SELECT * { ?s a :Person } LIMIT 0 } }", "limit-subquery", None, "subquery"),
    ("SELECT * { ?s a :Person } LIMIT 0", "limit-query", None, "leaves no row"),
    ("SELECT * { ?s a :Person } OFFSET 100000", "offset", None, "fewer than"),
    ("SELECT * { VALUES ?t { :Persn } ?s a ?t }", "unknown-class", ":Person", "Persn"),
    ("SELECT * { ?s a ?t } VALUES ?t { :Persn }", "unknown-class", ":Person", "Persn"),
    ("SELECT * { VALUES ?y { 1940 } ?s :year ?y }", "literal-type", '"1940"', "another type"),
    ("SELECT * { VALUES ?s {} ?s a ?t }", "values-none", None, "no rows"),
    ("SELECT * { BIND(:Persn AS ?t) ?s a ?t }", "unknown-class", ":Person", "Persn"),
    ("SELECT * { ?s (:hasTitle/:mainTitel)|:x ?t }", "unknown-property", ":mainTitle", "Titel"),
    ("SELECT * { ?s :publication+/:hasTitle ?p }", "pattern-alone", None, "by itself"),
    # Conditions.
    ("SELECT * { ?s a ?t FILTER(?t = :Persn) }", "unknown-class", ":Person", ":Persn"),
    ("SELECT * { ?s a ?t FILTER(?t IN (:Persn, :Wrk)) }", "unknown-class", ":Person", ":Persn"),
    ('SELECT * { ?s :familyName "Lagerlöf"@sv }', "literal-type", '"Lagerlöf"', "language"),
    (
        'SELECT * { ?s :familyName ?n FILTER(?n = "Lagerlöf"@sv) }',
        "literal-type",
        '"Lagerlöf"',
        "in another language",
    ),
    ('SELECT * { ?s :familyName "lagerlof" }', "unknown-literal", '"Lagerlöf"', "Nearest"),
    ('SELECT * { ?s :familyName ?n FILTER(?nn = "A") }', "variable-unbound", "?n", "Did you mean"),
    (
        'SELECT * { ?s :familyName ?n { FILTER(?n = "Lagerlöf") } }',
        "variable-outside",
        None,
        "is outside",
    ),
    (
        'SELECT * { ?s :created ?c FILTER(?c > "2020-03-16"^^xsd:date) }',
        "condition-error",
        "?c = ",
        "look like this",
    ),
    (
        'SELECT * { ?s :created "2020-03-16"^^xsd:date }',
        "literal-other-type",
        '"',
        "of another type",
    ),
    ('SELECT * { ?s :prefLabel ?l FILTER(LANG(?l) = "swe") }', "no-language", '"', "languages"),
    (
        'SELECT * { ?s :language ?l FILTER(CONTAINS(?l, "swe")) }',
        "iri-as-text",
        "STR(?l)",
        "are IRIs",
    ),
    (
        'SELECT * { ?s :givenName ?n FILTER(?n = "Selma") FILTER(?n = "Astrid") }',
        "conditions-together",
        None,
        "all of these conditions",
    ),
    (
        "SELECT ?y (COUNT(*) AS ?n) { ?s :year ?y } GROUP BY ?y HAVING(COUNT(*) > 1000)",
        "having",
        None,
        "There are groups",
    ),
    ("SELECT * { ?s foaf:nam ?n }", "unknown-property", ":name", "foaf:nam"),
    ("SELECT * { ?s a <https://schema.org/Book> }", "other-vocabulary", ":Monograph", "another"),
    ("SELECT * { ?s wdt:P50 ?o }", "other-vocabulary", ":instanceOf/", "another vocabulary"),
    ("SELECT * { ?s a <http://schema.org/Person> }", "other-vocabulary", ":Person", "another"),
    (
        "SELECT * { ?s <http://purl.org/dc/terms/title> ?t }",
        "other-vocabulary",
        ":",
        "another vocabulary",
    ),
    ("DESCRIBE <https://libris.kb.se/sample-a0001/>", "unknown-term", "<https", "not occur"),
    ("CONSTRUCT { ?x :p ?t } { ?s :hasTitle ?t }", "no-triple", None, "makes no triple"),
)


def reason_of(explained: dict[str, Any], kind: str) -> dict[str, Any]:
    kinds = [reason["kind"] for reason in explained["reasons"]]
    assert kind in kinds
    return dict(explained["reasons"][kinds.index(kind)])


@pytest.mark.parametrize(("query", "kind", "instead", "words"), EMPTY)
def test_empty_result_is_explained_to_programs(
    sample: Server, query: str, kind: str, instead: str | None, words: str
) -> None:
    reply = ask(sample, query, explain="empty")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("application/json")
    explained = reply.json()
    assert explained["empty"] is True
    reason = reason_of(explained, kind)
    assert words in reason["message"]
    if instead:
        assert any(value.startswith(instead) for value in reason["nearest"])


@pytest.mark.parametrize(("query", "kind", "instead", "words"), EMPTY)
def test_columns_give_the_same_explanation(
    sample_columns: tuple[ox.Store, Columns], query: str, kind: str, instead: str | None, words: str
) -> None:
    explained = explain(*sample_columns[:1], query, sample_columns[1])
    reason = reason_of(explained, kind)
    if instead:
        assert any(value.startswith(instead) for value in reason["nearest"])


@pytest.fixture(scope="module")
def sample_columns(sample_store: ox.Store) -> tuple[ox.Store, Columns]:
    written = io.BytesIO()
    sample_store.dump(written, ox.RdfFormat.N_QUADS)
    return sample_store, Columns.of(built([written.getvalue()]))


def test_page_explains_in_both_languages(sample: Server) -> None:
    query = "SELECT * { ?s :hasTitel ?o }"
    english = ask(sample, query, format="html", lang="en").text
    assert "Why the result is empty" in english
    assert "No triple of this release has the property :hasTitel." in english
    assert "Nearest that there are: :hasTitle" in english
    swedish = ask(sample, query, format="html", lang="sv").text
    assert "Varför resultatet är tomt" in swedish
    assert "Ingen tripel i denna utgåva har egenskapen :hasTitel." in swedish


def test_sentence_is_in_the_language_of_the_program(sample: Server) -> None:
    explained = ask(sample, "SELECT * { ?s a :Persn }", explain="empty", lang="sv").json()
    assert "av klassen :Persn" in explained["reasons"][0]["message"]


def test_result_with_rows_has_nothing_to_explain(sample: Server) -> None:
    explained = ask(sample, "SELECT * { ?s :year ?y } LIMIT 1", explain="empty").json()
    assert explained == {"empty": False, "reasons": []}
    assert 'id="why"' not in ask(sample, "SELECT * { ?s :year ?y } LIMIT 1", format="html").text


def test_column_without_values_is_explained_by_its_expression(sample: Server) -> None:
    query = "SELECT (GROUP_CONCAT(?t) AS ?all) { ?s :hasTitle ?t FILTER(ISBLANK(?t)) }"
    explained = ask(sample, query, explain="empty").json()
    assert not explained["empty"]
    assert "?all has no value in any row" in explained["reasons"][0]["message"]


def test_explanation_of_another_kind_is_refused(sample: Server) -> None:
    assert ask(sample, "ASK {}", explain="all").status == 400
    assert ask(sample, "ASK {", explain="empty").json()["title"] == "Malformed query"


def test_explanation_by_post_and_head(sample: Server) -> None:
    body = b"query=SELECT%20*%20%7B%20%3Fs%20a%20%3APersn%20%7D&explain=empty"
    kind = "application/x-www-form-urlencoded"
    reply = request(sample, "POST", "/sparql", body, Content_Type=kind)
    assert reply.json()["reasons"][0]["nearest"] == [":Person"]
    path = "/sparql?query=ASK%20%7B%7D&explain=empty"
    assert request(sample, "HEAD", path).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { " + "?a ?b ?c . " * 1000 + "}",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?c :year ?f . ?i :year ?a }",
        "SELECT * { " + "{ " * 35 + "?s :hasTitel ?o" + " }" * 35 + " }",
        "SELECT * { ?s ?p '" + "x" * 19_000 + "' }",
        "SELECT * { ?s :" + "a" * 15_000 + " ?o }",
        "SELECT * { ?s ?p ?o FILTER(" + "?o = 1 || " * 1000 + "false) }",
        "SELECT * { ?s ?p ?o . " + "x" * 30_000 + " }",
    ],
)
def test_explanation_is_short_whatever_the_query(sample_store: ox.Store, query: str) -> None:
    explained = explain(sample_store, query, None)
    assert len(str(explained)) < 50_000


_MANY = 3000  # things: more than are looked at for one explanation


@pytest.fixture(scope="module")
def many() -> tuple[ox.Store, Columns]:
    lines = [f"<urn:{n}> <urn:p> <urn:o> .\n<urn:{n}> <urn:q> <urn:x{n}> .\n" for n in range(_MANY)]
    data = "".join(lines).encode()
    store = ox.Store()
    store.load(data, ox.RdfFormat.N_QUADS)
    return store, Columns.of(built([data]))


@pytest.mark.parametrize(
    ("pattern", "size"), [("?s <urn:p> <urn:o>", _MANY), ("?s <urn:q> ?o", _MANY)]
)
def test_what_takes_all_of_many_away_says_how_many_were_looked_at(
    many: tuple[ox.Store, Columns], pattern: str, size: int
) -> None:
    query = f"SELECT * {{ {pattern} MINUS {{ ?s <urn:q> ?x . ?s <urn:p> ?y . ?s <urn:q> ?x }} }}"
    explained = explain(many[0], query, many[1])
    assert not explained["complete"]
    (reason,) = explained["reasons"]
    assert reason["kind"] == "minus-of-many"
    assert 0 < reason["tried"] < size
    assert reason["number"] == size
    assert reason["condition"] == pattern
    (reason,) = explain(many[0], query, None)["reasons"]
    assert reason["kind"] == "minus"
    assert 0 < reason["tried"] < size


def test_of_much_that_something_is_left_of_nothing_is_said(many: tuple[ox.Store, Columns]) -> None:
    query = "SELECT * { ?s <urn:p> ?o MINUS { ?s <urn:q> <urn:x2999> } FILTER(?o = <urn:z>) }"
    assert "minus-of-many" not in str(explain(many[0], query, many[1]))


def test_nearest_names_are_those_of_the_same_namespace_first() -> None:
    known = ["http://e.org/name", "http://k.org/name", "http://k.org/other"]
    assert find_nearest("http://k.org/nam", known) == ["http://k.org/name", "http://e.org/name"]
    assert "https://k.org/a#it" in list_variants("https://k.org/a")


def test_reasons_have_words_in_both_languages_with_the_same_values() -> None:
    texts = tomllib.loads((Path(web.__file__).parent / "reasons.toml").read_text(encoding="utf-8"))
    for kind, said in texts.items():
        assert set(said) == {"sv", "en"}, kind
        places = [sorted(re.findall(r"\{\w+\}", said[language])) for language in ("sv", "en")]
        assert places[0] == places[1], kind


def test_plan_says_what_is_joined_in_what_order(sample: Server) -> None:
    query = "SELECT ?s ?y { ?s a :PhysicalResource ; :publication/:year ?y }"
    plan = ask(sample, query, explain="plan").json()
    if plan["engine"] == "columns":
        assert plan["rows"] == len(ask(sample, query, format="json").json()["results"]["bindings"])
        assert len(plan["steps"]) == 3
        assert all(step["found"] >= 0 and step["ms"] >= 0 for step in plan["steps"])
        assert any("publication" in step["what"] for step in plan["steps"])
    else:
        assert plan["reason"]["why"] == "there are no columns"


def test_plan_says_why_oxigraph_answers(sample: Server) -> None:
    plan = ask(sample, "SELECT (RAND() AS ?x) { ?s a ?o }", explain="plan").json()
    assert plan["engine"] == "oxigraph"
    assert plan["reason"]["why"]


def test_plan_of_a_malformed_query_is_an_error(sample: Server) -> None:
    assert ask(sample, "SELECT * { ?s", explain="plan").status == 400
