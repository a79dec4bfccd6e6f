"""Errors for a remote endpoint that doesn't answer as it should.

A refusal (400 or 500) isn't believed: if our own parser takes the query, the endpoint has failed.
"""

from __future__ import annotations

from sparql_server.errors import RemoteFailed, RemoteTimedOut

_WHO = "The endpoint behind this server"
_SAID = {
    206: "sent a part of its answer",
    401: "wants to know who asks",
    403: "doesn't let this server ask",
    429: "has too many requests",
    503: "is not available now",
}


def translate_status(status: int, retry_after: str) -> RemoteFailed:
    """Return the error that a status means. retry_after: the header, or nothing."""
    members = {"remote_status": status}
    if retry_after.isdigit():
        members["remote_retry_after"] = int(retry_after)
    if status in (408, 504):
        return make_timed_out(**members)
    complaint = _SAID.get(status, "answers with an error")
    return RemoteFailed(f"{_WHO} {complaint} (HTTP {status}).", **members)


def translate_refusal(status: int, place: tuple[int, int] | None = None) -> RemoteFailed:
    """Return the error for a refusal of a query in which the parser finds nothing wrong.

    place: line and column of what the endpoint doesn't take, from 1, if it says so.
    """
    where, members = "", {"remote_status": status}
    if place is not None:
        where = f" It stumbles at line {place[0]}, column {place[1]}."
        members |= {"line": place[0], "column": place[1]}
    return RemoteFailed(
        f"{_WHO} can't answer this query, although it is SPARQL 1.1 (HTTP {status}).{where}",
        **members,
    )


def make_timed_out(**members: int) -> RemoteTimedOut:
    """Make the error for a query that came to the endpoint's time limit."""
    return RemoteTimedOut(f"{_WHO} timed out.", **members)


def make_late(*, out_of_time: bool) -> RemoteFailed:
    """Make the error for a result that ends in an error message."""
    if out_of_time:
        return RemoteTimedOut(f"{_WHO} ran out of time amid its result.")
    return RemoteFailed(f"{_WHO} failed amid its result.")


def make_no_own_default() -> RemoteFailed:
    """Make the error for a query of named graphs beside a default graph of the store's own."""
    return RemoteFailed(
        f"{_WHO}, QLever, has no default graph of its own beside named graphs: name the graphs of"
        " the query (FROM, FROM NAMED)."
    )


def make_unreachable() -> RemoteFailed:
    """Make the error for an endpoint to which there is no connection."""
    return RemoteFailed(f"{_WHO} can't be reached.")


def make_silent() -> RemoteTimedOut:
    """Make the error for an endpoint that says nothing for too long."""
    return RemoteTimedOut(f"{_WHO} did not answer in time.")


def make_broken_off() -> RemoteFailed:
    """Make the error for an answer that ends before its end."""
    return RemoteFailed(f"{_WHO} broke its answer off.")


def make_limited_time() -> RemoteTimedOut:
    """Make the error for an answer that the endpoint's own time limit has cut."""
    return RemoteTimedOut(f"{_WHO} ended the query by its own time limit.")


def make_unbounded() -> RemoteFailed:
    """Make the error for an answer that has neither a length nor a last chunk."""
    return RemoteFailed(
        f"{_WHO} doesn't say where its answer ends, so nobody could tell whether it is whole."
    )


def make_cut(limit: int) -> RemoteFailed:
    """Make the error for solutions that the endpoint has cut. limit: solutions."""
    return RemoteFailed(
        f"{_WHO} cuts results after {limit:,} rows, and this one has been cut.", limit=limit
    )


def make_graph_cut(limit: int) -> RemoteFailed:
    """Make the error for a graph that may lack triples. limit: solutions it is made from."""
    return RemoteFailed(
        f"{_WHO} makes graphs from no more than {limit:,} solutions and doesn't say when it has"
        " left some out.",
        limit=limit,
    )


def make_foreign(media_type: str) -> RemoteFailed:
    """Make the error for an answer in a media type that no result has."""
    return RemoteFailed(
        f"{_WHO} sent something that is no result of a query"
        f" ({media_type or 'without a media type'})."
    )


def make_unasked(media_type: str) -> RemoteFailed:
    """Make the error for a result of another kind than the query asks for."""
    return RemoteFailed(f"{_WHO} sent {media_type}, which wasn't asked for.")


def make_unreadable(media_type: str) -> RemoteFailed:
    """Make the error for a result that isn't as its media type has it."""
    return RemoteFailed(f"{_WHO} sent a result that can't be read as {media_type}.")
