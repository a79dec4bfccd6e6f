"""Answers that aren't good: what error each of them is, and how long to wait for a better one."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from requests import Response

from libris_client.errors import Busy, LibrisError, Unreachable, make_refusal

_WAITED_FOR = (429, 502, 503, 504)
_OF_OTHERS = (404, 405, 501)  # where the server's own have a problem document


def back_off(attempt: int) -> float:
    """Return seconds, more after each attempt, and not the same for all who were sent away."""
    return float(min(30.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0))


def find_wait(response: Response, attempt: int) -> float | None:
    """Return seconds after which it may be worth another attempt; None: no time makes it better."""
    if response.status_code not in _WAITED_FOR:
        return None
    said = response.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        return float(said)
    with suppress(ValueError):
        time = parsedate_to_datetime(said)
        time = time if time.tzinfo else time.replace(tzinfo=UTC)  # all of HTTP's are UTC
        return max(0.0, (time - datetime.now(UTC)).total_seconds())
    return back_off(attempt)


def read_error(response: Response) -> LibrisError:
    """Return the error that an answer is which isn't good."""
    with response:
        try:
            problem = response.json()
        except ValueError:
            problem = None
    if not isinstance(problem, dict):
        if response.status_code in _OF_OTHERS:
            return Unreachable(say_other_server(response))
        problem = {}
    problem.setdefault("title", f"the server answered {response.status_code} {response.reason}")
    if response.status_code in _WAITED_FOR:
        return Busy(str(problem.get("detail") or problem["title"]))
    return make_refusal(response.status_code, problem)


def say_other_server(response: Response) -> str:
    """Return what is said of an answer that no server of this kind gives."""
    return (
        f"{response.url} is no address of such a server: what is there answered"
        f" {response.status_code} {response.reason}"
    )
