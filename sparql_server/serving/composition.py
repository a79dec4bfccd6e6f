"""The engine, the endpoint in front of it and the saved queries, put together by the settings."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

from sparql_server.answering.admission import Admission, read_networks
from sparql_server.answering.answers import Answers
from sparql_server.answering.cache import ResultCache
from sparql_server.answering.endpoint import Endpoint
from sparql_server.answering.journal import Journal
from sparql_server.catalogue.query_files import load
from sparql_server.catalogue.saved_query import Catalogue
from sparql_server.citing.former import FormerAnswers
from sparql_server.engine.former.former_releases import FormerReleases
from sparql_server.engine.local.engine import Embedded
from sparql_server.engine.query_limits import Limits
from sparql_server.engine.remote.engine import RemoteEngine
from sparql_server.errors import StartError
from sparql_server.records.licences import read_terms
from sparql_server.settings import Settings

logger = logging.getLogger(__name__)

_SEARCHES = 64  # that may be under way or wait at once


def make_engine(settings: Settings) -> Embedded | RemoteEngine:
    """Return the engine that an operator has asked for."""
    limits = Limits(
        settings.workers,
        settings.timeout,
        settings.queue_timeout,
        settings.worker_memory,
        settings.recycle,
    )
    if settings.remote:
        return RemoteEngine(settings.remote, settings.data, limits, _read_token(settings))
    confined = not settings.allow_service
    former = FormerReleases(settings.data, limits, settings.former, confined=confined)
    return Embedded(settings.data, limits, confined=confined, beside=former)


def _read_token(settings: Settings) -> str:
    """Return the token for the remote endpoint. Raises StartError; its text is never shown."""
    if not settings.remote_token_file:
        return ""
    try:
        token = Path(settings.remote_token_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(
            f"{settings.remote_token_file} (--remote-token-file) can't be read: "
            f"{getattr(error, 'strerror', None) or 'it is no text'}."
        ) from error
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise StartError(
            f"{settings.remote_token_file} (--remote-token-file) is to hold one line of letters,"
            " digits and signs, without spaces."
        )
    return token


def make_endpoint(settings: Settings, engine: Embedded | RemoteEngine) -> Endpoint:
    """Return the endpoint in front of an engine."""
    cache = ResultCache(settings.cache)
    places = settings.workers + settings.queue
    admission = Admission(places, settings.client_queries, settings.client_rate)
    answers = Answers(
        engine,
        cache,
        admission,
        settings.allow_service,
        settings.result_bytes,
        union=settings.default_graph == "union",
    )
    journal = Journal(engine.status, cache.status, sys.stderr.write)
    trusted = read_networks(settings.trusted_proxy)
    catalogue = load_queries(Path(settings.queries))
    bounds = (settings.request_bytes, settings.max_age)
    searching = _make_searching(settings, engine, cache)
    terms = read_terms(settings.licence, settings.publisher, settings.contact)
    return Endpoint(
        answers,
        journal,
        catalogue,
        *bounds,
        trusted,
        searching,
        terms,
        settings.poll,
        FormerAnswers(getattr(engine, "beside", None)),
        settings.data,
    )


def _make_searching(
    settings: Settings, engine: Embedded | RemoteEngine, cache: ResultCache
) -> Answers | None:
    """Return what answers searches for things; None for an engine that takes none."""
    if isinstance(engine, RemoteEngine):
        return None
    admission = Admission(_SEARCHES, settings.client_queries, settings.client_rate)
    return Answers(engine.searching, cache, admission)


def load_queries(folder: Path) -> Catalogue:
    """Return the saved queries of a folder; the log says which files can't be served, and why."""
    if not folder.is_dir():
        raise StartError(f"there is no directory {folder} with saved queries")
    catalogue = load(folder)
    for problem in catalogue.problems:
        logger.error("saved query left out: %s", problem)
    return catalogue
