"""The HTTP server: waitress, and the engine beside it.

Waitress reads requests and writes answers in one thread of its own, so that slow clients hold
connections and no threads, and tells the application when a client has hung up.
https://docs.pylonsproject.org/projects/waitress/
"""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from sparql_server.admission import Admission, networks
from sparql_server.answers import Answers
from sparql_server.app import ALWAYS, NEGOTIATED, SHORTCUT, create_app
from sparql_server.budget import Budget
from sparql_server.cache import ResultCache
from sparql_server.catalogue.model import Catalogue
from sparql_server.catalogue.reading import load
from sparql_server.connections import Channel, refusal_headers
from sparql_server.endpoint import Endpoint
from sparql_server.engine import memory
from sparql_server.engine.embedded import Embedded
from sparql_server.engine.privileges import be_private
from sparql_server.engine.releases import current
from sparql_server.engine.remote import RemoteEngine
from sparql_server.engine.user import Wish, give_up_root
from sparql_server.engine.work import Limits
from sparql_server.errors import StartError
from sparql_server.intake import Intake
from sparql_server.journal import Journal, Weights
from sparql_server.memory_bound import BUFFER, CONNECTIONS, REQUEST, SENDING, bounds
from sparql_server.replies import Reply, ResultCut
from sparql_server.settings import Settings
from sparql_server.shortcut import Shortcut
from sparql_server.waiting import SOON, Waiting
from sparql_server.warming import warmer

logger = logging.getLogger(__name__)

