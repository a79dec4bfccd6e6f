"""What an IRI may look like, as far as a request is concerned; the store knows the rest.

RFC 3987, 2.2, https://www.rfc-editor.org/rfc/rfc3987#section-2.2
"""

from __future__ import annotations

import re

# A scheme, and nothing that the grammar has nowhere: space, controls, and <>"{}|\^`.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`]*")


def is_absolute(text: str) -> bool:
    """Tell whether a text is an absolute IRI, not a relative one and nothing else.

    >>> is_absolute("https://libris.kb.se/x#it"), is_absolute("/x"), is_absolute("a b:c")
    (True, False, False)
    """
    return _ABSOLUTE.fullmatch(text) is not None
