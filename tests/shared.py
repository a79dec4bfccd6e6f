"""The reference data that stands beside the project on some machines; elsewhere tests skip."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / "shared"

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the reference data")


def real_records() -> list[dict[str, Any]]:
    folder = SHARED / "libris" / "records"
    lines = gzip.decompress((folder / "converted.jsonl.gz").read_bytes()).splitlines()
    lines += (folder / "real.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]
