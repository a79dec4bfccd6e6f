"""A worker process: has one release, answers one query at a time, and can be killed.

A query has no other end than its process's: pyoxigraph can't be told to stop.
"""

from __future__ import annotations

import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from sparql_server.engine.frames import open_jobs, read_job, send
from sparql_server.engine.local.evaluation import evaluate, list_namespaces, open_store
from sparql_server.engine.local.text_search import Indexes
from sparql_server.engine.messages import Job, Ready
from sparql_server.engine.pieces import PieceWriter
from sparql_server.engine.processes.cores import Cores
from sparql_server.engine.row_counter import RowCounter
from sparql_server.engine.serialization import serialize
from sparql_server.errors.failures.failure import Failed, Failure


def run(
    connection: socket.socket, path: Path | None, indexes: Indexes, safeguards: int, cores: Cores
) -> None:
    """Answer jobs from the connection until it closes: the worker process's main function.

    path: the directory of the store; None: it is empty. indexes: those of the same release.
    safeguards: that hold the process, as ``privileges`` numbers them. cores: of all workers.
    """
    try:
        store = open_store(path) if path else ox.Store()
    except Failed as failed:
        send(connection, failed.failure)
        return
    send(connection, Ready(safeguards))
    frames = open_jobs(connection)
    while True:
        try:
            job = read_job(frames)
        except (EOFError, ConnectionResetError):
            return
        with cores.taking_one():
            _answer(connection, store, job, indexes)


def _answer(connection: socket.socket, store: ox.Store, job: Job, indexes: Indexes) -> None:
    began = time.process_time()
    try:
        results, name = evaluate(store, job, indexes)
        rows = None if isinstance(results, ox.QueryBoolean) else RowCounter(name)
        out = PieceWriter(
            name, partial(send, connection), rows, lambda: time.process_time() - began
        )
        written = serialize(
            results, name, job.rows, cast(IO[bytes], out), partial(list_namespaces, job)
        )
        out.finish(written)
    except Failed as failed:
        send(connection, failed.failure)
    except BrokenPipeError:
        sys.exit(0)  # the server is gone
    except Exception as error:  # whatever it is, the request must hear of it
        send(connection, Failure("failed", f"{type(error).__name__}: {error}"))
