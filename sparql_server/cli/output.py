"""Parts that commands share: the option of the data, log lines, the way a command fails."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import NoReturn

import click

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    metavar="DIR",
    help="Directory with the releases, as libris-loader makes it.  [default: ./data]",
)

# Line breaks, and what terminals take for commands; written so that JSON stays JSON.
_CONTROLS = {code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class OneLine(logging.Formatter):
    """Keeps a message, whoever has written part of it, on its line; tracebacks have their own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's name
        """Return the line, with control characters written as JSON has them."""
        return super().formatMessage(record).translate(_CONTROLS)


def fail(message: str) -> NoReturn:
    """Say why the command failed, and end it with exit code 1."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)
