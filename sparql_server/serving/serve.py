"""Serving: the engine, the endpoint and the HTTP server put together, until a signal ends it."""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from sparql_server.answering.endpoint import Endpoint
from sparql_server.answering.journal import Weights
from sparql_server.answering.replies import ResultCut
from sparql_server.engine.local.engine import Embedded
from sparql_server.engine.processes import memory
from sparql_server.engine.processes.privileges import be_private
from sparql_server.engine.processes.user import Wish, give_up_root
from sparql_server.engine.releases import find_current
from sparql_server.engine.remote.engine import RemoteEngine
from sparql_server.errors import StartError
from sparql_server.http.server import Server
from sparql_server.saved.warming import make_warmer
from sparql_server.serving.composition import make_endpoint, make_engine
from sparql_server.serving.memory_bound import REQUEST, compute_bounds
from sparql_server.settings import Settings
from sparql_server.web.app import SHORTCUT, create_app

logger = logging.getLogger(__name__)

# Seconds that a thread may go on while others wait. With Python's 0.005 the thread that reads and
# writes waits for those that answer: of answers that have threads a tenth to a half fewer came in a
# second.
_SWITCH = 0.0005
_LAST_WORDS = 5.0  # seconds in which those whose query has been ended at last hear of it


class _Scales:
    """Weighs what the server process has in memory."""

    def __init__(self, settings: Settings, endpoint: Endpoint, server: Server) -> None:
        self._cache = endpoint.answers.cache
        self._server = server
        self._program = memory.measure_anonymous(os.getpid())
        self._bounds = compute_bounds(settings)

    def __call__(self) -> Weights:
        """Return what each part takes, and may take."""
        server = self._server
        taken = {
            "program": self._program,
            "cache": self._cache.status().bytes + self._cache.arriving.used,
            "remembered": server.shortcut.memory,
            "requests": REQUEST * server.requested,
            "heads": server.intake.used,
            "sending": server.sending.used,
        }
        return Weights(taken, self._bounds, memory.measure_anonymous(os.getpid()))


class _Stop:
    """Notes the signals to stop: the first one gracefully, a second one at once."""

    def __init__(self, server: Server) -> None:
        self.signals = 0
        self._server = server
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: object) -> None:
        self.signals += 1
        self._server.wake()


def serve(settings: Settings) -> None:
    """Serve until a signal ends it. Raises StartError if the address can't be had."""
    user = give_up_root(_wish(settings))
    be_private()
    _check_address(settings.host, settings.port)
    _take_all_descriptors()
    memory.give_back()
    sys.setswitchinterval(_SWITCH)
    logging.getLogger("waitress").addFilter(_is_news)
    engine = make_engine(settings)
    endpoint = make_endpoint(settings, engine)
    if settings.warm and isinstance(engine, Embedded):
        engine.before_each_release(make_warmer(endpoint.answers, endpoint.catalogue, settings.warm))
    app = create_app(endpoint)
    server = Server(app, settings, app.extensions[SHORTCUT])
    endpoint.journal.weigh_with(_Scales(settings, endpoint, server))
    stop = _Stop(server)
    engine.start()
    _announce(settings, server, engine, user)
    try:
        _run(server, stop, settings.grace)
    finally:
        engine.stop()
        _run_out(server, stop, _LAST_WORDS)
        server.end()


def _run(server: Server, stop: _Stop, grace: float) -> None:
    while not stop.signals:
        server.turn()
    server.stop_listening()
    _run_out(server, stop, grace)


def _run_out(server: Server, stop: _Stop, seconds: float) -> None:
    """Go on until there is nothing to do, or for so many seconds; not after a second signal."""
    deadline = time.monotonic() + seconds
    while server.busy and stop.signals < 2 and time.monotonic() < deadline:
        server.turn()


def _wish(settings: Settings) -> Wish:
    """Return whom the server is to run as, and what it reads from now on."""
    release = find_current(settings.data)
    files = [*release.store.iterdir()] if release and release.store.is_dir() else []
    program = (Path(sys.executable), Path(__file__).parents[1], Path(settings.queries))
    secret = [Path(settings.remote_token_file)] if settings.remote_token_file else []
    needed = (*program, settings.data, *files, *secret)
    return Wish(settings.user, settings.allow_root, settings.port, needed)


def _announce(
    settings: Settings, server: Server, engine: Embedded | RemoteEngine, user: str
) -> None:
    if not settings.remote and find_current(settings.data) is None:
        logger.warning("No release in %s yet; it is served once there is one.", settings.data)
    served = f"release {engine.release.number}" if engine.release else "no release yet"
    host = f"[{server.effective_host}]" if ":" in server.effective_host else server.effective_host
    address = f"http://{host}:{server.effective_port}/"
    logger.info("Serving %s on %s%s", served, address, f" as {user}" if user else "")


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a line of waitress's says something that our own log doesn't have."""
    kind = record.exc_info[0] if record.exc_info else None
    return record.levelno > logging.INFO and not (kind and issubclass(kind, ResultCut))


def _take_all_descriptors() -> None:
    """Raise the limit of open files to what the system lets it be: connections are files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _check_address(host: str, port: int) -> None:
    """Fail at once and clearly."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be had: {error.strerror}"
        raise StartError(f"{host}:{port} {why}") from error
