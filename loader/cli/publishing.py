"""The options of the commands that publish: what a release has, and what is kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any

import click

from loader.workspace import KEEP_CHANGES

Command = Callable[..., None]

_KEEPING = (
    click.option(
        "--keep",
        type=click.IntRange(min=1),
        default=5,
        show_default=True,
        metavar="N",
        help="Releases to leave, the newest included; older ones are removed.",
    ),
    click.option(
        "--keep-changes",
        type=click.IntRange(min=0),
        default=KEEP_CHANGES,
        show_default=True,
        metavar="N",
        help="Releases of which to keep what changed with them; 0: none.",
    ),
    click.option(
        "--history", is_flag=True, help="Put what changed into the data, too, for SPARQL to ask."
    ),
)
_PARTS = (
    click.option(
        "--tables", is_flag=True, help="Make tables of the release, too: Parquet, in tables/."
    ),
    click.option(
        "--dumps",
        is_flag=True,
        help="Make dumps of the release, too: compressed N-Quads, whole and by kind, in dumps/.",
    ),
)


@dataclass(frozen=True, slots=True)
class Publishing:
    """The values of these options."""

    keep: int
    keep_changes: int
    history: bool
    tables: bool = False
    dumps: bool = False

    @property
    def parts(self) -> list[str]:
        """The names of the parts of a release that are wanted, too."""
        wanted = {"tables": self.tables, "dumps": self.dumps}
        return [name for name, is_wanted in wanted.items() if is_wanted]


def publishes(*, parts: bool = True) -> Callable[[Command], Command]:
    """Give a command these options, which it gets as ``publishing``.

    parts: whether it can make parts that are made on request.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def run(*arguments: Any, **options: Any) -> None:
            known = {field.name for field in fields(Publishing)} & options.keys()
            publishing = Publishing(**{name: options.pop(name) for name in known})
            command(*arguments, publishing=publishing, **options)

        for option in reversed((*_KEEPING, *(_PARTS if parts else ()))):
            option(run)
        return run

    return decorate
