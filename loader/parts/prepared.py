"""Parts that are made of a store's columns beside bulk loading, for the release that follows.

    parts/  text/  schema.json  facts.json

Oxigraph's bulk loading ends on one processor, so that the other would have nothing to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from loader.parts.part_making import Check, Facts, Part, make_part
from sparql_server.engine.text import FOLDER, SCHEMA

_FACTS = "facts.json"


def prepare_parts(columns: Path, identifier: str, target: Path, check: Check) -> None:
    """Make the parts of columns in a folder, which is made; where one can't be made, there is none.

    identifier: of the columns. check: raises if the work is to end.
    """
    target.mkdir()
    facts = {
        "text": make_part(Part("text", columns, target, 0), check),
        "schema": make_part(Part("schema", columns, target, 0), check),
    }
    if any("missing" in said for said in facts.values()):
        shutil.rmtree(target)
        return
    (target / _FACTS).write_bytes(orjson.dumps({"columns": identifier, "parts": facts}))


def read_facts(prepared: Path, identifier: str | None) -> Mapping[str, Any] | None:
    """Return what the manifest is to say of parts; None if there are none of these columns."""
    try:
        said = orjson.loads((prepared / _FACTS).read_bytes())
    except (OSError, ValueError):
        return None
    return dict(said["parts"]) if said["columns"] == identifier else None


def take_parts(prepared: Path, facts: Mapping[str, Any], folder: Path, number: int) -> Facts:
    """Move parts to a release's folder; return what the manifest says of them."""
    (prepared / _FACTS).unlink()  # a run that is killed here leaves nothing that could be used
    (prepared / FOLDER).rename(folder / FOLDER)
    said = orjson.loads((prepared / SCHEMA).read_bytes())
    (folder / SCHEMA).write_bytes(orjson.dumps({**said, "release": f"{number:04}"}))
    return dict(facts)
