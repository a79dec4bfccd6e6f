"""How an attacker sends: many at once, byte by byte, without reading; never elsewhere than here."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

HOST = "127.0.0.1"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Scale:
    """How much is sent. times: requests. connections: at once. size: bytes. seconds: at most."""

    times: int
    connections: int
    size: int
    seconds: float


SMALL = Scale(times=12, connections=20, size=40_000, seconds=1)
FULL = Scale(times=620, connections=1200, size=1_000_000, seconds=15)


@dataclass(frozen=True)
class Target:
    """The server that is attacked. pid: of its process. data: its data directory."""

    port: int
    pid: int
    data: Path
    scale: Scale
    until: float

    @property
    def is_over(self) -> bool:
        """Whether the attack's time is over."""
        return time.time() >= self.until

    def connect(self) -> socket.socket:
        """Open a connection. Raises OSError."""
        return socket.create_connection((HOST, self.port), timeout=max(1, self.scale.seconds))

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes] | None:
        """Send a request; return status and body, or None where there is no whole answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=self.scale.seconds + 1)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            return response.status, response.read()
        return None

    def ask(self, query: str, accept: str = "*/*", **more: str) -> tuple[int, bytes] | None:
        """Send a query in a form."""
        body = urlencode({"query": query, **more}).encode()
        return self.send("POST", "/sparql", body, Content_Type=FORM, Accept=accept)

    def each(self, action: Callable[[int], object], threads: int = 20) -> None:
        """Do something as many times as the scale says, while there is time."""

        def act(number: int) -> None:
            if not self.is_over:
                with suppress(OSError):
                    action(number)

        with ThreadPoolExecutor(threads) as many:
            list(many.map(act, range(self.scale.times)))

    @contextmanager
    def connections(self, number: int | None = None) -> Iterator[list[socket.socket]]:
        """Have so many connections open, as many of them as the server lets be."""
        opened: list[socket.socket] = []
        try:
            for _ in range(number or self.scale.connections):
                with suppress(OSError):
                    opened.append(self.connect())
            yield opened
        finally:
            for connection in opened:
                connection.close()

    def drip(self, connections: Sequence[socket.socket], piece: bytes, pause: float = 0.0) -> None:
        """Send a piece on each connection again and again; on those that are closed no more."""
        alive = list(connections)
        while alive and not self.is_over:
            for connection in list(alive):
                try:
                    connection.sendall(piece)
                except OSError:
                    alive.remove(connection)
            time.sleep(pause)

    def wait(self) -> None:
        """Wait until the attack's time is over."""
        time.sleep(max(0, self.until - time.time()))
