"""The HTTP server: gunicorn with one process that has threads, and the pool beside it.

https://docs.gunicorn.org/en/stable/custom.html
"""

from __future__ import annotations

import errno
import logging
import socket
from typing import Any

from gunicorn.app.base import BaseApplication

from sparql_server.answers import Answers
from sparql_server.app import create_app
from sparql_server.engine.lifeline import die_with_parent
from sparql_server.engine.pool import Pool
from sparql_server.engine.releases import current
from sparql_server.engine.remote import RemoteEngine
from sparql_server.errors import StartError
from sparql_server.settings import Settings

logger = logging.getLogger(__name__)


class _Server(BaseApplication):
    """Gunicorn, configured by our settings instead of its own files and options."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": settings.threads,
            "timeout": 0,  # queries have their own limit, and this one would end the whole server
            "graceful_timeout": 10,
            "keepalive": 30,
            "loglevel": "warning",
            "post_fork": _tie,
            "post_worker_init": _announce,
            "worker_exit": _stop,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        settings = self._settings
        pool = _engine(settings)
        pool.start()
        app = create_app(Answers(pool, settings.allow_service))
        app.config["POOL"] = pool
        return app


def _engine(settings: Settings) -> Pool | RemoteEngine:
    limits = settings.workers, settings.timeout, settings.queue_timeout
    if settings.remote:
        return RemoteEngine(settings.remote, settings.data, *limits)
    return Pool(settings.data, *limits)


def _tie(arbiter: Any, worker: Any) -> None:
    die_with_parent()


def _announce(worker: Any) -> None:
    host, port = worker.sockets[0].getsockname()[:2]
    pool: Pool | RemoteEngine = worker.wsgi.config["POOL"]
    served = f"release {pool.release.number}" if pool.release else "no release yet"
    logger.info("Serving %s on http://%s:%s/", served, host, port)


def _stop(arbiter: Any, worker: Any) -> None:
    wsgi = getattr(worker, "wsgi", None)
    if wsgi is not None:
        wsgi.config["POOL"].stop()


def serve(settings: Settings) -> None:
    """Serve until a signal ends it. Raises StartError if the address can't be had."""
    _check_address(settings.host, settings.port)
    if settings.remote is None and current(settings.data) is None:
        logger.warning("No release in %s yet; it is served once there is one.", settings.data)
    _Server(settings).run()


def _check_address(host: str, port: int) -> None:
    """Fail at once and clearly; gunicorn would try five times first."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be had: {error.strerror}"
        raise StartError(f"{host}:{port} {why}") from error
