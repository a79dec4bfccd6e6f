"""Descriptions of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sparql_server.dataset.dumps import Dump
from sparql_server.records.licences import Terms


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset to describe. host: the server's address, without a path. release: its number.

    manifest: the release's. terms: on which it is given.
    """

    host: str
    release: int
    terms: Terms = field(hash=False)
    manifest: Mapping[str, Any] = field(hash=False)
    dumps: Sequence[Dump] = field(default=(), hash=False)
