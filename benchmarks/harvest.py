"""Measure harvesting over loopback, beside plain requests and lxml on the same prepared pages.

python benchmarks/harvest.py --titles 30000
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

import orjson
from measure import MIB, Figure, Run, median, python, run, show

_PAGE = 1000
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2026-11-23T12:00:00.5Z</responseDate><request/><ListRecords>"
)
_SERVER = """
import sys, http.server, pathlib, urllib.parse
folder = pathlib.Path(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        body = (folder / asked.get("resumptionToken", "0")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""
_BASELINE = """
import sys, requests
from lxml import etree
session, token, records = requests.Session(), None, 0
oai = "{http://www.openarchives.org/OAI/2.0/}"
while True:
    asked = {"resumptionToken": token} if token else {"metadataPrefix": "jsonld"}
    answer = session.get(sys.argv[1], params={"verb": "ListRecords", **asked})
    root = etree.fromstring(answer.content)
    records += len(root.findall(f"{oai}ListRecords/{oai}record"))
    token = root.findtext(f"{oai}ListRecords/{oai}resumptionToken")
    if not token:
        break
print(records)
"""


def pages(records: Path, folder: Path) -> int:
    """Write the pages that a provider would send; return how many records they hold."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count = number = 0
    with records.open("rb") as lines:
        while some := list(islice(lines, _PAGE)):
            count += len(some)
            more = f"{number + 1}" if len(some) == _PAGE else ""
            token = f"<resumptionToken>{more}</resumptionToken>"
            text = f"{_HEAD}{''.join(map(_record, some))}{token}</ListRecords></OAI-PMH>"
            (folder / str(number)).write_text(text, encoding="utf-8")
            number += 1
    if count % _PAGE == 0:
        (folder / str(number)).write_text(
            f"{_HEAD}<resumptionToken/></ListRecords></OAI-PMH>", encoding="utf-8"
        )
    return count


def _record(line: bytes) -> str:
    about = orjson.loads(line)["@graph"][0]
    return (
        f"<record><header><identifier>{escape(about['@id'])}</identifier>"
        f"<datestamp>{about['modified']}</datestamp><setSpec>bib</setSpec></header>"
        f"<metadata><![CDATA[{line.strip().decode()}]]></metadata>"
        '<about><agent name="unknown"/></about></record>'
    )


def measured(folder: Path, records: Path, runs: int) -> Iterator[Figure]:
    """Yield every figure."""
    count = pages(records, folder / "pages")
    yield Figure("records", count)
    with subprocess.Popen(
        python("-c", _SERVER, folder / "pages"), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
            yield from _harvesting(folder / "harvested", url, runs)
        finally:
            server.kill()
    yield from _applying(folder, records)
    bytes_of_json = records.stat().st_size
    archive = (folder / "harvested" / "archive.sqlite").stat().st_size
    yield Figure("archive, MB", archive / 1e6)
    yield Figure("archive, share of the JSON", archive / bytes_of_json, target="<= 0.35")


def _harvesting(data: Path, url: str, runs: int) -> Iterator[Figure]:
    ours, theirs = [], []
    for _ in range(runs):
        shutil.rmtree(data, ignore_errors=True)
        ours.append(_loader("harvest", "--archive-only", "--data", data, "--base-url", url))
        theirs.append(run(python("-c", _BASELINE, url)))
    seconds, base = (median(run.seconds for run in runs) for runs in (ours, theirs))
    yield Figure("harvest to archive", seconds, "s")
    yield Figure("requests and lxml", base, "s")
    yield Figure("speed of harvesting, ratio", base / seconds, target=">= 0.6")
    yield Figure("peak memory of the harvest", max(run.peak for run in ours) / MIB, "MiB", "< 300")


def _applying(folder: Path, records: Path) -> Iterator[Figure]:
    applied = _loader("apply", "--data", folder / "harvested")
    loaded = folder / "loaded"
    shutil.rmtree(loaded, ignore_errors=True)
    load = _loader("load", "--data", loaded, records)
    shutil.rmtree(loaded)
    yield Figure("apply after the harvest", applied.seconds, "s")
    yield Figure("load of the same records from a file", load.seconds, "s")
    yield Figure("speed of apply, ratio", load.seconds / applied.seconds, target=">= 0.9")


def _loader(*arguments: object) -> Run:
    return run(python("-m", "loader.cli", *arguments))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--titles", type=int, default=30_000, help="default: 30000, some 100,000 records"
    )
    parser.add_argument("--runs", type=int, default=3, help="alternating runs; medians are shown")
    parser.add_argument("--folder", type=Path, default=Path(__file__).with_name("out"))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    records = arguments.folder / "harvest.jsonl"
    generate = Path(__file__).with_name("generate.py")
    subprocess.run(python(generate, arguments.titles, "--out", records), check=True)
    show(list(measured(arguments.folder, records, arguments.runs)), arguments.json)


if __name__ == "__main__":
    sys.exit(main())
