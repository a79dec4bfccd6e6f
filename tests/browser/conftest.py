"""Chromium, driven by Playwright, with axe to look for what hinders people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.saved.conftest import own, sample

__all__ = ["own", "sample"]

ASSETS = Path(__file__).parents[2] / "assets"
AXE = ASSETS / "node_modules" / "axe-core" / "axe.min.js"

_PATIENCE = 60_000  # milliseconds: the machine may have much else to do
expect.set_options(timeout=_PATIENCE)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Open an address: ``open_page(address, width=1280, scheme="light", …)``.

    What a page complains of fails the test.
    """
    complaints: list[str] = []
    contexts = []

    def run(
        address: str,
        width: int = 1280,
        scheme: str = "light",
        locale: str = "en-GB",
        **options: Any,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=locale,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address)
        return page

    yield run
    for context in contexts:
        context.close()
    # Chromium says of itself that a page it was sent has another status than 200.
    assert [
        complaint for complaint in complaints if "Failed to load resource" not in complaint
    ] == []


def hindrances(page: Page) -> list[str]:
    """What axe finds, https://github.com/dequelabs/axe-core."""
    if not AXE.exists():
        pytest.skip("needs the packages that `make test` has npm install in assets/")
    # Evaluated rather than added to the page: its policy allows only scripts of the server's own.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
