"""Views for operators: the state of the server (``/health``), its figures (``/metrics``)."""

from __future__ import annotations

import json

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from sparql_server.answering.answers import Answers
from sparql_server.answering.journal import Journal


def blueprint(answers: Answers, journal: Journal) -> Blueprint:
    """Return both views."""
    views = Blueprint("operations", __name__)

    @views.get("/health", endpoint="health")
    def health() -> Response:
        return _health(answers)

    @views.get("/metrics", endpoint="metrics")
    def metrics() -> Response:
        return Response(journal.figures(), content_type=CONTENT_TYPE_LATEST)

    return views


def _health(answers: Answers) -> Response:
    """Say whether the server is ready, that is, answers queries: 200, or 503. It is live anyway.

    A moment without a worker, while a new one comes, doesn't make it less so: requests wait.
    """
    status = answers.engine.status()
    cause = status.wrong or (None if status.release else "nothing is published")
    ready = cause is None
    body = {
        "live": True,
        "ready": ready,
        "release": status.release.number if status.release else None,
        "engine": status.mode,
        "workers": {"busy": status.busy, "idle": status.idle},
        "waiting": status.waiting,
        **({"cause": cause} if cause else {}),
        **({"columns": f"the release has none: {status.missing}"} if status.missing else {}),
        "freshness": status.release.freshness() if status.release else {},
    }
    return Response(
        json.dumps(body) + "\n",
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
        content_type="application/json",
    )
