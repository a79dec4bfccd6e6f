"""Who may know whom: which room knows which library, and in which order rooms stand."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Library: the rooms and modules that may import it.
CONFINED = {
    "pyoxigraph": (
        "loader.files",
        "loader.store",
        "loader.transform",
        "sparql_server.engine",
    ),
    "numpy": (
        "loader.dumps",
        "loader.schema",
        "loader.text",
        "sparql_server.engine.columns",
        "sparql_server.tables",
    ),
    "pyarrow": (
        "libris_client",
        "sparql_server.engine.columns.results.arrow_tables",
        "sparql_server.engine.formats.arrow",
        "sparql_server.tables",
    ),
    "tantivy": ("loader.text.index", "sparql_server.engine.text"),
    "flask": ("loader.link.desk", "sparql_server.web"),
    "werkzeug": ("loader.cli.review", "loader.link.desk", "sparql_server.web"),
    "waitress": ("sparql_server.http",),
    "prometheus_client": ("sparql_server.answering.journal", "sparql_server.web.monitoring"),
    "cachetools": ("sparql_server.answering.cache",),
    "sqlite3": (
        "loader.archive",
        "loader.disk",
        "loader.link",
        "loader.push.sent_graphs",
        "loader.store.ledger",
        "loader.maintenance.backup",
    ),
    "zstandard": (
        "loader.archive.compression",
        "loader.dumps",
        "sparql_server.changes.log",
        "sparql_server.changes.log_writing",
        "sparql_server.codings",
    ),
    "rdflib": (
        "loader.release.void",
        "sparql_server.catalogue.shacl",
        "sparql_server.dataset",
        "sparql_server.finding.service_description",
    ),
    "click": ("loader.cli", "sparql_server.cli"),
    "sickle": ("loader.provider.oai.client",),
    "lxml": ("loader.provider.oai.page", "loader.provider.oai.record"),
    "rapidfuzz": ("loader.link.matching.agreement", "sparql_server.engine.text.things"),
    "requests": (
        "libris_client.http",
        "libris_client.refusals",
        "loader.link.online",
        "loader.provider.http",
        "loader.provider.oai.client",
        "loader.push.graph_store_client",
    ),
    "requests_cache": ("loader.link.online",),
    "urllib3": (
        "libris_client.http",
        "loader.link.online",
        "loader.provider.http",
        "sparql_server.engine.remote.exchange",
    ),
    "rich": ("libris_client.progress", "loader.progress"),
    "yaml": ("sparql_server.catalogue.metadata", "sparql_server.web.openapi.fixed_parts"),
}

# Rooms (folders, and modules that stand by themselves) in the order of the flow: a module imports
# only from its own room and from those before it.
FLOW = (
    "libris_client.errors",
    "libris_client.addresses",
    "libris_client.progress",
    "libris_client.cache",
    "libris_client.streams",
    "libris_client.refusals",
    "libris_client.http",
    "libris_client.result",
    "libris_client.tables",
    "libris_client.folder",
    "libris_client.client",
    "libris_client",
    "loader",
    "loader.errors",
    "loader.dates",
    "loader.disk",
    "loader.workspace",
    "loader.progress",
    "loader.interrupts",
    "loader.processes",
    "loader.transform",
    "loader.archive",
    "loader.files",
    "loader.provider",
    "loader.provider.oai",
    "loader.text",
    "loader.schema",
    "loader.parts",
    "loader.store.contents",
    "loader.store",
    "loader.push",
    "loader.tables",
    "loader.dumps",
    "loader.release",
    "loader.harvest",
    "loader.link.names",
    "loader.link.identifiers",
    "loader.link.extracts",
    "loader.link.headings",
    "loader.link.entities",
    "loader.link.matching",
    "loader.link.joining",
    "loader.link.online",
    "loader.link.runs",
    "loader.link.desk",
    "loader.link",
    "loader.maintenance",
    "loader.cli",
    "sparql_server",
    "sparql_server.errors",
    "sparql_server.memo",
    "sparql_server.codings",
    "sparql_server.json_text",
    "sparql_server.sparql",
    "sparql_server.changes",
    "sparql_server.records",
    "sparql_server.settings",
    "sparql_server.budget",
    "sparql_server.sparql.diagnosis",
    "sparql_server.errors.failures",
    "sparql_server.engine.formats.arrow",
    "sparql_server.engine.formats",
    "sparql_server.engine",
    "sparql_server.engine.processes",
    "sparql_server.engine.text.storage",
    "sparql_server.engine.columns",
    "sparql_server.engine.columns.storage",
    "sparql_server.engine.columns.storage.merging",
    "sparql_server.engine.columns.syntax",
    "sparql_server.engine.oxigraph.syntax",
    "sparql_server.engine.oxigraph",
    "sparql_server.engine.text",
    "sparql_server.engine.columns.solutions",
    "sparql_server.engine.columns.evaluation.joining",
    "sparql_server.engine.columns.evaluation.values",
    "sparql_server.engine.columns.evaluation.aggregation",
    "sparql_server.engine.columns.evaluation",
    "sparql_server.engine.columns.results",
    "sparql_server.engine.columns.telling",
    "sparql_server.engine.explaining",
    "sparql_server.engine.local",
    "sparql_server.engine.former",
    "sparql_server.engine.remote",
    "sparql_server.catalogue",
    "sparql_server.tables",
    "sparql_server.dataset",
    "sparql_server.answering",
    "sparql_server.citing",
    "sparql_server.saved",
    "sparql_server.finding",
    "sparql_server.assistants",
    "sparql_server.things.profiles",
    "sparql_server.things",
    "sparql_server.reconciling",
    "sparql_server.things.pages",
    "sparql_server.web.openapi",
    "sparql_server.web.workbench",
    "sparql_server.web.transfer",
    "sparql_server.web.services",
    "sparql_server.web",
    "sparql_server.http",
    "sparql_server.serving",
    "sparql_server.cli",
)

# What the loader may import of the server: who owns the formats of a release's parts.
FORMATS = (
    "sparql_server.changes.feed",
    "sparql_server.changes.entries",
    "sparql_server.changes.log",
    "sparql_server.engine.columns.algebra",
    "sparql_server.engine.columns.storage",
    "sparql_server.engine.text",
    "sparql_server.records",
)

# Rooms that know nothing of each other, although one stands before the other.
APART = (
    {"sparql_server.engine.columns.syntax", "sparql_server.engine.columns.storage"},
    {"sparql_server.engine.columns.syntax", "sparql_server.engine.columns.evaluation"},
    {"sparql_server.engine.local", "sparql_server.engine.remote"},
)

MODULES_IN_A_ROOM = 15

PACKAGES = ("libris_client", "loader", "sparql_server")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


MODULES = dict(modules())
FOLDERS = {name for name in MODULES if (ROOT / name.replace(".", "/")).is_dir()}


def room(name: str) -> str:
    """The folder of a module; of a package's own modules, the module."""
    folder = name if name in FOLDERS else name.rpartition(".")[0]
    return name if folder in PACKAGES else folder


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported(name: str) -> set[str]:
    """The modules of the project that a module imports."""
    names = {
        known if known in MODULES else known.rpartition(".")[0] for known in imports(MODULES[name])
    }
    return {known for known in names if known in MODULES} - {name}


