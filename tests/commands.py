"""Commands as people run them, each in a process of its own that has little to import.

By itself a command takes a third of a second of processor time for its imports, a server more than
half of one. These are forked from a process that has done with them.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import BufferedReader, FileIO, TextIOWrapper
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

# Those of numpy would have threads, which must not be there when it forks.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        __name__,
        "loader.cli.main",
        "loader.harvest.update",
        "loader.link.operations",
        "loader.release.release",
        "loader.store.bulk",
        "loader.upkeep.verification",
        "sparql_server.cli.main",
        "sparql_server.serving.serve",
    ]
)
_LIMIT = 120  # seconds


def run_loader(
    *arguments: object, stdin: bytes = b"", before: Callable[[], object] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``libris-loader``. before: is called in its process first; a function of a module."""
    return _run("loader.cli", list(map(str, arguments)), stdin, before)


def run_server(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of ``libris-sparql`` that ends by itself."""
    return _run("sparql_server.cli", list(map(str, arguments)), stdin.encode())


def _run(
    module: str,
    arguments: list[str],
    stdin: bytes = b"",
    before: Callable[[], object] | None = None,
) -> subprocess.CompletedProcess[str]:
    with TemporaryDirectory() as folder:
        streams = tuple(Path(folder) / name for name in ("stdin", "stdout", "stderr"))
        streams[0].write_bytes(stdin)
        command = Command(module, arguments, streams, before)
        try:
            command.wait(_LIMIT)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait()
            raise
        _, stdout, stderr = (stream.read_text(encoding="utf-8") for stream in streams)
    return subprocess.CompletedProcess(arguments, command.wait(), stdout, stderr)


class Command:
    """A command that runs, as ``subprocess.Popen`` would have it.

    streams: files for stdin, stdout and stderr. before: is called in its process first.
    """

    def __init__(
        self,
        module: str,
        arguments: list[str],
        streams: Sequence[Path],
        before: Callable[[], object] | None = None,
    ) -> None:
        self.args = [module, *arguments]
        files = list(map(str, streams))
        self._process = _FORKS.Process(
            target=_be_command, args=(self.args, files, os.getcwd(), dict(os.environ), before)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tell it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _be_command(
    args: list[str],
    streams: list[str],
    folder: str,
    environment: dict[str, str],
    before: Callable[[], object] | None,
) -> None:
    """Do what ``python -m`` does, with files for the three streams."""
    for number, stream in enumerate(streams):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY
        descriptor = os.open(stream, flags, 0o666)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = TextIOWrapper(BufferedReader(FileIO(0, closefd=False)), "utf-8")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if before:
        before()
    sys.argv = args
    runpy.run_module(args[0], run_name="__main__", alter_sys=True)
