"""OpenRefine without its window, driven as its own page drives it, by HTTP.

https://openrefine.org/docs/technical-reference/openrefine-api
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.server.processes import wait_for

PROGRAM = shutil.which("openrefine")
_SECONDS = 60
_BOUNDARY = "bOuNdArY"


@dataclass(frozen=True)
class OpenRefine:
    """A running OpenRefine. address: ends without a slash."""

    process: subprocess.Popen[bytes]
    address: str

    def ask(self, command: str, **parameters: Any) -> Any:
        """Send a command that reads."""
        query = urlencode({name: _spell(value) for name, value in parameters.items()})
        return _read(urllib.request.Request(f"{self.address}/command/core/{command}?{query}"))

    def tell(self, command: str, project: str, **said: Any) -> Any:
        """Send a command that changes a project; a change that takes time has been made then."""
        query = urlencode({"project": project, "csrf_token": self._token()})
        body = urlencode({name: _spell(value) for name, value in said.items()}).encode()
        address = f"{self.address}/command/core/{command}?{query}"
        answer = _read(urllib.request.Request(address, body))
        assert answer.get("code", "ok") in ("ok", "pending"), answer
        wait_for(lambda: not self.ask("get-processes", project=project)["processes"], _SECONDS)
        return answer

    def create_project(self, table: str) -> str:
        """Take in a table of tab-separated values, whose first line names the columns."""
        fields = {"project-name": "names", "format": "text/line-based/*sv"}
        options = {"separator": "\t", "headerLines": 1, "guessCellValueTypes": False}
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {**fields, "options": json.dumps(options)}.items()
        ]
        parts.append(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="project-file";'
            f' filename="names.tsv"\r\n\r\n{table}\r\n--{_BOUNDARY}--\r\n'
        )
        query = urlencode({"csrf_token": self._token()})
        request = urllib.request.Request(
            f"{self.address}/command/core/create-project-from-upload?{query}",
            "".join(parts).encode(),
            {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:
            return parse_qs(urlsplit(response.url).query)["project"][0]

    def rows(self, project: str) -> list[list[dict[str, Any] | None]]:
        """Return the cells of all rows."""
        return [row["cells"] for row in self._read_rows(project)["rows"]]

    def reconciliations(self, project: str) -> list[dict[str, Any]]:
        """Return what has been found for the first cell of each row."""
        found = self._read_rows(project)
        return [found["pool"]["recons"][row["cells"][0]["r"]] for row in found["rows"]]

    def _read_rows(self, project: str) -> Any:
        return self.ask("get-rows", project=project, start=0, limit=100_000, engine=ALL_ROWS)

    def _token(self) -> str:
        return str(self.ask("get-csrf-token")["token"])


ALL_ROWS = {"facets": [], "mode": "row-based"}


def _spell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _read(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=_SECONDS) as response:
        return json.loads(response.read())


def start(folder: Path, port: int) -> OpenRefine:
    """Start OpenRefine on a port of this machine; what it writes stands in a folder."""
    assert PROGRAM
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "-i", "127.0.0.1", "-p", str(port), "-d", str(folder / "projects")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "JAVA_OPTIONS": "-Drefine.headless=true", "HOME": str(folder)},
            start_new_session=True,
        )
    running = OpenRefine(process, f"http://127.0.0.1:{port}")
    wait_for(lambda: _answers(running), _SECONDS)
    return running


def _answers(running: OpenRefine) -> bool:
    assert running.process.poll() is None, "OpenRefine has ended"
    try:
        return bool(running.ask("get-csrf-token"))
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.2)
        return False