def may_know(module: str, library: str) -> bool:
    return any(f"{module}.".startswith(f"{allowed}.") for allowed in CONFINED[library])


@pytest.mark.parametrize("module", MODULES)
def test_library_stays_in_its_room(module: str) -> None:
    for name in imports(MODULES[module]):
        library = name.partition(".")[0]
        assert library not in CONFINED or may_know(module, library), (
            f"{module} must not import {library}"
        )


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_from_rooms_before_its_own(module: str) -> None:
    own = room(module)
    for name in imported(module):
        other = room(name)
        if own.startswith("loader") and name.startswith(FORMATS):
            continue
        assert other.partition(".")[0] == own.partition(".")[0], f"{module} must not import {name}"
        assert FLOW.index(other) <= FLOW.index(own), f"{module} must not import {name}"
        assert {own, other} not in APART, f"{module} must not import {name}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter({name: imported(name) for name in MODULES}).prepare()


def test_no_room_is_crowded() -> None:
    sizes = Counter(name.rpartition(".")[0] for name in MODULES if name not in FOLDERS)
    assert {name: size for name, size in sizes.items() if size > MODULES_IN_A_ROOM} == {}


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_room_says_what_it_knows(folder: str) -> None:
    assert ast.get_docstring(MODULES[folder])
