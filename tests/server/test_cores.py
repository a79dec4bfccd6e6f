"""A large question has both cores while nobody else needs one; what it finds stays the same."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection

import numpy as np
import pytest

from sparql_server.engine.columns.solutions import halves
from sparql_server.engine.columns.solutions.halves import LARGE, borrow_from, take, work_in_halves
from sparql_server.engine.processes.cores import Cores

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files without a name are Linux's")


class _Lender:
    def __init__(self, *, free: bool = True) -> None:
        self.free = free
        self.given_back = 0

    def borrow(self) -> bool:
        return self.free

    def give_back(self) -> None:
        self.given_back += 1


@pytest.fixture
def lender() -> Iterator[_Lender]:
    found = _Lender()
    borrow_from(found)
    yield found
    borrow_from(None)


def _list_parts(size: int) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    work_in_halves(size, lambda begin, end: parts.append((begin, end)))
    return sorted(parts)


def test_large_work_is_done_in_two_halves(lender: _Lender) -> None:
    assert _list_parts(LARGE) == [(0, LARGE // 2), (LARGE // 2, LARGE)]
    assert lender.given_back == 1


def test_small_work_is_done_at_once(lender: _Lender) -> None:
    assert _list_parts(LARGE - 1) == [(0, LARGE - 1)]
    assert lender.given_back == 0


def test_work_is_done_at_once_where_no_core_is_free(lender: _Lender) -> None:
    lender.free = False
    assert _list_parts(LARGE) == [(0, LARGE)]
    assert lender.given_back == 0


@pytest.mark.parametrize("half", [0, 1])
def test_error_in_a_half_is_an_error_of_the_whole(lender: _Lender, half: int) -> None:
    def fail(begin: int, end: int) -> None:
        if bool(begin) == bool(half):
            raise ValueError("a half")

    with pytest.raises(ValueError, match="a half"):
        work_in_halves(LARGE, fail)
    assert lender.given_back == 1


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.bool_])
def test_values_at_places_are_the_same_in_halves(lender: _Lender, kind: type[np.generic]) -> None:
    values = np.arange(1000).astype(kind)
    places = np.arange(LARGE + 1) * 7 % 1000
    assert (take(values, places) == values[places]).all()
    assert lender.given_back == 1


def test_a_process_borrows_nothing_unless_it_is_told_to() -> None:
    borrow_from(None)
    assert not halves._lenders[0].borrow()


# Cores


def _keep_two(cores: Cores, connection: Connection) -> None:
    with cores.taking_one():
        connection.send(cores.borrow())
        connection.recv()


def test_a_core_that_is_free_can_be_borrowed_by_one_alone() -> None:
    cores = Cores(2)
    with cores.taking_one():
        assert cores.borrow()
        assert not cores.borrow()
        cores.give_back()
        assert cores.borrow()
        cores.give_back()


def test_one_core_is_nobody_elses_to_borrow() -> None:
    cores = Cores(1)
    with cores.taking_one():
        assert not cores.borrow()


def test_nothing_is_borrowed_without_a_query() -> None:
    assert not Cores(2).borrow()


def test_cores_of_a_process_that_is_killed_are_free_again() -> None:
    cores = Cores(2)
    here, there = multiprocessing.Pipe()
    other = multiprocessing.get_context("fork").Process(target=_keep_two, args=(cores, there))
    other.start()
    assert here.recv() is True
    with cores.taking_one():  # there is none left for this one
        assert not cores.borrow()
    assert other.pid is not None
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    with cores.taking_one():
        assert cores.borrow()
        cores.give_back()


def test_nothing_can_be_written_where_cores_are_taken() -> None:
    with pytest.raises(PermissionError):
        os.write(Cores(2)._file, b"x")
