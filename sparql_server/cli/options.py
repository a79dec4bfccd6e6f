"""Options of the command line, made from the settings and their descriptions."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import Field
from typing import Any

import click

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?", re.IGNORECASE)
_FACTORS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


class Size(click.ParamType[Any]):
    """A number of bytes: ``1500``, ``64K``, ``256M``, ``1.5G``."""

    name = "SIZE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """Return the bytes."""
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(value.strip())
        if not match:
            self.fail(f"{value!r} is no size such as 64K, 256M or 1.5G", param, ctx)
        return int(float(match[1]) * _FACTORS[match[2].upper()])


def option(setting: Field[object]) -> Callable[[Any], Any]:
    """Return the decorator that gives a command the option for a setting."""
    said = setting.metadata
    default = _machine(setting) or setting.default
    several = isinstance(default, tuple)
    shown = said.get("shown") or ("none" if several else as_shown(default, said["unit"]))
    if isinstance(default, bool):
        name = f"--{setting.name.replace('_', '-')}"
        return click.option(name, is_flag=True, help=said["sentence"])
    repeated = " May be repeated." if several else ""
    return click.option(
        f"--{setting.name.replace('_', '-')}",
        type=None if several else _type(setting),
        default=(default or None) if several else default,
        multiple=several,
        metavar=None if "choices" in said else said["unit"].upper(),
        help=f"{said['sentence']}{repeated}  [default: {shown}]",
    )


def _machine(setting: Field[object]) -> int | None:
    return os.cpu_count() if setting.name == "workers" else None


def _type(setting: Field[object]) -> click.ParamType[Any]:
    unit, least = setting.metadata["unit"], setting.metadata.get("least", 0)
    if "choices" in setting.metadata:
        return click.Choice(setting.metadata["choices"])
    if unit == "bytes":
        return Size()
    if isinstance(setting.default, float):
        return click.FloatRange(min=least)
    if setting.name == "port":
        return click.IntRange(0, 65535)
    return click.IntRange(min=least) if isinstance(setting.default, int) else click.STRING


def as_shown(value: object, unit: str) -> str:
    """Return a default as help and docs/operating.md show it.

    >>> as_shown(268435456, "bytes"), as_shown(60.0, "seconds"), as_shown("127.0.0.1", "ADDRESS")
    ('256M', '60', '127.0.0.1')
    """
    if unit == "bytes" and isinstance(value, int) and value:
        for letter, factor in (("G", 2**30), ("M", 2**20), ("K", 2**10)):
            if value % factor == 0:
                return f"{value // factor}{letter}"
    return f"{value:g}" if isinstance(value, float) else str(value)
