"""The message of pyoxigraph's parser for a query it refuses, without the characters it expected."""

from __future__ import annotations

import re

_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_LONGEST = 4000  # characters of a message that are read
_KEPT = 8  # things the parser expected that are said
# A quoted token, a class of characters in brackets, or words: what the parser lists.
_ITEM = re.compile(r'"(?:[^"\\]|\\.)*+"|\[[^\]]*+\]|[^",\[\]]++')
_SENTENCE = re.compile(r"[A-Za-z*]+ [a-z].*", re.DOTALL)


def gave_up(message: str) -> tuple[int, int, str]:
    """Return where the parser gave up, line and column, and the rest of what it says.

    >>> gave_up("error at 1:15: expected OPTIONAL")
    (1, 15, 'expected OPTIONAL')
    """
    match = _POSITION.search(message)
    return (int(match[1]), int(match[2]), match[3]) if match else (1, 1, message)


def list_reasons(said: str) -> list[str]:
    """Return the sentences among what the parser says: its reasons, not what it expected.

    >>> list_reasons('expected one of "(", Duplicated variable name in SELECT, [_]')
    ['Duplicated variable name in SELECT']
    """
    return [item for item in _items(said) if _SENTENCE.fullmatch(item)]


def write_readable(said: str) -> str:
    """Return what the parser says in words and tokens, without classes of characters.

    >>> write_readable('expected one of "{", WHERE, [_]')
    'expected "{" or WHERE'
    """
    if not said.startswith("expected "):
        return " ".join(said[:_LONGEST].split())
    found = list_reasons(said)
    if found:
        return "; ".join(found)
    items = [item for item in _items(said) if item][:_KEPT]
    return f"expected {' or '.join(items)}" if items else "expected something else"


def _items(said: str) -> list[str]:
    text = said[:_LONGEST].removeprefix("expected ").removeprefix("one of ")
    items = (match[0].strip() for match in _ITEM.finditer(text))
    return [
        item for item in items if item and item[0] != "[" and "\\u{" not in item and "'" not in item
    ]
