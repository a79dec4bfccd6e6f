"""Ways in which an answer can go wrong: each turns a good answer into a bad one."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate


@dataclass(frozen=True)
class Answer:
    """What is sent. cut: bytes of the body after which the connection is reset, if it is.

    drip: seconds between two bytes. silence: seconds before anything is sent.
    """

    body: bytes
    status: int = 200
    kind: str = "text/xml;charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0
    silence: float = 0.0


Fault = Callable[[bytes], Answer]


def reset(body: bytes) -> Answer:
    return Answer(body, cut=0)


def reset_within(body: bytes) -> Answer:
    return Answer(body, cut=len(body) // 2)


def truncated(body: bytes) -> Answer:
    """Whole as HTTP sees it, cut as XML sees it."""
    return Answer(body[: len(body) // 2])


def truncated_after_a_record(body: bytes) -> Answer:
    end = body.rfind(b"</record>")
    return Answer(body[: end + 9] if end > 0 else body[:-1])


def status(code: int, **headers: str) -> Fault:
    return lambda body: Answer(b"no", code, headers=headers)


def unavailable_until_a_date(body: bytes) -> Answer:
    return Answer(b"Whelk unavailable", 503, headers={"Retry-After": formatdate(usegmt=True)})


def html(body: bytes) -> Answer:
    return Answer(b"<!DOCTYPE html><html><body>Back soon</body></html>", kind="text/html")


def invalid_utf8(body: bytes) -> Answer:
    return Answer(body.replace(b"@graph", b"@gr\xffph", 1) if b"@graph" in body else b"\xff" + body)


def drip(seconds: float) -> Fault:
    return lambda body: Answer(body, drip=seconds)


def silence(seconds: float) -> Fault:
    return lambda body: Answer(body, silence=seconds)


def token_refused(body: bytes) -> Answer:
    said = (
        b'<error code="badResumptionToken">The resumptionToken is invalid or has expired.</error>'
    )
    return Answer(re.sub(rb"(?s)</request>.*(?=</OAI-PMH>)", b"</request>" + said, body))


def record_twice(body: bytes) -> Answer:
    """Not wrong at all, and to be borne."""
    first = re.search(rb"(?s)<record>.*?</record>", body)
    return Answer(body.replace(first[0], first[0] * 2, 1) if first else body)


FAULTS: tuple[Fault, ...] = (
    reset,
    reset_within,
    truncated,
    truncated_after_a_record,
    status(500),
    status(502),
    status(503, **{"Retry-After": "0"}),
    status(429, **{"Retry-After": "0"}),
    unavailable_until_a_date,
    html,
    invalid_utf8,
    record_twice,
)


class Random:
    """Each answer goes wrong with this probability, never more than three in a row."""

    def __init__(self, seed: int, rate: float, *more: Fault) -> None:
        self._chance = random.Random(seed)
        self._rate = rate
        self._kinds = (*FAULTS, *more)
        self._row = 0

    def __call__(self, number: int, body: bytes) -> Answer:
        if self._row < 3 and self._chance.random() < self._rate:
            self._row += 1
            return self._chance.choice(self._kinds)(body)
        self._row = 0
        return Answer(body)


class Listed:
    """The answers with these numbers, counted from 0, go wrong."""

    def __init__(self, faults: Mapping[int, Fault]) -> None:
        self._faults = faults

    def __call__(self, number: int, body: bytes) -> Answer:
        return self._faults.get(number, Answer)(body)
