"""The answers to requests, without Flask: those that are kept, and those to be evaluated."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sparql_server.answering.admission import Admission
from sparql_server.answering.answer import Answer, Visitor, make_kept, make_unchanged
from sparql_server.answering.cache import Key, ResultCache, Stored
from sparql_server.answering.entity_tags import is_any, is_known
from sparql_server.answering.question import Question, choose_graph_format, make_asking
from sparql_server.answering.submissions import Submission, Submissions
from sparql_server.engine.handle import Engine, Wait
from sparql_server.engine.messages import PageRows
from sparql_server.engine.releases import Release
from sparql_server.errors import (
    EvaluationFailed,
    MemoryLimitExceeded,
    NoRelease,
    TimeLimitExceeded,
)
from sparql_server.sparql.protocol import QueryRequest


class Answers:
    """Answers query requests.

    allow_service: endpoints that queries may call. result_bytes: that a result may have; 0: any
    number. union: whether the default graph is that of all graphs, or the store's own.
    """

    def __init__(
        self,
        engine: Engine,
        cache: ResultCache,
        admission: Admission,
        allow_service: Collection[str] = (),
        result_bytes: int = 0,
        *,
        union: bool = True,
    ) -> None:
        self.engine = engine
        self.cache = cache
        describes = bool(getattr(engine, "describes_quads", False))
        self.asking = make_asking(allow_service, union=union, describes_quads=describes)
        self._admission = admission
        self._submissions = Submissions(engine, cache, admission, result_bytes)
        self._result_bytes = result_bytes
        self._cached_release = 0

    @property
    def release(self) -> Release | None:
        """The release that is served."""
        return self.engine.release

    def answer(
        self, request: QueryRequest, accept: str | None, visitor: Visitor | None = None
    ) -> Answer:
        """Evaluate a request; return its result in the format the client wants most.

        Raises RequestError. The pieces raise one too if the result can't be completed.
        """
        return self.give(self.asking.question(request, accept), visitor or Visitor())

    def fetch(self, request: QueryRequest, visitor: Visitor) -> Answer:
        """Evaluate a request of this server's own, made for a client, whatever that has already.

        Raises RequestError, as do the pieces.
        """
        return self.answer(request, None, replace(visitor, known=""))

    def give(self, question: Question, visitor: Visitor, at_hand: Stored | None = None) -> Answer:
        """Answer a question. at_hand: what ``at_hand`` has found; then nothing is waited for.

        Raises RequestError, as do the pieces.
        """
        key = question.key(self._release_number())
        if key and visitor.known and not is_any(visitor.known):
            tag = self._submissions.tags.of(key)
            if tag and is_known(tag, visitor.known):
                return Answer(None, key[0], "hit", tag)
        answer = self._found(question, visitor, key, at_hand)
        # Any answer will do, but there must be one: a query that is malformed has none.
        return make_unchanged(answer) if is_any(visitor.known) else answer

    def _found(
        self, question: Question, visitor: Visitor, key: Key | None, at_hand: Stored | None
    ) -> Answer:
        if key is None:
            return self._submissions.evaluate(question, visitor, None)
        stored = self.cache.get(key) or at_hand
        if stored:
            return make_kept(stored, "hit")
        return self._submissions.once(question, visitor, key)

    def at_hand(self, question: Question) -> Stored | None:
        """Return a question's result if it is in the cache, without counting that."""
        key = question.key(self._release_number())
        return self.cache.peek(key) if key else None

    def submit(self, question: Question, visitor: Visitor, wait: Wait) -> Submission | None:
        """Have a question evaluated, if it must be, with no more waiting than this.

        None: it must be answered otherwise. Raises NotNow where all it lacks is a worker.
        """
        key = question.key(self._release_number())
        # What is looked up is there before a thread would have given what is kept.
        is_kept = key and wait is not Wait.NOTHING and self.cache.peek(key)
        if visitor.known or is_kept:
            return None
        return self._submissions.submit(question, visitor, key, wait)

    def finish(self, begun: Submission) -> Answer:
        """Answer a question whose evaluation has begun. Raises RequestError, as do the pieces."""
        return self._submissions.finish(begun)

    def rows(
        self, request: QueryRequest, visitor: Visitor | None = None
    ) -> tuple[PageRows, Answer]:
        """Evaluate a request for a page: at most ``PAGE_ROWS`` rows, and whether there are more.

        Return them, and the answer as it came.
        """
        answer = self.give(self.asking.rows(request), replace(visitor or Visitor(), known=""))
        rows: PageRows = json.loads(answer.read())
        return rows, answer

    @property
    def tells(self) -> bool:
        """Whether the engine tells of things without being asked queries."""
        return self.asking.union and bool(getattr(self.engine, "tells", False))

    def facts(self, wanted: str, visitor: Visitor) -> dict[str, Any]:
        """Return what is told of a thing, as ``Job.tell`` asks for it. Raises RequestError."""
        answer = self.give(self.asking.telling(wanted), replace(visitor, known=""))
        return dict(json.loads(answer.read()))

    def explain(self, request: QueryRequest, visitor: Visitor) -> dict[str, Any] | None:
        """Return why a query has no rows, as ``engine.explaining`` says it; None: nobody knows.

        Raises RequestError for what has nothing to do with the explanation.
        """
        if not self.explains:
            return None
        try:
            answer = self.give(self.asking.explanation(request), replace(visitor, known=""))
            return dict(json.loads(answer.read()))
        except (TimeLimitExceeded, MemoryLimitExceeded, EvaluationFailed):
            return None

    def plan(self, request: QueryRequest, visitor: Visitor) -> tuple[bytes, Answer]:
        """Return what is joined in what order, as JSON, and the answer. Raises RequestError."""
        answer = self.give(self.asking.plan(request), replace(visitor, known=""))
        return answer.read(), answer

    @property
    def explains(self) -> bool:
        """Whether the engine can say why a query has no rows: one that has the data itself."""
        return bool(getattr(self.engine, "explains", False))

    def head(self, request: QueryRequest, accept: str | None, visitor: Visitor) -> Answer:
        """Return what ``answer`` would, without its body: for a HEAD a query is read, no more.

        Raises RequestError for what can be told from the query alone.
        """
        if self.release is None:
            raise NoRelease("Nothing is published yet: run libris-loader release.")
        return self.give_head(self.asking.question(request, accept), visitor)

    def give_head(self, question: Question, visitor: Visitor) -> Answer:
        """Return what ``give`` would, without its body. Raises as ``head``."""
        number = self._release_number()
        key = question.key(number)
        tag = self._submissions.tags.of(key)
        if tag and visitor.known and is_known(tag, visitor.known) and not is_any(visitor.known):
            return Answer(None, number, "hit", tag)
        stored = self.cache.get(key) if key else None
        if stored:
            answer = make_kept(stored, "hit")
        else:
            answer = self._submissions.read(question, visitor, key)
        return make_unchanged(answer) if is_any(visitor.known) else answer

    def read(self, request: QueryRequest, visitor: Visitor) -> Answer:
        """Return what a HEAD of a page with a query's rows gets. Raises as ``head``."""
        return self._submissions.read(self.asking.rows(request), visitor, None)

    def graph(
        self, name: str, format_name: str | None, accept: str | None, visitor: Visitor
    ) -> Answer:
        """Return a graph whole, by its name or ``graph_store.DEFAULT``. Raises RequestError."""
        return self.give(self.asking.graph(name, choose_graph_format(format_name, accept)), visitor)

    def graph_head(
        self, name: str, format_name: str | None, accept: str | None, visitor: Visitor
    ) -> Answer:
        """Return what ``graph`` would, without its body. Raises RequestError."""
        chosen = choose_graph_format(format_name, accept)
        answer = self.give(self.asking.graph(name, chosen, rows=0), replace(visitor, known=""))
        tag = self._submissions.tags.of(self.asking.graph(name, chosen).key(answer.release))
        if tag and is_known(tag, visitor.known):
            return Answer(None, answer.release, "none", tag)
        return Answer(chosen, answer.release, "none", tag)

    def beside(self, engine: Engine, release: int, places: int = 1) -> Answers:
        """Return the answers of another engine, for this cache: those of another release.

        places: requests that may be under way at once.
        """
        other = Answers(
            engine,
            self.cache,
            Admission(places),
            self.asking.allow_service,
            self._result_bytes,
            union=self.asking.union,
        )
        other._cached_release = release  # results of the release that is served stay
        return other

    def admit(self, client: str) -> None:
        """Count a request of a client. Raises TooManyRequests."""
        self._admission.note_request(client)

    def _release_number(self) -> int:
        release = self.engine.release
        number = release.number if release else 0
        if number != self._cached_release:
            self._cached_release = number
            self.cache.drop_others(number)
        return number
