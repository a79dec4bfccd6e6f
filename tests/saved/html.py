"""A page as somebody without JavaScript has it: links to follow, forms to fill in."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

from lxml import html

from tests.server.conftest import Server
from tests.server.http import Reply, request

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass
class Browser:
    """Follows links and sends forms. language: what it prefers."""

    server: Server
    language: str = "en"
    address: str = ""
    reply: Reply = field(default_factory=lambda: Reply(0, {}, b""))

    def open(self, address: str) -> html.HtmlElement:
        self.address = urljoin(self.address or f"{self.server.address}/", address)
        path = self.address.removeprefix(self.server.address)
        self.reply = request(
            self.server, "GET", path, Accept=BROWSER, Accept_Language=self.language
        )
        return self.page

    @property
    def page(self) -> html.HtmlElement:
        assert self.reply.headers["content-type"] == "text/html; charset=utf-8"
        return html.fromstring(self.reply.text)

    @property
    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def follow(self, text: str) -> html.HtmlElement:
        """Follow the first link that says this."""
        for link in self.page.iter("a"):
            if text in link.text_content():
                return self.open(link.get("href"))
        raise AssertionError(f"no link {text!r} at {self.address}")

    def send(self, **values: str) -> html.HtmlElement:
        """Fill in and send the form that has these fields."""
        form = next(
            form for form in self.page.forms if set(values) <= {name for name, _ in fields(form)}
        )
        kept = [pair for pair in fields(form) if pair[0] not in values]
        target = form.get("action") or self.address
        return self.open(f"{target.partition('?')[0]}?{urlencode([*kept, *values.items()])}")

    def rows(self) -> list[list[str]]:
        table = self.page.find(".//table")
        return (
            []
            if table is None
            else [
                [" ".join(cell.text_content().split()) for cell in row.iter("td")]
                for row in table.find("tbody").iter("tr")
            ]
        )


def fields(form: html.HtmlElement) -> list[tuple[str, str]]:
    """The fields of a form with the values that it has, empty ones too."""
    found = []
    for element in form.iter("input", "select"):
        kind = element.get("type", "text")
        if not element.get("name") or (kind == "checkbox" and element.get("checked") is None):
            continue
        if element.tag == "select":
            chosen = element.findall(".//option[@selected]") or element.findall(".//option")[:1]
            found += [(element.name, option.get("value")) for option in chosen]
        else:
            found.append((element.get("name"), element.get("value", "")))
    return found
