"""Answers while the release changes, on an engine that can be told when to."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sparql_server.answering.admission import Admission
from sparql_server.answering.answer import Answer
from sparql_server.answering.answers import Answers
from sparql_server.answering.cache import ResultCache
from sparql_server.engine.client_connection import Caller
from sparql_server.engine.handle import Handle, Wait, make_finished
from sparql_server.engine.messages import Job, Whole
from sparql_server.engine.releases import Release
from sparql_server.engine.status import Status
from sparql_server.sparql.protocol import QueryRequest


class Switching:
    """An engine on which the release changes while it evaluates."""

    def __init__(self) -> None:
        self.release: Release | None = Release(1, Path("1"))
        self.begun, self.go_on = threading.Event(), threading.Event()

    def submit(self, job: Job, caller: Caller, wait: Wait) -> Handle:
        self.begun.set()
        assert self.go_on.wait(20)
        self.release = Release(2, Path("2"))
        return make_finished(Whole("json", b"{}"), 2, "disk")

    def status(self) -> Status:
        return Status(self.release, "disk", 0, 1, 0)


def test_tag_is_that_of_the_release_which_the_result_is_of() -> None:
    engine = Switching()
    answers = Answers(engine, ResultCache(1 << 20), Admission(10))
    found: list[Answer] = []

    def ask() -> None:
        found.append(answers.answer(QueryRequest("ASK {}"), "*/*"))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads[0].start()
    assert engine.begun.wait(20)
    threads[1].start()
    time.sleep(0.5)  # so that the second waits for the first
    engine.go_on.set()
    for thread in threads:
        thread.join()
    assert [answer.release for answer in found] == [2, 2]
    assert {answer.tag for answer in found} == {answers.answer(QueryRequest("ASK {}"), "*/*").tag}
