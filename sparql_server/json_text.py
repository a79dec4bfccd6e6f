"""JSON as clients send it: what could not be sent on as JSON in UTF-8 is refused.

https://www.rfc-editor.org/rfc/rfc8259, https://www.rfc-editor.org/rfc/rfc7493 (I-JSON): no half of
a surrogate pair, and no number that is none.
"""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """Return what a text says. Raises ValueError.

    >>> read_json('{"a": [1, "å"]}')
    {'a': [1, 'å']}
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return found
