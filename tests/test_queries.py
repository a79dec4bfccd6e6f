"""The saved queries that ship with the project: what they declare, and what they answer.

``tests/expected/NAME.tsv`` is the answer with the defaults, ``tests/expected/other/NAME-N.tsv`` one
with other values, which its first line gives as in an address. They were worked out from the
sample's records by another road than SPARQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from loader.link.joining.decisions import Link
from loader.link.runs.evidence_rdf import Run, write_evidence
from sparql_server.catalogue.binding import bind
from sparql_server.catalogue.choices import has_choices, make_choices_query, make_labels_query
from sparql_server.catalogue.parameter_types import make_term
from sparql_server.catalogue.query_files import load
from sparql_server.catalogue.row_ranges import cut_page, total
from sparql_server.catalogue.saved_query import Parameter, SavedQuery
from sparql_server.engine.prefixes import predefined
from sparql_server.sparql.lexer import tokens
from tests.shared import SHARED, needs_shared

QUERIES = Path(__file__).parents[1] / "queries"
EXPECTED = Path(__file__).parent / "expected"
CATALOGUE = load(QUERIES)
NAMES = sorted(path.stem for path in QUERIES.glob("*.rq"))
OTHER = sorted(path.stem for path in (EXPECTED / "other").glob("*.tsv"))
# Those whose rows are things, not counts.
LISTS = [
    query.name for query in CATALOGUE.queries.values() if not re.search("COUNT|SUM", query.text)
]
KBV = "https://id.kb.se/vocab/"
PARAMETERS = [
    pytest.param(query, parameter, id=f"{query.name}-{parameter.name}")
    for query in CATALOGUE.queries.values()
    for parameter in query.parameters
]

# The questions that the Royal Library publishes as examples: what answers them, and how many rows.
PUBLISHED = {
    "How many books were digitised in 1992?": ("digitised-per-year", "from=1992&to=1992", 1),
    "Which books were digitised in 1992?": ("digitised-titles", "year=1992", 3),
    "Which books are there in the Sami languages?": ("languages-by-genre-and-audience", "", 7),
    "How many books were published in Sweden per year?": ("books-per-year", "", 11),
    "Which children’s books are not in Swedish?": ("books-by-language", "", 5),
    "How many children’s books were published per year?": (
        "books-per-year",
        "audience=marc:Juvenile&from=1940&to=1960",
        4,
    ),
    "Which creators of comics have been translated to Swedish?": (
        "authors-translated-into",
        "language=lge:swe&genre=saogf:Tecknade%2520serier",
        3,
    ),
    "How many records came of electronic legal deposit?": (
        "records-in-a-bibliography",
        "bibliography=lib:EPLK&year=2021",
        1,
    ),
    "How many electronic serials did a library catalogue per month?": (
        "catalogued-by-a-library-per-month",
        "library=lib:S&year=2019&medium=kbv:DigitalResource&kind=kbv:Serial",
        2,
    ),
    "Which French children’s books are there in Swedish?": (
        "translations-between-languages",
        "source=lge:fre&target=lge:swe&audience=marc:Juvenile",
        2,
    ),
    "Which languages has Stieg Larsson been translated to?": (
        "languages-of-an-author",
        "person=https://libris.kb.se/sample-a0047%23it",
        4,
    ),
    "Which languages were Swedish works translated to?": ("languages-translated-to", "", 4),
    "How many monographs under DDC 320 has a library catalogued?": (
        "monographs-under-a-ddc-class",
        "class=320&library=lib:S",
        1,
    ),
    "Which genre terms of music lack a definition?": ("terms-without-definition", "", 3),
    "How many new persons with ISNI came per year?": ("new-persons-with-an-identifier", "", 7),
    "How much non-fiction did a publisher bring out?": ("publisher-output-per-decade", "", 6),
    "How many novels were published in Sweden in 1950?": ("titles-of-a-genre", "", 2),
    "How many person descriptions were changed per year?": ("records-changed-per-year", "", 4),
    "Which persons have an odd ISNI?": ("persons-with-odd-identifiers", "", 1),
    "How many printed monographs did a library catalogue per month?": (
        "catalogued-by-a-library-per-month",
        "medium=kbv:PhysicalResource&kind=kbv:Monograph&carrier=https://id.kb.se/term/saobf/Print",
        2,
    ),
    "Which publishers were active in 1950?": ("publishers-active", "from=1950&to=1950", 2),
    "How many records are there in a bibliography?": ("records-in-a-bibliography", "", 1),
    "How many records with a subject were created per year?": (
        "records-with-a-subject-per-year",
        "",
        4,
    ),
    "How many self-published books came out per year?": ("self-published-per-year", "", 2),
    "Which subject terms were created in 2020?": ("terms-created", "", 3),
    "Which subject terms have no relation to others?": ("terms-without-relations", "", 5),
    "Which Swedish fiction was published in Spanish in 1990?": (
        "translations-between-languages",
        "source=lge:swe&target=lge:spa&genre=saogf:Sk%25C3%25B6nlitteratur&from=1990&to=1990",
        1,
    ),
    "How many titles are about Covid-19?": ("titles-on-a-subject", "subject=sao:Covid-19", 3),
    "Which titles are about Covid-19?": ("titles-on-a-subject", "", 3),
}


def text(name: str) -> str:
    return (QUERIES / f"{name}.rq").read_text(encoding="utf-8")


def solutions(store: ox.Store, query: str) -> ox.QuerySolutions:
    results = store.query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    return results


def tsv(store: ox.Store, query: str) -> str:
    answer = solutions(store, query).serialize(format=ox.QueryResultsFormat.TSV)
    assert answer is not None
    return answer.decode()


def rows(store: ox.Store, query: str) -> int:
    return sum(1 for _ in solutions(store, query))


def ask(store: ox.Store, name: str, values: Mapping[str, Sequence[str]]) -> str:
    return tsv(store, bind(CATALOGUE.queries[name], values).text)


def test_every_file_is_a_query_and_has_an_answer() -> None:
    assert CATALOGUE.problems == ()
    assert list(CATALOGUE.queries) == NAMES
    assert len(NAMES) >= 40
    assert sorted(path.stem for path in EXPECTED.glob("*.tsv")) == NAMES


def test_every_query_with_parameters_has_an_answer_with_other_values() -> None:
    varied = {name.rpartition("-")[0] for name in OTHER}
    assert varied == {query.name for query in CATALOGUE.queries.values() if query.parameters}


@pytest.mark.parametrize("name", NAMES)
def test_query_answers_what_the_sample_says(name: str, sample_store: ox.Store) -> None:
    assert ask(sample_store, name, {}) == (EXPECTED / f"{name}.tsv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_file_as_it_stands_answers_like_its_defaults(name: str, sample_store: ox.Store) -> None:
    expected = (EXPECTED / f"{name}.tsv").read_text(encoding="utf-8")
    assert tsv(sample_store, text(name)) == expected


@pytest.mark.parametrize("case", OTHER)
def test_query_answers_what_the_sample_says_for_other_values(
    case: str, sample_store: ox.Store
) -> None:
    first, _, expected = (
        (EXPECTED / "other" / f"{case}.tsv").read_text(encoding="utf-8").partition("\n")
    )
    values = parse_qs(first.removeprefix("# "), keep_blank_values=True, strict_parsing=True)
    assert ask(sample_store, case.rpartition("-")[0], values) == expected


@pytest.mark.parametrize("name", NAMES)
def test_default_answer_is_neither_empty_nor_boundless(name: str, sample_store: ox.Store) -> None:
    query = bind(CATALOGUE.queries[name], {}).text
    count = rows(sample_store, query)
    assert 1 <= count <= 500
    assert rows(sample_store, cut_page(query, 2, 1)) == min(2, count - 1)
    (counted,) = solutions(sample_store, total(query))
    assert counted["total"].value == str(count)


@pytest.mark.parametrize("question", PUBLISHED)
def test_published_question_can_be_asked(question: str, sample_store: ox.Store) -> None:
    name, arguments, count = PUBLISHED[question]
    values = parse_qs(arguments, keep_blank_values=True)
    assert rows(sample_store, bind(CATALOGUE.queries[name], values).text) == count


def test_all_published_questions_are_there() -> None:
    assert len(PUBLISHED) == 29


@pytest.mark.parametrize("name", NAMES)
def test_optional_parameters_can_each_be_left_out(name: str, sample_store: ox.Store) -> None:
    query = CATALOGUE.queries[name]
    optional = [parameter.name for parameter in query.parameters if not parameter.required]
    examples = {parameter.name: [parameter.example] for parameter in query.parameters}
    for left_out in (*([name] for name in optional), optional):
        bound = bind(query, examples | {name: [""] for name in left_out})
        assert not set(left_out) & set(bound.values)
        rows(sample_store, bound.text)


@pytest.mark.parametrize("name", LISTS)
def test_leaving_a_restriction_out_takes_no_row_away(name: str, sample_store: ox.Store) -> None:
    query = CATALOGUE.queries[name]
    for parameter in query.parameters:
        if not parameter.required:
            given = set(solutions_of(sample_store, query, {parameter.name: [parameter.example]}))
            assert given <= set(solutions_of(sample_store, query, {parameter.name: [""]}))


def solutions_of(
    store: ox.Store, query: SavedQuery, values: Mapping[str, Sequence[str]]
) -> list[tuple[str, ...]]:
    found = solutions(store, bind(query, values).text)
    return [tuple(str(term) for term in row) for row in found]


@pytest.fixture(scope="module")
def renamed_store(sample_store: ox.Store) -> ox.Store:
    """The sample with another label beside each, and each label in a second graph too."""
    store, quads = ox.Store(), list(sample_store)
    for quad in quads:
        if quad.predicate.value in (f"{KBV}label", f"{KBV}prefLabel"):
            label = quad.object
            assert isinstance(label, ox.Literal)
            more = [f"{label.value}\n  "]
            names = [ox.Literal(text, language=label.language) for text in (*more, label.value)]
            graph = ox.NamedNode("urn:more")
            store.extend(ox.Quad(quad.subject, quad.predicate, name, graph) for name in names)
    store.extend(quads)
    return store


@pytest.mark.parametrize("name", [name for name in NAMES if "?enOther" in text(name)])
def test_thing_with_several_labels_has_one_row(
    name: str, sample_store: ox.Store, renamed_store: ox.Store
) -> None:
    assert ask(renamed_store, name, {}) == ask(sample_store, name, {})


def test_english_name_comes_first_where_the_page_is_english() -> None:
    store = ox.Store()
    store.load(
        f"""@prefix : <{KBV}> .
        <urn:r1> :mainEntity <urn:t1> ; :created "2020-01-01" ; :modified "2021-01-01" .
        <urn:t1> a :Agent . :Agent :label "Agent"@sv, "Agents\\n plural"@en, "Agent, whole"@en .
        <urn:r2> :mainEntity <urn:t2> ; :created "2020-01-01" ; :modified "2021-01-01" .
        <urn:t2> a :Bok . :Bok :label "Bok"@sv .""".encode(),
        ox.RdfFormat.TURTLE,
    )
    query = CATALOGUE.queries["coverage-of-the-dataset"]
    labels = {
        language: [row["label"].value for row in solutions(store, bind(query, {}, language).text)]
        for language in ("sv", "en")
    }
    assert labels == {"sv": ["Agent", "Bok"], "en": ["Agent, whole", "Bok"]}


def test_derived_links_are_told_from_asserted_ones(sample_store: ox.Store) -> None:
    store = ox.Store()
    store.extend(sample_store)
    person = ox.NamedNode("https://libris.kb.se/sample-a0007#it")
    exact = ox.NamedNode("https://id.kb.se/vocab/exactMatch")
    run = ox.NamedNode(Run("0123456789ab", ()).graph)
    # Plain RDF, which has graphs of other names than records have, is nobody's derivation.
    plain = ox.NamedNode("https://example.org/links")
    store.add(ox.Quad(person, exact, ox.NamedNode("http://viaf.org/viaf/1"), run))
    store.add(ox.Quad(person, exact, ox.NamedNode("http://viaf.org/viaf/2"), plain))
    answer = ask(store, "outside-links-of-a-kind", {"origin": ["derived"]})
    assert answer.splitlines()[1:] == [
        f'{person}\t{exact}\t<http://viaf.org/viaf/1>\t"VIAF"\t"derived"\t{run}'
    ]
    counted = ask(store, "outside-links-by-origin", {}).splitlines()
    assert f'"VIAF"\t{exact}\t"derived"\t1\t1' in counted
    assert f'"VIAF"\t{exact}\t"asserted"\t1\t1' in counted
    link = Link(person.value, exact.value, "http://viaf.org/viaf/1", "names", 0.99, ())
    said = write_evidence(Run("0123456789ab", ()), [link])
    store.load(said, ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(f"{run.value}/evidence"))
    by_method = ask(store, "links-by-method", {}).splitlines()
    kind = ox.NamedNode(f"{KBV}Person")
    assert f'{kind}\t"VIAF"\t"CompositeMatching"\t1\t1' in by_method
    assert f'{kind}\t"VIAF"\t"catalogued"\t1\t1' in by_method
    without = ask(store, "persons-without-outside-identifiers", {})
    assert str(person) not in without


# Pickers


@pytest.mark.parametrize(("query", "parameter"), PARAMETERS)
def test_values_to_pick_from_have_labels(
    query: SavedQuery, parameter: Parameter, sample_store: ox.Store
) -> None:
    if not has_choices(parameter):
        assert make_choices_query(parameter, CATALOGUE) is None
        return
    listed = make_choices_query(parameter, CATALOGUE, limit=1000)
    assert listed is not None
    found = {str(row["value"]): row for row in solutions(sample_store, listed)}
    assert found
    assert all(row["sv"] or row["en"] for row in found.values())
    asked = make_labels_query(parameter, CATALOGUE, [parameter.example])
    assert asked is not None
    rows = list(solutions(sample_store, asked))
    # The sample is small: it describes neither every language nor every audience. A person may be
    # named by an IRI from elsewhere.
    known = make_term(parameter, parameter.example) in found or parameter.values == "persons"
    assert bool(rows) is known
    assert all(str(row["value"]) in found for row in rows)


# The files


@pytest.mark.parametrize("name", NAMES)
def test_query_runs_anywhere_with_the_prefixes_it_declares(name: str) -> None:
    query = CATALOGUE.queries[name]
    whole = query.source.with_parameters({parameter.name for parameter in query.parameters})
    used = {token.text.partition(":")[0] for token in tokens(whole) if token.kind == "name"}
    assert used == set(re.findall(r"^PREFIX (\w*):", whole, re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_query_is_titled_and_described_in_both_languages(name: str) -> None:
    query = CATALOGUE.queries[name]
    for language in ("sv", "en"):
        assert query.title[language].endswith("?")
        assert query.description[language].endswith(".")
        assert query.notes[language].endswith(".")
    assert query.tags


@pytest.mark.parametrize("name", NAMES)
def test_answer_has_an_order(name: str) -> None:
    query = CATALOGUE.queries[name]
    single = len(query.variables) == 1 and query.variables[0] == "records"
    assert single or "\nORDER BY " in query.text


@pytest.mark.parametrize("name", NAMES)
def test_prefixes_in_a_query_are_those_the_server_predefines(name: str) -> None:
    for prefix, namespace in re.findall(r"^PREFIX (\w*): <(.*)>$", text(name), re.MULTILINE):
        assert predefined()[prefix] == namespace


def test_no_two_queries_are_the_same_but_for_a_value() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for query in CATALOGUE.queries.values():
        literal = ("iri", "string", "number")
        shape = [
            token.kind if token.kind in literal else token.text
            for token in tokens(query.text)
            if token.kind != "name" or token.text.startswith(":")
        ]
        assert seen.setdefault(tuple(shape), query.name) == query.name


def test_twenty_five_prefixes_are_predefined() -> None:
    assert len(predefined()) == 25
    assert predefined()[""] == predefined()["kbv"] == "https://id.kb.se/vocab/"


@needs_shared
def test_predefined_prefixes_are_those_of_libris() -> None:
    rows = (SHARED / "libris" / "prefixes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    pairs = dict(row.split("\t") for row in rows)
    pairs[""] = pairs.pop("(empty)")
    assert predefined() == pairs
