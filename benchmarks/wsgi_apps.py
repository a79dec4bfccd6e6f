"""What the WSGI servers are compared with, and how each is started.

python benchmarks/wsgi_apps.py SERVER APPLICATION PORT
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

_THREADS = 32
_HERE = Path(__file__).resolve().parent
_noticed: list[str] = []  # what /hangup has seen, for /noticed


def trivial() -> Any:
    """Return a Flask application of one view that gives 500 bytes."""
    from flask import Flask, Response

    app = Flask(__name__)

    @app.route("/")
    def view() -> Response:
        return Response(b"x" * 500, content_type="text/plain")

    return app


def bare() -> Any:
    """Return a WSGI callable that gives 500 bytes: what a server costs by itself."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "500")])
        return [b"x" * 500]

    return app


def endpoint() -> Any:
    """Return the project's application on the release in ``$DATA``."""
    from sparql_server.serving.composition import make_endpoint, make_engine
    from sparql_server.settings import Settings
    from sparql_server.web.app import create_app

    settings = Settings(data=Path(os.environ["DATA"]), workers=2, memory="off", cache=0)
    engine = make_engine(settings)
    app = create_app(make_endpoint(settings, engine))
    engine.start()
    return app


def thin() -> Any:
    """Return the same behind a callable that reads the query itself and keeps whole answers."""
    inner, kept = endpoint(), {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        found = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        key = (*found.get("query", ()), environ.get("HTTP_ACCEPT"))
        if key not in kept:
            said: list[Any] = []
            body = b"".join(inner(environ, lambda *head: said.extend(head)))
            kept[key] = (*said[:2], body)
        status, headers, body = kept[key]
        start_response(status, list(headers))
        return [body]

    return app


def probe() -> Any:
    """Return a WSGI callable with a path for each behaviour that is looked at."""
    paths = {
        "/hangup": _hangup,
        "/noticed": lambda environ: [" ".join(_noticed).encode()],
        "/cut": lambda environ: _cut(RuntimeError("cut on purpose")),
        "/reset": lambda environ: _cut(ConnectionResetError(104, "cut on purpose")),
        "/stream": lambda environ: _stream(),
        "/length": lambda environ: [str(_received(environ)).encode()],
        "/slow": lambda environ: [str(time.sleep(2)).encode()],
        "/environ": lambda environ: ["\n".join(sorted(environ)).encode()],
    }

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        body = paths[environ["PATH_INFO"]](environ)
        headers = [("Content-Type", "text/plain")]
        if isinstance(body, list):
            headers.append(("Content-Length", str(len(body[0]))))
        start_response("200 OK", headers)
        return body

    return app


def _received(environ: dict[str, Any]) -> int:
    return len(environ["QUERY_STRING"]) + len(environ["wsgi.input"].read())


def _cut(error: Exception) -> Iterator[bytes]:
    for _ in range(4):
        yield b"x" * 1000
        time.sleep(0.05)
    raise error


def _stream() -> Iterator[bytes]:
    """Yield 256 MiB; note when somebody closes it before the end."""
    _noticed.clear()
    piece = b"x" * 2**18
    try:
        for _ in range(1024):
            yield piece
    except GeneratorExit:
        _noticed.append("closed")
        raise


def _hangup(environ: dict[str, Any]) -> list[bytes]:
    """Compute for two seconds, looking meanwhile whether the client is still there."""
    gone, start = _watch(environ), time.monotonic()
    _noticed.clear()
    if gone is None:
        _noticed.append("no way")
    while gone and time.monotonic() < start + 2:
        time.sleep(0.02)
        if gone():
            _noticed.append(f"after {(time.monotonic() - start) * 1000:.0f} ms")
            break
    return [b"done"]


def _watch(environ: dict[str, Any]) -> Callable[[], bool] | None:
    """Return a function that tells whether the client has hung up, if the server has a way."""
    if "waitress.client_disconnected" in environ:
        return environ["waitress.client_disconnected"]
    client: socket.socket | None = environ.get("gunicorn.socket")
    return (lambda: _ended(client)) if client else None


def _ended(client: socket.socket) -> bool:
    """Tell whether a socket's other end has closed it; what it may have sent stays unread."""
    poll = select.poll()
    poll.register(client, select.POLLIN | select.POLLRDHUP)
    return any(event & (select.POLLRDHUP | select.POLLHUP) for _, event in poll.poll(0))


APPLICATIONS = {
    "bare": bare,
    "trivial": trivial,
    "endpoint": endpoint,
    "thin": thin,
    "probe": probe,
}


def app_from_environment() -> Any:
    """Return the application that ``$APPLICATION`` names: granian imports this in its worker."""
    return APPLICATIONS[os.environ["APPLICATION"]]()


def gunicorn(port: int) -> None:
    """Serve with gunicorn: one process of threads, as ``libris-sparql serve`` has it."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            options = {
                "bind": f"127.0.0.1:{port}",
                "worker_class": "gthread",
                "threads": _THREADS,
                "timeout": 0,
                "graceful_timeout": 10,
                "keepalive": 30,
                "loglevel": "critical",
                "limit_request_line": int(os.environ.get("REQUEST_LINE", "4094")),
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app_from_environment()

    Server().run()


def waitress(port: int) -> None:
    """Serve with waitress, reading ahead so that it notices a client that hangs up.

    At SIGTERM it accepts nothing more and goes on until what it answers is sent, ten seconds at
    most; its own ``run`` would leave the rest of a stream unsent.
    """
    import logging

    from waitress.server import create_server
    from waitress.wasyncore import loop

    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    server = create_server(
        app_from_environment(),
        host="127.0.0.1",
        port=port,
        threads=_THREADS,
        channel_request_lookahead=1,
        max_request_header_size=2**21,
        connection_limit=1000,
        outbuf_high_watermark=2**20,
        asyncore_use_poll=True,
    )
    stopping: list[float] = []

    def stop(*_: object) -> None:
        stopping.append(time.monotonic() + 10)
        server.pull_trigger()

    signal.signal(signal.SIGTERM, stop)
    while not stopping:
        loop(timeout=1, use_poll=True, map=server._map, count=1)
    server.accepting = False
    server.del_channel()
    server.socket.close()
    channels = server.active_channels.values
    while time.monotonic() < stopping[0] and any(
        channel.requests or channel.total_outbufs_len for channel in channels()
    ):
        loop(timeout=0.1, use_poll=True, map=server._map, count=1)
    server.task_dispatcher.shutdown()


def granian(port: int) -> None:
    """Serve with granian: one worker process of blocking threads."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    Granian(
        "wsgi_apps:app_from_environment",
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=int(os.environ.get("BLOCKING", _THREADS)),
        log_level=LogLevels.critical,
        working_dir=_HERE,
    ).serve()


SERVERS = {"gunicorn": gunicorn, "waitress": waitress, "granian": granian}

if __name__ == "__main__":
    os.environ["APPLICATION"] = sys.argv[2]
    SERVERS[sys.argv[1]](int(sys.argv[3]))
