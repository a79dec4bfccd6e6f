"""What is wrong with a query that an endpoint has refused.

pyoxigraph can't parse without beginning to evaluate. The store is empty, but a query can bring its
own data; and one nested deep enough would end the process. So the process is another one.
"""

from __future__ import annotations

import multiprocessing
import resource
from multiprocessing.connection import Connection

import pyoxigraph as ox

from sparql_server.diagnosis import diagnose
from sparql_server.engine.lifeline import die_with_parent
from sparql_server.engine.prefixes import predefined

_SECONDS = 2.0
_BYTES = 1 << 30


def complaint(query: str) -> str | None:
    """Return the diagnosis of a query, as it is written; None: the parser has no complaint.

    A parser that comes to no end has come to the evaluation, so it has found nothing.
    """
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_parse, args=(theirs, query), daemon=True)
    process.start()
    theirs.close()
    try:
        found: str | None = ours.recv() if ours.poll(_SECONDS) else None
        return found
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()
        ours.close()


def _parse(connection: Connection, query: str) -> None:
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    try:
        ox.Store().query(query, prefixes=predefined())
    except (SyntaxError, ValueError) as error:
        message = getattr(error, "msg", None) or str(error)
        connection.send(diagnose(query, message, predefined()).written())
    else:
        connection.send(None)
