"""The workbench in Chromium: written, mended, run, stopped, looked at, shared."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from sparql_server.web.workbench.words import read_words
from tests.browser.conftest import ASSETS, Open, hindrances
from tests.server.conftest import Server

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "sparql_server" / "web" / "static"
MOST_BYTES = 200_000
BY_COUNTRY = (
    "SELECT ?country (COUNT(*) AS ?n) { ?i :publication/:country ?country } GROUP BY ?country"
)
BY_YEAR = """SELECT ?year ?language (COUNT(*) AS ?n) {
  ?i :publication/:year ?year ; :instanceOf/:language ?language
} GROUP BY ?year ?language"""
BY_DECADE = """SELECT ?decade ?language (COUNT(*) AS ?n) {
  ?i :publication/:year ?year ; :instanceOf/:language ?language
  BIND(CONCAT(SUBSTR(?year, 1, 3), "0s") AS ?decade)
} GROUP BY ?decade ?language ORDER BY ?n"""
GRAPH = "CONSTRUCT WHERE { ?work :language ?language } LIMIT 20"
MANY = "SELECT ?a ?p ?b { ?a ?p ?x . ?b a :Item } LIMIT 100000"
ENDLESS = """SELECT (COUNT(*) AS ?n) {
  ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?c), STR(?f)) = STR(?i))
}"""
# While a search is under way the list of before is shown, and can't be picked from.
PROPOSED = ".cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)"

Work = Callable[..., Page]


@pytest.fixture
def work(sample: Server, open_page: Open) -> Work:
    """Open the workbench: ``work("SELECT …")``, or empty; ``path`` and options as ``open_page``."""

    def run(query: str = "", path: str = "", **options: object) -> Page:
        page = open_page(f"{sample.address}/{path}", **options)
        expect(editor(page)).to_be_visible()
        if query:
            write(page, query)
        return page

    return run


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Query in|Fråga i"))


def text(page: Page) -> str:
    """The query as it would be sent without a script."""
    return page.locator("textarea[name=query]").input_value()


def write(page: Page, query: str) -> None:
    editor(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(query)


def status(page: Page, says: str) -> None:
    expect(page.locator(".output .status")).to_contain_text(says)


def pick(page: Page, label: str, written: str = "") -> None:
    """Pick a completion by its label, having written so much of it."""
    page.keyboard.type(written)
    option = page.locator(f"{PROPOSED} li", has_text=label).first
    expect(option).to_be_visible()
    option.click()


def test_novels_per_year_in_sweden_are_written_by_completion_alone_in_ten_picks(
    work: Work,
) -> None:
    page = work()
    editor(page).click()
    page.keyboard.press("Control+Space")
    picks = (
        ("count by value", ""),
        ("is of the class", ""),
        (":PhysicalResource", "phys"),
        (":publication/:year", "year"),
        ("?value", ""),
        (":instanceOf/:category", "category"),
        ("Romaner", "roman"),
        (":publication/:country", "country"),
        ("Sweden", "swed"),
    )
    assert len(picks) <= 10
    for label, written in picks:
        pick(page, label, written)
    assert "saogf:Romaner ; # Novels" in text(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    status(page, "rows ·")
    assert page.locator("tbody tr td").first.inner_text().isdigit()


def test_option_is_picked_in_the_moment_after_a_letter_was_written(work: Work) -> None:
    page = work("SELECT * { ?thing a  }")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Space")
    shown = page.locator(f"{PROPOSED} li", has_text=":PhysicalResource").first
    expect(shown).to_be_visible()
    page.keyboard.type("phys")
    shown_before = page.locator(".cm-tooltip-autocomplete li", has_text=":PhysicalResource").first
    shown_before.dispatch_event("mousedown")
    assert re.search(r"\?thing a :PhysicalResource\b", text(page))


def test_things_are_found_by_name_and_searched_once(work: Work) -> None:
    page = work("SELECT * {  }")
    searched: list[str] = []
    page.on("request", lambda sent: searched.append(sent.url) if "/search?" in sent.url else None)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("?title :subject lindgren")
    option = page.locator(".cm-tooltip-autocomplete li", has_text="Lindgren, Astrid")
    expect(option).to_be_visible()
    option.click()
    assert re.search(r":subject \S+ # Lindgren, Astrid.*\n", text(page))
    # A question for what has been written when the pause comes, not for each key.
    words = {parse_qs(urlsplit(address).query)["q"][0] for address in searched}
    assert "lindgren" in words
    assert len(words) < len("lindgren") - 2


def test_name_of_several_words_needs_no_quotation_marks(work: Work) -> None:
    page = work("SELECT * { ?title :instanceOf/:contribution/:agent  }")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    pick(page, "Lagerlöf, Selma", "lagerlöf, sel")
    assert re.search(r":agent <\S+a0026#it> ;? *# Lagerlöf, Selma", text(page))
    assert "sel" not in text(page).replace("Selma", "").replace("SELECT", "")


def test_release_without_schema_and_search_has_completion_of_what_is_known(
    sample: Server, open_page: Open
) -> None:
    page = open_page("about:blank")
    for address in ("**/schema", "**/search?*"):
        page.route(address, lambda route: route.fulfill(status=404, body="{}"))
    page.goto(f"{sample.address}/")
    editor(page).click()
    page.keyboard.press("Control+Space")
    pick(page, "list things")
    page.keyboard.type("ctr")
    pick(page, "ctry:")
    assert "?thing ctry:" in text(page)


def test_who_knows_no_sparql_finds_a_person_by_typing_and_sees_what_is_said(work: Work) -> None:
    page = work(width=390)
    page.get_by_role("searchbox").fill("selma lager")
    expect(page.get_by_role("link", name="Lagerlöf, Selma")).to_be_visible()
    page.get_by_role("button", name="Describe: Lagerlöf, Selma").click()
    status(page, "rows ·")
    expect(page.locator(".output td", has_text="Selma").first).to_be_visible()


def test_prefix_is_declared_when_it_is_used(work: Work) -> None:
    page = work("ASK {  }")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("?s schema:name ?o")
    expect(page.locator(".cm-line").first).to_have_text("PREFIX schema: <http://schema.org/>")
    assert text(page).count("PREFIX") == 1


def test_mistake_is_shown_where_it_is_and_corrected_at_a_click(work: Work) -> None:
    page = work("SELECT ?s {\n  ?s kvb:title ?o\n}", locale="sv-SE")
    expect(page.locator(".cm-lintRange-error")).to_have_text("kvb:title")
    expect(page.locator(".mistake")).to_contain_text("Rad 2, kolumn 6")
    assert hindrances(page) == []
    page.get_by_role("button", name="Rätta").click()
    expect(page.locator(".mistake")).to_be_empty()
    assert text(page) == "SELECT ?s {\n  ?s kbv:title ?o\n}"


def test_property_that_the_release_lacks_is_marked_with_the_nearest_it_has(work: Work) -> None:
    page = work("SELECT * { ?i a :PhysicalResource ; :hasTitel/:mainTitle ?t ; :publication ?p }")
    expect(page.locator(".cm-lintRange-warning")).to_have_text(":hasTitel")
    page.locator(".cm-lintRange-warning").hover()
    page.get_by_role("button", name="Write :hasTitle").click()
    expect(page.locator(".cm-lintRange-warning")).to_have_count(0)
    assert ":hasTitle/:mainTitle" in text(page)


def test_stopped_query_is_stopped_in_the_server(work: Work, sample: Server) -> None:
    def gone() -> float:
        with urllib.request.urlopen(f"{sample.address}/metrics") as answer:
            found = re.search(r'total\{.*outcome="ClientGone"\} (\S+)', answer.read().decode())
        return float(found[1]) if found else 0.0

    before = gone()
    page = work(ENDLESS)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Stop").click()
    status(page, "The query was stopped")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    for _ in range(100):
        if gone() > before:
            break
        page.wait_for_timeout(100)
    assert gone() == before + 1


def test_query_is_shared_opened_elsewhere_and_bound_to_its_release(
    work: Work, open_page: Open
) -> None:
    page = work(BY_COUNTRY, permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("Control+Enter")
    status(page, "release ")
    served = re.search(r"release (\d+)", page.locator(".output .status").inner_text())
    assert served
    assert parse_qs(urlsplit(page.url).query)["query"] == [BY_COUNTRY]
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").get_by_role("button", name="Copy").nth(1).click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"&{served[0].replace(' ', '=')}")
    elsewhere = open_page(link, width=390)
    status(elsewhere, served[0])
    expect(elsewhere.locator("td", has_text="Sweden")).to_be_visible()
    gone = open_page(re.sub(r"release=\d+", "release=99", link))
    expect(gone.get_by_role("alert")).to_contain_text("release 99")
    gone.get_by_role("button", name="Run on the release that is served").click()
    status(gone, served[0])


def test_keyboard_alone_reaches_editor_run_and_figure(work: Work) -> None:
    page = work()
    focused = "document.activeElement.getAttribute('role') || document.activeElement.textContent"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "textbox":
            break
    page.keyboard.insert_text(BY_COUNTRY)
    page.keyboard.press("Control+Enter")
    status(page, "rows ·")
    page.keyboard.press("Escape")
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(focused))
        if reached[-1] == "chart":
            break
    assert reached[0] == "Run"
    page.keyboard.press("Enter")
    expect(page.get_by_role("img")).to_be_visible()


def test_blank_node_is_looked_into(work: Work) -> None:
    page = work("SELECT ?title { ?i a :PhysicalResource ; :hasTitle ?title } LIMIT 3")
    page.keyboard.press("Control+Enter")
    status(page, "3 rows")
    page.get_by_role("button", name="Look at").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Main title")


def test_blank_node_in_a_blank_node_is_looked_into(work: Work) -> None:
    page = work(
        "SELECT ?i ?work { ?i :hasTitle/:mainTitle 'Gösta Berlings saga' ; :instanceOf ?work }"
    )
    page.keyboard.press("Control+Enter")
    status(page, "row")
    page.locator("tbody tr", has_text="sample-b0005").get_by_role(
        "button", name=re.compile("Look at.* _:")
    ).click()
    page.get_by_role("dialog").get_by_role("button", name="Look at").first.click()
    expect(page.get_by_role("dialog").last).to_contain_text("Lagerlöf, Selma")
    assert hindrances(page) == []


def test_error_is_said_in_the_language_of_the_page(work: Work) -> None:
    page = work("SELECT ?i { ?i a :Person FILTER(?x > 1 }", locale="sv-SE")
    page.keyboard.press("Control+Enter")
    error = page.get_by_role("alert")
    expect(error).to_contain_text("Felaktig fråga: ")
    expect(error).not_to_contain_text("is not closed")


def test_hundred_thousand_rows_leave_the_page_alive(work: Work) -> None:
    page = work(MANY)
    page.evaluate("() => { window.ticks = 0; setInterval(() => (window.ticks += 1), 20); }")
    page.keyboard.press("Control+Enter")
    status(page, "100,000 rows")
    assert page.evaluate("window.ticks") > 3  # the page did other things meanwhile
    table = page.locator("table.rows")
    expect(table).to_have_attribute("aria-rowcount", "100001")
    assert page.locator("tbody tr").count() < 100
    page.evaluate("document.querySelector('.virtual').scrollTop = 1e9")
    expect(page.locator("tbody tr[aria-rowindex='100001']")).to_be_visible()
    page.get_by_role("button", name="a", exact=True).click()
    expect(page.locator("th").first).to_have_attribute("aria-sort", "ascending")
    first = page.locator("tbody tr[aria-rowindex='2'] a").first
    expect(first).to_be_visible()
    ascending = first.get_attribute("href")
    page.get_by_role("button", name="a", exact=True).click()
    expect(page.locator("tbody tr[aria-rowindex='2'] a").first).not_to_have_attribute(
        "href", ascending or ""
    )
    page.get_by_label("Filter the rows").fill("no such text")
    expect(page.get_by_text("0 rows fit")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "figures"),
    [(BY_YEAR, ("diagram", "tidslinje")), (BY_COUNTRY, ("karta",)), (GRAPH, ("graf",))],
    ids=["years", "countries", "graph"],
)
def test_result_is_drawn_and_its_figures_saved(
    work: Work, query: str, figures: tuple[str, ...]
) -> None:
    page = work(query, width=390, scheme="dark", locale="sv-SE")
    page.keyboard.press("Control+Enter")
    for figure in figures:
        page.get_by_role("button", name=figure, exact=True).click()
        expect(page.locator("figure svg[role=img]")).to_be_visible()
    if query != GRAPH:
        assert hindrances(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for name, start in {"SVG": b"<svg", "PNG": b"\x89PNG", "Data": b""}.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start)
        assert content


def test_decades_are_in_their_order_and_told_apart_by_colour(work: Work) -> None:
    page = work(BY_DECADE)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="chart", exact=True).click()
    expect(page.locator("figure .legend")).to_contain_text("Swedish")
    years = page.locator("figure svg[role=img] text").all_text_contents()
    decades = [int(year) for year in years if re.fullmatch(r"\d{3}0", year)]
    assert decades == sorted(decades)
    assert len(decades) > 3
    write(page, BY_COUNTRY)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="map", exact=True).click()
    expect(page.locator("figure .legend li").last).to_have_text("1")


def test_paper_says_that_there_are_more_rows(work: Work) -> None:
    page = work("SELECT ?a ?b { ?a ?b ?c } LIMIT 1200")
    page.keyboard.press("Control+Enter")
    status(page, "1,200 rows")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_text("The first 1,000 rows are printed; there are more.")).to_be_visible()
    assert page.locator("tbody tr:not(.space)").count() == 1000


def test_example_has_all_its_values_and_offers_others(work: Work) -> None:
    page = work()
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="Which books are there in one or several languages").click()
    field = page.get_by_role("dialog").get_by_label("Language").last
    field.fill("swed")
    offered = page.locator("datalist option[label=Swedish]").first
    expect(offered).to_be_attached()
    field.fill(str(offered.get_attribute("value")))
    page.get_by_role("button", name="Insert the query").click()
    expect(page.locator(".cm-line").first).to_contain_text("# Which books")
    assert re.search(r"VALUES \?language \{[^}]*smj[^}]*smi[^}]*swe", text(page))


def test_query_whose_tab_makes_room_is_in_the_history(work: Work) -> None:
    page = work("ASK {} # first of many")
    for number in range(12):
        page.get_by_role("button", name="New tab").click()
        write(page, f"ASK {{}} # tab {number}")
    expect(page.locator(".tabs li")).to_have_count(13)  # with the one that adds others
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog")).to_contain_text("first of many")


def test_tabs_history_and_examples_are_on_the_persons_own_machine(work: Work) -> None:
    page = work("ASK { ?s ?p ?o } # mine")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".output .answer")).to_have_text("Yes")
    page.get_by_role("button", name="New tab").click()
    assert text(page) == ""
    page.get_by_role("button", name="Examples").click()
    page.get_by_label("Search the examples").fill("published per year")
    page.get_by_role("button", name="How many books were published per year?").click()
    page.get_by_role("button", name="Insert the query").click()
    expect(page.locator(".cm-line").first).to_contain_text("# How many books")
    assert "SELECT" in text(page)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator(".tabs li")).to_have_count(3)
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog")).to_contain_text("mine")
    assert hindrances(page) == []


def test_result_says_what_it_is_and_how_to_get_it_elsewhere(work: Work) -> None:
    long = f'"{"long " * 100}"@sv'
    page = work(f"SELECT ({long} AS ?x) (<javascript:alert(1)> AS ?y) {{}}")
    page.keyboard.press("Control+Enter")
    status(page, "1 row")
    status(page, "the whole result")
    assert page.locator("a[href^=javascript]").count() == 0
    page.get_by_role("button", name="Look at").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("long " * 100)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_text("Code to copy").click()
    for name in ("curl", "Python", "R", "JavaScript"):
        expect(page.get_by_role("heading", name=name, exact=False).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="csv").click()
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("x,y\nlong ")
    page.emulate_media(media="print")
    expect(page.locator(".output .printed")).to_be_visible()
    expect(page.locator(".output table")).to_be_visible()
    expect(editor(page)).not_to_be_visible()


def test_empty_result_says_why(work: Work) -> None:
    page = work("SELECT * { ?s :hasTitel ?o }")
    page.keyboard.press("Control+Enter")
    status(page, "0 rows")
    expect(page.locator(".output .why")).to_contain_text(":hasTitel")


def test_query_page_works_without_javascript(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}/", java_script_enabled=False)
    page.get_by_label("Query in").fill(BY_COUNTRY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_scripts_of_the_page_are_small_enough_together() -> None:
    scripts = [STATIC / "workbench.js", STATIC / "figures.js"]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in scripts) <= MOST_BYTES


def test_plan_of_a_query_is_shown_beside_its_result(work: Work) -> None:
    page = work(path="?lang=en")
    write(page, "SELECT ?s ?y { ?s :publication/:year ?y } LIMIT 5")
    page.keyboard.press("Control+Enter")
    status(page, "5 rows")
    page.get_by_role("button", name="Show how the query was answered").click()
    plan = page.locator(".output .plan")
    expect(plan.get_by_role("columnheader", name="Rows expected")).to_be_visible()
    assert "publication" in plan.locator("tbody").inner_text()
    assert hindrances(page) == []
    write(page, "SELECT (RAND() AS ?x) { ?s a ?o } LIMIT 3")
    page.keyboard.press("Control+Enter")
    status(page, "3 rows")
    page.get_by_role("button", name="Show how the query was answered").click()
    expect(plan).to_contain_text("oxigraph answered the query")


def test_every_iri_of_a_result_leads_to_its_page_here(work: Work) -> None:
    page = work()
    write(page, "SELECT ?x { VALUES ?x { <https://libris.kb.se/sample-a0001#it> <urn:x:y> } }")
    page.keyboard.press("Control+Enter")
    status(page, "2 ")
    links = page.locator(".output tbody td a")
    expect(links).to_have_count(2)
    links.first.click()
    expect(page).to_have_url(re.compile(r"/sample-a0001(\?\S*)?#it$"))
    assert page.locator("h1").count() == 1


def test_why_a_result_is_empty_is_said_under_it(work: Work) -> None:
    page = work(path="?lang=sv")
    write(page, "SELECT * { ?s a :Person MINUS { ?s a :Person } }")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".output .why")).to_contain_text("tar bort alla")


def test_address_of_a_query_is_evaluated_once(sample: Server, open_page: Open) -> None:
    sent: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(f"{sample.address}/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Ayear%20%3Fy%20%7D")
    expect(editor(page)).to_be_visible()
    expect(page.locator(".served tbody tr").first).to_be_visible()
    assert len([line for line in sent if re.search(r"/sparql\b", line)]) == 1
    editor(page).click()
    page.keyboard.press("Control+Enter")
    status(page, "121 ")
    expect(page.locator(".served")).to_have_count(0)


def test_code_to_copy_reads_tables_as_arrow(work: Work) -> None:
    page = work()
    write(page, "SELECT ?s { ?s a :Person } LIMIT 2")
    page.keyboard.press("Control+Enter")
    status(page, "2 ")
    page.locator(".elsewhere summary").click()
    code = page.locator(".elsewhere details").inner_text()
    assert "open_stream" in code
    assert "arrow::read_ipc_stream" in code


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(390, "dark", "sv-SE"), (1280, "light", "en-GB")]
)
def test_no_state_of_the_workbench_hinders_anybody(
    work: Work, width: int, scheme: str, locale: str
) -> None:
    page = work(width=width, scheme=scheme, locale=locale)
    found: dict[str, list[str]] = {}

    def look(state: str, shown: Locator) -> None:
        expect(shown).to_be_visible()
        found[state] = hindrances(page)
        page.keyboard.press("Escape")

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=re.compile(f"^({name})$"))

    write(page, "SELECT * { ?s ")
    page.keyboard.press("Control+Space")
    look("completion", page.locator(".cm-tooltip-autocomplete"))
    write(page, ENDLESS)
    page.keyboard.press("Control+F")
    look("search", page.locator(".cm-search"))
    editor(page).click()
    page.keyboard.press("Control+Enter")
    look("running", button("Stop|Avbryt"))
    button("Stop|Avbryt").click()
    look("stopped", button("Run|Kör"))
    write(page, "SELECT ?i ?t { ?i :hasTitle ?t } LIMIT 9")
    page.keyboard.press("Control+Enter")
    page.locator(".elsewhere summary").click()
    look("code", page.locator(".elsewhere pre").first)
    for name in ("Share|Dela", "Examples|Exempel", "History|Historik"):
        button(name).click()
        look(name, page.get_by_role("dialog"))
    page.locator("tbody button").first.click()
    look("value", page.get_by_role("dialog"))
    write(page, "SELECT * { ?s :mainTitle 'no title is like this' }")
    page.keyboard.press("Control+Enter")
    look("empty", page.locator(".output .why"))
    assert {state: each for state, each in found.items() if each} == {}


SNIPPETS = """import { snippets } from "./snippets.js";
const [endpoint, query] = process.argv.slice(1);
console.log(JSON.stringify(snippets(endpoint, query, false)));"""
ENDS = {
    "Python": "\nprint(len(table))",
    "Python, Arrow": "\nprint(len(table))",
    "R": "\ncat(nrow(table))",
    "JavaScript": "\nconsole.log(results.bindings.length)",
}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_code_to_copy_asks_the_same_in_every_language(sample: Server) -> None:
    query = (
        '# räksmörgås\'s "two"\nSELECT ?t {\n\t?i :hasTitle/:mainTitle ?t\n'
        '\tFILTER(?t != """it\'s \\"x\\" $y `z` ${w} \\\\ 100%s 🙂""")\n} LIMIT 3'
    )
    made = subprocess.run(
        ["node", "--input-type=module", "--eval", SNIPPETS, sample.address + "/sparql", query],
        cwd=ASSETS / "workbench",
        capture_output=True,
        check=True,
    )
    lines = json.loads(made.stdout)
    commands = {
        "curl": ["bash", "-c"],
        "Python": [sys.executable, "-c"],
        "Python, Arrow": [sys.executable, "-c"],
        "JavaScript": ["node", "--input-type=module", "--eval"],
    }
    if has_r():
        commands["R"] = ["Rscript", "-e"]
    for language, command in commands.items():
        done = subprocess.run(
            [*command, lines[language] + ENDS.get(language, "")], capture_output=True, text=True
        )
        rows = done.stdout.count("\n") - 1 if language == "curl" else int(done.stdout)
        assert rows == 3, (language, done.stderr)


def has_r() -> bool:
    """Tell whether R is there, with what it asks servers with."""
    return (
        bool(shutil.which("Rscript"))
        and not subprocess.run(["Rscript", "-e", "library(httr2)"], capture_output=True).returncode
    )


def test_words_of_the_workbench_are_there_in_both_languages_and_in_use() -> None:
    words = read_words()
    sources = (path.read_text(encoding="utf-8") for path in (ASSETS / "workbench").glob("*.js"))
    used = {name for source in sources for name in re.findall(r"words\.(\w+)", source)}
    made = re.compile(r"(view|begin)_")  # by the name of a figure, or of a form of query
    assert {name for name in words["workbench"] if not made.match(name)} <= used
    for room in words.values():
        for said in room.values():
            assert set(said) == {"sv", "en"}
            places = [sorted(re.findall(r"\{\w+\}", said[language])) for language in ("sv", "en")]
            assert places[0] == places[1], said


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_format_changes_nothing_but_white_space() -> None:
    done = subprocess.run(
        ["node", "format.test.mjs", *map(str, (ROOT / "queries").glob("*.rq"))],
        cwd=ASSETS / "workbench",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
