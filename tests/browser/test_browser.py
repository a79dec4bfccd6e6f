"""The pages in Chromium: keyboard, screen reader, telephone, paper."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from loader.files import files
from loader.release import release
from loader.store import pipeline
from loader.workspace import Workspace
from tests.browser.conftest import ASSETS, Open, hindrances
from tests.records import title, write
from tests.server.conftest import Server, start, stop

pytestmark = pytest.mark.long

AUTHOR = "/queries/translations-of-an-author-by-decade"
RESULT = "/sparql?" + urlencode({"query": "SELECT * { ?s a ?type } LIMIT 5", "format": "html"})
WRONG = "/sparql?" + urlencode({"query": "SELECT * { ?s a }", "format": "html"})
PAGES = [
    "/",
    "/queries/",
    "/queries/?search=zzz",
    AUTHOR,
    "/queries/publishers-over-time",
    "/queries/books-per-year?chart=lines",
    "/queries/books-per-year?from=abcd",
    "/queries/books-per-year?from=1990&to=1980",
    "/queries/books-per-year?release=99",
    "/queries/libraries-and-their-holdings",
    "/queries/none",
    f"{AUTHOR}/values/person?search=li",
    "/api",
    RESULT,
    WRONG,
    "/search?q=person",
    "/schema",
    "/schema/class?iri=https://id.kb.se/vocab/Person",
    "/schema/property?iri=https://id.kb.se/vocab/mainTitle",
    "/sample-a0003",
    "/sample-b0010",
    "/tables/",
    "/tables/publications",
    "/dataset",
    "/dumps/",
    "/queries/changed-since",
    "/queries/books-per-year/cite",
    "/cite?query=SELECT%20*%20%7B%20%3Fs%20a%20%3AWork%20%7D",
]


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(1280, "light", "en-GB"), (390, "dark", "sv-SE")]
)
def test_axe_finds_nothing_and_no_page_is_too_wide(
    sample: Server, open_page: Open, width: int, scheme: str, locale: str
) -> None:
    found = {}
    for path in PAGES:
        page = open_page(f"{sample.address}{path}", width, scheme, locale)
        # The largest page by far, and one like another in all widths.
        found[path] = [] if path == "/api" and width < 1280 else hindrances(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[path].append("too wide")
        page.close()
    assert {path: those for path, those in found.items() if those} == {}


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two releases, between which something has changed."""
    folder = tmp_path_factory.mktemp("changing")
    workspace = Workspace(folder / "data")
    for titles in (["Ett", "Två"], ["Ett till", "Två", *(f"Nummer {n}" for n in range(120))]):
        records = [title(f"r{number}", text) for number, text in enumerate(titles)]
        pipeline.load(workspace, files.find_files([write(folder / "r.jsonl", *records)]), None)
        with pipeline.opened(workspace, "release") as archive:
            release.publish(workspace, archive, 2)
    running = start(workspace.root, "--workers", "1")
    yield running
    assert stop(running) == 0


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(1280, "light", "en-GB"), (390, "dark", "sv-SE")]
)
def test_axe_finds_nothing_on_the_pages_of_changes(
    changing: Server, open_page: Open, width: int, scheme: str, locale: str
) -> None:
    for path in ("/changes/", "/changes/2", "/changes/2?page=2", "/r0?history"):
        page = open_page(f"{changing.address}{path}", width, scheme, locale)
        assert hindrances(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.close()


def rows(page: Page) -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in page.locator("tbody tr").all()]


