"""What workers send: read as plain data, whatever it is; it costs their own query and no more."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import pytest

from sparql_server.engine import frames
from sparql_server.engine.client_connection import Caller, Nobody
from sparql_server.engine.frames import Frames, MalformedMessage
from sparql_server.engine.handle import Handle, Wait
from sparql_server.engine.local.crew import Crew, CrewError, Nursery, Worker
from sparql_server.engine.local.pool import Pool
from sparql_server.engine.messages import MOST, Answer, End, Head, Job, Ready, Whole
from sparql_server.engine.query_limits import Limits, Watchdog
from sparql_server.engine.releases import Release
from sparql_server.errors import (
    ClientGone,
    EvaluationFailed,
    MemoryLimitExceeded,
    TimeLimitExceeded,
)
from sparql_server.errors.failures.failure import Failure
from tests.server.http import ask
from tests.server.processes import raw, read_all, serving, wait_for
from tests.server.test_workers import LONGER, RELEASE

HEAD = struct.Struct("=cIdq8s")
JSON = b"json\0\0\0\0"
JOB = Job("ASK {}", solutions="json", graphs="ttl")

MESSAGES: list[Answer | Ready] = [
    Ready(7),
    Whole("json", b"{}", 0.25, 3),
    Whole("ttl", b"", 0.0, None),
    Head("xml", 1.5),
    b"piece",
    End(2.5, 0),
    End(0.0, None),
    Failure("malformed", "error at 1:1", "ASK {}"),
    Failure("missing", "urn:å\ud800", None),
]


@pytest.mark.parametrize("message", MESSAGES, ids=repr)
def test_message_arrives_as_it_was_sent(message: Answer | Ready) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        frames.send(theirs, message)
        received = frames.receive(Frames(ours))
    if isinstance(message, Failure):
        assert isinstance(received, Failure)
        assert received.detail == message.detail.replace("\ud800", "?")
        assert received.corrected == message.corrected
    else:
        assert received == message


def test_job_arrives_as_it_was_sent() -> None:
    job = Job("ASK { ?å }" * 100_000, ("urn:a",), (), "json", None, 5, False, "g", 1.5, "b", ("s",))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=frames.send_job, args=(theirs, job))
        thread.start()
        assert frames.read_job(frames.open_jobs(ours)) == job
        thread.join()


def test_data_of_any_size_goes_in_messages_of_bounded_size() -> None:
    ours, theirs = socket.socketpair()
    data = os.urandom(3 * MOST + 5)
    with ours, theirs:
        thread = threading.Thread(target=frames.send, args=(theirs, data))
        thread.start()
        reader = Frames(ours)
        pieces = [frames.receive(reader) for _ in range(4)]
        thread.join()
    assert all(isinstance(piece, bytes) and len(piece) <= MOST for piece in pieces)
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == data


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.path,)


def pickled(path: Path) -> bytes:
    content = pickle.dumps(Bomb(str(path)))
    return struct.pack("!i", len(content)) + content


def head(kind: bytes, size: int = 0, cpu: float = 0.0, rows: int = -1, name: bytes = JSON) -> bytes:
    return HEAD.pack(kind, size, cpu, rows, name)


def failure(text: bytes) -> bytes:
    return head(b"F", len(text)) + text


MALFORMED = {
    "noise": b"\xff" * 100,
    "unknown kind": head(b"Z"),
    "job": head(b"J", 2) + b"[]",
    "huge": head(b"D", 2**32 - 1),
    "a little too large": head(b"D", MOST + 1) + b"x" * (MOST + 1),
    "no bytes": head(b"D"),
    "not a number": head(b"W", 2, float("nan")) + b"{}",
    "endless time": head(b"W", 2, float("inf")) + b"{}",
    "time run backwards": head(b"W", 2, -1.0) + b"{}",
    "fewer rows than none": head(b"W", 2, 0.0, -2) + b"{}",
    "no such format": head(b"W", 2, name=b"html\0\0\0\0") + b"{}",
    "format nobody asked for": head(b"W", 2, name=b"xml\0\0\0\0\0") + b"{}",
    "head of another format": head(b"H", name=b"rows\0\0\0\0"),
    "head with a body": head(b"H", 1) + b"x",
    "another greeting": head(b"R"),
    "end first": head(b"E"),
    "data first": head(b"D", 1) + b"x",
    "failure of no kind": failure(b'["died","x",null]'),
    "failure of no text": failure(b'["failed",7,null]'),
    "failure too short": failure(b'["failed"]'),
    "failure that is a number": failure(b"7"),
    "failure in no encoding": failure(b'["failed","\xff",null]'),
    "failure nested deep": failure(b"[" * 100_000),
}


class Impostor(Nursery):
    """A nursery whose worker greets, reads a job and then does what the test says."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self._act = act
        self.shared = None
        self.processes: list[subprocess.Popen[bytes]] = []
        self._forking = threading.Lock()
        self._closed = False

    def fork(self, connection: socket.socket) -> int:
        with self._forking:
            if self._closed:
                raise CrewError("it has ended")
            process = subprocess.Popen(["sleep", "600"])
            self.processes.append(process)
        theirs = connection.dup()
        threading.Thread(target=self._work, args=(theirs, process), daemon=True).start()
        return process.pid

    def _work(self, theirs: socket.socket, process: subprocess.Popen[bytes]) -> None:
        with theirs, suppress(OSError, EOFError):
            frames.send(theirs, Ready(0))
            frames.read_job(frames.open_jobs(theirs))
            self._act(theirs)
            process.wait()

    def forget(self, pid: int) -> None:
        pass

    def close(self) -> None:
        with self._forking:
            self._closed = True
        for process in self.processes:
            process.kill()
            process.wait()


