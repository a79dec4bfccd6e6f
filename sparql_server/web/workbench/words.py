"""The words of the workbench, and the addresses it asks, as its page hands them to the script."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sparql_server.catalogue.saved_query import Texts
from sparql_server.engine.prefixes import predefined
from sparql_server.saved.page_texts import Wording, texts
from sparql_server.sparql.formats import GRAPHS, SOLUTIONS


@cache
def read_words() -> Mapping[str, Mapping[str, Texts]]:
    """Return ``workbench`` and ``editor``, each a name to a text in each language."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def write_words(t: Wording, addresses: Mapping[str, str]) -> str:
    """Return a JSON object of all that the script says, in one language.

    addresses: name to address: of the check, the search, the schema and the saved queries.
    """
    said = {name: t.of(text) for name, text in read_words()["workbench"].items()}
    return json.dumps(
        {
            **said,
            **addresses,
            "language": t.language,
            "prefixes": predefined(),
            "formats": [format_.name for format_ in SOLUTIONS],
            "graph_formats": [format_.name for format_ in GRAPHS],
            "themes": {tag: t.heading(tag) for tag in texts()["tag"]},
            "errors": {title: t.of(text) for title, text in texts()["error"].items()},
            # The editor's own words, by what they are in English.
            "phrases": {phrase["en"]: t.of(phrase) for phrase in read_words()["editor"].values()},
        },
        ensure_ascii=False,
    )