def pick(page: Page, label: str, text: str) -> None:
    """Pick the first suggestion for a text, by keyboard alone."""
    page.get_by_label(label, exact=True).first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    expect(page.locator("[role=option]").first).to_contain_text(text, ignore_case=True)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_author_is_changed_by_keyboard_charted_and_downloaded(
    sample: Server, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(f"{sample.address}/")
    page.get_by_role("link", name="Which languages was an author translated to").click()
    assert page.get_by_label("Author", exact=True).input_value() == "Lindgren, Astrid, 1907-2002"
    pick(page, "Author", "mankell")
    assert page.get_by_label("Author", exact=True).input_value() == "Mankell, Henning, 1948-2015"
    assert hindrances(page) == []
    page.get_by_role("button", name="Show the answer").press("Enter")
    page.wait_for_url("**person=*")
    assert len(rows(page)) == 3
    expect(page.get_by_role("img", name="Instances by decade and language")).to_be_visible()
    page.get_by_role("link", name="lines").click()
    assert page.locator("polyline").count() == 3
    line = page.locator("#snippet-curl").inner_text()
    subprocess.run(shlex.split(line), cwd=tmp_path, check=True, capture_output=True)
    csv = (tmp_path / "translations-of-an-author-by-decade.csv").read_text(encoding="utf-8")
    assert len(csv.splitlines()) == 4
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == csv


def test_suggestions_are_told_to_screen_readers(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}{AUTHOR}", locale="sv-SE")
    field = page.get_by_label("Författare", exact=True)
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.fill("lind")
    expect(page.locator("[role=option]").first).to_contain_text("Lindgren")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[role=status]", has_text="förslag").first).to_be_attached()
    assert hindrances(page) == []
    field.fill("zzzz")
    expect(page.get_by_text("Inget hittat", exact=True)).to_be_visible()
    field.fill("lind")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_text_that_is_no_value_is_not_sent(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}{AUTHOR}")
    field = page.get_by_label("Author", exact=True)
    field.fill("somebody")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show the answer").click()
    assert field.evaluate("one => one.validationMessage") == "Pick one of the suggestions."
    assert page.url == f"{sample.address}{AUTHOR}"
    field.fill("wd:Q25161")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show the answer").click()
    page.wait_for_url("**person=wd*")
    assert len(rows(page)) == 2


def test_several_values_are_picked_and_taken_away(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}/queries/publishers-over-time?publisher=Bonnier")
    before = len(rows(page))
    page.get_by_role("button", name="Add a value").click()
    page.keyboard.type("norst")
    expect(page.locator("[role=option]:visible").first).to_contain_text("Norstedt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert hindrances(page) == []
    page.get_by_role("button", name="Show the answer").click()
    page.wait_for_url("**Norstedt*")
    assert "publisher=Bonnier&publisher=Norstedt" in page.url
    assert "from=" not in page.url
    assert len(rows(page)) > before
    page.get_by_label("Publisher’s name", exact=True).first.fill("")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show the answer").click()
    page.wait_for_url(lambda url: "Bonnier" not in url)
    assert {row[1] for row in rows(page)} == {"Norstedt"}


def test_lines_are_copied(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}{AUTHOR}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy: In a terminal").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#snippet-curl").inner_text()


def test_page_works_without_javascript(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}{AUTHOR}", java_script_enabled=False)
    assert page.get_by_label("Author", exact=True).input_value() == "wd:Q25161"
    expect(page.get_by_text("Now: Lindgren, Astrid, 1907-2002")).to_be_visible()
    page.get_by_role("link", name="Find values for Author").click()
    page.get_by_role("searchbox").fill("mankell")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Mankell").click()
    assert page.locator("tbody tr").count() == 3
    expect(page.locator("figure svg[role=img]")).to_be_visible()


def test_keyboard_reaches_the_content_first_and_everything_after(
    sample: Server, open_page: Open
) -> None:
    page = open_page(f"{sample.address}{AUTHOR}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
    assert {"person", "Show the answer", "lines", "CSV", "Edit this query", "permanent"} <= reached


def test_paper_has_the_answer_and_none_of_the_buttons(sample: Server, open_page: Open) -> None:
    page = open_page(f"{sample.address}{AUTHOR}", scheme="dark")
    page.emulate_media(media="print")
    for gone in ("nav", ".parameters button", ".downloads", ".copy", ".sparql"):
        assert not page.locator(gone).first.is_visible(), gone
    for there in ("h1", "table", "figure svg[role=img]", "#permanent", ".notes"):
        assert page.locator(there).first.is_visible(), there
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.skipif(
    not (ASSETS / "node_modules" / "esbuild").exists() or shutil.which("node") is None,
    reason="needs node and the packages that `make test` has npm install in assets/",
)
def test_built_script_is_what_its_source_makes(tmp_path: Path) -> None:
    subprocess.run(
        ["node", "build.mjs", str(tmp_path)], cwd=ASSETS, check=True, capture_output=True
    )
    static = ASSETS.parent / "sparql_server" / "web" / "static"
    for name in ("pickers.js", "pickers.LICENSES.txt"):
        assert (tmp_path / name).read_bytes() == (static / name).read_bytes(), name
