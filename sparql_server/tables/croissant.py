"""The description of tables in Croissant, as data catalogues for machine learning read it.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html, version 1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparql_server.tables import wording
from sparql_server.tables.model import Column, Made, Table

_OURS = (
    "citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes"
    " isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace"
    " samplingRate separator source subField transform"
)
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _OURS.split()},
}
"""The specification's own, whole, in which its readers look for what they know."""

_PARQUET = "application/x-parquet"  # by which its readers know it
_TYPES = {
    "iri": "sc:URL",
    "string": "sc:Text",
    "integer": "sc:Integer",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "dateTime": "sc:DateTime",
}


def describe_in_croissant(made: Sequence[Made], release: int, published: str) -> dict[str, Any]:
    """Return the data set in Croissant. release: its number; published: when, UTC."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": wording.NAME,
        "alternateName": [wording.TITLE["en"], wording.TITLE["sv"]],
        "description": _say_both(wording.DESCRIPTION),
        "version": f"{release}.0.0",
        "datePublished": published,
        "citeAs": f"{wording.TITLE['en']}, release {release}, {published[:10]}",
        "distribution": [file for each in made for file in _describe_files(each)],
        "recordSet": [_describe_records(each) for each in made],
    }


def _say_both(texts: Any) -> str:
    """Return a text in English, and in Swedish behind it: a field here has one text."""
    return f"{texts['en']} / {texts['sv']}"


def _describe_files(made: Made) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": _PARQUET,
            "sha256": file.sha256,
        }
        for file in made.files
    ]
    if len(files) > 1:
        files.append(
            {
                "@type": "cr:FileSet",
                "@id": f"{made.table.name}-files",
                "containedIn": [{"@id": file["@id"]} for file in files],
                "encodingFormat": _PARQUET,
                "includes": f"{made.table.name}-*.parquet",
            }
        )
    return files


def _describe_records(made: Made) -> dict[str, Any]:
    table = made.table
    key = [{"@id": f"{table.name}/{name}"} for name in table.key]
    source = (
        {"fileSet": {"@id": f"{table.name}-files"}}
        if len(made.files) > 1
        else {"fileObject": {"@id": made.files[0].path}}
    )
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": _say_both(table.description),
        **({"key": key} if key else {}),
        "field": [_describe_field(table, column, source) for column in table.columns],
    }


def _describe_field(table: Table, column: Column, source: dict[str, Any]) -> dict[str, Any]:
    field = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": _say_both(column.about),
        "dataType": _TYPES[column.type],
        "source": {**source, "extract": {"column": column.name}},
    }
    if column.refers:
        field["references"] = {"field": {"@id": column.refers.replace(".", "/")}}
    return field
