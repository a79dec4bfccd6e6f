"""The pages of saved queries, without JavaScript."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from sparql_server.catalogue.query_files import load
from sparql_server.catalogue.saved_query import TYPES
from sparql_server.changes.entries import CREATE, DELETE, UPDATE
from sparql_server.saved.chart import KINDS
from sparql_server.saved.page_texts import texts
from sparql_server.settings import QUERIES
from tests.saved.html import Browser
from tests.server.conftest import Server
from tests.server.http import request, values

CATALOGUE = load(QUERIES)
TEMPLATES = Path(__file__).parents[2] / "sparql_server" / "web" / "templates"

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@needs_curl
def test_from_the_front_page_to_translations_of_another_author_as_csv(
    sample: Server, tmp_path: Path
) -> None:
    """Somebody who knows no SPARQL finds, changes, charts and downloads."""
    browser = Browser(sample)
    browser.open("/")
    browser.follow("Which languages was an author translated to, decade by decade?")
    assert browser.rows() == [["1940", "German lge:ger", "1"], ["1950", "English lge:eng", "1"]]
    browser.follow("Find values")
    browser.send(search="mankell")
    browser.follow("Mankell, Henning, 1948-2015")
    assert browser.rows() == [
        ["1990", "English lge:eng", "1"],
        ["1990", "German lge:ger", "1"],
        ["2000", "Spanish lge:spa", "1"],
    ]
    bars = [title.text for title in browser.page.findall(".//figure//rect/title")]
    assert bars == ["1990, English: 1", "1990, German: 1", "2000, Spanish: 1"]
    line = browser.page.get_element_by_id("snippet-curl").text_content()
    done = subprocess.run(shlex.split(line), cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    csv = (tmp_path / "translations-of-an-author-by-decade.csv").read_text(encoding="utf-8")
    assert csv.splitlines()[0] == "decade,language,name,instances"
    assert len(csv.splitlines()) == 1 + len(browser.rows())


@pytest.mark.parametrize("name", CATALOGUE.queries)
def test_every_query_has_a_page_in_both_languages(sample: Server, name: str) -> None:
    query = CATALOGUE.queries[name]
    for language in ("sv", "en"):
        browser = Browser(sample, language)
        page = browser.open(f"/queries/{name}")
        assert browser.reply.status == 200
        assert page.get("lang") == language
        assert page.findtext(".//h1") == query.title[language]
        for parameter in query.parameters:
            assert parameter.labels[language] in browser.text
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        script = page.xpath("//script")
        assert [(element.get("src"), element.text) for element in script] == [
            ("/static/pickers.js", None)
        ]
        assert not page.xpath("//*[@style or @onclick]")


def test_scripts_are_allowed_where_they_are_needed_and_only_our_own(sample: Server) -> None:
    browser = Browser(sample)
    for path in ("/", "/queries/books-per-year"):
        page = browser.open(path)
        assert "script-src 'self';" in browser.reply.headers["content-security-policy"]
        assert [script.get("src") for script in page.xpath("//script")] == [
            f"/static/{'workbench' if path == '/' else 'pickers'}.js"
        ]
    for path in ("/queries/", "/api", "/queries/none"):
        page = browser.open(path)
        assert "script-src" not in browser.reply.headers["content-security-policy"]
        assert not page.xpath("//script")


def test_language_is_the_browsers_or_the_one_chosen_and_stays(sample: Server) -> None:
    browser = Browser(sample, "sv-SE,sv;q=0.9,en;q=0.8")
    assert browser.open("/queries/").get("lang") == "sv"
    assert browser.reply.headers["content-language"] == "sv"
    assert browser.reply.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert browser.follow("English").get("lang") == "en"
    assert browser.follow("How many books were published per year?").get("lang") == "en"
    assert browser.send(country="ctry:sw").get("lang") == "en"
    assert browser.follow("Libris linked data").get("lang") == "en"
    assert browser.follow("Svenska").get("lang") == "sv"
    assert Browser(sample, "de").open("/").get("lang") == "en"


def test_switch_of_language_keeps_the_question(sample: Server) -> None:
    browser = Browser(sample)
    browser.open("/queries/books-per-year?from=1950&to=1960")
    rows = browser.rows()
    browser.follow("Svenska")
    assert browser.rows() == rows
    assert "Svaret" in browser.text


def test_table_links_things_by_their_labels(sample: Server) -> None:
    page = Browser(sample).open("/queries/translations-of-an-author-by-decade")
    links = [(link.text, link.get("href")) for link in page.findall(".//td/a")]
    assert ("German", "/id.kb.se/language/ger") in links
    assert len(page.findall(".//th")) == 3


def test_page_shows_parts_of_a_long_answer(own: Server) -> None:
    browser = Browser(own)
    browser.open("/queries/numbers")
    assert "Rows 1–100 of 2,999" in browser.text
    assert len(browser.rows()) == 100
    browser.follow("Next")
    assert browser.rows()[0][-1] == "101"
    browser.open("/queries/numbers?offset=2950")
    assert "Rows 2,951–2,999 of 2,999" in browser.text
    assert browser.rows()[-1][-1] == "2999"
    browser.follow("Previous")
    assert browser.rows()[0][-1] == "2851"
    browser.open("/queries/numbers?offset=9000")
    assert "this part is empty" in browser.text


def test_chart_of_a_long_answer_says_what_it_leaves_out(own: Server) -> None:
    browser = Browser(own)
    browser.open("/queries/numbers")
    assert "Drawn after the first 1,000 of 2,999 rows" in browser.text
    assert "The 30 largest; 970 more are in the table" in browser.text
    assert len(browser.page.findall(".//figure//rect[@height='20.0']")) == 30


def test_kind_of_chart_can_be_changed(sample: Server) -> None:
    browser = Browser(sample)
    page = browser.open("/queries/books-per-year")
    assert page.findall(".//figure//rect")
    page = browser.follow("lines")
    assert page.findall(".//figure//polyline")
    assert not page.findall(".//figure//rect")
    assert page.find(".//figure//a[@aria-current='true']").text == "lines"


def test_wrong_value_is_shown_at_its_field(sample: Server) -> None:
    browser = Browser(sample, "sv")
    page = browser.open("/queries/books-per-year?from=19&country=ctry:sw")
    assert browser.reply.status == 400
    wrong = page.find(".//input[@aria-invalid]")
    assert (wrong.get("name"), wrong.get("value")) == ("from", "19")
    said = page.get_element_by_id(wrong.get("aria-describedby")).text_content()
    assert "ett år med fyra siffror" in said
    assert page.find(".//select[@name='country']//option[@selected]").get("value") == "ctry:sw"
    browser.open("/queries/books-per-year?colour=red")
    assert "ingen parameter colour" in browser.text


def test_answer_with_nothing_in_it_says_so(sample: Server) -> None:
    browser = Browser(sample)
    browser.open("/queries/books-per-year?from=1990&to=1980")
    assert browser.reply.status == 200
    assert "Nothing in the catalogue answers to that" in browser.text
    assert not browser.page.findall(".//table")


def test_yes_or_no_and_a_graph_have_pages(own: Server) -> None:
    browser = Browser(own)
    browser.open("/queries/truth")
    assert "Yes (true)" in browser.text
    browser.open("/queries/graph")
    assert len(browser.rows()) == 3
    assert "rdflib" in browser.text
    assert browser.page.xpath("//a[@download='graph.ttl']")


def test_every_download_is_the_whole_answer(own: Server) -> None:
    page = Browser(own).open("/queries/numbers?from=2000&limit=10")
    links = {link.get("download"): link.get("href") for link in page.xpath("//a[@download]")}
    extensions = ["json", "xml", "csv", "tsv", "arrow", "parquet"]
    assert list(links) == [f"numbers.{extension}" for extension in extensions]
    assert len(values(request(own, "GET", links["numbers.json"]))) == 1000


@pytest.mark.parametrize(
    ("preferred", "chosen", "said"),
    [("en", "", ["en"]), ("sv", "&lang=en", ["en"]), ("sv", "", None), ("en", "&lang=sv", None)],
)
def test_files_are_in_the_language_of_the_page(
    sample: Server, preferred: str, chosen: str, said: list[str] | None
) -> None:
    page = Browser(sample, preferred).open(f"/queries/books-per-year?from=1955{chosen}")
    links = page.xpath("//a[@download]/@href")
    assert links
    for link in links:
        given = parse_qs(urlsplit(link).query)
        assert (given["from"], given.get("lang")) == (["1955"], said)
    snippet = page.get_element_by_id("snippet-curl").text_content()
    assert ("lang=en" in snippet) == (said is not None)


def test_query_can_be_edited_with_its_values_in_it(sample: Server) -> None:
    browser = Browser(sample)
    browser.open("/queries/books-per-year?from=1955&to=1960")
    rows = browser.rows()
    page = browser.follow("Edit this query")
    text = page.get_element_by_id("query").text
    assert 'VALUES ?from { "1955" }' in text
    reply = request(
        sample, "POST", "/sparql", text.encode(), Content_Type="application/sparql-query"
    )
    assert values(reply) == rows


def test_permanent_link_names_the_release_and_leads_to_the_same(sample: Server) -> None:
    browser = Browser(sample)
    page = browser.open("/queries/books-per-year?from=1955&to=1960")
    rows = browser.rows()
    link = page.get_element_by_id("permanent").get("href")
    said = parse_qs(urlsplit(link).query)
    served = str(request(sample, "GET", "/health").json()["release"])
    assert (said["from"], said["to"], said["release"]) == (["1955"], ["1960"], [served])
    browser.open(link)
    assert browser.rows() == rows


def test_snippets_have_the_address_of_this_answer(sample: Server) -> None:
    page = Browser(sample).open("/queries/books-per-year?from=1955")
    for language in ("curl", "python", "r"):
        lines = page.get_element_by_id(f"snippet-{language}").text_content()
        assert re.search(r"/queries/books-per-year\.csv\?[^ ]*from=1955", lines)
    compile(page.get_element_by_id("snippet-python").text_content(), "snippet", "exec")


def test_page_is_not_sent_again_to_those_who_have_it(sample: Server) -> None:
    for path in ("/", "/queries/", "/queries/books-per-year", "/api"):
        browser = Browser(sample)
        browser.open(path)
        again = request(
            sample,
            "GET",
            path,
            Accept="text/html",
            Accept_Language="en",
            If_None_Match=browser.reply.headers["etag"],
        )
        assert (again.status, again.body) == (304, b"")
        head = request(sample, "HEAD", path, Accept="text/html")
        assert (head.status, head.body) == (200, b"")


def test_markup_in_an_address_stays_text(own: Server) -> None:
    evil = "%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (
        f"/queries/?search={evil}",
        f"/queries/numbers?from={evil}",
        f"/queries/numbers/values/parity?search={evil}",
        f"/queries/numbers?{evil}=1",
        f"/queries/{evil}",
    ):
        reply = request(own, "GET", path, Accept="text/html")
        assert "<script>alert" not in reply.text


def used_texts() -> set[str]:
    """The texts that templates and code ask for by name."""
    found = set()
    package = TEMPLATES.parents[1]
    for path in (*TEMPLATES.glob("*.html"), *package.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"""(?:\bt|\)|Wording\([^)]*\))\(["'](\w+\.\w+)["']""", text))
    return found


def test_all_texts_are_there_in_both_languages_and_in_use() -> None:
    # The others are asked for by the names of errors, tags, columns, types and kinds of charts.
    made = {f"chart.{kind}" for kind in KINDS} | {"type.true", "type.false"}
    made |= {
        f"{room}.{kind.lower()}"
        for room in ("history", "changes")
        for kind in (CREATE, UPDATE, DELETE)
    }
    named = {
        f"{room}.{name}"
        for room, those in texts().items()
        for name in those
        if room not in ("tag", "column", "error", "type")
    }
    used = {name for name in used_texts() if not name.startswith(("error.", "type."))}
    assert named - made == used
    assert set(TYPES) <= set(texts()["type"])
    for those in texts().values():
        for name, said in those.items():
            assert set(said) == {"sv", "en"}, name
            places = [sorted(re.findall(r"\{\w+\}", said[language])) for language in ("sv", "en")]
            assert places[0] == places[1], name


def test_tags_and_columns_have_words_in_swedish() -> None:
    for query in CATALOGUE.queries.values():
        assert set(query.tags) <= set(texts()["tag"])
        assert set(query.variables) <= set(texts()["column"]), query.name


def test_front_page_leads_to_every_question(sample: Server) -> None:
    page = Browser(sample, "sv").open("/")
    leads = {urlsplit(link.get("href")).path for link in page.iter("a")}
    assert {f"/queries/{name}" for name in CATALOGUE.queries} <= leads
    assert page.get_element_by_id("query") is not None


def test_question_is_found_by_a_word(sample: Server) -> None:
    browser = Browser(sample, "sv")
    browser.open("/queries/")
    browser.send(search="bestånd årtionde")
    titles = [link.text for link in browser.page.findall(".//main//li/a")]
    assert CATALOGUE.queries["holdings-by-decade-and-subject"].title["sv"] in titles
    browser.send(search="zzz")
    assert "Ingen fråga passar" in browser.text
    found = html.fromstring(browser.reply.text)
    assert found.find(".//input[@name='search']").get("value") == "zzz"
