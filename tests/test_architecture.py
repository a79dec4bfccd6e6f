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
        "loader.transform",
        "loader.plain",
        "loader.store",
        "sparql_server.engine.evaluation",
        "sparql_server.engine.prefixes",
        "sparql_server.engine.worker",
    ),
    "flask": ("sparql_server.app", "sparql_server.views."),
    "werkzeug": ("sparql_server.app", "sparql_server.views."),
    "gunicorn": ("sparql_server.serving",),
    "sqlite3": (
        "loader.archive",
        "loader.compression",
        "loader.cursors",
        "loader.ledger",
        "loader.link.",
        "loader.schema",
    ),
    "zstandard": ("loader.compression",),
    "rdflib": ("loader.release",),
    "click": (
        "loader.cli",
        "loader.console",
        "loader.harvesting",
        "loader.linking",
        "sparql_server.cli",
    ),
    "sickle": ("loader.oai",),
    "lxml": ("loader.oai",),
    "rapidfuzz": ("loader.link.score",),
    "requests": ("loader.oai", "loader.web", "loader.link.online."),
    "requests_cache": ("loader.link.online.",),
    "rich": ("loader.progress",),
}

# In the order of the flow: a module imports only what stands before it.
FLOW = {
    "loader": (
        "errors",
        "dates",
        "workspace",
        "progress",
        "interrupts",
        "context",
        "embedded",
        "transform",
        "plain",
        "compression",
        "schema",
        "archive",
        "files",
        "web",
        "reports",
        "oai",
        "records",
        "cursors",
        "harvest",
        "emm",
        "ledger",
        "difference",
        "store",
        "content",
        "apply",
        "shortcut",
        "crew",
        "bulk",
        "release",
        "pipeline",
        "link",
        "upkeep",
        "statistics",
        "verify",
        "console",
        "harvesting",
        "linking",
        "cli",
    ),
    "sparql_server": (
        "errors",
        "settings",
        "lexer",
        "negotiation",
        "protocol",
        "federation",
        "diagnosis",
        "examples",
        "engine",
        "answers",
        "local",
        "views",
        "app",
        "serving",
        "cli",
    ),
}


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
