"""The memory of the server process: what it may take, part by part, as the settings say.

Workers aren't in it: what they may take is said by a setting of its own. Nor are the columns of
the release, which are files.
"""

from __future__ import annotations

from sparql_server.answering import endpoint, rate
from sparql_server.answering.cache import ARRIVING
from sparql_server.answering.delivery import WHOLE
from sparql_server.engine import page_rows
from sparql_server.http import head_budget
from sparql_server.http.limits import BUFFER, CONNECTIONS, SENDING
from sparql_server.settings import MIB, Settings
from sparql_server.web import language

REQUEST = 10
"""Times that a request's bytes are there while it is answered: as sent, as text, as a job."""

READING = 32
"""Times that they are there while it is read."""

REMEMBERED = 64 * MIB
"""Bytes of what is remembered: of short texts, of addresses, and descriptions of the server."""

_PROGRAM = 128 * MIB
_CONNECTION = 4 * BUFFER  # its head, its buffers, and what is noted of it
_ROWS = 12  # how much a page's rows take as objects, beside what they weigh
_PAGE = 32  # and as a page, while it is made
_CLIENT = 800  # bytes of a client whose requests are counted
_TIME = 32  # and of each of its requests


def compute_bounds(settings: Settings) -> dict[str, int]:
    """Return the bytes that each part of the server process may take."""
    places = settings.workers + settings.queue
    requests = settings.threads * REQUEST + endpoint.AT_ONCE * READING
    rows = places * _ROWS + language.AT_ONCE * _PAGE
    clients = rate.TIMES * _TIME + rate.CLIENTS * _CLIENT if settings.client_rate else 0
    return {
        "program": _PROGRAM,
        "cache": settings.cache + settings.cache // ARRIVING,
        "remembered": REMEMBERED,
        "connections": CONNECTIONS * _CONNECTION,
        "requests": requests * settings.request_bytes,
        "answers": settings.threads * 4 * WHOLE + rows * page_rows.BYTES,
        "heads": head_budget.SIZE,
        "sending": SENDING,
        "clients": clients,
    }
