"""OAI-PMH as Libris speaks it since June 2026: pages of rows scanned, stateless tokens."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.standin.catalogue import Catalogue, Row

LISTS = ("ListRecords", "ListIdentifiers")
KNOWN = {
    "Identify": set(),
    "GetRecord": {"identifier", "metadataPrefix", "x-withDeletedData"},
    **dict.fromkeys(
        LISTS,
        {"from", "until", "set", "metadataPrefix", "x-withDeletedData", "x-withSilentUpdates"}
        | {"resumptionToken"},
    ),
}
FORMATS = ("jsonld", "jsonld_expanded", "jsonld_includehold", "rdfxml", "oai_dc", "ttl")
SETS = ("auth", "bib", "hold", "nb", "sao")


class Refused(Exception):
    def __init__(self, code: str, text: str = "") -> None:
        self.code, self.text = code, text


def java(when: datetime) -> str:
    """ZonedDateTime.toString(): no seconds if they are zero, fractions of 3 or 6 digits."""
    text = when.astimezone(UTC).replace(tzinfo=None).isoformat()
    text = text.removesuffix(":00") if text.count(":") == 2 else text
    return (text[:-3] if "." in text and text.endswith("000") else text) + "Z"


def answer(catalogue: Catalogue, asked: dict[str, str], base: str) -> str:
    verb = asked.get("verb", "")
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{java(catalogue.clock())}</responseDate>"
    )
    echoed = "".join(
        f" {name}={quoteattr(value)}" for name, value in asked.items() if ":" not in name
    )
    try:
        body = _body(
            catalogue, verb, {name: value for name, value in asked.items() if name != "verb"}
        )
    except Refused as no:
        echoed = "" if no.code in ("badVerb", "badArgument") else echoed
        body = f'<error code="{no.code}">{escape(no.text)}</error>'
    return f"{head}<request{echoed}>{base}</request>{body}</OAI-PMH>"


def _body(catalogue: Catalogue, verb: str, asked: dict[str, str]) -> str:
    if verb not in KNOWN:
        raise Refused("badVerb", "OAI verb missing or unknown")
    unknown = asked.keys() - KNOWN[verb]
    if unknown:
        raise Refused("badArgument", f"Request contained unknown parameter(s): {unknown}")
    if verb == "Identify":
        return "<Identify><repositoryName>Libris XL</repositoryName></Identify>"
    if verb == "GetRecord":
        row = catalogue.get(asked["identifier"])
        if row is None:
            raise Refused("noRecordsMatch")
        return f"<GetRecord>{_record(catalogue, row, asked)}</GetRecord>"
    return _list(catalogue, verb, _unpacked(catalogue, asked))


def _unpacked(catalogue: Catalogue, asked: dict[str, str]) -> dict[str, str]:
    """The parameters that a token holds, or those of a first request with until frozen."""
    if "resumptionToken" in asked:
        try:
            text = asked["resumptionToken"]
            return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        except ValueError:
            said = "The resumptionToken is invalid or has expired."
            raise Refused("badResumptionToken", said) from None
    if asked.get("metadataPrefix") not in FORMATS:
        raise Refused(
            "cannotDisseminateFormat", f"Unsupported format: {asked.get('metadataPrefix')}"
        )
    set_spec = asked.get("set", "")
    if set_spec and set_spec.partition(":")[0] not in SETS:
        raise Refused("badArgument", f"Not a supported set spec: {set_spec}")
    for name in ("from", "until"):
        _time(asked.get(name, "2000-01-01"))
    until = asked.get("until", java(catalogue.clock()))
    return {
        **{"u": until, "p": asked["metadataPrefix"], "f": asked.get("from", "")},
        **{"s": set_spec, "c": asked.get("x-withSilentUpdates", "")},
        **{"d": asked.get("x-withDeletedData", "")},
    }


def _time(text: str) -> datetime:
    """What Java's ZonedDateTime.parse takes, or a date."""
    when = None
    with suppress(ValueError):
        when = datetime.fromisoformat(f"{text}T00:00:00Z" if len(text) == 10 else text)
    if when is None or when.tzinfo is None:
        raise Refused(
            "badArgument", "Allowed time formats are: YYYY-MM-DD and YYYY-MM-DDThh:mm:ssZ."
        )
    return when