_IDLE = 60  # seconds that a connection may stay open without a request
# Seconds that a thread may go on while others wait. With Python's 0.005 the thread that reads and
# writes waits for those that answer: of answers that have threads a tenth to a half fewer came in a
# second.
_SWITCH = 0.0005
_TICK = 0.5  # seconds between two looks at whether to stop
_LAST_WORDS = 5.0  # seconds in which those whose query has been ended at last hear of it
_LINE = 64 * 1024  # bytes of an address beyond those that it may have, to be told so
_NEVER = 10**9  # seconds
_AT_ONCE = 64  # connections that are taken before others are looked at


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress, which also ends connections whose client doesn't take its answer, or send all.

    An answer that is at hand is given by the thread that reads and writes: the hand-over to another
    one and back takes longer than the answer. shortcut: knows what is, and what will be in a
    moment.
    """

    channel_class = Channel

    def __init__(self, app: Any, settings: Settings, shortcut: Shortcut) -> None:
        self.shortcut = shortcut
        self._here = threading.local()
        self._next_maintenance = 0.0
        self._are_waiting = False
        self._later: deque[Channel] = deque()
        self._reader = threading.get_ident()
        self._send_timeout = settings.send_timeout
        self._receive_timeout = settings.receive_timeout
        # Nobody waits longer, twice for equal queries: whoever takes longer takes it in too slowly.
        self._serve_timeout = (
            2 * (settings.timeout + settings.queue_timeout) + settings.send_timeout
        )
        self.body_limit = settings.request_bytes
        self.refusal_headers = refusal_headers(ALWAYS)
        self.sending = Budget(SENDING)
        self.intake = Intake()
        adjustments = Adjustments(
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident="",
            connection_limit=2 * CONNECTIONS,  # that there is room is seen to here
            asyncore_use_poll=True,
            channel_request_lookahead=1,
            clear_untrusted_proxy_headers=False,  # whom to trust is for Admission to say
            cleanup_interval=_NEVER,  # see ``look_after``
            channel_timeout=_IDLE,
            server_name="localhost",  # for clients that name no host
            inbuf_overflow=BUFFER,
            outbuf_overflow=BUFFER,
            max_request_header_size=settings.request_bytes + _LINE,
            max_request_body_size=2 * settings.request_bytes,
        )
        super().__init__(app, {}, adj=adjustments)
        # Whoever wakes the thread that reads and writes may hold a lock that this thread waits for.
        os.set_blocking(self.trigger.trigger, False)
        self._waiting = Waiting(self._map, shortcut.begin, self._answer, super().add_task)

    def add_task(self, channel: Channel) -> None:
        """Have a channel's next request answered; by whom, ``take`` says of those just read."""
        channel.arrived = True
        if threading.get_ident() != self._reader:
            self.take_later(channel)
            self.wake()

    def take(self, channel: Channel) -> None:
        """Have a request answered that was just read: at once, or by another thread."""
        if channel.is_at_hand():
            channel.service()
        elif channel.requests[0].error or not self.accepting:
            super().add_task(channel)
        else:
            self._waiting.add(channel)

    def take_later(self, channel: Channel) -> None:
        """Have a channel's other requests taken when all channels have had their turn."""
        self._later.append(channel)

    def at_hand(self, environ: dict[str, Any]) -> Reply | None:
        """Return the reply to a request that was found to be at hand."""
        found = self.shortcut.reply(environ)
        if found:
            found.headers.extend(NEGOTIATED)
        return found

    def _answer(self, channel: Channel) -> None:
        """Answer a request whose result is there, unless writing might have to wait."""
        if channel.total_outbufs_len:
            super().add_task(channel)
        else:
            channel.service()
            channel.take_arrived()

    def serving(self, channel: Channel | None) -> None:
        """Note which channel this thread serves."""
        self._here.channel = channel

    def pull_trigger(self) -> None:
        """Wake the thread that reads and writes, unless it knows all there is to know."""
        if threading.get_ident() == self._reader:
            return
        channel = getattr(self._here, "channel", None)
        if channel is None or channel.wants_a_look or not self.accepting:
            self.wake()

    def wake(self) -> None:
        """Have ``turn`` end, also if a signal's handler says so; never wait for it to."""
        with suppress(BlockingIOError):  # it has been woken thousands of times, and will look
            self.trigger.pull_trigger()

    def readable(self) -> bool:
        """Tell whether another connection can be taken."""
        has_room = len(self.active_channels) < CONNECTIONS
        return bool(super().readable()) and (has_room or any(self._idle()))

    def handle_accept(self) -> None:
        """Note that connections wait, for ``look_after`` to take."""
        self._are_waiting = True

    def _accept(self) -> None:
        """Take the connections that wait; waitress takes one, and looks at all others then."""
        self._are_waiting = False
        for _ in range(_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return

    def _idle(self) -> Iterator[Channel]:
        return (channel for channel in self.active_channels.values() if channel.is_idle)

    def look_after(self, now: float) -> None:
        """Take new connections; close what is to be closed: of too many, those idle for longest.

        Only where no event is left: one of a connection that has been closed would be taken for one
        of the new connection that has its number now, and close it.
        """
        if now >= self._next_maintenance:
            self._next_maintenance = now + 1
            self.maintenance(now)
        if self._are_waiting:
            self._accept()
        excess = len(self.active_channels) - CONNECTIONS
        if excess > 0:
            for channel in sorted(self._idle(), key=_last_activity)[:excess]:
                channel.handle_close()

    def maintenance(self, now: float) -> None:
        """Close connections that have been idle for long, or whose client takes no byte."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            stuck = channel.total_outbufs_len and channel.last_activity < now - self._send_timeout
            slow = 0 < channel.serving < now - self._serve_timeout
            late = channel.is_late(now, self._receive_timeout)
            if stuck or slow or late or channel.is_cut:
                # Not will_close, as waitress does: that waits until the client takes something.
                channel.handle_close()

    @property
    def busy(self) -> bool:
        """Whether a request is in work or an answer on its way."""
        channels = list(self.active_channels.values())
        return any(one.requests or one.total_outbufs_len for one in channels)

    @property
    def requested(self) -> int:
        """Bytes of the requests that are in work, or wait for that."""
        channels = list(self.active_channels.values())
        return sum(channel.requested for channel in channels)

    def stop_listening(self) -> None:
        """Take no more connections."""
        wasyncore.dispatcher.close(self)

    def turn(self) -> None:
        """Wait for something to happen, at most for a moment, and deal with it."""
        self.look_after(time.time())
        for _ in range(len(self._later)):
            channel = self._later.popleft()
            if channel.connected:
                channel.take_arrived()
        patience = 0.0 if self._later else SOON if self._waiting else _TICK
        wasyncore.loop(patience, use_poll=True, map=self._map, count=1)
        if self._waiting:
            self._waiting.look()

    def end(self) -> None:
        """Close all connections."""
        self.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        wasyncore.close_all(self._map)


def _last_activity(channel: Channel) -> float:
    return float(channel.last_activity)


class _Scales:
    """Weighs what the server process has in memory."""

    def __init__(self, settings: Settings, endpoint: Endpoint, server: Server) -> None:
        self._cache = endpoint.answers.cache
        self._server = server
        self._program = memory.anonymous(os.getpid())
        self._bounds = bounds(settings)

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
        return Weights(taken, self._bounds, memory.anonymous(os.getpid()))


class _Stop:
    """Notes the signals to stop: the first one gracefully, a second one at once."""

    def __init__(self, server: Server) -> None:
        self.signals = 0
        self._server = server
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._note)

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
        engine.before_each_release(warmer(endpoint.answers, endpoint.catalogue, settings.warm))
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
        return RemoteEngine(settings.remote, settings.data, limits)
    return Embedded(settings.data, limits, settings.memory, confined=not settings.allow_service)


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
    trusted = networks(settings.trusted_proxy)
    catalogue = load_queries(Path(settings.queries))
    return Endpoint(answers, journal, catalogue, settings.request_bytes, settings.max_age, trusted)


def load_queries(folder: Path) -> Catalogue:
    """Return the saved queries of a folder; the log says which files can't be served, and why."""
    if not folder.is_dir():
        raise StartError(f"there is no directory {folder} with saved queries")
    catalogue = load(folder)
    for problem in catalogue.problems:
        logger.error("saved query left out: %s", problem)
    return catalogue


def _wish(settings: Settings) -> Wish:
    """Return whom the server is to run as, and what it reads from now on."""
    release = current(settings.data)
    files = [*release.store.iterdir()] if release and release.store.is_dir() else []
    program = (Path(sys.executable), Path(__file__).parent, Path(settings.queries))
    needed = (*program, settings.data, *files)
    return Wish(settings.user, settings.allow_root, settings.port, needed)


def _announce(
    settings: Settings, server: Server, engine: Embedded | RemoteEngine, user: str
) -> None:
    if not settings.remote and current(settings.data) is None:
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
