"""The text index of a release, opened: what asks it, and what it answers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from sparql_server.engine.text import FOLDER, SCHEMA
from sparql_server.engine.text.storage.layout import open_index
from sparql_server.engine.text.texts import Texts
from sparql_server.engine.text.things import Hit, Wanted, find_things


class NoIndex(Exception):
    """A release has no text index, or one that can't be used; the text says why."""


class TextIndex:
    """The text index of one release. release: its folder. texts: for queries."""

    def __init__(self, release: Path) -> None:
        """Open it. Raises NoIndex."""
        self._release = release
        try:
            self.index = open_index(release / FOLDER)
            self.searcher = self.index.searcher()
            self.texts = Texts(self.index, self.searcher)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoIndex(str(error)) from error

    def search(self, wanted: Wanted) -> dict[str, object]:
        """Return what is found, as ``/search`` has it."""
        began = time.perf_counter()
        hits = find_things(self.index, self.searcher, wanted)
        found = [self._said(hit, wanted.language) for hit in hits]
        took = round((time.perf_counter() - began) * 1000, 2)
        return {"query": wanted.text, "hits": found, "took_ms": took}

    def _said(self, hit: Hit, language: str) -> dict[str, object]:
        kind = hit.shown.kind
        labels = self._class_labels.get(kind, {})
        return {
            "iri": hit.shown.iri,
            "label": hit.label.text,
            "lang": hit.label.language or None,
            "class": kind or None,
            "class_label": labels.get(language) or next(iter(labels.values()), None),
            "detail": hit.shown.detail or None,
            "uses": hit.uses,
            "matched": hit.matched,
            "score": hit.score,
        }

    @cached_property
    def _class_labels(self) -> Mapping[str, Mapping[str, str]]:
        """The labels of classes, by IRI; none where the release has no schema."""
        try:
            schema = json.loads((self._release / SCHEMA).read_bytes())
            return {str(class_["iri"]): class_["label"] for class_ in schema["classes"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
