"""The client's exceptions, and what each of them means for an analysis.

LibrisError
├── Unreachable       there is no server at the address, or it broke off each time that it was asked
├── Busy              the server has too much to do, and had after waiting for as long as it said
├── Refused           the server doesn't take the request; another attempt gives the same
│   ├── MalformedQuery   the query is not SPARQL; the error has line, column and hint
│   ├── NotFound         there is no such saved query, table or thing
│   └── ReleaseGone      the release that the analysis is pinned to is not served any more
├── ResultCut         a result has come in part, as its query took too long or too much
└── NotHere           a release's folder can't do what only a server can
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LibrisError(Exception):
    """The root of everything this package raises on purpose."""


class Unreachable(LibrisError):
    """No answer came."""


class Busy(LibrisError):
    """The server has too much to do."""


class Refused(LibrisError):
    """A request that the server doesn't take.

    status: of HTTP. problem: what the server said, as a problem document (RFC 9457) has it.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(_write_message(problem))
        self.status = status
        self.problem = dict(problem)

    @property
    def hint(self) -> str | None:
        """The server's advice, if it gives any."""
        return self.problem.get("hint")


class MalformedQuery(Refused):
    """A query that is not SPARQL."""

    @property
    def line(self) -> int | None:
        """The line where it goes wrong, from 1."""
        return self.problem.get("line")

    @property
    def column(self) -> int | None:
        """The column where it goes wrong, from 1."""
        return self.problem.get("column")

    @property
    def corrected(self) -> str | None:
        """The query as it may have been meant."""
        return self.problem.get("corrected")


class NotFound(Refused):
    """There is nothing of that name."""


class ReleaseGone(Refused):
    """Another release is served now."""


class ResultCut(LibrisError):
    """A result that has come in part."""


class NotHere(LibrisError):
    """Something that only a server can do."""


_KINDS: Mapping[int, type[Refused]] = {404: NotFound, 410: ReleaseGone}


def make_refusal(status: int, problem: Mapping[str, Any]) -> Refused:
    """Return the error that an answer of a status stands for."""
    kind = MalformedQuery if "line" in problem else _KINDS.get(status, Refused)
    return kind(status, problem)


def _write_message(problem: Mapping[str, Any]) -> str:
    """Return all that helps: what is wrong, where, and what is advised."""
    lines = [str(problem.get("detail") or problem.get("title") or "the server refused the request")]
    if "line" in problem and not lines[0].startswith("Line "):
        lines[0] = f"line {problem['line']}, column {problem.get('column')}: {lines[0]}"
    if text := problem.get("text"):
        lines += [f"  {text}", f"  {'^':>{max(1, int(problem.get('column') or 1))}}"]
    if hint := problem.get("hint"):
        lines.append(f"Hint: {hint}")
    if corrected := problem.get("corrected"):
        lines.append(f"Perhaps you meant:\n{corrected}")
    return "\n".join(lines)
