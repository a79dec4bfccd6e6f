"""Query files: what is read out of them, and what is said when they are not as they should be."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql_server.catalogue.binding import bind
from sparql_server.catalogue.checking import RESERVED
from sparql_server.catalogue.query_files import load, read
from sparql_server.catalogue.saved_query import TYPES, Choice
from sparql_server.errors import MalformedFile
from sparql_server.saved.saved_request import list_extensions
from sparql_server.serving.composition import load_queries

MANUAL = (Path(__file__).parents[2] / "docs" / "query-files.md").read_text(encoding="utf-8")

FILE = """\
#+ title:
#+   sv: Vad heter böckerna?
#+   en: What are the books called?
#+ description: {sv: Titlar., en: Titles.}
#+ tags: [titles]
#+ parameters:
#+   - name: year
#+     type: year
#+     label: {sv: År, en: Year}
#+     minimum: 1450
#+     default: 0800
#+   - name: kind
#+     type: iri
#+     label: {sv: Slag, en: Kind}
#+     values:
#+       - value: kbv:Monograph
#+         label: {sv: Monografi, en: Monograph}
#+       - value: kbv:Serial
#+         label: {sv: Seriell resurs, en: Serial}
#+     example: kbv:Serial
#+     required: false
#+     multiple: true
#+ chart: {x: year, y: title}

PREFIX : <https://id.kb.se/vocab/>

SELECT ?title ?year WHERE {
  VALUES ?year { "0800" }
  #? kind: VALUES ?kind { :Serial }
  ?instance :publication/:year ?year ;
    :hasTitle/:mainTitle ?title .
  #? kind: ?instance :instanceOf/a ?kind .
}
"""
GOOD = FILE.replace("#+     minimum: 1450\n", "")


def refusal(text: str) -> MalformedFile:
    with pytest.raises(MalformedFile) as error:
        read("name", text)
    return error.value


def test_everything_in_a_file_is_read() -> None:
    query = read("titles", GOOD)
    assert query.title == {"sv": "Vad heter böckerna?", "en": "What are the books called?"}
    assert query.tags == ("titles",)
    assert query.form == "SELECT"
    assert query.variables == ("title", "year")
    year, kind = query.parameters
    assert (year.type, year.default, year.required, year.multiple) == (
        "year",
        ("0800",),
        True,
        False,
    )
    assert kind.choices[0] == Choice("kbv:Monograph", {"sv": "Monografi", "en": "Monograph"})
    assert (kind.required, kind.multiple, kind.example) == (False, True, "kbv:Serial")
    assert query.chart is not None
    assert (query.chart.x, query.chart.series) == ("year", None)
    assert query.text.startswith("PREFIX")


def test_scalars_are_taken_as_they_are_written() -> None:
    """YAML would have 0800 a number and no a boolean."""
    text = GOOD.replace("sv: Titlar., en: Titles.", "sv: no, en: 2020-01-01")
    assert read("x", text).description == {"sv": "no", "en": "2020-01-01"}


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("#+   en: What are the books called?\n", "", 1, "title: en is missing"),
        ("#+ description: {sv: Titlar., en: Titles.}\n", "", 1, "description is missing"),
        ("#+ tags: [titles]", "#+ tag: titles", 5, "no key tag"),
        ("#+ tags: [titles]", "#+ tags: [titles", 6, "not YAML"),
        ("#+ tags: [titles]", "#+ title: {sv: x, en: y}", 5, "title stands twice"),
        ("#+ tags: [titles]", "#+ tags: &a [*a]", 5, "alias"),
        ("#+ tags: [titles]", "#+ tags: !!python/name:os.system [x]\n#+ x: y", 6, "no key x"),
        ("#+ tags: [titles]", "#+ ? [a]\n#+ : b", 5, "a key should be a single value"),
        ("type: year", "type: jahr", 8, "no type jahr"),
        ("default: 0800", "default: 800", 10, "it is not a year of four digits"),
        ("default: 0800", "default: 0801", 7, "VALUES shows something else than the default"),
        ("default: 0800", "default: [0800, 0801]", 10, "several defaults"),
        ("default: 0800", "minimum: x\n#+     default: 0800", 10, "not of the parameter's type"),
        ("default: 0800", "minimum: 1450\n#+     default: 0800", 11, "less than 1450"),
        ("default: 0800", "language: sv\n#+     default: 0800", 10, "only a string"),
        ("default: 0800", "required: true", 7, "needs an example"),
        ("default: 0800", "required: perhaps", 7, "needs an example"),
        ("#+     multiple: true", "#+     multiple: perhaps", 21, "true or false"),
        ("example: kbv:Serial", "example: kbv:Person", 19, "not one of those allowed"),
        ("example: kbv:Serial", "example: a b", 19, "kind: example a b"),
        ("name: kind", "name: year", 11, "two parameters year"),
        ("name: kind", "name: limit", 11, "a meaning of its own"),
        ("name: kind", "name: a-b", 11, "no name for a parameter"),
        ("required: false", "required: true", 28, "#? kind: it can't be left out"),
        ("  #? kind: VALUES", "  VALUES", 11, "should be marked with #? kind"),
        ("#? kind: ?instance", "#? kid: ?instance", 31, "no such parameter"),
        ("#? kind: ?instance :", "#? kind: ?instance ;", 31, "not SPARQL"),
        ("?year { \"0800\" }", "?years { \"0800\" }", 7, "no VALUES ?year"),
        ("?year ;\n", "?year ; ;;)\n", 29, "not SPARQL"),
        (":publication/", "kbv:publication/", 29, "not SPARQL"),
        ("SELECT ?title ?year", "SELECT *", 24, "name the columns"),
        ("WHERE {", "FROM <urn:x> WHERE {", 24, "FROM"),
        ("{x: year, y: title}", "{x: year, y: titel}", 22, "no column titel"),
        ("  ?instance", "  # \\u0041\n  ?instance", 24, "codepoint escapes"),
        ("SELECT", "#+ tags: [x]\nSELECT", 26, "before the query"),
    ],
)  # fmt: skip
def test_broken_file_is_reported_with_its_line(old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    error = refusal(GOOD.replace(old, new, 1))
    assert message in error.message
    assert error.line == line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no metadata"),
        ("SELECT ?s { ?s ?p ?o }", "no metadata"),
        ("#+ just words\nSELECT ?s { ?s ?p ?o }", "keys with values"),
        (GOOD.partition("PREFIX")[0], "no SELECT"),
        (GOOD.rstrip() + "\nVALUES ?x { 1 }\n", "VALUES belongs within WHERE"),
        (GOOD.replace('"0800" }', '"""0800\n#? kind\n""" }'), "within a string"),
    ],
)
def test_file_that_is_no_saved_query_is_refused(text: str, message: str) -> None:
    assert message in refusal(text).message


