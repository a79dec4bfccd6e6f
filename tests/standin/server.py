"""The stand-in's HTTP server."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standin import oai
from tests.standin.catalogue import Catalogue
from tests.standin.emm import Emm, as_bytes
from tests.standin.faults import Answer
from tests.standin.running import Running

Spoil = Callable[[int, bytes], Answer]


class Standin(Running):
    """Serves a catalogue while a block runs. asked: parameters of each request.

    agents: the User-Agent of each. spoil: makes of a request's number and its good answer what is
    sent. change: called before each answer, with its number.
    """

    def __init__(self, catalogue: Catalogue, spoil: Spoil | None = None) -> None:
        self.catalogue = catalogue
        self.spoil: Spoil = spoil or (lambda number, body: Answer(body))
        self.change: Callable[[int], None] = lambda number: None
        self.asked: list[dict[str, str]] = []
        self.agents: list[str] = []
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/oaipmh/"
        self.emm_url = f"http://127.0.0.1:{self._server.server_port}/api/emm/"
        self.emm = Emm(catalogue)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients of a misbehaving server hang up."""


def _handler(standin: Standin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            number = len(standin.asked)
            standin.change(number)
            standin.asked.append(asked)
            standin.agents.append(self.headers["User-Agent"])
            path = urlsplit(self.path).path
            if path == "/api/oaipmh/":
                body = oai.answer(standin.catalogue, asked, standin.url).encode()
                send(self, standin.spoil(number, body))
                return
            status, answer = standin.emm.answer(path, asked)
            sent = standin.spoil(number, as_bytes(answer))
            send(self, replace(sent, status=status) if sent.status == 200 else sent)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    time.sleep(answer.silence)
    if answer.cut == 0:
        _reset(handler)
        return
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.kind)
    handler.send_header("Content-Length", str(len(answer.body)))
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if answer.drip:
        for byte in answer.body:
            handler.wfile.write(bytes([byte]))
            time.sleep(answer.drip)
    else:
        handler.wfile.write(answer.body[: answer.cut])
    if answer.cut is not None:
        _reset(handler)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Close so that the client gets a reset, not an end."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
