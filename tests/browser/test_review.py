"""The pages of review in a browser: for everybody, by keyboard, in both languages."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from loader.link.desk.pages import make_app
from loader.link.runs.judgements import read_judgements
from loader.workspace import Workspace
from tests.browser.conftest import Open, hindrances
from tests.link.conftest import Linker, item, person
from tests.link.test_names import title_of

_STATES = ("/", "/?skip=1", "/?again=1", "/?skip=9", "/nowhere")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Workspace]]:
    """The address of pages with two doubts."""
    folder = tmp_path_factory.mktemp("desk")
    workspace = Workspace(folder / "data")
    workspace.root.mkdir()
    linker = Linker(workspace, folder)
    linker.load(
        person("b", "Selma Lagerlöf", "1860-1940"),
        person("c", "August Strindberg", "1851-1912"),
        *(title_of("c", title) for title in ("Röda rummet", "Hemsöborna " * 12)),
    )
    linker.extract(
        item(44519, "Selma Lagerlöf", "1858-1940"), item(7724, "August Strindberg", "1849-1912")
    )
    linker.link()
    server = make_server("127.0.0.1", 0, make_app(workspace, "Karin"), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", workspace
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(390, "dark", "sv-SE"), (1280, "light", "en-GB")]
)
def test_nothing_hinders_anybody(
    desk: tuple[str, Workspace], open_page: Open, width: int, scheme: str, locale: str
) -> None:
    page = open_page(desk[0], width, scheme, locale)
    for state in _STATES:
        page.goto(desk[0] + state)
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        assert hindrances(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, state


def test_keys_judge_and_enter_in_the_note_does_not(
    desk: tuple[str, Workspace], open_page: Open
) -> None:
    address, workspace = desk
    page = open_page(address, locale="sv-SE")
    expect(page.get_by_role("heading")).to_have_text("Är det en och samma?")
    expect(page.locator("main")).to_contain_text("födelseår skiljer sig: 1851, 1849")
    note = page.get_by_label("Anteckning")
    note.fill("nja")
    note.press("Enter")
    expect(note).to_have_value("nja")
    note.press("j")
    expect(note).to_have_value("njaj")
    assert read_judgements(workspace.judgements) == []
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading")).to_have_text("Are these one and the same?")
    page.keyboard.press("s")
    expect(page.locator("th a").first).to_contain_text("/b#it")
    page.goto(address)
    expect(page.get_by_role("heading")).to_have_text("Are these one and the same?")
    page.keyboard.press("y")
    expect(page.locator("main")).to_contain_text("Last you said yes")
    page.keyboard.press("a")
    expect(page.locator("main")).to_contain_text("You judged this before")
    assert hindrances(page) == []
    page.keyboard.press("u")
    expect(page.locator("main")).to_contain_text("Last you said unsure")
    page.keyboard.press("n")
    expect(page.locator("main")).to_contain_text("Nothing is left to judge.")
    assert hindrances(page) == []
    verdicts = [judgement.verdict for judgement in read_judgements(workspace.judgements)]
    assert verdicts == ["yes", "unsure", "no"]
