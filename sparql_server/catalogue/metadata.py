"""The metadata in a query file: YAML in leading comments that begin with ``#+``, as grlc has them.

https://github.com/CLARIAH/grlc/wiki/Query-decorators, https://yaml.org/spec/1.1/
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import yaml

from sparql_server.catalogue.saved_query import LANGUAGES, Texts
from sparql_server.errors import MalformedFile

# libyaml's reader, where PyYAML comes with it, is several times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the metadata and the line of the file where it begins, from 1.

    Scalars are strings as they are written: ``0800`` is not a number, ``no`` not a boolean.
    """

    value: str | list[Node] | dict[str, Node]
    line: int


def split(text: str) -> tuple[list[str], list[str], int]:
    """Split a file into metadata, without ``#+``, and query; and say how many lines come before it.

    Raises MalformedFile if metadata stand within the query.
    """
    lines = text.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    for number, line in enumerate(lines[count:], count + 1):
        if line.startswith("#+"):
            raise MalformedFile(number, "metadata stand before the query, without a gap")
    metadata = [line[2:].removeprefix(" ") for line in lines[:count]]
    while count < len(lines) and not lines[count].strip():
        count += 1
    return metadata, lines[count:], count


def read_metadata(lines: Sequence[str]) -> Section:
    """Read metadata. lines: from the first of the file. Raises MalformedFile."""
    try:
        root = yaml.compose("\n".join(lines), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MalformedFile(mark.line + 1 if mark else 1, f"not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise MalformedFile(1, f"not YAML: {error}") from error
    if root is None:
        raise MalformedFile(1, "there are no metadata: lines that begin with #+")
    return Section(_read_node(root, set()), "the metadata")


def _read_node(node: yaml.Node, above: Collection[int]) -> Node:
    line = node.start_mark.line + 1
    if id(node) in above:
        raise MalformedFile(line, "an alias that holds itself")
    within = {*above, id(node)}
    if isinstance(node, yaml.ScalarNode):
        return Node(str(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_read_node(member, within) for member in node.value], line)
    return Node(_read_members(node, within), line)


def _read_members(node: yaml.Node, within: Collection[int]) -> dict[str, Node]:
    members: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            line = key.start_mark.line + 1
            raise MalformedFile(line, "a key should be a single value")
        if key.value in members:
            raise MalformedFile(key.start_mark.line + 1, f"{key.value} stands twice")
        read = _read_node(value, within)
        # A member's own line: its value may begin on the next.
        members[str(key.value)] = Node(read.value, key.start_mark.line + 1)
    return members


class Section:
    """A mapping in the metadata, read key by key. what: what it is called in messages."""

    def __init__(self, node: Node, what: str) -> None:
        if not isinstance(node.value, dict):
            raise MalformedFile(node.line, f"{what} should be keys with values")
        self.line = node.line
        self._what = what
        self._members = node.value

    def allow(self, keys: Collection[str]) -> None:
        """Raise MalformedFile if there is another key than these."""
        for key, node in self._members.items():
            if key not in keys:
                there = ", ".join(sorted(keys))
                raise MalformedFile(node.line, f"{self._what}: no key {key}; there are {there}")

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the section if it isn't there."""
        return self._members[key].line if key in self._members else self.line

    def text(self, key: str) -> str | None:
        """Return a scalar, or None."""
        node = self._members.get(key)
        if node is None:
            return None
        if not isinstance(node.value, str):
            raise MalformedFile(node.line, f"{self._what}: {key} should be a single value")
        return node.value.strip()

    def required_text(self, key: str) -> str:
        """Return a scalar that must be there."""
        found = self.text(key)
        if not found:
            raise MalformedFile(self.line_of(key), f"{self._what}: {key} is missing")
        return found

    def flag(self, key: str, default: bool) -> bool:
        """Return ``true`` or ``false``."""
        found = self.text(key)
        if found not in (None, "true", "false"):
            raise MalformedFile(self.line_of(key), f"{self._what}: {key} should be true or false")
        return default if found is None else found == "true"

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a scalar, or a sequence of them, as a tuple."""
        node = self._members.get(key)
        if node is None:
            return ()
        found = node.value if isinstance(node.value, list) else [node]
        return tuple(self._scalar(member, key) for member in found)

    def _scalar(self, node: Node, key: str) -> str:
        if not isinstance(node.value, str):
            raise MalformedFile(node.line, f"{self._what}: {key} should be values in a row")
        return node.value.strip()

    def is_sequence(self, key: str) -> bool:
        """Tell whether a key has a sequence."""
        return key in self._members and isinstance(self._members[key].value, list)

    def sections(self, key: str, what: str) -> list[Section]:
        """Return a sequence of mappings."""
        node = self._members.get(key)
        if node is None:
            return []
        if not isinstance(node.value, list):
            raise MalformedFile(node.line, f"{self._what}: {key} should be a sequence")
        return [Section(member, what) for member in node.value]

    def section(self, key: str) -> Section | None:
        """Return a mapping, or None."""
        node = self._members.get(key)
        return Section(node, key) if node else None

    def both(self, key: str, required: bool = True) -> Texts:
        """Return a text in both languages."""
        section = self.section(key)
        if section is None:
            if required:
                raise MalformedFile(self.line, f"{self._what}: {key} is missing")
            return {}
        section.allow(LANGUAGES)
        return {language: section.required_text(language) for language in LANGUAGES}
