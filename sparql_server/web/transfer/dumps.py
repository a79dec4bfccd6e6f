"""The files of a release's dumps, sent by no worker."""

from __future__ import annotations

from flask import Blueprint, Response

from sparql_server.answering.endpoint import Endpoint
from sparql_server.dataset.dumps import list_dumps, write_checksums
from sparql_server.errors import NotInRelease
from sparql_server.web.transfer.files import send_release_file
from sparql_server.web.transfer.responses import revalidate


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the views."""
    views = Blueprint("dumps", __name__)

    @views.get("/dumps/<name>", endpoint="file")
    def file(name: str) -> Response:
        release = endpoint.answers.release
        dumps = list_dumps(release, release.manifest()) if release else []
        found = next((dump for dump in dumps if dump.name == name), None)
        if release is None or found is None or not found.path.exists():
            there = ", ".join(dump.name for dump in dumps) or "none at all"
            raise NotInRelease(
                f"The release has no dump {name[:100]}; it has {there}."
                " libris-loader dump-release makes dumps."
            )
        return send_release_file(found.path, found.media_type, found.sha256, release.number)

    @views.get("/dumps/SHA256SUMS", endpoint="checksums")
    def checksums() -> Response:
        release = endpoint.answers.release
        dumps = list_dumps(release, release.manifest()) if release else []
        if not dumps:
            raise NotInRelease("The release has no dumps; libris-loader dump-release makes them.")
        return revalidate(write_checksums(dumps), "text/plain; charset=utf-8")

    return views
