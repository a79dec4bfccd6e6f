"""Who may know whom: two tables and one assertion each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Library: the modules that may import it.
CONFINED = {
    "pyoxigraph": (
        "loader.gate",
        "loader.transform",
        "loader.faults",
        "loader.plain",
        "loader.spelling",
        "loader.rdf_xml",
        "loader.recovery",
        "loader.store",
        "sparql_server.engine.columns.evaluation.delegation",
        "sparql_server.engine.columns.evaluation.spelling",
        "sparql_server.engine.columns.storage.dumping",
        "sparql_server.engine.complaint",
        "sparql_server.engine.conversion",
        "sparql_server.engine.evaluation",
        "sparql_server.engine.marker",
        "sparql_server.engine.nursery",
        "sparql_server.engine.oxigraph.asking",
        "sparql_server.engine.oxigraph.functions",
        "sparql_server.engine.oxigraph.replacing",
        "sparql_server.engine.page",
        "sparql_server.engine.prefixes",
        "sparql_server.engine.terms",
        "sparql_server.engine.worker",
    ),
    "numpy": ("sparql_server.engine.columns.",),
    "flask": ("sparql_server.app", "sparql_server.views."),
    "werkzeug": ("sparql_server.app", "sparql_server.views."),
    "waitress": (
        "sparql_server.connections",
        "sparql_server.request_head",
        "sparql_server.request_parser",
        "sparql_server.sending",
        "sparql_server.server",
    ),
    "prometheus_client": ("sparql_server.journal", "sparql_server.views.operations"),
    "cachetools": ("sparql_server.cache",),
    "sqlite3": (
        "loader.archive_file",
        "loader.backup",
        "loader.compression",
        "loader.cursors",
        "loader.disk",
        "loader.documents",
        "loader.ledger",
        "loader.link.",
        "loader.pushed",
        "loader.schema",
    ),
    "zstandard": ("loader.compression",),
    "rdflib": (
        "loader.void",
        "sparql_server.catalogue.shacl",
        "sparql_server.description",
    ),
    "click": (
        "loader.cli",
        "loader.console",
        "loader.harvesting",
        "loader.keeping",
        "loader.linking",
        "loader.options",
        "loader.pushing",
        "sparql_server.cli",
        "sparql_server.options",
    ),
    "sickle": ("loader.oai",),
    "lxml": ("loader.oai_page", "loader.oai_record"),
    "rapidfuzz": ("loader.link.score",),
    "requests": ("loader.graph_protocol", "loader.oai", "loader.web", "loader.link.online."),
    "requests_cache": ("loader.link.online.",),
    "urllib3": ("loader.link.online.", "loader.web", "sparql_server.engine.endpoint"),
    "rich": ("loader.progress",),
    "yaml": ("sparql_server.catalogue.metadata",),
}

# In the order of the flow: a module imports only what stands before it.
FLOW = {
    "loader": (
        "errors",
        "dates",
        "disk",
        "checksums",
        "workspace",
        "progress",
        "interrupts",
        "crew",
        "numbers",
        "context",
        "embedded",
        "naming",
        "gate",
        "json_text",
        "long_texts",
        "losses",
        "transform",
        "encodings",
        "statements",
        "splitter",
        "faults",
        "recovery",
        "rdf_xml",
        "plain",
        "compression",
        "arrivals",
        "versions",
        "documents",
        "schema",
        "archive_file",
        "archive",
        "legacy",
        "addresses",
        "remote_contexts",
        "shapes",
        "json_files",
        "json_documents",
        "input_files",
        "files",
        "load_report",
        "web",
        "reports",
        "records",
        "listrecords",
        "oai_record",
        "damaged_page",
        "oai_page",
        "page_reader",
        "oai",
        "clocks",
        "cursors",
        "trail",
        "pages",
        "intake",
        "reconciliation",
        "harvest",
        "change_sets",
        "emm",
        "dumps",
        "vocabulary",
        "ledger",
        "difference",
        "spelling",
        "store",
        "content",
        "apply",
        "shortcut",
        "bulk",
        "freshness",
        "void",
        "manifest",
        "release",
        "damage",
        "pipeline",
        "backup",
        "link",
        "upkeep",
        "pushed",
        "graph_protocol",
        "nquads_files",
        "push",
        "statistics",
        "verify",
        "console",
        "options",
        "harvesting",
        "keeping",
        "pushing",
        "linking",
        "cli",
    ),
    "sparql_server": (
        "errors",
        "settings",
        "http_limits",
        "options",
        "budget",
        "memo",
        "lexer",
        "iri",
        "query",
        "negotiation",
        "protocol",
        "graph_store",
        "federation",
        "correction",
        "diagnosis",
        "description",
        "engine",
        "catalogue",
        "examples",
        "failures",
        "rate",
        "admission",
        "cache",
        "entity_tags",
        "delivery",
        "catalogue",
        "questions",
        "evaluations",
        "answers",
        "local",
        "wording",
        "pickers",
        "table",
        "chart",
        "drawing",
        "snippets",
        "saved_queries",
        "query_list",
        "query_form",
        "parts",
        "warming",
        "openapi",
        "journal",
        "replies",
        "endpoint",
        "shortcut",
        "views",
        "app",
        "intake",
        "memory_bound",
        "waiting",
        "request_head",
        "request_parser",
        "sending",
        "connections",
        "server",
        "serving",
        "visits",
        "cli",
    ),
}

COLUMNS = "sparql_server.engine.columns"
COLUMNS_FLOW = (
    "algebra",
    "storage",
    "syntax",
    "evaluation",
    "answering",
    "writing",
    "serialization",
    "lookup",
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in FLOW:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


MODULES = dict(modules())


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def may_know(module: str, library: str) -> bool:
    allowed = CONFINED[library]
    return any(module == one or (one.endswith(".") and module.startswith(one)) for one in allowed)


@pytest.mark.parametrize("module", MODULES)
def test_library_stays_in_its_room(module: str) -> None:
    for name in imports(MODULES[module]):
        library = name.partition(".")[0]
        assert library not in CONFINED or may_know(module, library), (
            f"{module} must not import {library}"
        )


@pytest.mark.parametrize("module", [name for name in MODULES if "." in name])
def test_module_imports_only_what_stands_before_it(module: str) -> None:
    package, room = module.split(".")[:2]
    order = FLOW[package]
    assert room in order, f"{module} has no place in the flow"
    for name in imports(MODULES[module]):
        parts = name.split(".")
        if parts[0] in FLOW:
            assert parts[0] == package, f"{module} must not import {parts[0]}"
            known = parts[1] if len(parts) > 1 and parts[1] in order else None
            assert known is None or order.index(known) <= order.index(room), (
                f"{module} must not import {package}.{known}"
            )


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith(f"{COLUMNS}.")])
def test_module_of_columns_imports_only_what_stands_before_it(module: str) -> None:
    room = module.removeprefix(f"{COLUMNS}.").split(".")[0]
    for name in imports(MODULES[module]):
        if name.startswith(f"{COLUMNS}."):
            other = name.removeprefix(f"{COLUMNS}.").split(".")[0]
            before = COLUMNS_FLOW.index(other) <= COLUMNS_FLOW.index(room)
            assert before, f"{module} must not import {name}"
            assert {room, other} != {"syntax", "storage"}, f"{module} must not import {name}"
            assert {room, other} != {"syntax", "evaluation"}, f"{module} must not import {name}"
