"""Commands as people run them, each in a process of its own that has little to import.

By itself a command takes a third of a second of processor time for its imports, a server more than
half of one. These are forked from a process that has done with them.
"""

from __future__ import annotations

import os
import resource
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BufferedReader, FileIO, TextIOWrapper
from multiprocessing import current_process, forkserver, get_context, resource_tracker
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
        "loader.maintenance.verification",
        "sparql_server.cli.main",
        "sparql_server.serving.serve",
    ]
)
_LIMIT = 120  # seconds
_DESCRIPTORS = 256  # of a process that is forked: no more than some ten are open
_LIMITS = tuple(sorted({getattr(resource, name) for name in dir(resource) if "RLIMIT_" in name}))


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


@dataclass(frozen=True)
class Surroundings:
    """What a process has of the one that starts it; one that is forked has it of another."""

    folder: str
    environment: dict[str, str]
    umask: int
    limits: dict[int, tuple[int, int]]

    @classmethod
    def find(cls) -> Surroundings:
        """Return those of this process."""
        umask = os.umask(0o077)  # there is no other way to read it
        os.umask(umask)
        limits = {limit: resource.getrlimit(limit) for limit in _LIMITS}
        return cls(os.getcwd(), dict(os.environ), umask, limits)

    def take(self) -> None:
        """Have this process be in them."""
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        time.tzset()
        os.umask(self.umask)
        for limit, values in self.limits.items():
            if resource.getrlimit(limit) != values:
                resource.setrlimit(limit, values)


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
            target=_be_command, args=(self.args, files, Surroundings.find(), before)
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
    surroundings: Surroundings,
    before: Callable[[], object] | None,
) -> None:
    """Do what ``python -m`` does, with files for the three streams."""
    _open_streams(streams)
    _forget_forking()
    surroundings.take()
    if before:
        before()
    sys.argv = args
    runpy.run_module(args[0], run_name="__main__", alter_sys=True)


def _open_streams(streams: list[str]) -> None:
    for number, stream in enumerate(streams):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY
        descriptor = os.open(stream, flags, 0o666)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = TextIOWrapper(BufferedReader(FileIO(0, closefd=False)), "utf-8", sys.stdout.errors)


def _forget_forking() -> None:
    """Have nothing of the process that this one is forked from but its imports.

    A command that forks by itself would take up its fork server and its directory, which are
    another user's once it has given up its rights.
    """
    os.closerange(3, _DESCRIPTORS)
    for state in (forkserver._forkserver, resource_tracker._resource_tracker):
        vars(state).update(vars(type(state)()))
    current_process()._config.pop("tempdir", None)  # type: ignore[attr-defined]
    tempfile.tempdir = None
