"""Views of what changed: in ActivityStreams at ``/changes/``, as an event stream, by release."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from flask import Blueprint, Response, request, url_for

from sparql_server.answering.endpoint import Endpoint
from sparql_server.changes.activities import MEDIA_TYPE, describe_change_set, describe_collection
from sparql_server.changes.entries import LogError
from sparql_server.changes.event_stream import write_page, write_root
from sparql_server.changes.feed import Feed, open_feed, spell_time
from sparql_server.changes.log import Log
from sparql_server.dataset.dumps import list_dumps
from sparql_server.errors import (
    BadParameter,
    NoRelease,
    NotAcceptable,
    NotInRelease,
    ReleaseGone,
)
from sparql_server.finding.schema import Schemas
from sparql_server.sparql.formats import (
    DATASETS,
    Format,
    choose,
    find_format,
    list_available,
)
from sparql_server.sparql.protocol import Parameters, read_format, read_parameters
from sparql_server.web.services.change_pages import Show, show_feed, show_log
from sparql_server.web.transfer.responses import prefers_page

_FOREVER = 31_536_000  # seconds: a year, as RFC 8246 has it
_LATEST = 253_402_300_799_999  # the last millisecond of the year 9999
_DIGITS = 15
_FORMATS = (DATASETS[1], DATASETS[0])
_OF_PAGES = ("format", "lang")  # parameters that lists have which are pages, too

Read = TypeVar("Read")

logger = logging.getLogger(__name__)


def blueprint(endpoint: Endpoint, show: Show) -> Blueprint:
    """Return the views. show: makes a page."""
    views, schemas = Blueprint("changes", __name__), Schemas()

    @views.get("/changes/", endpoint="feed")
    def feed() -> Response:
        parameters = _check_parameters("until", *_OF_PAGES)
        now = time.time_ns() // 1_000_000
        changes, until = _open(endpoint), _read_number("until", now, _LATEST)
        if _wants_page(parameters):
            schema = schemas.of(endpoint.answers.release)
            return _read(lambda: show_feed(changes, schema, until, show))
        said = _describe_feed(endpoint, changes, until, now)
        return _respond(endpoint, json.dumps(said, ensure_ascii=False) + "\n", MEDIA_TYPE)

    @views.get("/changes/stream", endpoint="stream")
    def stream() -> Response:
        chosen = _choose_format()
        text = write_root(_open(endpoint), _stream(), quads=chosen.name == "nq")
        return _respond(endpoint, text, chosen.content_type)

    @views.get("/changes/stream/<int:release>/<int:page>", endpoint="page")
    def page(release: int, page: int) -> Response:
        chosen = _choose_format()
        log = _find_log(endpoint, release, page)
        text = _read(lambda: write_page(log, page, _stream(), quads=chosen.name == "nq"))
        return _respond(endpoint, text, chosen.content_type, lasting=True)

    @views.get("/changes/<int:release>", endpoint="release")
    def release(release: int) -> Response:
        parameters = _check_parameters("page", *_OF_PAGES)
        page = _read_number("page", 1, _LATEST)
        log = _find_log(endpoint, release, page)
        if _wants_page(parameters):
            schema = schemas.of(endpoint.answers.release)
            return _read(lambda: show_log(log, page, schema, show))
        text = json.dumps(_read(lambda: _describe_log(log, page)), ensure_ascii=False)
        return _respond(endpoint, text + "\n", "application/json", lasting=True)

    return views


def _describe_feed(endpoint: Endpoint, changes: Feed, until: int, now: int) -> dict[str, object]:
    """Return the feed, or the part of it before a time, where one is named."""
    base = url_for("changes.feed", _external=True)
    if "until" in request.args:
        return _read(lambda: describe_change_set(changes, base, until, now))
    release = endpoint.answers.release
    has_dumps = release is not None and bool(list_dumps(release, release.manifest()))
    dumps = url_for("descriptions.dumps", _external=True) if has_dumps else None
    return describe_collection(changes, base, now, dumps)


def _wants_page(parameters: Parameters) -> bool:
    """Tell whether a request wants a page, not JSON. Raises BadParameter for other formats."""
    name = read_format(parameters)
    if prefers_page(name):
        return True
    if name not in (None, "json"):
        raise BadParameter("format is json or html.", parameter="format")
    return False


def _open(endpoint: Endpoint) -> Feed:
    release = endpoint.answers.release
    if release is None:
        raise NoRelease("Nothing is published yet: run libris-loader release.")
    return _read(lambda: open_feed(release.path))


def _read(read: Callable[[], Read]) -> Read:
    """Return what is read of a log. Raises NotInRelease where it can't be."""
    try:
        return read()
    except LogError as error:
        logger.error("%s", error)
        raise NotInRelease("The log of what changed is damaged.") from error


def _find_log(endpoint: Endpoint, release: int, page: int) -> Log:
    """Return a release's log, which has such a page. Raises ReleaseGone and NotInRelease."""
    feed = _open(endpoint)
    log = feed.log(release)
    if log is None and feed.logs and release < feed.logs[0].head.release:
        raise ReleaseGone(
            f"What changed with release {release} isn't kept any more.",
            release=release,
            address=url_for("changes.stream", _external=True),
        )
    if log is None or not 1 <= page <= log.pages:
        raise NotInRelease(f"There is no page {page} of what changed with release {release}.")
    return log


def _describe_log(log: Log, page: int) -> dict[str, object]:
    """Return a page of a log as JSON has it, the head of the log with it."""
    head = log.head
    first, entries = log.page(page - 1)
    items = [
        {"published": spell_time(head.time(number)), **asdict(entry)}
        for number, entry in enumerate(entries, first)
    ]
    following = url_for("changes.release", release=head.release, page=page + 1, _external=True)
    return {
        "release": head.release,
        "since": head.since,
        "began": spell_time(head.began),
        "ended": spell_time(head.ended),
        "counts": dict(head.counts),
        "items": items,
        **({"next": following} if page < log.pages else {}),
    }


def _stream() -> str:
    return url_for("changes.stream", _external=True)


def _choose_format() -> Format:
    wanted = read_format(_check_parameters("format"))
    chosen = (
        find_format(wanted, _FORMATS) if wanted else choose(request.headers.get("Accept"), _FORMATS)
    )
    if chosen is None:
        there = list_available(_FORMATS)
        raise NotAcceptable(f"There is {', '.join(there)}.", available=there)
    return chosen


def _check_parameters(*known: str) -> Parameters:
    """Return the parameters of the address; refuse others than these, and repeated ones."""
    parameters = read_parameters(request.query_string)
    for name, values in parameters.items():
        if name not in known:
            raise BadParameter(f"There is no parameter {name} here.", parameter=name)
        if len(values) > 1:
            raise BadParameter(f"{name} stands {len(values)} times; once is right.", parameter=name)
    return parameters


def _read_number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= most):
        raise BadParameter(f"{name} is a whole number.", parameter=name, type="integer")
    return int(text)


def _respond(endpoint: Endpoint, text: str, kind: str, *, lasting: bool = False) -> Response:
    """Return a page. lasting: whether it never changes; else it is to be asked for again."""
    response = Response(text, content_type=kind)
    age = f"max-age={_FOREVER}, immutable" if lasting else f"max-age={endpoint.poll}"
    response.headers["Cache-Control"] = f"public, {age}"
    response.headers["Vary"] = "Accept"
    release = endpoint.answers.release
    response.headers["Libris-Release"] = str(release.number if release else 0)
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
