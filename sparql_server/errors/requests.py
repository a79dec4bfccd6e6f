"""Errors of what a request asks: its sender can mend them. Status 400 to 415, and 429."""

from __future__ import annotations

from sparql_server.errors.roots import RequestError


class BadRequest(RequestError):
    """A parameter is missing, repeated or unknown."""

    status = 400
    title = "Bad request"


class MalformedQuery(BadRequest):
    """The query is not SPARQL.

    Members: line, column (from 1), text (the line), hint, corrected (in standard SPARQL), parser
    (its own reason).
    """

    title = "Malformed query"


class BadParameter(BadRequest):
    """A saved query's parameter is unknown, missing, or has a value that it doesn't take.

    Members: parameter (its name), type, example; of an unknown one its name alone.
    """

    title = "Bad parameter"


class ServiceRefused(RequestError):
    """SERVICE with an address that the operator hasn't allowed."""

    status = 403
    title = "SERVICE refused"

    @classmethod
    def for_address(cls, address: str | None = None) -> ServiceRefused:
        """Make the error for a call to an address; None: not written in full, or not known."""
        called = f"<{address}>" if address else "an endpoint that is not named by an IRI in full"
        return cls(
            f"This server does not call other endpoints unless its operator allows it: {called}."
        )


class NoSuchGraph(RequestError):
    """There is no graph of that name."""

    status = 404
    title = "No such graph"


class ExtensionRefused(RequestError):
    """A function that is not SPARQL's own, and that might reach the network or files."""

    status = 403
    title = "Extension refused"


class NoSuchQuery(RequestError):
    """There is no saved query of that name, or none of its parameters has such a list."""

    status = 404
    title = "Not found"


class NotInRelease(RequestError):
    """The release has no text index, or no schema; the loader makes both with every release."""

    status = 404
    title = "Not found"


class DeletedRecord(RequestError):
    """The record that told of a thing was deleted.

    Members: deleted (when: UTC; null: nobody knows), record (its IRI).
    """

    status = 410
    title = "Deleted"


class NotAcceptable(RequestError):
    """No format that the client accepts; member: available."""

    status = 406
    title = "Not acceptable"


class ReleaseGone(RequestError):
    """A permanent link to another release than the one that is served.

    Members: release (asked for), current (served; a number), address (of the same in that one).
    """

    status = 410
    title = "Release not served"


class ContentTooLarge(RequestError):
    """A request larger than the operator lets them be."""

    status = 413
    title = "Request too large"


class UnsupportedMediaType(RequestError):
    """A request body of another type than the protocol's two."""

    status = 415
    title = "Unsupported media type"


class UnsupportedCoding(UnsupportedMediaType):
    """A request body in a content coding that isn't known; the answer says which one is."""

    title = "Unsupported content coding"
    headers = (("Accept-Encoding", "gzip"),)  # RFC 9110, 15.5.16


class TooManyRequests(RequestError):
    """More from one client than one client may. retry_after: seconds."""

    status = 429
    title = "Too many requests"
    retry_after = 1
