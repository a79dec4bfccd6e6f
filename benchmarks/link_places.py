"""Places to measure links on: countries in Libris' words, and in Unicode's, and their items."""

from __future__ import annotations

import gzip
import json
import re
import struct
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.link_records import Json, item, record

_COUNTRY = re.compile(
    r"<(https://id\.kb\.se/country/\w+)> <https://id\.kb\.se/vocab/(prefLabel|exactMatch)>"
    r' (?:"(.*?)"@sv|<(.*?)>)'
)


def read_places(vocabulary: Path, table: Path) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the records of Libris' countries, and the items that Natural Earth names."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    with gzip.open(vocabulary, "rt", encoding="utf-8") as stream:
        for line in stream:
            if match := _COUNTRY.match(line):
                said[match[1]][match[2]] = match[3] or match[4]
    records = {
        known["exactMatch"].rpartition("/")[2]: record(
            number, {"@type": "Geographic"}, known["prefLabel"]
        )
        for number, (_, known) in enumerate(sorted(said.items()))
        if "exactMatch" in known and "prefLabel" in known
    }
    return records, {row["WIKIDATAID"]: _make_place(row) for row in read_dbf(table)}


def read_territories(names: Path, table: Path) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return the records of territories as Unicode calls them, and Natural Earth's items."""
    said = json.loads(names.read_text(encoding="utf-8"))
    ((_, locale),) = said["main"].items()
    called: dict[str, list[str]] = defaultdict(list)
    for code, name in locale["localeDisplayNames"]["territories"].items():
        if code[:2].isalpha():
            called[code[:2]].append(name)
    records = {
        code: record(number, {"@type": "Geographic"}, several[0], several)
        for number, (code, several) in enumerate(sorted(called.items()))
    }
    rows = list(read_dbf(table))
    bearers = Counter(row["ISO_A2_EH"] for row in rows)
    # Dependencies may have the code of their country: it says nothing then.
    items = {
        row["ISO_A2_EH"] if bearers[row["ISO_A2_EH"]] == 1 else row["WIKIDATAID"]: _make_place(row)
        for row in rows
    }
    several = {code for code, count in bearers.items() if count > 1}
    return {code: made for code, made in records.items() if code not in several}, items


def _make_place(row: dict[str, str]) -> Json:
    labels = {name[5:].lower(): text for name, text in row.items() if _LANGUAGE.match(name)}
    return item(row["WIKIDATAID"], labels, "Q6256")


_LANGUAGE = re.compile(r"NAME_[A-Z]{2}$")


def read_dbf(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a dBase table (https://www.dbase.com/Knowledgebase/INT/db7_file_fmt.htm)."""
    raw = path.read_bytes()
    count, start, length = struct.unpack("<IHH", raw[4:12])
    fields = []
    for place in range(32, start - 1, 32):
        fields.append((raw[place : place + 11].split(b"\0")[0].decode(), raw[place + 16]))
    for number in range(count):
        position = start + number * length + 1
        row = {}
        for name, width in fields:
            row[name] = raw[position : position + width].decode("utf-8", "replace").strip(" \0")
            position += width
        yield row
