"""The client: queries, saved queries, tables, things and names, of a server or a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

import pyarrow as pa

from libris_client.addresses import read_address
from libris_client.cache import Cache, find_usual_folder
from libris_client.errors import NotFound, NotHere, ReleaseGone, Unreachable
from libris_client.folder import Folder
from libris_client.http import Connection, Manners
from libris_client.result import Result
from libris_client.streams import read_batches, read_stream
from libris_client.tables import PACKAGE, Tables, make_tables

_ARROW = "application/vnd.apache.arrow.stream"
_PARQUET = "application/vnd.apache.parquet"
_USUAL = find_usual_folder()
_HERE = "http://127.0.0.1:8080"
_LANGUAGES = ("en", "sv")


class Options(TypedDict, total=False):
    """Options of ``Libris``: all that it takes beside where it is."""

    release: int | str | None
    cache: Path | str | None
    language: str
    manners: Manners | None


_PINNED: Options = {"release": "current"}
_HASTY: Options = {"manners": Manners(retries=0)}


def connect(**options: Unpack[Options]) -> Libris:
    """Return what is at hand: the server or folder that the environment's LIBRIS names.

    Without it the server on this machine, or if there is none the data directory ``data``, here or
    above. options: those of ``Libris``; ``release`` is the current one unless it is named.
    Raises LibrisError.
    """
    options = {**_PINNED, **options}
    if where := os.environ.get("LIBRIS"):
        return Libris(where, **options)
    try:
        hasty: Options = {**_HASTY, **options}
        return Libris(_HERE, **hasty)
    except Unreachable:
        folders = [place / "data" for place in (Path(), *Path.cwd().parents)]
        folder = next((place for place in folders if (place / "current").is_dir()), None)
        if folder is None:
            raise
        return Libris(folder, **options)


class Libris:
    """A server, or the folder of a release.

    where: the server's address, ``http://127.0.0.1:8080``, or its endpoint's; or a data directory
    or a folder of a release, which needs no server: tables are read where they lie, and queries
    need the package of the server to be installed.
    release: the number of the release that all answers are to be of; ``"current"`` pins the one
    that is served now. Without it, each answer is of the release that is served then.
    cache: folder for what has come, which is asked about and not sent again; None keeps nothing.
    language: of names and explanations, ``en`` or ``sv``. manners: timeouts, retries, progress bar.
    """

    def __init__(
        self,
        where: str | Path = _HERE,
        *,
        release: int | str | None = None,
        cache: Path | str | None = _USUAL,
        language: str = "en",
        manners: Manners | None = None,
    ) -> None:
        if language not in _LANGUAGES:
            raise ValueError(f"language is {' or '.join(_LANGUAGES)}, not {language!r}")
        self.language = language
        self._folder: Folder | None = None
        self._server: Connection | None = None
        number = _read_number(release)
        address = read_address(where) if isinstance(where, str) else None
        if address:
            kept = Cache(None if cache is None else Path(cache))
            self._server = Connection(address, kept, manners or Manners())
            self.release = self._read_release() if release == "current" else number
        else:
            self._folder = Folder(Path(where).expanduser(), number)
            self.release = self._folder.release

    def __enter__(self) -> Libris:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the server."""
        if self._server:
            self._server.close()

    def query(self, sparql: str) -> Result:
        """Return the result of a SELECT or an ASK; predefined prefixes needn't be declared.

        Raises MalformedQuery, and LibrisError for anything else.
        """
        if self._folder:
            return Result(read_stream(self._folder.query(sparql)), self._folder.release)
        return self._fetch("/sparql", {"query": sparql, "format": "arrow", **self._pin()})

    def batches(self, sparql: str) -> Iterator[pa.RecordBatch]:
        """Yield the result of a query in batches, as they come, for what doesn't fit into memory.

        Raises what ``query`` does; ResultCut after some batches means that more was to come.
        """
        if self._folder:
            yield from self.query(sparql).table.to_batches()
            return
        parameters = {"query": sparql, "format": "arrow", **self._pin()}
        with self._ask_server("batches").stream("/sparql", parameters, _ARROW) as stream:
            yield from read_batches(stream)

    def saved(self, name: str, **parameters: object) -> Result:
        """Return the result of a saved query, ``saved("books-per-year", country="ctry:sw")``.

        A parameter may have several values, in a list; a name that Python has for itself gets a
        ``_`` behind it: ``from_=1950``. Raises NotFound, Refused if a parameter isn't as it should
        be, and LibrisError for anything else.
        """
        if not name or "/" in name:
            raise NotFound(404, {"detail": f"There is no saved query {name}."})
        given = {key.rstrip("_"): _write_value(value) for key, value in parameters.items()}
        given.setdefault("lang", self.language)
        asked = {**given, "format": "arrow", **self._pin()}
        return self._fetch(f"/queries/{quote(name, safe='')}", asked, "saved queries")

    def saved_queries(self) -> list[dict[str, Any]]:
        """Return what saved queries there are, with their parameters, as the server lists them."""
        listed, _ = self._ask_server("saved queries").read_json("/queries/", {}, "queries")
        return list(listed["queries"])

    def tables(self) -> Tables:
        """Return the tables of the release. Raises NotFound if it has none."""
        if self._folder:
            return self._folder.tables(self.language)
        server, pin = self._ask_server("tables"), self._pin()
        package, _ = server.read_json(f"/tables/{PACKAGE}", pin, "resources")
        pinned = {"release": int(package["version"])}

        def fetch(name: str) -> Path:
            return server.download(f"/tables/{name}", pinned, _PARQUET).path

        suffix = f"?release={pinned['release']}"
        return make_tables(package, f"{server.url}/tables", suffix, fetch, self.language)

    def thing(self, iri: str) -> dict[str, Any]:
        """Return what is said of a thing, as JSON-LD. Raises NotFound if nothing is."""
        server = self._ask_server("things")
        told, release = server.read_json("/resource", {"iri": iri, "format": "jsonld"})
        self._check(release)
        return dict(told)

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 10
    ) -> list[dict[str, Any]]:
        """Return things by their names: each with ``iri``, ``label`` and what else a hit has.

        kind: class that they are to be of, ``kbv:Person``. limit: up to 100.
        """
        parameters = {"q": text, "limit": limit, "lang": self.language}
        if kind:
            parameters["class"] = kind
        found, release = self._ask_server("search").read_json("/search", parameters, "hits")
        self._check(release)
        return list(found["hits"])

    def _ask_server(self, what: str) -> Connection:
        if self._server is None:
            raise NotHere(f"a folder has no {what}: ask a server, or use its tables and queries")
        return self._server

    def _pin(self) -> dict[str, int]:
        return {} if self.release is None or self._folder else {"release": self.release}

    def _read_release(self) -> int:
        try:
            return self._ask_server("release").read_release()
        except BaseException:
            self.close()
            raise

    def _fetch(self, path: str, parameters: Mapping[str, Any], what: str = "queries") -> Result:
        downloaded = self._ask_server(what).download(path, parameters, _ARROW)
        try:
            self._check(downloaded.release)
            table = read_stream(downloaded.path.read_bytes())
        finally:
            downloaded.remove()
        return Result(table, int(downloaded.release) if downloaded.release.isdigit() else None)

    def _check(self, release: str) -> None:
        """Raise ReleaseGone if an answer is of another release than the one that is pinned."""
        if self.release is not None and release.isdigit() and int(release) != self.release:
            raise ReleaseGone(
                410, {"detail": f"Release {self.release} is pinned; release {release} answered."}
            )


def _read_number(release: int | str | None) -> int | None:
    if release is None or release == "current":
        return None
    try:
        return int(release)
    except ValueError:
        raise ValueError(f'release is a number or "current", not {release!r}') from None


def _write_value(value: object) -> object:
    """Return a value of a parameter as an address has it."""
    if isinstance(value, (list, tuple, set)):
        return [_write_value(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else value
