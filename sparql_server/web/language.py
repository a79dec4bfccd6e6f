"""The language of a page: what the address says, or else what the browser prefers."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from flask import Response, render_template, request, url_for
from werkzeug.datastructures import LanguageAccept, MultiDict
from werkzeug.http import parse_accept_header

from sparql_server.catalogue.saved_query import LANGUAGES
from sparql_server.memo import remembered
from sparql_server.saved.page_texts import Wording

PARAMETER = "lang"
AT_ONCE = 2
"""Pages of results that are made at a time: one takes megabytes while it is made."""
_LONGEST = 8 * 1024  # bytes of a query string that addresses in a page repeat
VARY = "Accept, Accept-Language"


_making = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class _Link:
    """Makes addresses that keep the language, if the reader has chosen it."""

    chosen: str | None

    def __call__(self, endpoint: str, **values: Any) -> str:
        if self.chosen:
            values[PARAMETER] = self.chosen
        return url_for(endpoint, **values)


def read_chosen() -> str | None:
    """Return the language that the address says, or None."""
    found = request.args.get(PARAMETER)
    return found if found in LANGUAGES else None


def language() -> str:
    """Return the language of the page: English, unless the reader wants Swedish more."""
    return read_chosen() or negotiate(request.headers.get("Accept-Language"))


@remembered(64, 200)
def negotiate(accept: str | None) -> str:
    """Return the language that a client wants: English, unless it wants Swedish more.

    accept: its Accept-Language (RFC 9110, 12.5.4).

    >>> negotiate("sv-SE,sv;q=0.9,en;q=0.8"), negotiate("de"), negotiate(None)
    ('sv', 'en', 'en')
    """
    wanted: LanguageAccept = parse_accept_header(accept, LanguageAccept)
    return wanted.best_match(("en", "sv")) or "en"


def context() -> dict[str, Any]:
    """Return what all templates know: texts, language, links."""
    wording = Wording(language())
    return {
        "t": wording,
        "lang": wording.language,
        "chosen": read_chosen(),
        "link": _Link(read_chosen()),
        "in_other_language": _switched(wording.other),
    }


def _switched(other: str) -> str:
    """Return the address of the same page in the other language."""
    arguments = MultiDict(request.args)
    arguments[PARAMETER] = other
    if len(request.query_string) > _LONGEST:  # it would stand in the page several times as long
        arguments = MultiDict({PARAMETER: other})
    if request.endpoint is None or request.routing_exception is not None:
        return url_for("pages.front", lang=other)
    values: dict[str, Any] = {**(request.view_args or {}), **arguments.to_dict(flat=False)}
    return url_for(request.endpoint, **values)


def render(template: str, **values: object) -> str:
    """Return a page that may be large: only so many are made at once."""
    with _making:
        return render_template(template, **values)


def head(response: Response) -> Response:
    """Give a response the headers that pages have, whatever stands in them."""
    response.headers["Vary"] = VARY
    response.headers["Content-Language"] = language()
    response.headers["Cache-Control"] = "no-cache" if response.status_code == 200 else "no-store"
    return response


def page(body: str, status: int = 200) -> Response:
    """Return a page that may be kept, but must be asked about each time."""
    response = head(Response(body, status=status, content_type="text/html; charset=utf-8"))
    if status != 200:
        return response
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
