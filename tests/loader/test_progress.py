"""Progress in lines: rate and remaining time, once they can be told."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from loader import progress


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by 20 seconds at each look."""
    ticks: Iterator[int] = iter(range(0, 10_000, 20))
    monkeypatch.setattr("time.monotonic", lambda: float(next(ticks)))


@pytest.mark.parametrize(
    ("total", "done", "line"),
    [
        (1000, 250, "pages: 250 done, 12/s, 60 s left"),
        (None, 250, "pages: 250 done, 12/s"),
        (1_000_000, 1, "pages: 1 done, 0/s"),
        (1_000_000, 1000, "pages: 1,000 done, 50/s"),
        (100, 120, "pages: 120 done, 6/s, 0 s left"),
        (100, 0, "pages: 0 done, 0/s"),
    ],
    ids=["in the middle", "total unknown", "hardly begun", "begun", "more than said", "nothing"],
)
def test_line_tells_what_is_left_once_that_can_be_told(
    total: int | None, done: int, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="loader.progress")
    with progress.show_progress("pages", total) as advance:
        advance(done)
    assert caplog.messages == [line]
