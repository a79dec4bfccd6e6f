"""Errors of answering a good request: limits, failures of an engine, and times when it can't be."""

from __future__ import annotations

from sparql_server.errors.roots import RequestError


class ResultTooLarge(RequestError):
    """A result larger than the operator lets them be."""

    status = 422
    title = "Result too large"


class ClientGone(RequestError):
    """The client hung up. The status is one that logs have for it; no client ever gets it."""

    status = 499
    title = "Client gone"


class EvaluationFailed(RequestError):
    """The engine failed; member: identifier, which the log has too."""

    title = "Evaluation failed"


class MemoryLimitExceeded(RequestError):
    """The query took more memory than it may.

    https://www.rfc-editor.org/rfc/rfc4918#section-11.5
    """

    status = 507
    title = "Memory limit exceeded"

    @classmethod
    def beyond(cls, limit: int) -> MemoryLimitExceeded:
        """Make the error. limit: bytes."""
        return cls(
            f"The query took more memory than the limit of {limit:,} bytes and was ended.",
            limit=limit,
            unit="bytes",
        )


class StorageFull(RequestError):
    """The disk for temporary files has no room. retry_after: seconds."""

    status = 507
    title = "Insufficient storage"
    retry_after = 60


class RemoteFailed(RequestError):
    """The endpoint behind this server can't be reached, or its answer isn't whole and good.

    Members: remote_status (HTTP), remote_retry_after, if it sent them.
    """

    status = 502
    title = "Remote endpoint failed"


class RemoteTimedOut(RemoteFailed):
    """The endpoint behind this server ran into a limit of its own."""

    status = 504
    title = "Remote endpoint timed out"


class Unavailable(RequestError):
    """Not now. retry_after: seconds."""

    status = 503
    title = "Service unavailable"
    retry_after = 5


class NoRelease(Unavailable):
    """Nothing has been published yet."""

    title = "No release"


class Stopping(Unavailable):
    """The server was told to stop, and can't answer any more."""

    title = "Stopping"


class Busy(Unavailable):
    """All workers were busy for as long as a request may wait."""

    title = "Too busy"


class TimeLimitExceeded(Unavailable):
    """The query ran into the wall-clock limit; member: limit, in seconds."""

    title = "Time limit exceeded"
    retry_after = 60

    @classmethod
    def beyond(cls, limit: float) -> TimeLimitExceeded:
        """Make the error. limit: seconds."""
        return cls(
            f"The query took longer than the limit of {limit:g} seconds and was ended.",
            limit=limit,
            unit="seconds",
        )
