"""The HTTP server: waitress, which reads requests and writes answers in one thread of its own.

Slow clients hold connections and no threads, and the application is told when a client has hung up.
https://docs.pylonsproject.org/projects/waitress/
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from sparql_server.answering.fast_path import Shortcut
from sparql_server.answering.replies import Reply
from sparql_server.budget import Budget
from sparql_server.http.connections import Channel
from sparql_server.http.head_budget import Intake
from sparql_server.http.limits import BUFFER, CONNECTIONS, SENDING
from sparql_server.http.refusals import make_refusal_headers
from sparql_server.http.waiting import SOON, Waiting
from sparql_server.settings import Settings
from sparql_server.web.app import ALWAYS, NEGOTIATED

_IDLE = 60  # seconds that a connection may stay open without a request
_TICK = 0.5  # seconds between two looks at whether to stop
_LINE = 64 * 1024  # bytes of an address beyond those that it may have, to be told so
_NEVER = 10**9  # seconds
_AT_ONCE = 8  # connections that are taken before others are looked at


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress, which also ends connections whose client doesn't take its answer, or send all.

    An answer that is at hand is given by the thread that reads and writes: the hand-over to another
    one and back takes longer than the answer. shortcut: knows what is, and what will be in a
    moment.
    """

    channel_class = Channel

    def __init__(self, app: object, settings: Settings, shortcut: Shortcut) -> None:
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
        self.refusal_headers = make_refusal_headers(ALWAYS)
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
        self._waiting = Waiting(self._map, shortcut.submit, self._answer, super().add_task)

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

    def at_hand(self, environ: dict[str, object]) -> Reply | None:
        """Return the reply to a request that was found to be at hand."""
        found = self.shortcut.reply(environ)
        if found:
            varies = any(name == "Vary" for name, _ in found.headers)
            found.headers.extend(ALWAYS if varies else NEGOTIATED)
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
            for channel in sorted(self._idle(), key=_find_last_activity)[:excess]:
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
        return any(channel.requests or channel.total_outbufs_len for channel in channels)

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


def _find_last_activity(channel: Channel) -> float:
    return float(channel.last_activity)
