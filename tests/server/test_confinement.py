"""What a worker that has been taken over can do: nothing to the server, its data or others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sparql_server.engine.processes import system_calls
from tests.server.http import ask
from tests.server.processes import children, serving, wait_for, workers

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")

# A process and its child, of one user; the child is held as a worker is, and tries what it can.
ATTACK = r"""
import ctypes, errno, fcntl, json, mmap, os, resource, signal, socket, sys, threading
from sparql_server.engine.processes.privileges import confine, drop_capabilities
from sparql_server.engine.processes.privileges import hold, leave_network

folder, only = sys.argv[1], sys.argv[2]
kept = os.path.join(folder, "kept")
open(kept, "w").write("kept")
os.chmod(folder, 0o777); os.chmod(kept, 0o666)
ours, theirs = socket.socketpair()
other = os.getpid()
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), "")

def signal_by_owner():
    fcntl.fcntl(theirs, fcntl.F_SETOWN, other)

def nothing(): pass

TRIES = {
    "kill": lambda: os.kill(other, 0),
    "kill all": lambda: os.kill(-1, 0),
    "kill group": lambda: os.killpg(0, 0),
    "pidfd": lambda: signal.pidfd_send_signal(os.pidfd_open(other), 0),
    "signal by owner": signal_by_owner,
    "ptrace": lambda: call({"x86_64": 101, "aarch64": 117}[os.uname().machine], 16, other, 0, 0),
    "memory of another": lambda: open(f"/proc/{other}/mem", "r+b"),
    "limits of another": lambda: resource.prlimit(other, resource.RLIMIT_NOFILE, (1, 1)),
    "priority of another": lambda: os.setpriority(os.PRIO_PROCESS, other, 19),
    "affinity of another": lambda: os.sched_setaffinity(other, [0]),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": lambda: os.fork() or os._exit(0),
    "write": lambda: open(kept, "r+"),
    "append": lambda: open(kept, "a"),
    "create": lambda: open(os.path.join(folder, "new"), "w"),
    "truncate": lambda: os.truncate(kept, 0),
    "unlink": lambda: os.unlink(kept),
    "rename": lambda: os.rename(kept, kept + "2"),
    "link": lambda: os.link(kept, kept + "3"),
    "symlink": lambda: os.symlink("x", kept + "4"),
    "mkdir": lambda: os.mkdir(kept + "5"),
    "mkfifo": lambda: os.mkfifo(kept + "6"),
    "chmod": lambda: os.chmod(kept, 0),
    "fchmod": lambda: os.chmod(os.open(kept, os.O_RDONLY), 0),
    "utime": lambda: os.utime(kept),
    "xattr": lambda: os.setxattr(kept, "user.x", b"y"),
    "temporary": lambda: os.open(folder, os.O_TMPFILE | os.O_WRONLY),
    "socket": lambda: socket.socket(),
    "unix socket": lambda: socket.socket(socket.AF_UNIX),
    "memory of no file": lambda: os.memfd_create("x"),
    "shared memory": lambda: mmap.mmap(-1, 4096),
    "namespace": lambda: call({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000),
    "outlive": lambda: libc.prctl(1, 0, 0, 0, 0) and call(-1),
    "io_uring": lambda: call(425, 1, 0),
    "newer call": lambda: call(480),
}
HARMLESS = {
    "read": lambda: open(kept).read(),
    "thread": lambda: threading.Thread(target=nothing).start(),
    "itself": lambda: os.kill(os.getpid(), 0),
    "own limits": lambda: resource.getrlimit(resource.RLIMIT_NOFILE),
    "private memory": lambda: mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),
    "import": lambda: __import__("decimal"),
}

def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

if os.fork() == 0:
    confine()
    leave_network()
    drop_capabilities()
    if only == "landlock":
        import sparql_server.engine.processes.seccomp as seccomp
        seccomp.install = lambda *rules: False
    if only == "calls":
        import sparql_server.engine.processes.landlock as landlock
        landlock.restrict = lambda **what: False
    held = hold(network=False)
    tried = {name: TRIES[name] for name in json.loads(sys.argv[3]) or TRIES}
    told = {name: outcome(attempt) for name, attempt in {**tried, **HARMLESS}.items()}
    theirs.sendall(json.dumps([held, told]).encode())
    os._exit(0)
theirs.close()
told = b""
while piece := ours.recv(1 << 16):
    told += piece
print(told.decode(), open(kept).read(), sorted(os.listdir(folder)), sep="\n")
"""

HARMLESS = {"read", "thread", "itself", "own limits", "private memory", "import"}
BY_LANDLOCK = ["write", "append", "create", "truncate", "unlink", "mkdir", "mkfifo", "symlink"]
BY_LANDLOCK += ["exec", "ptrace", "memory of another"]


def attacked(folder: Path, only: str, *tried: str) -> tuple[int, dict[str, str], str, list[str]]:
    command = [sys.executable, "-c", ATTACK, str(folder), only, json.dumps(tried)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told, content, names = done.stdout.splitlines()
    held, outcomes = json.loads(told)
    return held, outcomes, content, json.loads(names.replace("'", '"'))


@linux
@pytest.mark.parametrize("only", ["", "calls"])
def test_worker_can_read_and_compute_and_nothing_else(tmp_path: Path, only: str) -> None:
    held, outcomes, content, names = attacked(tmp_path, only)
    if not held & 2:
        pytest.skip("the kernel filters no system calls")
    assert {name for name, outcome in outcomes.items() if outcome == "done"} == HARMLESS
    assert (content, names) == ("kept", ["kept"])


@linux
def test_landlock_alone_keeps_the_files_whole(tmp_path: Path) -> None:
    held, outcomes, content, names = attacked(tmp_path, "landlock", *BY_LANDLOCK)
    if not held & 4:
        pytest.skip("the kernel has no Landlock")
    assert {name for name, outcome in outcomes.items() if outcome == "done"} == HARMLESS
    assert (content, names) == ("kept", ["kept"])


HEADERS = [
    ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+)\s+(\d+)", 0),
    ("/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+)\s+(\d+)", 1),
]


@pytest.mark.parametrize(("path", "pattern", "place"), HEADERS)
def test_calls_have_the_numbers_of_the_kernels_headers(path: str, pattern: str, place: int) -> None:
    if not Path(path).exists():
        pytest.skip("there are no headers of the kernel here")
    known = {name: int(number) for name, number in re.findall(pattern, Path(path).read_text())}
    groups = (
        system_calls._NETWORK,
        system_calls._FILES,
        system_calls._PROCESSES,
        system_calls._SHARED,
        system_calls._KERNEL,
    )
    every = {
        name: call for group in (*groups, system_calls._PARTLY) for name, call in group.items()
    }
    for name, call in every.items():
        if name in known:
            assert call.numbers[place] == known[name], name
        elif place == 0:
            assert (call.numbers[0] or 0) > 447, name  # newer than the oldest headers in use


@linux
def test_processes_of_the_server_are_private(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        assert ask(server, "ASK {}").status == 200
        assert wait_for(lambda: workers(server))
        for pid in (server.process.pid, *children(server.process.pid)):
            assert Path(f"/proc/{pid}/environ").stat().st_uid == 0
