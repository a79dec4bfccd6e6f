"""The documents: their text, and the commands in them with what is said to come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        ROOT / "benchmarks" / "README.md",
        ROOT / "queries" / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
    )
}


@dataclass(frozen=True, slots=True)
class Example:
    """A command in a document. output: the lines below it, ``…`` standing for any text."""

    document: str
    command: str
    output: str

    def __str__(self) -> str:
        return f"{self.document}: {self.command[:60]}"


def text(document: str) -> str:
    return DOCUMENTS[document]


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without the line of dashes."""
    below = text(document).split(f"{heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\|\n)+", below, re.MULTILINE)
    assert lines is not None, heading
    rows = [line.strip("|").split("|") for line in lines[0].splitlines()]
    return [[cell.strip() for cell in row] for row in rows if set("".join(row)) - set("-")]


def examples() -> Iterator[Example]:
    for document, content in DOCUMENTS.items():
        for block in re.findall(r"^```console\n(.*?)^```", content, re.MULTILINE | re.DOTALL):
            joined = block.replace("\\\n", " ")
            for shown in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
                command, _, output = shown.partition("\n")
                yield Example(document, command, output)
