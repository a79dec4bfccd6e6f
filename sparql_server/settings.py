"""What an operator can set. Every field has an option of the same name at ``serve``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Beside this package in a checkout, and where it is installed.
QUERIES = Path(__file__).resolve().parents[1] / "queries"


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server runs.

    data: directory with the ``current`` release. workers: queries evaluated at once.
    timeout: seconds of wall-clock that a query may take, its result's delivery included.
    queue_timeout: seconds that a request waits for a worker.
    allow_service: IRIs of endpoints that queries may call with SERVICE.
    threads: requests handled at once, waiting ones included.
    remote: address of the SPARQL endpoint that evaluates the queries; None: we do.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 2
    timeout: float = 60.0
    queue_timeout: float = 30.0
    allow_service: frozenset[str] = frozenset()
    threads: int = 32
    remote: str | None = None
