"""Queries that an endpoint has refused: what is wrong with them, as our own parser has it.

pyoxigraph can't parse without beginning to evaluate. The store is empty, but a query can bring its
own data; and one nested deep enough would end the process. So the process is another one.
"""

from __future__ import annotations

import multiprocessing
import resource
import socket
import threading

import pyoxigraph as ox

from sparql_server.engine import frames
from sparql_server.engine.frames import Frames, MalformedMessage
from sparql_server.engine.messages import End
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.processes.lifeline import die_with_parent
from sparql_server.engine.processes.privileges import confine, hold, leave_network
from sparql_server.errors.failures.failure import Failure
from sparql_server.sparql.diagnosis import diagnose, repaired
from sparql_server.sparql.service import rewrite_calls

_SECONDS = 2.0
_CORRECTABLE = 10_000  # characters; longer ones are no person's, and take their time
_BYTES = 1 << 30


def find_fault(query: str) -> Failure | None:
    """Return what is wrong with a query, as a worker would; None: the parser has no complaint.

    A parser that comes to no end has come to the evaluation, so it has found nothing.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            context = multiprocessing.get_context("forkserver")
            process = context.Process(target=_parse, args=(theirs, query), daemon=True)
            process.start()
        timer = threading.Timer(_SECONDS, ours.shutdown, (socket.SHUT_RDWR,))
        timer.start()
        try:
            answer = frames.receive(Frames(ours))
        except (EOFError, OSError, MalformedMessage):
            answer = None
        finally:
            timer.cancel()
            process.kill()
            process.join()
    return answer if isinstance(answer, Failure) else None


def _parse(connection: socket.socket, query: str) -> None:
    die_with_parent()
    confine()
    leave_network()
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    hold(network=False)
    message = _find_complaint(query)
    if message is None:
        frames.send(connection, End())
        return
    explained = diagnose(query, message, predefined()).written()
    frames.send(connection, Failure("malformed", explained, _correct(query, message)))


def _find_complaint(query: str) -> str | None:
    """Return what the parser says of a query; None: it takes it."""
    try:
        ox.Store().query(query, prefixes=predefined())
    except (SyntaxError, ValueError) as error:
        return str(getattr(error, "msg", None) or error)
    return None


def _correct(query: str, message: str) -> str | None:
    """Return a malformed query as its writer meant it, if that is known and it parses."""
    if len(query) > _CORRECTABLE:
        return None
    proposed = repaired(query, message, predefined(), _find_complaint)
    return None if proposed and rewrite_calls(proposed, ()) is not None else proposed
