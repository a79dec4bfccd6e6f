"""The W3C's SPARQL 1.1 suites: where they are, and how one is run against a server."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.conformance.releases import Releases, WritableGraphs, read_body
from tests.shared import SHARED

HERE = Path(__file__).parent
MANIFESTS = "https://w3c.github.io/rdf-tests/sparql/sparql11/"
FILES = SHARED / "w3c" / "sparql11"
_JSON = "application/sparql-results+json"


@dataclass(frozen=True)
class Suite:
    """A suite. manifest: below the suites' address. total: how many tests it has.

    accept: the format that results are asked for in. skip: tests that are none of ours, by IRI.
    """

    name: str
    manifest: str
    total: int
    accept: str = _JSON
    skip: str | None = None
    graph_store: bool = False


SUITES = (
    Suite("query", "manifest-sparql11-query.ttl", 328),
    Suite("csv-tsv", "csv-tsv-res/manifest.ttl", 6, "text/tab-separated-values"),
    Suite("json", "json-res/manifest.ttl", 4),
    # The server takes no updates; that it refuses them is tested elsewhere.
    Suite("protocol", "protocol/manifest.ttl", 20, skip="#.*update"),
    Suite("service-description", "service-description/manifest.ttl", 3),
    Suite("graph-store", "graph-store-protocol/manifest.ttl", 13, graph_store=True),
)


@dataclass(frozen=True)
class Outcome:
    """What became of a test. name: the IRI's end. reason: why it failed."""

    name: str
    passed: bool
    reason: str = ""


class SuiteError(Exception):
    """A suite has ended before its end."""


def what_is_lacking(files: Path = FILES, modules: Path = HERE / "node_modules") -> str | None:
    """Say in a sentence what there isn't, of what the suites need; None: it is all there."""
    if shutil.which("node") is None:
        return "Node 20 or newer isn't there."
    if not (modules / ".installed").exists():
        return (
            f"the packages of {modules.parent} aren't installed, for which npm asks its registry."
        )
    if not files.exists() and not _can_fetch(MANIFESTS):
        return f"the test data is neither in {files} nor to be had from {MANIFESTS}."
    return None


def _can_fetch(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + SUITES[0].manifest, timeout=20):
            return True
    except OSError:
        return False


def run(suite: Suite, endpoint: str, releases: Releases, only: str = "") -> Iterator[Outcome]:
    """Run a suite, or the tests whose IRI ``only`` matches; yield each test's outcome.

    The test data is read beside the project where it is there, else from its published address.
    """
    described = {
        "manifest": MANIFESTS + suite.manifest,
        "files": {"url": MANIFESTS, "path": f"{FILES}/"} if FILES.exists() else None,
        "endpoint": endpoint,
        "accept": suite.accept,
        "skip": suite.skip,
        "only": only,
        "graphStore": suite.graph_store,
    }
    graphs = WritableGraphs(releases)
    command = ["node", str(HERE / "suite.mjs"), json.dumps(described)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield from _outcomes(process.stdout, process.stdin, releases, graphs)
    if process.returncode:
        raise SuiteError(f"{suite.name} ended with {process.returncode}.")


def _outcomes(
    said: IO[str], answers: IO[str], releases: Releases, graphs: WritableGraphs
) -> Iterator[Outcome]:
    for line in said:
        message = json.loads(line)
        if "result" in message:
            result = message["result"]
            yield Outcome(_short(result["test"]), result["ok"], result.get("reason", ""))
        else:
            print(json.dumps(_prepared(message, releases, graphs)), file=answers, flush=True)


def _prepared(
    message: dict[str, Any], releases: Releases, graphs: WritableGraphs
) -> dict[str, Any]:
    """Put into the store what a test needs there; return the release to wait for."""
    if "publish" in message:
        return {"release": releases.publish(message["publish"].encode())}
    write = message["write"]
    kind = write["headers"].get("content-type", "")
    sent = read_body(kind, base64.b64decode(write["body"]), write["url"])
    return graphs.write(write["method"], write["url"], write["store"], sent)


def _short(iri: str) -> str:
    """Return ``aggregates/agg01`` for an IRI of the suites."""
    path, _, name = iri.rpartition("#")
    return f"{path.rsplit('/', 2)[-2]}/{name}"
