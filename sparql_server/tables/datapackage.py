"""The description of tables as a Frictionless Data Package, which the server lists them by, too.

https://specs.frictionlessdata.io/data-package/, https://specs.frictionlessdata.io/table-schema/.
Where it has one language, ours is English; ``texts`` has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparql_server.tables import wording
from sparql_server.tables.model import Column, Made, Table

_TYPES = {"iri": "string", "dateTime": "datetime"}
PARQUET = "application/vnd.apache.parquet"


def describe_package(made: Sequence[Made], release: int, published: str) -> dict[str, Any]:
    """Return the data package. release: its number; published: when, UTC."""
    return {
        "profile": "data-package",
        "name": wording.NAME,
        "title": wording.TITLE["en"],
        "description": wording.DESCRIPTION["en"],
        "texts": {"title": dict(wording.TITLE), "description": dict(wording.DESCRIPTION)},
        "version": f"{release:04}",
        "created": published,
        "resources": [_describe(each) for each in made],
    }


def _describe(made: Made) -> dict[str, Any]:
    table, paths = made.table, [file.path for file in made.files]
    return {
        "name": table.name,
        "path": paths if len(paths) > 1 else paths[0],
        "format": "parquet",
        "mediatype": PARQUET,
        "title": table.title["en"],
        "description": table.description["en"],
        "texts": {"title": dict(table.title), "description": dict(table.description)},
        "rows": made.rows,
        # No bytes but below: the Frictionless validator counts none of Parquet, so they'd be wrong.
        **({"hash": f"sha256:{made.files[0].sha256}"} if len(paths) == 1 else {}),
        "files": [
            {"path": file.path, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
            for file in made.files
        ],
        "definition": made.definition,
        "schema": _describe_schema(table),
    }


def _describe_schema(table: Table) -> dict[str, Any]:
    keys: dict[str, Any] = {"primaryKey": list(table.key)} if table.key else {}
    foreign = [
        {"fields": column.name, "reference": {"resource": resource, "fields": field}}
        for column in table.columns
        if column.refers
        for resource, _, field in [column.refers.partition(".")]
    ]
    if foreign:
        keys["foreignKeys"] = foreign
    return {"fields": [_describe_field(table, column) for column in table.columns], **keys}


def _describe_field(table: Table, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.type, column.type),
        "description": column.about["en"],
        "texts": {"description": dict(column.about)},
    }
    if column.type == "iri":
        field["format"] = "uri"
    if column.type == "integer":  # what pandas has for a missing one, and validators read with it
        field["missingValues"] = ["", "nan"]
    if (column.name,) == table.key:
        field["constraints"] = {"required": True, "unique": True}
    return field
