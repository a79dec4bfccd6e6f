"""Entity tags: what a client sends back to hear whether its answer is still the same.

RFC 9110, 8.8.3 and 13.1.2, https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from sparql_server.cache import Key
from sparql_server.engine.releases import Release, identity

ANY = "*"
"""In If-None-Match: whatever there is."""

_OPAQUE = re.compile(r'"[^"]*"')
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
        store = self._identity(int(str(key[0])))
        if store is None:
            return None
        return f'W/"{hashlib.sha256(repr((store, key)).encode()).hexdigest()[:32]}"'

    def _identity(self, number: int) -> str | None:
        found = self._identities.get(number)
        release = self._release() if found is None else None
        if release is not None and release.number == number:
            found = identity(release)
            kept = list(self._identities.items())[1 - _KEPT :]
            self._identities = {**dict(kept), number: found}
        return found


def is_known(tag: str, known: str) -> bool:
    """Tell whether If-None-Match names this tag, by weak comparison, or any.

    >>> is_known('W/"b"', '"a", "b"'), is_known('W/"b"', "*"), is_known('W/"b"', "b")
    (True, True, False)
    """
    return is_any(known) or tag.removeprefix("W/") in _OPAQUE.findall(known)


def is_any(known: str) -> bool:
    """Tell whether If-None-Match says that the client wants an answer only if there is none yet."""
    return known.strip(" \t") == ANY
