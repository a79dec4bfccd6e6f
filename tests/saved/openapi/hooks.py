"""What schemathesis has to be told of the protocol's own media type."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/sparql-query")  # type: ignore[untyped-decorator]
def as_query(context: Any, value: Any) -> bytes:
    """Send a query as it is."""
    return str(value).encode("utf-8", "replace")
