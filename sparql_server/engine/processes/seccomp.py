"""Filters of system calls: what the kernel refuses to a process, and to all that come from it.

https://docs.kernel.org/userspace-api/seccomp_filter.html. A filter is a program of the kernel's
packet filter (https://docs.kernel.org/networking/filter.html), here for x86-64 and ARM64.
"""

from __future__ import annotations

import ctypes
import errno
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
# linux/bpf_common.h
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in linux/seccomp.h's seccomp_data
_ERRNO, _ALLOW = 0x00050000, 0x7FFF0000
_X32 = 0x40000000  # from here on calls have other numbers
# The numbers of the architecture, linux/audit.h, and the place of its calls' numbers below.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

Step = tuple[int, int, int, int]
"""An instruction: code, how many to skip if its test is true and if it isn't, value."""

_ALLOWED: Step = (_RETURN, 0, 0, _ALLOW)


@dataclass(frozen=True, slots=True)
class Call:
    """A system call. numbers: on x86-64 and ARM64; None: it isn't there."""

    numbers: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Refuse:
    """A rule: refuse a call, always or depending on the lower half of an argument.

    argument: its place. only: refused for these values; only_not: for all but these; any_of: if it
    has any of these bits; every: if it has all of them; but: if it has none of these.
    """

    call: Call
    error: int = errno.EPERM
    argument: int = 0
    only: tuple[int, ...] = ()
    only_not: tuple[int, ...] = ()
    any_of: int = 0
    every: int = 0
    but: int = 0

    def steps(self, number: int) -> list[Step]:
        """Return what decides about calls of this number, and leaves others as they are."""
        refuse: Step = (_RETURN, 0, 0, _ERRNO | self.error)
        tests = self._tests()
        if not tests:
            return [(_EQUAL, 0, 1, number), refuse]
        inner = [(_LOAD, 0, 0, _ARGUMENTS + 8 * self.argument), *tests, refuse]
        return [(_EQUAL, 0, len(inner), number), *inner]

    def _tests(self) -> list[Step]:
        """Return the tests of an argument; what stands behind them is reached to refuse."""
        if self.only or self.any_of:
            code, values = (_EQUAL, self.only) if self.only else (_ANY_BIT, (self.any_of,))
            most = len(values)
            jumps = [(code, most - place, 0, value) for place, value in enumerate(values)]
            return [*jumps, _ALLOWED]
        if self.every:
            return [(_AND, 0, 0, self.every), (_EQUAL, 1, 0, self.every), _ALLOWED]
        code, values = (_EQUAL, self.only_not) if self.only_not else (_ANY_BIT, (self.but,))
        return [
            step
            for value in values
            if value or self.only_not
            for step in ((code, 0, 1, value), _ALLOWED)
        ]


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("when", ctypes.c_ubyte),
        ("otherwise", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def install(rules: Iterable[Refuse], beyond: int | None = None) -> bool:
    """Have the kernel apply rules from now on; tell whether it does.

    beyond: from this number on calls are said not to be there. The process must have given up
    gaining privileges.
    """
    if platform.machine() not in _MACHINES:
        return False
    steps = _program(rules, beyond, *_MACHINES[platform.machine()])
    instructions = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
    program = _Program(len(instructions), instructions)
    done = ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)
    return bool(done == 0)


def _program(
    rules: Iterable[Refuse], beyond: int | None, architecture: int, place: int
) -> Sequence[Step]:
    refuse: Step = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    start: list[Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        refuse,
    ]
    if beyond is not None:
        start += [(_AT_LEAST, 0, 1, beyond), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    numbered = ((rule, rule.call.numbers[place]) for rule in rules)
    middle = chain.from_iterable(rule.steps(n) for rule, n in numbered if n is not None)
    return [*start, *middle, _ALLOWED]
