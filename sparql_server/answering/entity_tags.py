"""Entity tags, which a client sends back to hear whether its answer is still the same.

RFC 9110, 8.8.3 and 13.1.2, https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from sparql_server.answering.cache import Key
from sparql_server.engine.releases import Release, identify_release

ANY = "*"
"""In If-None-Match: whatever there is."""

_OPAQUE = re.compile(r'"[^"]*"')
_DIGITS = 24  # of the store and its release, and of what was asked: each tells one of 2 to the 96th
_KEPT = 4  # releases whose identity is remembered: the one served, and those just before it


class EntityTags:
    """Makes the tags of results. They name the store and the release beside what was asked.

    Tags are weak: rows that a query doesn't order may change places.
    """

    def __init__(self, release: Callable[[], Release | None]) -> None:
        """release: returns the one that is served now."""
        self._release = release
        self._identities: dict[int, str] = {}

    def of(self, key: Key | None) -> str | None:
        """Return the tag of the result with this key; None: it has none, or its release is gone."""
        if key is None:
            return None
        release, digest = key
        store = self._identities.get(release) or self._identity(release)
        return f'W/"{store}{digest.hex()[:_DIGITS]}"' if store else None

    def _identity(self, number: int) -> str | None:
        release = self._release()
        if release is None or release.number != number:
            return None
        whole = hashlib.sha256(f"{number} {identify_release(release)}".encode()).hexdigest()
        kept = list(self._identities.items())[1 - _KEPT :]
        self._identities = {**dict(kept), number: whole[:_DIGITS]}
        return whole[:_DIGITS]


def is_known(tag: str, known: str) -> bool:
    """Tell whether If-None-Match names this tag, by weak comparison, or any.

    >>> is_known('W/"b"', '"a", "b"'), is_known('W/"b"', "*"), is_known('W/"b"', "b")
    (True, True, False)
    """
    return is_any(known) or tag.removeprefix("W/") in _OPAQUE.findall(known)


def is_any(known: str) -> bool:
    """Tell whether If-None-Match says that the client wants an answer only if there is none yet."""
    return known.strip(" \t") == ANY
