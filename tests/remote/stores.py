"""Stores of others, each started in a folder of its own on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_INI = """
[Database]
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
DisableUnixSocket = 1
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
[SPARQL]
MaxQueryExecutionTime = 60
{sparql}
"""


@dataclass
class Store:
    """A running store. query: its SPARQL endpoint. graphs: its Graph Store; to push to."""

    kind: str
    process: subprocess.Popen[bytes]
    query: str
    graphs: str
    options: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def start(kind: str, folder: Path, nquads: Path | None = None, **settings: str) -> Store:
    """Start a store that holds these quads; skip the test if its program isn't installed."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "virtuoso":
        return _virtuoso(folder, nquads, settings)
    return _oxigraph(folder, nquads, int(settings.get("port", 0)) or free_port())


def _virtuoso(folder: Path, nquads: Path | None, settings: dict[str, str]) -> Store:
    if not shutil.which("virtuoso-t"):
        pytest.skip("needs Virtuoso: as root, make stores")
    sql, http = free_port(), free_port()
    sparql = "\n".join(f"{name} = {value}" for name, value in settings.items())
    ini = folder / "virtuoso.ini"
    ini.write_text(_INI.format(folder=folder, sql=sql, http=http, sparql=sparql))
    process = _run(["virtuoso-t", "-f", "-c", str(ini)], folder)
    address = f"http://127.0.0.1:{http}"
    _wait(process, f"{address}/sparql", folder)
    if nquads:
        shutil.copy(nquads, folder / "load.nq")
        load = f"ld_dir('{folder}', 'load.nq', 'urn:none'); rdf_loader_run(); checkpoint;"
        subprocess.run(
            ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={load}"],
            check=True,
            capture_output=True,
        )
    return Store(
        "virtuoso",
        process,
        f"{address}/sparql",
        f"{address}/sparql-graph-crud-auth",
        ["--user", "dba", "--digest"],
        {"LIBRIS_PUSH_PASSWORD": "dba"},
    )


def _oxigraph(folder: Path, nquads: Path | None, port: int) -> Store:
    program = str(Path(sys.executable).with_name("oxigraph"))
    data = folder / "data"
    if nquads:
        load = [program, "load", "-l", str(data), "-f", str(nquads)]
        subprocess.run(load, check=True, capture_output=True)
    bind = f"127.0.0.1:{port}"
    process = _run([program, "serve", "-l", str(data), "--bind", bind, "--timeout-s", "60"], folder)
    _wait(process, f"http://{bind}/query?query=ASK%7B%7D", folder)
    return Store("oxigraph", process, f"http://{bind}/query", f"http://{bind}/store")


def _run(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with open(folder / "output", "wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)


def _wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    process.wait()
    raise AssertionError(f"the store did not start: {(folder / 'output').read_text()}")
