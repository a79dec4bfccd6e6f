"""Pages of ListRecords: the short way of reading them gives what an XML parser gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import ProviderError
from loader.provider.oai.fast_page import take_out_records
from loader.provider.oai.page import Page, read_page, read_token

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    '<responseDate>2026-06-16T10:00Z</responseDate><request verb="ListRecords">x</request>'
    "<ListRecords>"
)
TAIL = "<resumptionToken>abc</resumptionToken></ListRecords></OAI-PMH>"
RECORD = (
    "<record><header><identifier>https://libris.kb.se/{0}</identifier>"
    "<datestamp>2019-12-20T13:19:18.439+01:00</datestamp><setSpec>bib</setSpec>"
    '<setSpec>bib:S</setSpec></header><metadata><![CDATA[{{"a":"å {0}"}}]]></metadata>'
    '<about><itemOf id="https://libris.kb.se/x#it"/>'
    '<agent name="https://libris.kb.se/library/Z"/></about></record>'
)
DELETED = (
    '<record><header status="deleted"><identifier>https://libris.kb.se/d</identifier>'
    "<datestamp>2019-12-20T13:19:18+01:00</datestamp><setSpec>bib</setSpec></header>"
    '<about><agent name="unknown"/></about></record>'
)
PAGE = f"{HEAD}{RECORD.format('a')}{DELETED}{RECORD.format('b')}{TAIL}"


def outcome(body: bytes) -> Page | str:
    try:
        return read_page(body, "ListRecords")
    except ProviderError:
        return "refused"


def parsed_as_a_whole(body: bytes) -> Page | str:
    """What comes of it when a comment behind its end makes it go the long way."""
    assert take_out_records(body + b"<!---->") is None
    return outcome(body + b"<!---->")


def test_page_as_libris_writes_it_goes_the_short_way() -> None:
    taken = take_out_records(PAGE.encode())
    assert taken is not None
    assert taken[0].decode() == HEAD + TAIL
    assert outcome(PAGE.encode()) == parsed_as_a_whole(PAGE.encode())
    assert [item.deleted for item in taken[1]] == [False, True, False]
    assert taken[1][0].sets == ("bib", "bib:S")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("å", "\x01"),  # no character of XML's
        ("å", "\uffff"),
        ("å", "\r\n"),
        ("å", "]]>"),
        ("å", "]]]]><![CDATA[>"),
        ("<ListRecords>", "<ListRecords><!-- <record> -->"),
        ("<ListRecords>", "<!-- <ListRecords>"),
        ("<ListRecords>", "<ListRecords><ListRecords>"),
        ("<setSpec>bib</setSpec>", "<setSpec>a&amp;b</setSpec>"),
        ("<setSpec>bib</setSpec>", "<setSpec>a&b</setSpec>"),
        ("<identifier>https://libris.kb.se/b</identifier>", "<identifier/>"),
        ('name="unknown"', 'name="unknown" name="x"'),
        ('name="unknown"', 'name="<"'),
        ("<metadata>", "<metadata> "),
        ("</record><record>", "</record> <record>"),
        (' status="deleted"', ""),
        ('encoding="UTF-8"', 'encoding="ISO-8859-1"'),
        ("http://www.openarchives.org/OAI/2.0/", "http://example.org/"),
        ("</ListRecords></OAI-PMH>", ""),
        ("</OAI-PMH>", ""),
    ],
)
def test_anything_else_is_read_as_a_parser_reads_it(old: str, new: str) -> None:
    assert old in PAGE
    body = PAGE.replace(old, new).encode()
    assert outcome(body) == parsed_as_a_whole(body)


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    assert outcome(PAGE.encode().replace("å".encode(), b"\xe5")) == "refused"


@pytest.mark.parametrize("shift", range(4))
def test_long_page_is_looked_through_to_its_end(shift: int) -> None:
    long = PAGE.replace("å", "x" * shift + "\N{OLD ITALIC LETTER A}" * 20_000)
    assert take_out_records(long.encode()) is not None
    assert outcome(long.encode()) == parsed_as_a_whole(long.encode())
    for wrong in (b"\xe5", b"\x01", "\uffff".encode(), b"\xf0\x90"):
        assert outcome(long.encode().replace(b"abc", wrong)) == "refused"
        for place in range(32_760, 32_772):
            assert outcome(long.encode()[:place] + wrong + long.encode()[place:]) == "refused"


@given(st.data())
def test_page_changed_anywhere_is_read_as_a_parser_reads_it(data: st.DataObject) -> None:
    body = PAGE.encode()
    begin = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(begin, min(len(body), begin + 30)))
    pieces = ["", "<", ">", "&", "]]>", "<![CDATA[", "<!--", "-->", "<?x?>", "<record>", "\r", "\0"]
    new = data.draw(st.one_of(st.sampled_from(pieces), st.text(max_size=3)))
    changed = body[:begin] + new.encode("utf-8", "surrogatepass") + body[end:]
    assert outcome(changed) == parsed_as_a_whole(changed)


@given(st.integers(0, len(PAGE.encode()) - 1))
def test_page_cut_anywhere_is_refused(length: int) -> None:
    assert outcome(PAGE.encode()[:length]) == "refused"


@pytest.mark.parametrize(
    "end",
    [
        TAIL,
        TAIL + "\n",
        '<resumptionToken cursor="0">abc</resumptionToken></ListRecords></OAI-PMH>',
        "<resumptionToken>a&amp;c</resumptionToken></ListRecords></OAI-PMH>",
        "<resumptionToken/></ListRecords></OAI-PMH>",
        "</ListRecords></OAI-PMH>",
        "<resumptionToken>abc</resumptionToken></ListRecords></OAI-PMH>  ",
        "<resumptionToken> abc </resumptionToken></ListRecords></OAI-PMH>",
    ],
)
def test_token_of_an_unread_page_is_that_of_the_page_or_not_seen(end: str) -> None:
    body = f"{HEAD}{RECORD.format('a')}{end}".encode()
    unread = read_token(body)
    assert unread is None or unread.token == read_page(body, "ListRecords").token
    assert unread is None or unread.body == body


def test_token_is_seen_without_reading_the_page() -> None:
    unread = read_token(PAGE.encode())
    assert unread is not None
    assert unread.token == "abc"


@pytest.mark.parametrize("cut", range(1, len(TAIL) + 3))
def test_cut_page_is_never_taken_for_one_that_others_follow(cut: int) -> None:
    assert read_token(PAGE.encode()[:-cut]) is None
