"""A stand-in for QLever: a SPARQL endpoint and a Graph Store that answer as its documents say.

https://docs.qlever.dev/ and the project's issues; each difference from the specifications has its
own method, and a query can ask for what only happens by chance there: ``# timeout``, ``# memory``,
``# cut``, ``# cut in a literal``, ``# cut at the end``, ``# late``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

TOKEN = "its-access-token"
LIMIT = "30s"
APPENDED = (
    "\n !!!!>># An error has occurred while exporting the query result. Unfortunately due to"
    " limitations in the HTTP 1.1 protocol, there is no better way to report this than to append"
    " it to the incomplete result. The error message was:\n"
)
TYPES = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "application/qlever-results+json": "qlever",
    "text/tab-separated-values": "tsv",
    "text/csv": "csv",
    "text/turtle": "ttl",
    "application/n-triples": "nt",
}
_XSD = "http://www.w3.org/2001/XMLSchema#"
_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
    "csv": ox.QueryResultsFormat.CSV,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: QLever

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if urlsplit(self.path).query:
            return self.fail(400, "URL-encoded POST requests must not contain query parameters")
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.asked.append(parse_qs(body))
        if not self._let_in():
            return None
        if form.get("cmd") == "stats":
            return self.reply(200, json.dumps(STATISTICS), "application/json")
        if form.get("cmd") == "get-settings":
            return self.reply(200, json.dumps({"default-query-timeout": LIMIT}), "application/json")
        if "query" not in form:
            return self.fail(400, "Request with URL parameters, but none could be processed")
        return self._query(form)

    def _let_in(self) -> bool:
        """Check the access token, if there is one: queries need none."""
        said = self.headers.get("Authorization", "")
        self.server.authorized.append(said)
        if said and said != f"Bearer {TOKEN}":
            self.fail(403, f'Access token "{said}" provided but not correct, request is ignored')
            return False
        return True

    def _query(self, form: dict[str, str]) -> None:
        query = form["query"]
        allowed = self.headers.get("Authorization") or _milliseconds(form) <= 30_000
        if not allowed:
            return self.fail(403, "User submitted timeout was higher than what is allowed (30s).")
        if "# timeout" in query:
            return self.fail(429, "Operation timed out. Last operation: Sort (internal order)")
        if "# memory" in query:
            return self.fail(500, "Tried to allocate 9 GB, but only 5 GB were available.")
        if "SERVICE" in query or "# unsupported" in query:
            return self.fail(400, "Not supported: this", line=2, positionInLine=4)
        try:
            results = self.server.store.query(query, **_dataset(form))
        except SyntaxError as error:
            return self.fail(400, str(error), line=1, positionInLine=0, startIndex=0, stopIndex=3)
        if self.server.old_errors:
            body = json.dumps({"exception": "secret", "status": "ERROR"})
            return self.reply(200, body, "application/json")
        return self._results(results, query)

    def _results(self, results: Any, query: str) -> None:
        """Choose what has the greatest weight of what it has; N-Triples it asserts against."""
        kinds = [TYPES[kind] for kind in _accepted(self.headers["Accept"]) if kind in TYPES]
        is_graph = isinstance(results, ox.QueryTriples)
        wanted = kinds[0] if kinds else "json"
        if not kinds:
            return self.fail(400, "Did not find any supported media type")
        if is_graph and wanted == "nt":
            return self.fail(500, "Assertion `ad_utility::contains(supportedTypes)` failed.")
        if is_graph:
            return self.stream(_turtle(results), "text/turtle", query)
        media_type = next(kind for kind, name in TYPES.items() if name == wanted)
        return self.stream(_solutions(results, wanted), media_type, query)

    def stream(self, text: str, media_type: str, query: str) -> None:
        """Send a result in chunks, always to their end, whatever happens in the midst of it."""
        if "# cut" in query:
            text = _cut(text, query) + APPENDED + "Operation timed out."
        if "# late" in query:
            text = text[: len(text) // 2] + APPENDED + "Tried to allocate 9 GB."
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(text), 1000):
            piece = text[start : start + 1000].encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    # The Graph Store

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._may_change():
            graph = self._graph()
            self.server.store.clear_graph(graph)
            triples = ox.parse(body, ox.RdfFormat.N_TRIPLES)
            self.server.store.extend(ox.Quad(*quad.triple, graph) for quad in triples)
            self.reply(200, "{}", "application/json")

    def do_DELETE(self) -> None:
        if self._may_change():
            self.server.store.clear_graph(self._graph())
            self.reply(200, "{}", "application/json")

    def do_GET(self) -> None:
        if "turtle" not in self.headers["Accept"]:
            return self.fail(500, "Assertion `ad_utility::contains(supportedTypes)` failed.")
        quads = self.server.store.quads_for_pattern(None, None, None, self._graph())
        return self.reply(200, _turtle(quad.triple for quad in quads), "text/turtle")

    def _may_change(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self.fail(403, "Update requires a valid access token. No valid access token is present.")
        return False

    def _graph(self) -> ox.NamedNode:
        return ox.NamedNode(parse_qs(urlsplit(self.path).query)["graph"][0])

    # Answers

    def fail(self, status: int, exception: str, **metadata: int) -> None:
        members: dict[str, object] = {"exception": exception, "status": "ERROR", "resultsize": 0}
        if metadata:
            members["metadata"] = metadata
        self.reply(status, json.dumps(members), "application/json")

    def reply(self, status: int, text: str, media_type: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


STATISTICS = {"git-hash-index": "1a2b3c", "name-index": "", "num-permutations": 6}


def _milliseconds(form: dict[str, str]) -> float:
    return float(form.get("timeout", "0ms").removesuffix("ms"))


def _accepted(header: str) -> list[str]:
    """Return the media types of an Accept header, those of the greatest weight first."""
    weighted = [kind.strip().partition(";q=")[::2] for kind in header.split(",")]
    return [kind for kind, _ in sorted(weighted, key=lambda pair: -float(pair[1] or 1))]


def _dataset(form: dict[str, str]) -> dict[str, Any]:
    """The union of all graphs, unless the request names others."""
    graphs = [ox.NamedNode(form[n]) for n in ("default-graph-uri",) if n in form]
    return {"default_graph": graphs} if graphs else {"use_default_graph_as_union": True}


def _solutions(results: Any, wanted: str) -> str:
    """Write solutions: integers as ``xsd:int``, a member more in JSON, tabs in TSV as spaces."""
    text = (results.serialize(format=_FORMATS[wanted]) or b"").decode()
    text = text.replace(f"{_XSD}integer", f"{_XSD}int")
    if wanted == "json":
        text = f'{text[:-1]},"meta":{{"query-time-ms":1,"result-size-total":1}}}}'
    return text.replace("\\t", " ") if wanted == "tsv" else text


def _turtle(triples: Any) -> str:
    """Write triples a line each, without prefixes, and numbers as Turtle has them."""
    return "".join(f"{t.subject} {t.predicate} {_object(t.object)} .\n" for t in triples)


def _object(term: object) -> str:
    if isinstance(term, ox.Literal) and term.datatype.value == f"{_XSD}integer":
        return term.value
    return str(term)


def _cut(text: str, query: str) -> str:
    if "# cut in a literal" in query:
        return text[: text.index("CUT HERE") + 3]
    if "# cut at the end" in query:
        return text
    lines = text.split("<result>")
    return "<result>".join(lines[:2]) if len(lines) > 2 else text[: len(text) // 2]


class QLever(ThreadingHTTPServer):
    """asked: the forms that came. authorized: what was said of who asks."""

    daemon_threads = True

    def __init__(self, trig: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, list[str]]] = []
        self.authorized: list[str] = []
        self.old_errors = False
        self.store = ox.Store()
        self.store.extend(ox.parse(trig.encode(), ox.RdfFormat.TRIG))
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self) -> QLever:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client may have had enough."""

    def queries(self) -> Iterator[dict[str, list[str]]]:
        """Yield the forms that came with a query, but for those about the marker."""
        for form in self.asked:
            if "query" in form and "urn:libris:release" not in form["query"][0]:
                yield form
