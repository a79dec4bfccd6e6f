"""How the client asks: again where that helps, once where it doesn't, and never with half of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest

from libris_client import Busy, Libris, Refused, ResultCut, Unreachable, connect
from libris_client.cache import Cache
from libris_client.http import Manners

Answer = tuple[int, dict[str, str], bytes]

TABLE = pa.table({"n": list(range(1000))})


def stream(table: pa.Table = TABLE) -> bytes:
    out = BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    return out.getvalue()


WHOLE: Answer = (200, {"ETag": '"a"', "Libris-Release": "4"}, stream())


@dataclass
class Script:
    """What a stand-in server answers, the last of it again and again; and what it was asked."""

    answers: list[Answer] = field(default_factory=lambda: [WHOLE])
    asked: list[dict[str, str]] = field(default_factory=list)

    def next(self, headers: dict[str, str]) -> Answer:
        self.asked.append(headers)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def address(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = script.next(dict(self.headers))
            known = self.headers.get("If-None-Match")
            if status == 200 and known and known == headers.get("ETag"):
                status, body = 304, b""
            length = int(headers.get("Content-Length", len(body)))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(length)}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = length != len(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_client(address: str, tmp_path: Path) -> Iterator[Callable[..., Libris]]:
    opened: list[Libris] = []

    def make(cache: Path | None = tmp_path / "cache", **manners: float) -> Libris:
        opened.append(Libris(address, cache=cache, manners=Manners(**manners)))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for libris in opened:
        libris.close()


Open = Callable[..., Libris]


def test_what_has_not_changed_is_not_sent_again(script: Script, open_client: Open) -> None:
    assert open_client().query("q").table.equals(TABLE)
    again = open_client().query("q")
    assert again.table.equals(TABLE)
    assert again.release == 4
    assert [asked.get("If-None-Match") for asked in script.asked] == [None, '"a"']
    script.answers = [(200, {"ETag": '"b"', "Libris-Release": "5"}, stream(TABLE.slice(1)))]
    assert open_client().query("q").release == 5
    assert len(open_client().query("q")) == 999


def test_nothing_is_compressed_for_the_machine_itself(script: Script, open_client: Open) -> None:
    open_client().query("q")
    assert script.asked[0]["Accept-Encoding"] == "identity"


def test_nothing_is_kept_without_a_cache(script: Script, open_client: Open, tmp_path: Path) -> None:
    client = open_client(cache=None)
    client.query("q")
    client.query("q")
    assert all("If-None-Match" not in asked for asked in script.asked)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [429, 503])
def test_server_that_is_busy_is_waited_for_as_long_as_it_says(
    script: Script, open_client: Open, status: int
) -> None:
    script.answers = [(status, {"Retry-After": "0"}, b"{}"), WHOLE]
    assert len(open_client().query("q")) == 1000
    script.answers = [(503, {"Retry-After": "Sat, 28 Nov 2020 12:00:00 GMT"}, b""), WHOLE]
    assert len(open_client().query("other")) == 1000


@pytest.mark.parametrize(
    "said",
    [
        *("Sat, 28 Nov 2020 12:00:00 -0000", "Sat Nov 28 12:00:00 2020", "0"),
        *("Saturday, 28-Nov-20 12:00:00 GMT", "Sat, 28 Nov 2020 12:00:00", "-5", "soon"),
    ],
)
def test_wait_is_read_however_it_is_said(script: Script, open_client: Open, said: str) -> None:
    script.answers = [(503, {"Retry-After": said}, b""), WHOLE]
    assert len(open_client().query("q")) == 1000


def test_wait_that_is_longer_than_allowed_is_not_begun(script: Script, open_client: Open) -> None:
    script.answers = [(503, {"Retry-After": "3600"}, b'{"detail": "Too many queries."}')]
    with pytest.raises(Busy, match="Too many queries"):
        open_client(longest_wait=1).query("q")
    assert len(script.asked) == 1


def test_refusal_is_not_repeated(script: Script, open_client: Open) -> None:
    problem = b'{"title": "Bad parameter", "detail": "No such parameter.", "hint": "Leave it out."}'
    script.answers = [(400, {"Content-Type": "application/problem+json"}, problem), WHOLE]
    with pytest.raises(Refused, match="No such parameter") as caught:
        open_client().query("q")
    assert caught.value.hint == "Leave it out."
    assert "Hint: Leave it out." in str(caught.value)
    assert len(script.asked) == 1
    script.answers = [(500, {}, b"<html>")]
    with pytest.raises(Refused, match="500"):
        open_client().query("q")


def test_answer_that_breaks_off_is_asked_for_again(script: Script, open_client: Open) -> None:
    whole = stream()
    cut: Answer = (200, {"Content-Length": str(len(whole)), "ETag": '"a"'}, whole[:-100])
    script.answers = [cut, WHOLE]
    assert open_client().query("q").table.equals(TABLE)
    script.answers = [cut]
    with pytest.raises(ResultCut, match="broke off"):
        open_client(cache=None, retries=0).query("q")


def test_stream_without_its_end_is_no_result(script: Script, open_client: Open) -> None:
    script.answers = [(200, {}, stream()[:-8])]
    with pytest.raises(ResultCut):
        open_client(cache=None).query("q")
    batches = open_client(cache=None).batches("q")
    with pytest.raises(ResultCut):
        list(batches)


def test_result_that_breaks_off_between_batches_is_said_after_them(
    script: Script, open_client: Open
) -> None:
    whole = stream()
    script.answers = [(200, {"Content-Length": str(len(whole))}, whole[: len(whole) // 2])]
    come: list[pa.RecordBatch] = []
    with pytest.raises(ResultCut):
        come.extend(open_client().batches("q"))
    assert 0 < len(come) < 10


def test_other_server_is_no_such_server(script: Script, address: str, open_client: Open) -> None:
    script.answers = [(200, {}, b"<html>")]
    with pytest.raises(Unreachable, match="no address of such a server"):
        open_client().search("selma")
    for status in (200, 404, 501, 503):
        script.answers = [(status, {}, b"<html>")]
        with pytest.raises(Unreachable, match="no address of such a server"):
            Libris(address, release="current", manners=Manners(retries=0))


@pytest.mark.parametrize("body", [b'{"other": 1}', b"[1]", b"null", b'"text"', b"<html>"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda libris: libris.search("selma"),
        lambda libris: libris.saved_queries(),
        lambda libris: libris.tables(),
    ],
)
def test_document_of_another_form_is_another_server(
    script: Script, open_client: Open, ask: Callable[[Libris], object], body: bytes
) -> None:
    script.answers = [(200, {"Content-Type": "application/json"}, body)]
    with pytest.raises(Unreachable, match="no address of such a server"):
        ask(open_client())


def test_page_instead_of_a_result_is_another_server(script: Script, open_client: Open) -> None:
    script.answers = [(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>")]
    with pytest.raises(Unreachable, match="no address of such a server"):
        open_client().query("q")
    assert len(script.asked) == 1


@pytest.mark.parametrize("before", ["HTTP://", " http://", "hTTp://"])
@pytest.mark.parametrize("behind", ["", "/", "/sparql", "/sparql/", "//"])
def test_address_may_be_written_in_other_ways(
    script: Script, address: str, before: str, behind: str
) -> None:
    script.answers = [WHOLE]
    where = address.replace("http://", before) + behind
    with Libris(where, cache=None) as libris:
        assert len(libris.query("q")) == 1000


@pytest.mark.parametrize("where", ["http://", "http:///sparql", "http://[::1", "https://:80/"])
def test_address_at_which_nothing_can_be_is_said(where: str) -> None:
    with pytest.raises(Unreachable, match="is no address: it is like http"):
        Libris(where)


def test_server_without_a_release_is_said_at_once(script: Script, address: str) -> None:
    script.answers = [(503, {}, b'{"ready": false, "release": null}')]
    with pytest.raises(Busy, match="has no release yet: libris-loader release"):
        Libris(address, release="current")
    assert len(script.asked) == 1


def test_another_server_in_the_usual_place_is_passed_over(
    script: Script, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("libris_client.client._HERE", address)
    monkeypatch.delenv("LIBRIS", raising=False)
    monkeypatch.chdir(tmp_path)
    release = tmp_path / "data" / "releases" / "0003"
    release.mkdir(parents=True)
    (release / "manifest.json").write_text("{}")
    (tmp_path / "data" / "current").symlink_to("releases/0003")
    script.answers = [(404, {}, b"<html>")]
    assert connect().release == 3


def test_cache_lets_go_of_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", most=25)
    for number in range(3):
        body = tmp_path / f"{number}"
        body.write_bytes(b"0123456789")
        cache.keep(f"/{number}", "x", '"t"', "1", body)
        kept = cache.find(f"/{number}", "x")
        assert kept
        os.utime(kept.path, (number, number))
    body = tmp_path / "3"
    body.write_bytes(b"0123456789")
    cache.keep("/3", "x", '"t"', "1", body)
    assert [cache.find(f"/{number}", "x") is not None for number in range(4)] == [
        False,
        False,
        True,
        True,
    ]


def test_cache_on_a_disk_that_refuses_does_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "below")
    body = tmp_path / "body"
    body.write_bytes(b"x")
    assert cache.make_scratch() is None
    assert cache.keep("/", "x", '"t"', "1", body) == body
    assert cache.find("/", "x") is None
