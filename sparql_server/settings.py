"""The settings of the server. Every field has an option of the same name at ``serve``."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from sparql_server.records.licences import DEFAULT

# Beside this package in a checkout, and where it is installed.
QUERIES = Path(__file__).resolve().parents[1] / "queries"
TABLES = QUERIES / "tables"

MIB = 2**20


def _setting(default: object, unit: str, sentence: str, **more: object) -> Any:
    """Return a field that says of itself what its option's help and docs/operating.md say."""
    return field(default=default, metadata={"unit": unit, "sentence": sentence, **more})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server. data: directory with the ``current`` release.

    The other fields describe themselves: ``list_described`` returns them with unit and sentence. A
    unit of ``bytes`` or ``seconds`` means just that; a limit of 0 means that there is none.
    """

    data: Path
    host: str = _setting("127.0.0.1", "ADDRESS", "Address to listen on.")
    port: int = _setting(8080, "N", "Port to listen on; 0 takes a free one and prints it.")
    workers: int = _setting(2, "N", "Queries evaluated at once.", least=1, shown="one a core")
    timeout: float = _setting(
        60.0, "seconds", "Wall-clock time that a query may take, its delivery included.", least=0.1
    )
    worker_memory: int = _setting(
        2048 * MIB, "bytes", "Memory that one query may take before it is ended."
    )
    result_bytes: int = _setting(0, "bytes", "Size that one result may have.")
    request_bytes: int = _setting(MIB, "bytes", "Size that one request may have.", least=1024)
    queue: int = _setting(32, "N", "Requests that may wait for a worker; the next get 503.")
    queue_timeout: float = _setting(
        30.0, "seconds", "Time that a request may wait for a worker.", least=0.1
    )
    receive_timeout: float = _setting(
        60.0, "seconds", "Time in which a request must have come, its body included.", least=0.1
    )
    send_timeout: float = _setting(
        30.0, "seconds", "Time that a client may take no byte of its answer.", least=0.1
    )
    client_queries: int = _setting(0, "N", "Queries that one client may have under way.")
    client_rate: int = _setting(0, "N", "Requests that one client may send in a minute.")
    trusted_proxy: tuple[str, ...] = _setting(
        (),
        "ADDRESS",
        "Proxy, or network of proxies, whose X-Forwarded-For tells clients apart.",
    )
    recycle: int = _setting(5000, "N", "Queries after which a worker is replaced by a new one.")
    cache: int = _setting(256 * MIB, "bytes", "Memory for finished results.")
    max_age: int = _setting(
        0, "seconds", "Time for which others may keep a result without asking whether it changed."
    )
    poll: int = _setting(
        300, "seconds", "Time after which those who follow the changes are told to ask again."
    )
    default_graph: str = _setting(
        "union",
        "union|own",
        "Default graph where nothing names a dataset: the union of all, or the store's own.",
        choices=("union", "own"),
    )
    remote: str = _setting(
        "",
        "URL",
        "SPARQL endpoint that evaluates the queries, fed with libris-loader push.",
        shown="none, the release is asked",
    )
    remote_token_file: str = _setting(
        "",
        "FILE",
        "File with the token that the remote endpoint wants, such as QLever's access token.",
        shown="none",
    )
    queries: str = _setting(
        str(QUERIES), "DIR", "Saved queries to serve.", shown="those that come with the server"
    )
    former: int = _setting(
        2, "N", "Former releases that are open at once, to answer what is cited of them."
    )
    warm: float = _setting(
        0.0,
        "seconds",
        "Time that a new release may wait, before it is served, for the default answers of the"
        " saved queries to be put into the cache.",
    )
    allow_service: tuple[str, ...] = _setting(
        (), "IRI", "Endpoint that queries may call with SERVICE."
    )
    licence: tuple[str, ...] = _setting(
        DEFAULT,
        "KIND=IRI",
        "Licence of the records of a kind (nb, bib, work, auth, hold, other), said where they are"
        " described; of kinds without one, nothing is said.",
        shown="CC0 of nb and auth",
    )
    publisher: str = _setting(
        "", "NAME", "Who runs the server, as descriptions for data portals say it.", shown="none"
    )
    contact: str = _setting(
        "", "ADDRESS", "E-mail address, or page, of who runs the server.", shown="none"
    )
    grace: float = _setting(
        10.0, "seconds", "Time that queries under way get when the server is told to stop."
    )

    user: str = _setting(
        "",
        "NAME",
        "User to go on as, where root starts the server.",
        shown="nobody",
    )
    allow_root: bool = _setting(False, "flag", "Let the server run as root.", shown="off")

    @property
    def threads(self) -> int:
        """Requests handled at once: those in work, those that wait, and some that need neither."""
        return self.workers + self.queue + 16


def list_described() -> list[Field[Any]]:
    """Return the fields that have an option of their own, in the order of the help."""
    return [setting for setting in fields(Settings) if setting.metadata]
