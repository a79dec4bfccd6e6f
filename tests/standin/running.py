"""A server on a free port of this machine, which runs while a block does."""

from __future__ import annotations

import threading
from http.server import ThreadingHTTPServer
from typing import Self


class Running:
    """A context manager. ``_server`` is its subclass's to set."""

    _server: ThreadingHTTPServer

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
