"""Detection of lists without an end, by their pages' tokens, places and items.

https://www.openarchives.org/OAI/openarchivesprotocol.html, section 3.5 (flow control)
"""

from __future__ import annotations

import base64
from contextlib import suppress

import orjson

from loader.errors import ListEndless, ProviderRefuses
from loader.provider.oai.page import Page

_SAME = 3  # pages in a row whose items had all come before
_EMPTY = 30  # pages in a row without an item
_REFUSALS = 3  # tokens refused without getting further


class ListProgress:
    """The pages of one list that have come so far."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._marks: set[int] = set()
        self._same = self._empty = 0
        self._place = ""
        self._pages = self._furthest = self._refusals = 0

    def note(self, page: Page, asked_with: str | None) -> None:
        """Note a page that others follow. Raises ListEndless if it leads nowhere.

        asked_with: the token with which it was asked for.
        """
        self._pages += 1
        token = page.token or ""
        self._tokens.add(asked_with or "")
        if token in self._tokens:
            raise ListEndless("a page's token is that of an earlier page", again=True)
        self._tokens.add(token)
        if page.mark == 0:
            self._note_empty(token)
        else:
            self._empty = 0
            self._note_items(page.mark)

    def _note_items(self, mark: int | None) -> None:
        self._same = self._same + 1 if mark in self._marks else 0
        if mark is not None:
            self._marks.add(mark)
        if self._same == _SAME:
            raise ListEndless(f"{_SAME} pages in a row are the same as earlier ones", again=True)

    def _note_empty(self, token: str) -> None:
        """Note a page without items: some may be, if the provider goes through others' records."""
        place, before = _place(token), self._place
        self._place = place
        self._empty = 0 if place > before else self._empty + 1
        if self._empty == _EMPTY:
            raise ListEndless(f"{_EMPTY} pages in a row have no records", again=False)

    def begin_anew(self, reason: str) -> None:
        """Note that the list begins again; raise ProviderRefuses if that doesn't lead further."""
        self._refusals = 1 if self._pages > self._furthest else self._refusals + 1
        self._furthest = max(self._furthest, self._pages)
        if self._refusals > _REFUSALS:
            raise ProviderRefuses(f"tokens are refused again and again: {reason}", None)
        self._pages = self._same = self._empty = 0
        self._tokens, self._marks, self._place = set(), set(), ""

    def has_been_here(self) -> bool:
        """Tell whether the list has begun again and has come as far as it ever did."""
        return 0 < self._furthest <= self._pages


def _place(token: str) -> str:
    """Return where a token of Libris' says that it stands, so that places sort; else nothing.

    Libris goes through a thousand records for a page, of which none may be in the set.
    """
    with suppress(ValueError, KeyError, TypeError):
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        held = orjson.loads(text)
        return f"{held['am']} {held['ai']}"
    return ""
