"""Values to pick from: found by what their labels hold, and never more than wanted."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.catalogue.choices import make_choices_query, make_labels_query
from sparql_server.catalogue.query_files import load
from sparql_server.catalogue.saved_query import Parameter
from sparql_server.settings import QUERIES

CATALOGUE = load(QUERIES)


def parameter(query: str, name: str) -> Parameter:
    found = CATALOGUE.queries[query].parameter(name)
    assert found is not None
    return found


LANGUAGE = parameter("books-per-year", "language")
PERSON = parameter("works-of-a-person", "person")
LIBRARY = parameter("titles-held-by-one-library", "library")
SUBJECT = parameter("titles-on-a-subject", "subject")
PUBLISHER = parameter("publishers-over-time", "publisher")
YEAR = parameter("books-per-year", "from")


def rows(store: ox.Store, query: str | None) -> list[tuple[str | None, ...]]:
    assert query is not None
    results = store.query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    return [tuple(term.value if term else None for term in row) for row in results]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("one", "search", "found"),
    [
        (LANGUAGE, "SAMI", [("Lulesamiska", "Lule Sami"), ("Nordsamiska", "Northern Sami")]),
        (LANGUAGE, "tyska", [("Tyska", "German")]),
        (LANGUAGE, "language/fre", [("Franska", "French")]),
        (PERSON, "libris", []),
        (PERSON, "sample-a0026", [("Lagerlöf, Selma, 1858-1940",) * 2]),
        (SUBJECT, "covid", [("Covid-19", None)]),
        (PERSON, "lagerlöf", [("Lagerlöf, Selma, 1858-1940",) * 2]),
        (LIBRARY, "(um)", [("Umeå universitetsbibliotek (Um)", "Umeå University Library (Um)")]),
        (PUBLISHER, "rabén", [("Rabén & Sjögren",) * 2]),
        (LANGUAGE, '" } #', []),
    ],
)
def test_label_or_value_is_searched_in_either_case(
    one: Parameter, search: str, found: list[tuple[str, str]], sample_store: ox.Store
) -> None:
    answer = rows(sample_store, make_choices_query(one, CATALOGUE, search))
    assert [row[1:] for row in answer] == found


def test_choices_come_in_the_order_of_their_labels_and_no_more_than_wanted(
    sample_store: ox.Store,
) -> None:
    answer = rows(sample_store, make_choices_query(LANGUAGE, CATALOGUE, limit=3))
    assert [row[1] for row in answer] == ["Danska", "Engelska", "Franska"]


def test_labels_of_values_that_a_request_has(sample_store: ox.Store) -> None:
    person = "https://libris.kb.se/sample-a0026#it"
    elsewhere = "http://www.wikidata.org/entity/Q44519"
    answer = rows(sample_store, make_labels_query(PERSON, CATALOGUE, ["wd:Q44519", person]))
    assert sorted(answer, key=str) == [
        (elsewhere, person, *("Lagerlöf, Selma, 1858-1940",) * 2),
        (person, person, *("Lagerlöf, Selma, 1858-1940",) * 2),
    ]
    assert rows(sample_store, make_labels_query(PUBLISHER, CATALOGUE, ["DAT", "Nobody"])) == [
        ("DAT",) * 4
    ]
    assert rows(sample_store, make_labels_query(SUBJECT, CATALOGUE, ["sao:Biologi"]))[0][2:] == (
        "Biologi",
        None,
    )


def test_what_no_query_lists_has_no_choices() -> None:
    assert make_choices_query(YEAR, CATALOGUE) is None
    assert make_labels_query(YEAR, CATALOGUE, ["1950"]) is None


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_can_be_searched_for(search: str) -> None:
    query = make_choices_query(LANGUAGE, CATALOGUE, search)
    assert query is not None
    ox.Store().query(query)