def test_broken_file_is_reported_and_the_rest_is_served(tmp_path: Path) -> None:
    (tmp_path / "good.rq").write_text(GOOD, encoding="utf-8")
    (tmp_path / "broken.rq").write_text(GOOD.replace("type: year", "type: jahr"), "utf-8")
    (tmp_path / "latin.rq").write_bytes("#+ title: på".encode("latin-1"))
    (tmp_path / "listed.rq").write_text(with_list(GOOD), encoding="utf-8")
    found = load(tmp_path)
    assert list(found.queries) == ["good"]
    assert [Path(problem.path).name for problem in found.problems] == [
        "broken.rq",
        "latin.rq",
        "listed.rq",
    ]
    assert found.problems[0].line == 8
    assert str(found.problems[0]).endswith(
        "broken.rq:8: no type jahr;"
        " there are string, integer, decimal, year, date, moment, boolean, iri"
    )
    assert "there is no values/kinds.rq" in found.problems[2].message


def test_log_says_what_is_wrong_with_which_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.rq").write_text(GOOD.replace("type: year", "type: jahr"), "utf-8")
    assert load_queries(tmp_path).queries == {}
    assert "broken.rq:8: no type jahr" in caplog.text


def with_list(text: str) -> str:
    """Have the values of ``kind`` listed by a query."""
    start, end = text.index("#+     values:"), text.index("#+     example")
    return f"{text[:start]}#+     values: kinds\n{text[end:]}"


def test_query_that_lists_values_is_read_beside(tmp_path: Path) -> None:
    (tmp_path / "values").mkdir()
    listing = "SELECT ?value ?sv ?en WHERE { ?value a ?x }"
    (tmp_path / "values" / "kinds.rq").write_text(f"#+ title: x\n\n{listing}\n", "utf-8")
    (tmp_path / "listed.rq").write_text(with_list(GOOD), encoding="utf-8")
    found = load(tmp_path)
    assert found.problems == ()
    assert found.values == {"kinds": f"{listing}\n"}
    assert found.queries["listed"].parameters[1].values == "kinds"


@pytest.mark.parametrize(
    ("listing", "line", "message"),
    [
        ("SELECT ?value WHERE { ?value a ?x }", 3, "it should be SELECT ?value ?sv ?en"),
        ("SELECT ?value ?sv ?en WHERE {\n ?value a }", 4, "not SPARQL"),
        ("SELECT ?value ?sv ?en WHERE { ?value a ?x } LIMIT 5", 3, "end with its pattern"),
    ],
)
def test_broken_query_that_lists_values_is_reported(
    listing: str, line: int, message: str, tmp_path: Path
) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "values" / "kinds.rq").write_text(f"#+ title: x\n\n{listing}\n", "utf-8")
    (problem,) = load(tmp_path).problems
    assert problem.line == line
    assert message in problem.message


def test_example_in_the_manual_is_a_query_that_answers(sample_store: ox.Store) -> None:
    match = re.search(r"```sparql\n(.*?)```", MANUAL, re.DOTALL)
    assert match is not None
    bound = bind(read("manual", match[1]), {"language": ["lge:swe", "lge:eng"]})
    results = sample_store.query(bound.text, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    assert "1950" in {row["year"].value for row in results}


def test_manual_names_every_type_and_every_name_that_is_taken() -> None:
    assert re.findall(r"^\| `(\w+)` \| .* \| `[\"<]", MANUAL, re.MULTILINE) == list(TYPES)
    assert ", ".join(f"`{name}`" for name in RESERVED) in MANUAL


def test_line_endings_of_another_system_make_no_difference() -> None:
    assert read("x", GOOD.replace("\n", "\r\n")) == read("x", GOOD)


@pytest.mark.parametrize("form", ["ASK {", "CONSTRUCT { ?instance :year ?year } WHERE {"])
def test_other_forms_are_saved_queries_too(form: str) -> None:
    text = GOOD.replace("SELECT ?title ?year WHERE {", form).replace("#+ chart: ", "#+ notes: ")
    text = text.replace("{x: year, y: title}", "{sv: Inget., en: Nothing.}")
    query = read("x", text)
    assert query.form == form.partition(" ")[0]
    assert "nq" not in list_extensions(query)  # its triples stand in no graph
    assert query.variables == ()
