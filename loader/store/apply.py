"""Archive to store, document by document: each graph replaced whole, and the ledger kept in step.

Archive and store are two files that can't commit together. So a batch is written down in the
archive first (what it describes, what it counts), then done in the store, then marked as done. A
run that was killed between finds the note and does that batch again, which changes nothing twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import orjson

from loader.archive.archive import Archive, Document
from loader.store.contents.difference import Change, find_difference, write_anew
from loader.store.contents.graph_contents import tally
from loader.store.ledger import Ledger, Tally
from loader.store.placement import Attempt, Contents, attempts
from loader.store.store import GraphStore
from loader.transform.jsonld import Transformed

logger = logging.getLogger(__name__)

_BATCH = 1000  # documents between two notes in the archive
_TOGETHER = 1000  # statements to a transaction of the store, or a few more
_MOST_TEXT = 32 * 1024 * 1024  # characters to a transaction, or one graph more
_CHECKED = "checked"  # in a note: what it counts has passed the gate, as it did not always


@dataclass(slots=True)
class Outcome:
    """The outcome of a run on the store: documents applied, and documents sent to quarantine.

    problems: how many of each kind the documents had that were applied.
    """

    applied: int = 0
    quarantined: int = 0
    problems: Counter[str] = field(default_factory=Counter)


class Applier:
    """Brings a store in step with its archive.

    NOTE: the name under which the archive remembers a batch that is being done.
    """

    NOTE = "batch"

    def __init__(self, archive: Archive, store: GraphStore) -> None:
        self._archive = archive
        self._store = store
        self._ledger = Ledger(archive.connection)
        self._contents = Contents(archive, self._ledger, store.graphs_about)

    def recover(self) -> None:
        """Finish the batch in which a former run was killed, if there is one."""
        note = self._archive.reader.state(self.NOTE)
        if note is None:
            return
        left = orjson.loads(note)
        with self._archive.transaction():
            # Transformed again: what a former version could note, this one may refuse or mend.
            documents = self._archive.reader.documents(left["documents"])
            done, claims = self._claims(attempts(documents), Counter())
            for name in left["graphs"]:
                claims.setdefault(name, self._contents.claimed(name))
            placement = self._contents.place(claims)
            self._ledger.note_changed(placement.graphs)
        self._write(write_anew(placement.graphs.items()))
        counts = Counter({(kind, iri): uses for kind, iri, uses in left["tally"]})
        self._finish(done, counts)
        if not left.get(_CHECKED):
            self._recount()

    def _recount(self) -> None:
        """Count classes and properties in the whole store."""
        names = self._store.graph_names()
        counts = tally(line for name in names for line in self._store.graph(name))
        with self._archive.transaction():
            self._ledger.set_tally(counts)

    def apply(self, ids: Sequence[int], progress: Callable[[int], None]) -> Outcome:
        """Apply documents by id; call progress with the number done since the last call.

        Raises StoreError if the store refuses; what was applied by then is noted as such.
        """
        outcome = Outcome()
        for start in range(0, len(ids), _BATCH):
            batch = list(self._archive.reader.documents(ids[start : start + _BATCH]))
            good = self._batch(batch, outcome.problems)
            outcome.applied += good
            outcome.quarantined += len(batch) - good
            progress(len(batch))
        return outcome

    def _batch(self, batch: Sequence[Document], problems: Counter[str]) -> int:
        with self._archive.transaction(), ThreadPoolExecutor(1) as reader:
            # Half of the work is to read what the graphs hold now: it goes on beside the other.
            stored = reader.submit(self._graphs, {document.graph for document in batch})
            done, claims = self._claims(attempts(batch), problems)
            placement = self._contents.place(claims)
            for (graph, holder), triples in placement.shadows.items():
                self._ledger.note_shadow(graph, holder, triples)
            before = stored.result()
            changes = [
                find_difference(name, before.get(name) or self._store.graph(name), statements)
                for name, statements in placement.graphs.items()
            ]
            counts = _counted(changes)
            self._note(done, placement.graphs, counts)
            self._ledger.note_changed(placement.graphs)
        self._write(changes)
        self._finish(done, counts)
        return len(done)

    def _graphs(self, names: Iterable[str]) -> dict[str, list[str]]:
        return {name: self._store.graph(name) for name in names}

    def _claims(
        self, batch: Iterable[Attempt], problems: Counter[str]
    ) -> tuple[list[int], dict[str, list[str]]]:
        """Return the ids of the documents that can be applied, and what their graphs claim.

        problems: those of the documents are added to it.
        """
        done = []
        transformed: dict[str, Transformed] = {}
        graphs: set[str] = set()
        for attempt in batch:
            document = attempt.document
            if attempt.reason is None:
                done.append(document.id)
            else:
                logger.warning("%s goes to quarantine: %s", document.identifier, attempt.reason)
                self._ledger.quarantine(document.id, attempt.reason)
            if attempt.transformed is not None:
                graphs.add(document.graph)
                # Of a deleted one, plain RDF may stand in its graph now.
                if document.format == "jsonld" and not document.deleted:
                    transformed[document.graph] = attempt.transformed
                self._ledger.note_problems(document.id, attempt.transformed.problems)
                problems.update(problem.kind for problem in attempt.transformed.problems)
                graphs |= self._ledger.describe(document.id, attempt.transformed.outside)
        claimed = self._contents.claimed
        return done, {name: claimed(name, transformed.get(name)) for name in graphs}

    def _note(self, done: Sequence[int], graphs: Iterable[str], tallied: Tally) -> None:
        counts = [(kind, iri, uses) for (kind, iri), uses in tallied.items() if uses]
        note = {"documents": done, "graphs": list(graphs), "tally": counts, _CHECKED: True}
        self._archive.remember(self.NOTE, orjson.dumps(note))

    def _write(self, changes: Iterable[Change]) -> None:
        together: list[Change] = []
        weight, text = 0, 0
        for change in changes:
            together.append(change)
            weight += len(change.removed) + len(change.added)
            text += sum(map(len, change.removed)) + sum(map(len, change.added))
            if weight > _TOGETHER or text > _MOST_TEXT:
                self._store.change(together)
                together, weight, text = [], 0, 0
        self._store.change(together)
        # The archive must not say that something is done which a power cut could still undo.
        self._store.flush()

    def _finish(self, done: Sequence[int], tallied: Tally) -> None:
        with self._archive.transaction():
            self._ledger.mark_applied(done)
            self._ledger.drop_unused_descriptions()
            self._ledger.add_tally(tallied)
            self._archive.remember(self.NOTE, None)


def _counted(changes: Iterable[Change]) -> Tally:
    """Return by how much the counts of classes and properties will differ."""
    counts: Tally = Counter()
    for change in changes:
        counts.update(tally(change.added))
        counts.subtract(tally(change.removed))
    return counts
