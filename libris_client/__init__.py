"""A client of a Libris linked data server, for notebooks: results as Arrow, pandas and polars.

>>> libris = Libris("http://127.0.0.1:8080")  # doctest: +SKIP
>>> libris.query("SELECT ?title { ?s :mainTitle ?title }").to_polars()  # doctest: +SKIP

It knows the server by its addresses alone, and a release by its files; it imports nothing of the
other packages.
"""

from __future__ import annotations

from libris_client.client import Libris, connect
from libris_client.errors import (
    Busy,
    LibrisError,
    MalformedQuery,
    NotFound,
    NotHere,
    Refused,
    ReleaseGone,
    ResultCut,
    Unreachable,
)
from libris_client.result import Result
from libris_client.tables import Table, Tables

__version__ = "0.5.0"

__all__ = [
    "Busy",
    "Libris",
    "LibrisError",
    "MalformedQuery",
    "NotFound",
    "NotHere",
    "Refused",
    "ReleaseGone",
    "Result",
    "ResultCut",
    "Table",
    "Tables",
    "Unreachable",
    "connect",
]
