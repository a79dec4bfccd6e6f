"""The indexes of a release as workers have them, and what the text index does for a job.

Nothing of the text index is imported where there is none, or nobody asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sparql_server.engine.messages import Job
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.text import FOLDER, may_search
from sparql_server.errors.failures.failure import Failed

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns
    from sparql_server.engine.text.index import TextIndex


@dataclass(frozen=True, slots=True)
class Indexes:
    """The parts of a release that answer queries fast. columns: None if it has none.

    text: its text index, or why it has none.
    """

    columns: Columns | None = None
    text: TextIndex | str = "it has none"


def open_text(release: Path) -> TextIndex | str:
    """Return a release's text index, or why there is none to be had. release: its folder."""
    if not (release / FOLDER).is_dir():
        return "it has none"
    from sparql_server.engine.text.index import NoIndex, TextIndex

    import_module("sparql_server.engine.text.search_patterns")  # so that forked workers needn't
    try:
        return TextIndex(release)
    except NoIndex as error:
        return str(error)


def search_things(text: TextIndex | str, search: tuple[str, ...]) -> dict[str, object]:
    """Return what a search for things finds, as ``/search`` has it. Raises Failed."""
    from sparql_server.engine.text.things import Wanted

    if isinstance(text, str):
        raise Failed("unindexed", text)
    typed, kind, language, limit = search
    return text.search(Wanted(typed, kind, language, int(limit)))


def with_texts(
    job: Job, text: TextIndex | str, read: Callable[[Job, Mapping[str, str]], None]
) -> Job:
    """Return a job in whose query the text index has answered what searches texts. Raises Failed.

    read: has a query read, with prefixes that it need not declare: what else is wrong with one is
    said of it as it was written.
    """
    if not may_search(job.query):
        return job
    from sparql_server.engine.text.expression_tokens import Malformed
    from sparql_server.engine.text.search_patterns import PREFIXES, find_patterns

    try:
        found = find_patterns(job.query, predefined())
        if found is None:
            return job
        if isinstance(text, str):
            raise Failed("text", f"The release's text index can't be asked: {text}.")
        read(replace(job, query=found.plain), PREFIXES)
        return replace(job, query=found.answered(text.texts))
    except Malformed as error:
        raise Failed("text", str(error)) from error
