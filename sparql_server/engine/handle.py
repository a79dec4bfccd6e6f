"""The one way in to an engine: a job is submitted, and a handle comes back for it.

What engines differ in ends here: whoever has a handle can't tell whether a worker evaluates the
job, a remote endpoint does, or it has been looked up and is finished already.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Protocol

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.messages import End, Head, Job, Whole
from sparql_server.engine.query_limits import Run
from sparql_server.engine.releases import Release
from sparql_server.engine.status import Status
from sparql_server.errors.failures.failure import Failure

_CUT = "The result was cut short."


class Wait(Enum):
    """The most that can be waited for when a job is submitted."""

    NOTHING = "the result must be there at once"
    ANSWER = "the answer of a worker that is free now"
    TURN = "a worker, too, in the queue"


class NotNow(Exception):
    """A job can't be had evaluated with as little waiting as was allowed.

    again: whether it may be tried again in a moment: a worker is all it lacks.
    """

    def __init__(self, *, again: bool) -> None:
        super().__init__()
        self.again = again


class Handle(Iterator[bytes]):
    """A job in the hands of an engine, from ``submit`` to the last byte of its result.

    An iterator of the result's bytes, once ``wait`` has returned None; when it ends without an
    error the result is whole. Whoever has a handle must run it to its end or ``cancel`` it: what
    evaluates the job is free only then.

    release: number. engine: ``columns``, ``disk`` (the release has none) or ``remote``. queued:
    seconds the job waited to begin. format: name of the format, when ``wait`` has returned. cpu:
    seconds of processor time so far; all of it, and rows (None: not countable), are known at the
    end. body: the whole result, if it was small. failure: why there is none.
    """

    __slots__ = (
        "_descriptor",
        "_rest",
        "_run",
        "body",
        "cpu",
        "engine",
        "failure",
        "format",
        "queued",
        "release",
        "rows",
    )

    def __init__(
        self, release: int, engine: str, run: Run | None = None, descriptor: int | None = None
    ) -> None:
        self.release = release
        self.engine = engine
        self.queued = self.cpu = 0.0
        self._descriptor = descriptor
        self.format = ""
        self.rows: int | None = None
        self.body: bytes | None = None
        self.failure: Failure | None = None
        self._run = run
        self._rest: bytes | None = None  # what is still to be handed on of a body

    @property
    def is_finished(self) -> bool:
        """Whether nothing evaluates the job any more."""
        return self._run is None

    def fileno(self) -> int | None:
        """Return what can be read from when there is an answer.

        None: only a thread can wait for it, or there is nothing to wait for.
        """
        return self._descriptor if self._run else None

    def is_whole(self) -> bool:
        """Tell whether the whole result is there, without waiting for it."""
        if self._run is None:
            return self.body is not None
        return isinstance(self._run.peek(), Whole)

    def wait(self) -> Failure | None:
        """Wait until the first bytes are good; return why there will be none, if so.

        Raises RequestError: TimeLimitExceeded, MemoryLimitExceeded, ClientGone, RemoteFailed or
        EvaluationFailed.
        """
        run = self._run
        if run is None or self.format:
            return self.failure
        try:
            part = run.receive()
            if isinstance(part, (bytes, End)):
                raise run.fail("sent a result without a head", "The answer has no beginning.")
        except BaseException:
            self._leave(whole=False)
            raise
        if isinstance(part, Head):
            self.format, self.cpu = part.format, part.cpu
            return None
        self._leave(whole=True)
        self.finish(part)
        return self.failure

    def finish(self, answer: Whole | Failure) -> None:
        """Take in a whole answer."""
        if isinstance(answer, Failure):
            self.failure = answer
            return
        self.format, self.cpu, self.rows = answer.format, answer.cpu, answer.rows
        self.body = self._rest = answer.body

    def __next__(self) -> bytes:
        """Wait for the next piece. Raises RequestError as ``wait`` if there won't be all."""
        if self._run is None:
            piece, self._rest = self._rest, None
            if piece is None:
                raise StopIteration
            return piece
        try:
            return self._piece(self._run)
        except StopIteration:
            raise
        except BaseException:
            self._leave(whole=False)
            raise

    def _piece(self, run: Run) -> bytes:
        part = run.receive()
        if isinstance(part, bytes):
            return part
        if isinstance(part, Failure):
            raise run.fail(f"ended a result: {part.detail}", _CUT)
        if not isinstance(part, End):
            raise run.fail("sent another head", _CUT)
        self.cpu, self.rows = part.cpu, part.rows
        self._leave(whole=True)
        raise StopIteration

    def cancel(self) -> None:
        """Say that nobody wants the rest."""
        self._rest = None
        self._leave(whole=False)

    def _leave(self, *, whole: bool) -> None:
        run, self._run = self._run, None
        if run:
            run.leave(whole=whole)


def make_finished(answer: Whole | Failure, release: int, engine: str) -> Handle:
    """Return a handle for a job whose answer is there already."""
    handle = Handle(release, engine)
    handle.finish(answer)
    return handle


class Engine(Protocol):
    """An engine: it evaluates jobs on a release."""

    @property
    def release(self) -> Release | None:
        """The release that the next job is evaluated on."""

    def submit(self, job: Job, caller: Caller, wait: Wait) -> Handle:
        """Have a job evaluated; return its handle when it has begun, or is finished.

        wait: what may be waited for until then. Raises NotNow where that isn't enough, and
        RequestError: Busy, NoRelease, Stopping, ClientGone, ExtensionRefused or RemoteFailed.
        """

    def status(self) -> Status:
        """Return how the engine is."""
