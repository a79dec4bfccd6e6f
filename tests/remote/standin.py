"""A SPARQL endpoint that can be told to misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

XML = b"""<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>
<variable name="p"/><variable name="o"/></head><results>%s</results></sparql>"""
ROW = b"""<result><binding name="p"><uri>%s</uri></binding><binding name="o"><literal>%s</literal>
</binding></result>"""
VERSION = b"http://www.w3.org/2002/07/owl#versionInfo"

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers the marker's query well, and any other as the test wants it."""

    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.form = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
        if "query" not in self.form:
            self.reply(400, b"", "text/plain")
        elif "urn:libris:release" in self.form["query"][0]:
            row = ROW % (VERSION, str(self.server.number).encode())
            self.reply(200, XML % row, "application/sparql-results+xml")
        else:
            self.server.asked.append(self.form)
            self.server.behave(self)

    def reply(
        self, status: int, body: bytes, kind: str, length: int | None = None, **more: str
    ) -> None:
        """Send an answer. length: what to announce; None: what it is."""
        self.head(status, kind, **{"Content-Length": str(length or len(body))}, **more)
        self.wfile.write(body)
        if length and length != len(body):
            self.close_connection = True

    def head(self, status: int, kind: str, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Endpoint(ThreadingHTTPServer):
    """asked: the forms that came. hung_up: set when a drip could not be delivered any more."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, list[str]]] = []
        self.hung_up = threading.Event()
        self.number = 7
        self.behave: Behaviour = lambda handler: None
        self.url = f"http://127.0.0.1:{self.server_port}/sparql"

    def __enter__(self) -> Endpoint:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients of a misbehaving server hang up."""


_HEAD = b"3\r\n?x\n\r\n"  # the chunk with which solutions in TSV begin


def drip(handler: Handler) -> None:
    """Send a row every few hundredths of a second, for ever."""
    handler.head(200, "text/tab-separated-values", Transfer_Encoding="chunked")
    try:
        handler.wfile.write(_HEAD)
        while True:
            handler.wfile.write(b"2\r\n1\n\r\n")
            time.sleep(0.02)
    except OSError:
        handler.server.hung_up.set()


def flood(handler: Handler) -> None:
    """Send rows as fast as they go, for ever."""
    handler.head(200, "text/tab-separated-values", Transfer_Encoding="chunked")
    piece = b"10000\r\n" + b"123456789012345\n" * 4096 + b"\r\n"
    try:
        handler.wfile.write(_HEAD)
        while True:
            handler.wfile.write(piece)
    except OSError:
        handler.server.hung_up.set()
