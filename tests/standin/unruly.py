"""A provider that keeps as few of OAI-PMH's rules as its seed has it, and yet has records.

Order, clocks, granularity, tokens, sizes, versions and damaged records are chosen by the seed.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.records import title
from tests.standin.faults import Random
from tests.standin.running import Running
from tests.standin.server import Server, Spoil, send

BASE = "https://libris.kb.se/"
DAMAGE = (
    *("no metadata", "no header", "no identifier", "empty identifier", "surrogate", "control"),
    *("entity", "bytes", "no JSON", "open section", "no end"),
)
_UNNAMED = ("no header", "no identifier", "empty identifier")
_BEFORE, _AFTER = timedelta(days=2), timedelta(days=8000)


@dataclass(frozen=True)
class Version:
    """One version of a record. when: None if it has no date that can be read."""

    name: str
    text: str
    when: datetime | None
    deleted: bool = False
    damage: str = ""

    @property
    def record(self) -> dict[str, Any]:
        return title(self.name, self.text)


class Unruly(Running):
    """A provider, as its seed has it. asked: parameters of each request.

    versions: in the order in which they are listed. lists: how the next lists go wrong, one each:
    ``empty``, ``short``, ``cycle``, ``same``.
    """

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        self.days = chance.random() < 0.25
        self.page_size = chance.choice((1, 2, 3, 5, 50))
        self.delay = timedelta(hours=chance.choice((0, 0, 1, 8, 20)))
        self.response = chance.choice(
            ("right", "right", "ahead", "2099", "behind", "absent", "malformed")
        )
        self.date = chance.choice(("right", "right", "absent", "2099", "malformed"))
        self.sizes = chance.choice(("none", "none", "right", "small", "large", "changing"))
        self.unknown = chance.choice(("idDoesNotExist", "noRecordsMatch"))
        self.empties = chance.choice((0, 0, 1, 7))
        self.refusals = chance.choice((0, 0, 1, 2))
        self.endings = chance.choice((0, 0, 0, 1))
        self.order = chance.choice(("ascending", "descending", "none", "none"))
        self.repeats = True
        self.lists: list[str] = []
        self.spoil: Spoil = Random(seed, chance.choice((0.0, 0.1, 0.3)))
        self.asked: list[dict[str, str]] = []
        self.versions: list[Version] = []
        self.damaged: set[str] = set()
        self.unnamed_before = 0
        for number in range(chance.randint(0, 25)):
            self._begin(f"t{number:02d}")
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/oai"

    # What it has

    def _begin(self, name: str) -> None:
        """Make a record: one version, several, one with an odd date, or a damaged one."""
        chance = self.chance
        kind = chance.choice(
            ("plain",) * 5 + ("versions", "versions", "future", "dateless", "damaged")
        )
        if kind == "damaged":
            self.damaged.add(name)
            self.add(Version(name, "x", self._past(), damage=chance.choice(DAMAGE)))
        elif kind == "dateless":
            self.add(Version(name, "utan datum", None))
        elif kind == "future":
            year = chance.choice((2034, 2099))
            self.add(Version(name, "framtid", datetime(year, 1, 1, 12, tzinfo=UTC)))
        else:
            for number in range(chance.randint(2, 4) if kind == "versions" else 1):
                when = self._past()
                if all(
                    version.when and version.when.date() != when.date() for version in self.of(name)
                ):
                    self.add(Version(name, f"{number} {when}", when, chance.random() < 0.2))

    def _past(self) -> datetime:
        span = (_AFTER - _BEFORE) * self.chance.random()
        return (datetime.now(UTC) - _BEFORE - span).replace(microsecond=0)

    def add(self, version: Version) -> None:
        self.versions.append(version)
        if self.order == "none":
            self.chance.shuffle(self.versions)
        else:
            early = datetime(1, 1, 1, tzinfo=UTC)
            self.versions.sort(
                key=lambda record: record.when or early, reverse=self.order == "descending"
            )

    def of(self, name: str) -> list[Version]:
        return [version for version in self.versions if version.name == name]

    def change(self) -> None:
        """Write, rewrite, delete or mend a record, and date it as this provider does."""
        name = f"t{self.chance.randrange(30):02d}"
        when = (datetime.now(UTC) - self.delay).replace(microsecond=0)
        versions = self.of(name)
        if any(version.when == when for version in versions):
            return
        dated = all(version.when and version.when < when - _BEFORE for version in versions)
        if not dated or self.chance.random() < 0.5 or name in self.damaged:
            self.purge(name)
        deleted = self.chance.random() < 0.3
        self.add(Version(name, f"ändrad {len(self.asked)} {when}", when, deleted))

    def purge(self, name: str) -> None:
        """Remove a record without a trace."""
        self.unnamed_before += sum(version.damage in _UNNAMED for version in self.of(name))
        self.versions = [version for version in self.versions if version.name != name]
        self.damaged.discard(name)

    def newest(self) -> dict[str, Version]:
        """The truth: the newest version of each record."""
        early = datetime(1, 1, 1, tzinfo=UTC)
        ordered = sorted(self.versions, key=lambda version: version.when or early)
        return {version.name: version for version in ordered}

    def live(self) -> dict[str, Any]:
        return {
            f"{BASE}{name}": version.record
            for name, version in self.newest().items()
            if not version.deleted and not version.damage
        }

    def deleted(self) -> set[str]:
        return {f"{BASE}{name}" for name, version in self.newest().items() if version.deleted}

    def unreadable(self) -> list[str]:
        """What has to be in quarantine, of that which has an identifier."""
        damaged = [version for version in self.newest().values() if version.damage]
        return sorted(
            f"{BASE}{version.name}" for version in damaged if version.damage not in _UNNAMED
        )

    def unnamed(self) -> int:
        """How many records without an identifier it has; it can't be told when one comes whole."""
        return sum(version.damage in _UNNAMED for version in self.newest().values())

    # How it answers

    def answer(self, asked: dict[str, str]) -> bytes:
        verb = asked.get("verb", "")
        if verb == "Identify":
            granularity = "YYYY-MM-DD" if self.days else "YYYY-MM-DDThh:mm:ssZ"
            return self._envelope(f"<Identify><granularity>{granularity}</granularity></Identify>")
        if verb == "GetRecord":
            return self._get(asked["identifier"])
        if "resumptionToken" in asked:
            return self._page(verb, json.loads(asked["resumptionToken"]))
        if self.days and any(len(asked.get(name, "")) > 10 for name in ("from", "until")):
            return self._envelope('<error code="badArgument">dates are days here</error>')
        return self._page(verb, {"o": 0, "f": asked.get("from", ""), "w": self._wrong(), "n": 0})

    def _wrong(self) -> str:
        return self.lists.pop(0) if self.lists else ""

    def _get(self, identifier: str) -> bytes:
        version = self.newest().get(identifier.removeprefix(BASE))
        if version is None:
            return self._envelope(f'<error code="{self.unknown}"/>')
        return self._envelope(b"<GetRecord>" + self._record(version) + b"</GetRecord>")

    def _page(self, verb: str, at: dict[str, Any]) -> bytes:
        listed = [version for version in self.versions if self._is_since(version, at["f"])]
        nothing = not listed or at["w"] == "empty"
        if nothing or at["o"] and self.endings and at["o"] < len(listed):
            self.endings -= not nothing
            return self._envelope('<error code="noRecordsMatch"/>')
        if at["o"] and self.refusals:
            self.refusals -= 1
            return self._envelope('<error code="badResumptionToken">expired</error>')
        if self.chance.random() < 0.1 and at["n"] < self.empties:
            return self._list(verb, [], {**at, "n": at["n"] + 1, "x": len(self.asked)}, len(listed))
        page = listed[at["o"] : at["o"] + self.page_size]
        after = {**at, "o": at["o"] + len(page), "n": at["n"] + 1}
        if self.chance.random() < 0.1 and self.repeats:
            page = [*page, self.chance.choice(listed)]
        if at["w"] == "short" and after["o"] >= len(listed) // 2:
            return self._list(verb, page, None, len(listed))
        is_last = after["o"] >= len(listed)
        if is_last and at["w"] in ("cycle", "same") and at["n"]:
            after = {**at, "n": after["n"] if at["w"] == "same" else 1, "o": 0}
            return self._list(verb, page, after, len(listed))
        return self._list(verb, page, None if is_last else after, len(listed))

    def _is_since(self, version: Version, begin: str) -> bool:
        if not begin or version.when is None:
            return True
        return self._date(version.when)[: len(begin)] >= begin

    def _list(
        self, verb: str, page: list[Version], after: dict[str, Any] | None, size: int
    ) -> bytes:
        write = self._record if verb == "ListRecords" else self._header
        token = json.dumps(after).replace('"', "&quot;") if after else ""
        text = f"<resumptionToken{self._size(size)}>{token}</resumptionToken>"
        if not after and self.chance.random() < 0.5:
            text = f"<resumptionToken{self._size(size)}/>" if self.sizes != "none" else ""
        body = b"".join(write(version) for version in page)
        return self._envelope(
            b"<%s>%s%s</%s>" % (verb.encode(), body, text.encode(), verb.encode())
        )

    def _size(self, size: int) -> str:
        if self.sizes == "none":
            return ""
        stated = {"small": size // 2, "large": size + 5, "changing": self.chance.randint(0, 9)}
        return f' completeListSize="{stated.get(self.sizes, size)}" cursor="0"'

    def _date(self, when: datetime) -> str:
        return when.strftime("%Y-%m-%d" if self.days else "%Y-%m-%dT%H:%M:%SZ")

    def _header(self, version: Version) -> bytes:
        identifier = f"<identifier>{BASE}{version.name}</identifier>"
        if version.damage in ("no identifier", "no header"):
            identifier = ""
        elif version.damage == "empty identifier":
            identifier = "<identifier> </identifier>"
        status = ' status="deleted"' if version.deleted else ""
        odd = ("", "<datestamp>i går</datestamp>", "<datestamp/>")[ord(version.name[-1]) % 3]
        date = f"<datestamp>{self._date(version.when)}</datestamp>" if version.when else odd
        return f"<header{status}>{identifier}{date}</header>".encode()

    def _record(self, version: Version) -> bytes:
        text = json.dumps(version.record, ensure_ascii=False)
        content = f"<metadata><![CDATA[{text}]]></metadata>".encode()
        header = b"" if version.damage == "no header" else self._header(version)
        if version.deleted or version.damage == "no metadata":
            return b"<record>%s</record>" % header
        return _damaged(b"<record>%s%s</record>" % (header, content), version.damage)

    def _envelope(self, body: str | bytes) -> bytes:
        now = datetime.now(UTC)
        moment = {
            "ahead": now + timedelta(hours=3),
            "2099": datetime(2099, 1, 1, tzinfo=UTC),
            "behind": now - timedelta(days=3),
        }.get(self.response, now)
        stated = {"absent": "", "malformed": "<responseDate>nu</responseDate>"}.get(
            self.response, f"<responseDate>{moment:%Y-%m-%dT%H:%M:%SZ}</responseDate>"
        )
        head = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{stated}<request></request>'
        )
        return head.encode() + (body.encode() if isinstance(body, str) else body) + b"</OAI-PMH>"


def _damaged(record: bytes, damage: str) -> bytes:
    inserted = {"surrogate": b"&#55349;", "control": b"\x1a", "entity": b"&nbsp;"}.get(damage)
    if inserted:
        return record.replace(b"<metadata>", b"<metadata>" + inserted)
    if damage == "bytes":
        return record.replace(b"@graph", b"@gr\xffph")
    if damage == "no JSON":
        return record.replace(b'{"@graph"', b"Error: no")
    if damage == "open section":
        return record.replace(b"]]>", b"")
    return record.replace(b"</record>", b"") if damage == "no end" else record


def _handler(provider: Unruly) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            provider.asked.append(asked)
            send(self, provider.spoil(len(provider.asked), provider.answer(asked)))

        def date_time_string(self, timestamp: float | None = None) -> str:
            odd = {"2099": "Thu, 01 Jan 2099 00:00:00 GMT", "malformed": "nyss"}
            return odd.get(provider.date) or super().date_time_string(timestamp)

        def send_header(self, keyword: str, value: str) -> None:
            if keyword != "Date" or provider.date != "absent":
                super().send_header(keyword, value)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
