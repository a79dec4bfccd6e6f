"""Commands as people run them, each in a process of its own that has little to import.

A command by itself takes a third of a second of processor time for its imports. These are forked
from a process that has done with them. Where a process's number or signals are the point, tests
start ``python -m`` themselves.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
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
    ]
)
_LIMIT = 120  # seconds


def run_loader(
    *arguments: object, stdin: bytes = b"", before: Callable[[], object] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``libris-loader``. before: is called in its process first; a function of a module."""
    return _run("loader.cli", list(map(str, arguments)), stdin, before)


def _run(
    module: str, arguments: list[str], stdin: bytes, before: Callable[[], object] | None
) -> subprocess.CompletedProcess[str]:
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        files[0].write_bytes(stdin)
        process = _FORKS.Process(
            target=_be_command,
            args=(module, arguments, files, Path.cwd(), dict(os.environ), before),
        )
        process.start()
        process.join(_LIMIT)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, _LIMIT)
        _, stdout, stderr = (file.read_text(encoding="utf-8") for file in files)
    return subprocess.CompletedProcess(arguments, process.exitcode, stdout, stderr)


def _be_command(
    module: str,
    arguments: list[str],
    files: list[Path],
    folder: Path,
    environment: dict[str, str],
    before: Callable[[], object] | None,
) -> None:
    """Do what ``python -m`` does, with files for the three streams."""
    for number, file in enumerate(files):
        descriptor = os.open(file, (os.O_WRONLY | os.O_CREAT) if number else os.O_RDONLY, 0o666)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = TextIOWrapper(BufferedReader(FileIO(0, closefd=False)), "utf-8")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if before:
        before()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
