"""Answers in the content coding that a client wants, out of the cache where they can be."""

from __future__ import annotations

from dataclasses import replace

from sparql_server.answering.answer import Answer
from sparql_server.answering.cache import Key, ResultCache, Stored
from sparql_server.answering.delivery import WHOLE
from sparql_server.codings import LEAST, code


def code_answer(answer: Answer, coding: str, cache: ResultCache) -> Answer:
    """Return an answer whose body is in a coding, or is to be coded as it is sent.

    What is small stays as it is, and so does a format that is compressed itself. The coded body is
    kept in the cache, as results are.
    """
    if not coding or answer.format is None or (answer.body is None and answer.pieces is None):
        return answer
    if answer.format.compressed:
        return answer
    if answer.body is None:
        return replace(answer, to_code=coding)
    if len(answer.body) < LEAST:
        return answer
    key = _make_key(answer.release, answer.tag, coding)
    stored = cache.peek(key) if key else None
    if stored:
        return replace(answer, body=stored.body, coding=coding)
    if len(answer.body) > WHOLE:
        return replace(answer, to_code=coding, keep=lambda body: _keep(answer, key, body, cache))
    return replace(answer, body=_keep(answer, key, code(coding, answer.body), cache), coding=coding)


def is_coded(stored: Stored, coding: str, cache: ResultCache) -> bool:
    """Tell whether a result that is kept is kept in this coding too."""
    key = _make_key(stored.release, stored.tag, coding)
    return key is not None and cache.peek(key) is not None


def _make_key(release: int, tag: str | None, coding: str) -> Key | None:
    """Return the name of a coded body: an entity tag stands for a result of a store's release."""
    return (release, f"{coding} {tag}".encode()) if tag else None


def _keep(answer: Answer, key: Key | None, body: bytes, cache: ResultCache) -> bytes:
    if not (key and answer.tag and answer.format):
        return body
    stored = Stored(answer.release, answer.format.name, body, answer.rows, answer.tag)
    return cache.put(key, stored).body