@contextmanager
def pool(act: Callable[[socket.socket], None], **limits: float) -> Iterator[tuple[Pool, Impostor]]:
    """A pool with one worker, which does what the test says when it has its first job."""
    nursery = Impostor(act)
    with mock.patch("sparql_server.engine.local.crew.Nursery", return_value=nursery):
        crew = Crew(Release(1, Path()), confined=True)
    watchdog = Watchdog()
    watchdog.start()
    one = Pool(Limits(workers=1, **{"timeout": 20.0, **limits}), watchdog)
    try:
        crew.idle.append(crew.start_one())
        one.switch_to(crew)
        yield one, nursery
    finally:
        one.stop()
        watchdog.stop()


NOBODY = Nobody()


def evaluate(engine: Pool, caller: Caller = NOBODY) -> Handle:
    """The handle of a job that has been waited for."""
    handle = engine.submit(JOB, caller, Wait.TURN)
    assert handle.wait() is None
    return handle


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_message_ends_the_worker_and_its_query(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pool(lambda connection: connection.sendall(MALFORMED[name])) as (one, nursery):
        with pytest.raises(EvaluationFailed) as raised:
            evaluate(one)
        assert nursery.processes[0].wait(timeout=10) == -signal.SIGKILL
    said = [
        record.message
        for record in caplog.records
        if record.name == "sparql_server.engine.local.query_run"
    ]
    assert len(said) == 1
    assert raised.value.members["identifier"] in said[0]


def test_pickle_is_not_run(tmp_path: Path) -> None:
    bomb = tmp_path / "run"

    def act(connection: socket.socket) -> None:
        connection.sendall(pickled(bomb))

    with pool(act) as (one, _), pytest.raises(EvaluationFailed):
        evaluate(one)
    assert not bomb.exists()


@pytest.mark.parametrize("part", [b"", b"W", head(b"W", 100), head(b"W", 100) + b"x"])
def test_half_a_message_keeps_nobody_longer_than_the_limit(part: bytes) -> None:
    with pool(lambda connection: connection.sendall(part), timeout=0.3) as (one, nursery):
        handle = one.submit(JOB, Nobody(), Wait.ANSWER)
        assert not handle.is_whole()  # the thread that reads and writes doesn't wait for it
        with pytest.raises(TimeLimitExceeded):
            handle.wait()
        assert nursery.processes[0].wait(timeout=10) == -signal.SIGKILL


def drip(connection: socket.socket) -> None:
    connection.sendall(head(b"W", MOST))
    while True:
        connection.sendall(b"x")
        time.sleep(0.01)


def test_message_that_never_ends_keeps_nobody_longer_than_the_limit() -> None:
    with pool(drip, timeout=0.3) as (one, _), pytest.raises(TimeLimitExceeded):
        evaluate(one)


def test_result_that_goes_on_with_another_head_is_cut() -> None:
    sent = head(b"H") + head(b"D", 2) + b"{}" + head(b"H")
    with pool(lambda connection: connection.sendall(sent)) as (one, _):
        result = evaluate(one)
        assert isinstance(result, Handle)
        assert next(result) == b"{}"
        with pytest.raises(EvaluationFailed, match="cut short"):
            next(result)


def test_answer_to_a_question_that_was_not_asked_is_nobodys() -> None:
    forged = head(b"W", 2) + b"{}" + head(b"W", 6) + b"forged"
    with pool(lambda connection: connection.sendall(forged)) as (one, nursery):
        result = evaluate(one)
        assert isinstance(result, Handle)
        assert result.body == b"{}"
        assert nursery.processes[0].wait(timeout=10) == -signal.SIGKILL
        again = evaluate(one)
        assert isinstance(again, Handle)
        assert again.body == b"{}"


def test_file_that_comes_along_with_a_message_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    def act(connection: socket.socket) -> None:
        with open(tmp_path / "file") as file:
            socket.send_fds(connection, [head(b"W", 2) + b"{}"], [file.fileno()])

    with pool(act) as (one, _):
        before = set(os.listdir("/proc/self/fd")) if os.path.exists("/proc") else set()
        assert isinstance(evaluate(one), Handle)
        opened = set(os.listdir("/proc/self/fd")) - before if before else set()
        names = [os.readlink(f"/proc/self/fd/{fd}") for fd in opened if os.path.exists(fd)]
        assert str(tmp_path / "file") not in names


def test_worker_whose_greeting_is_none_is_not_taken() -> None:
    class Rude(Impostor):
        def _work(self, theirs: socket.socket, process: subprocess.Popen[bytes]) -> None:
            with theirs:
                theirs.sendall(MALFORMED["noise"])

    nursery = Rude(lambda connection: None)
    with pytest.raises(Exception, match="a worker doesn't begin"):
        Worker(nursery)
    assert nursery.processes[0].wait(timeout=10) == -signal.SIGKILL
    nursery.close()


def test_reader_says_what_is_wrong_with_a_message() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(MALFORMED["huge"])
        with pytest.raises(MalformedMessage, match="4,294,967,295 bytes"):
            frames.receive(Frames(ours))


# Limits hold while nobody takes the answer


class Client(Nobody):
    """A client that takes nothing, and may hang up."""

    def __init__(self) -> None:
        self.hung_up = False
        self.was_cut = threading.Event()

    def gone(self) -> bool:
        return self.hung_up

    def cut(self) -> None:
        self.was_cut.set()


def begin_a_result(connection: socket.socket) -> None:
    connection.sendall(head(b"H") + head(b"D", 2) + b"{}")


@pytest.mark.parametrize("limit", ["timeout", "memory", "client"])
def test_query_is_ended_in_time_while_its_answer_is_not_taken(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised = {
        "timeout": TimeLimitExceeded,
        "memory": MemoryLimitExceeded,
        "client": ClientGone,
    }[limit]
    taken, client = [0], Client()
    monkeypatch.setattr(
        "sparql_server.engine.local.worker_connection.measure_anonymous", lambda pid: taken[0]
    )
    limits = {"timeout": 0.3} if limit == "timeout" else {"memory": 1000}
    with pool(begin_a_result, **limits) as (one, nursery):
        result = evaluate(one, client)
        assert isinstance(result, Handle)
        assert next(result) == b"{}"
        taken[0], client.hung_up = 2000 * (limit == "memory"), limit == "client"
        assert nursery.processes[0].wait(timeout=10) == -signal.SIGKILL
        assert wait_for(lambda: one.status().idle)
        again = one.submit(JOB, Nobody(), Wait.ANSWER)
        assert again is not None  # another worker has come, and takes the next query
        assert client.was_cut.wait(10)
        with pytest.raises(raised):
            next(result)
        again.cancel()


def test_client_that_takes_nothing_is_cut_when_the_time_of_its_query_is_over(data: Path) -> None:
    options = ("--workers", "1", "--timeout", "1", "--send-timeout", "600")
    with serving(data, *options) as server, raw(server, LONGER, format="tsv") as connection:
        assert wait_for(lambda: "TimeLimitExceeded" in server.log or "ClientGone" in server.log, 30)
        assert not read_all(connection).endswith(b"\r\n0\r\n\r\n")
        assert ask(server, RELEASE).status == 200
