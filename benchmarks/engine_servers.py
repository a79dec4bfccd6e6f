"""How each engine is loaded and started: ours, the oxigraph server, Virtuoso.

Everything listens on 127.0.0.1 only.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from dataset import once, quads
from measure import run

_PATIENCE = 600  # seconds for an engine to be ready
_ANY = "SELECT ?s { ?s ?p ?o } LIMIT 1"
BIN = Path(sys.executable).parent
JSON = "application/sparql-results+json"
NTRIPLES = "application/n-triples"
# NumberOfBuffers and MaxDirtyBuffers are what Virtuoso's own file advises for 2 GB of memory.
_VIRTUOSO = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {files}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ThreadsPerQuery = 2
DisableUnixSocket = 1
[HTTPServer]
ServerPort = 127.0.0.1:{port}
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 60
"""

Command = Callable[[Path, int], Sequence[object]]


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine.

    command: gives what starts it on a port, for the folder with everything that is kept; it loads
    first what hasn't been loaded. path: where it takes queries. missing: why it can't be measured
    here, or nothing. ready: tells of a port whether it is as it will stay. graphs: the media type
    of N-Triples.
    """

    name: str
    command: Command
    path: str
    missing: str = ""
    ready: Callable[[int], bool] = lambda port: True
    graphs: str = NTRIPLES


@dataclass(frozen=True, slots=True)
class Running:
    """An engine that answers.

    seconds: from the start of its process to its first answer. full: until it is as it will stay.
    """

    name: str
    pid: int
    port: int
    path: str
    seconds: float
    full: float
    graphs: str = NTRIPLES

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection; http.client sets TCP_NODELAY."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    @property
    def address(self) -> str:
        """Return the scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def target(self, query: str) -> str:
        """Return path and query string that ask a query."""
        return f"{self.path}?{urlencode({'query': query})}"


def ask(
    connection: http.client.HTTPConnection, target: str, accept: str = JSON
) -> tuple[int, bytes]:
    """Return the status and the whole body of an answer, as JSON unless something else is said."""
    connection.request("GET", target, headers={"Accept": accept})
    response = connection.getresponse()
    return response.status, response.read()


@contextmanager
def running(engine: Engine, kept: Path) -> Iterator[Running]:
    """Start an engine, wait until it is as it will stay, end it."""
    port = free_port()
    kept = kept.resolve()
    command = [str(part) for part in engine.command(kept, port)]
    with (kept / f"{engine.name.replace(' ', '-')}.log").open("wb") as log:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=kept, stdout=log, stderr=subprocess.STDOUT)
        try:
            _await(process, lambda: _answers(port, engine.path), f"{engine.name}: see {log.name}")
            seconds = time.monotonic() - start
            _await(process, lambda: engine.ready(port), f"{engine.name}: see {log.name}")
            full = time.monotonic() - start
            yield Running(engine.name, process.pid, port, engine.path, seconds, full, engine.graphs)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def _await(process: subprocess.Popen[bytes], there: Callable[[], bool], where: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not there():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"it isn't ready. {where}")
        time.sleep(0.02)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with suppress(OSError, http.client.HTTPException), closing(connection):
        return ask(connection, f"{path}?{urlencode({'query': _ANY})}")[0] == 200
    return False


# Ours


def ours(name: str, program: str, **wanted: str) -> Engine:
    """Return our server with options, ``memory="off"``; it is missing where it doesn't know them.

    Without a choice of memory there is only the engine on disk, and without a cache none to turn
    off: then those two options go without saying.
    """
    known = _options(program)
    given = {f"--{option}": value for option, value in wanted.items()}
    idle = {"--memory": "off", "--cache": "0"}
    missing = [
        setting for setting in given if setting not in known and given[setting] != idle.get(setting)
    ]

    def command(kept: Path, port: int) -> Sequence[object]:
        more = [part for pair in given.items() if pair[0] in known for part in pair]
        return [program, "serve", "--data", kept / "data", "--port", port, *more]

    in_memory = "--memory" in known and wanted.get("memory") != "off"
    return Engine(
        name,
        command,
        "/sparql",
        missing=f"{program} has no option {', '.join(missing)}" if missing else "",
        ready=_in_memory if in_memory else lambda port: True,
    )


@cache
def _options(program: str) -> frozenset[str]:
    output = subprocess.run([program, "serve", "--help"], capture_output=True, text=True).stdout
    return frozenset(re.findall(r"--[a-z-]+", output))


def _in_memory(port: int) -> bool:
    time.sleep(0.2)  # not to take the processor from the loading
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/health")
        return json.loads(connection.getresponse().read()).get("engine") in ("columns", "memory")


# Others


def oxigraph(name: str = "oxigraph", *options: str) -> Engine:
    """Return the oxigraph server, with more options."""
    program = shutil.which("oxigraph", path=BIN) or shutil.which("oxigraph") or ""

    def load(store: Path, source: Path) -> None:
        run([program, "load", "-l", str(store), "-f", str(source)])
        run([program, "optimize", "-l", str(store)])

    def command(kept: Path, port: int) -> Sequence[object]:
        source = quads(kept)
        store = once(kept / "oxigraph", lambda path: load(path, source))
        bind = ("--bind", f"127.0.0.1:{port}", "--union-default-graph")
        return [program, "serve-read-only", "-l", store, *bind, *options]

    missing = "" if program else f"install it: {BIN}/python -m pip install oxigraph==0.5.13"
    return Engine(name, command, "/query", missing)


def virtuoso() -> Engine:
    """Return Virtuoso 7, from Debian."""
    there = shutil.which("virtuoso-t") and shutil.which("isql-vt")

    def command(kept: Path, port: int) -> Sequence[object]:
        source = quads(kept)
        folder = once(kept / "virtuoso", lambda path: _load_virtuoso(path, source))
        return _virtuoso(folder, source, port, free_port())

    missing = "" if there else "install it: apt-get install virtuoso-opensource-7-bin"
    # It has another media type for N-Triples, and refuses theirs.
    return Engine("virtuoso", command, "/sparql", missing, graphs="text/plain")


def _virtuoso(folder: Path, source: Path, port: int, sql: int) -> Sequence[object]:
    """Write the configuration; return the command that starts it."""
    paths = {"folder": folder.resolve(), "files": source.parent.resolve()}
    settings = folder / "virtuoso.ini"
    settings.write_text(_VIRTUOSO.format(**paths, port=port, sql=sql), encoding="utf-8")
    return ["virtuoso-t", "-f", "-c", settings]


def _load_virtuoso(folder: Path, source: Path) -> None:
    folder.mkdir()
    sql = free_port()
    command = _virtuoso(folder, source, port := free_port(), sql)
    bulk = f"ld_dir('{source.parent.resolve()}', '{source.name}', 'urn:x'); rdf_loader_run();"
    with (folder / "loading.log").open("wb") as log:
        process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
        try:
            _await(process, lambda: _answers(port, "/sparql"), f"virtuoso: see {log.name}")
            run(["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={bulk} checkpoint;"])
        finally:
            process.terminate()
            process.wait()