def _list(catalogue: Catalogue, verb: str, page: dict[str, str]) -> str:
    silent = page["c"] == "true"
    rows = [row for row in catalogue.rows(silent) if _is_in_window(row, page, silent)]
    after = (page.get("am", ""), page.get("ai", ""))
    if after[0]:
        key = (datetime.fromisoformat(after[0]), after[1])
        rows = [row for row in rows if (row.moment(silent), row.identifier) > key]
    scanned = rows if catalogue.streaming else rows[: catalogue.page_size]
    listed = [row for row in scanned if row.is_in(page["s"])]
    is_last = catalogue.streaming or len(scanned) < catalogue.page_size
    if not listed and is_last and not after[0]:
        raise Refused("noRecordsMatch")
    asked = {"metadataPrefix": page["p"], "x-withDeletedData": page["d"]}
    write = _record if verb == "ListRecords" else _header_and_about
    text = "".join(write(catalogue, row, asked) for row in listed)
    return f"<{verb}>{text}{_token(page, scanned, is_last, silent)}</{verb}>"


def _is_in_window(row: Row, page: dict[str, str], silent: bool) -> bool:
    begin = _time(page["f"] or "1900-01-01")
    return begin <= row.moment(silent) <= _time(page["u"])


def _token(page: dict[str, str], scanned: list[Row], is_last: bool, silent: bool) -> str:
    if is_last:
        return "<resumptionToken/>" if page.get("am") else ""
    last = scanned[-1]
    after = {"am": last.moment(silent).isoformat(), "ai": last.identifier}
    text = base64.urlsafe_b64encode(json.dumps({**page, **after}).encode()).decode()
    return f"<resumptionToken>{text.rstrip('=')}</resumptionToken>"


def _header(row: Row) -> str:
    status = ' status="deleted"' if row.deleted else ""
    sets = "".join(f"<setSpec>{set_spec}</setSpec>" for set_spec in (row.collection, *row.sets))
    return (
        f"<header{status}><identifier>{escape(row.identifier)}</identifier>"
        f"<datestamp>{row.datestamp}</datestamp>{sets}</header>"
    )


_ABOUT = '<about><agent name="unknown"/></about>'


def _header_and_about(catalogue: Catalogue, row: Row, asked: dict[str, str]) -> str:
    return _header(row) + _ABOUT


def _record(catalogue: Catalogue, row: Row, asked: dict[str, str]) -> str:
    if row.deleted and asked.get("x-withDeletedData") != "true":
        return f"<record>{_header(row)}{_ABOUT}</record>"
    prefix = asked["metadataPrefix"]
    held = _holdings(catalogue, row) if "includehold" in prefix else ""
    metadata = f"<metadata>{_content(catalogue, row, prefix)}</metadata>"
    return f"<record>{_header(row)}{metadata}{held}{_ABOUT}</record>"


def _content(catalogue: Catalogue, row: Row, prefix: str) -> str:
    if row.content is not None:
        return row.content
    nodes = row.record["@graph"]
    if "expanded" in prefix:
        nodes = [*nodes, *_linked(catalogue, row)]
    return _cdata(json.dumps({"@graph": nodes}, ensure_ascii=False))


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _linked(catalogue: Catalogue, row: Row) -> list[dict[str, object]]:
    """The records that this one links to, each nested as a graph."""
    text = json.dumps(row.record)
    return [
        {"@graph": record["@graph"]}
        for name, record in catalogue.live().items()
        if name != row.identifier and f'"{record["@graph"][1]["@id"]}"' in text
    ]


def _holdings(catalogue: Catalogue, row: Row) -> str:
    main = row.record["@graph"][1]["@id"]
    held = [
        row
        for row in catalogue.rows(False)
        if row.collection == "hold" and row.record["@graph"][1].get("itemOf") == {"@id": main}
    ]
    listed = "".join(
        f'<holding sigel="S" id="{row.identifier}">{_cdata(json.dumps(row.record))}</holding>'
        for row in held
        if not row.deleted
    )
    return f"<about>{listed}</about>" if held else ""
