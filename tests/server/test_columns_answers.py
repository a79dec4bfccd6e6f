"""Columns answer as Oxigraph does, or leave it to Oxigraph: one query after the other."""

from __future__ import annotations

from itertools import product

import pytest

from sparql_server.engine.columns.algebra import Unsuited
from tests.server.columns_comparison import Asked, asked, difference

NS = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {"": NS, "xsd": XSD, "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}

# Links with a cycle, a self-loop, a diamond and one that two graphs have; then the rest.
LINKS = f"""
<{NS}a> <{NS}p> <{NS}b> <{NS}g> .
<{NS}a> <{NS}p> <{NS}b> <{NS}h> .
<{NS}b> <{NS}p> <{NS}c> <{NS}g> .
<{NS}c> <{NS}p> <{NS}a> .
<{NS}c> <{NS}p> <{NS}d> .
<{NS}d> <{NS}p> <{NS}d> <{NS}h> .
<{NS}e> <{NS}p> <{NS}f> .
<{NS}a> <{NS}q> <{NS}b> .
<{NS}a> <{NS}q> <{NS}c> <{NS}g> .
<{NS}b> <{NS}q> <{NS}d> .
<{NS}d> <{NS}q> <{NS}e> .
<{NS}b> <{NS}r> _:one .
_:one <{NS}r> _:two .
_:two <{NS}r> _:one .
_:one <{NS}n> "3"^^<{XSD}integer> .
<{NS}a> <{NS}n> "1"^^<{XSD}integer> <{NS}g> .
<{NS}a> <{NS}n> "1"^^<{XSD}integer> <{NS}h> .
<{NS}a> <{NS}n> "2"^^<{XSD}integer> .
<{NS}b> <{NS}n> "01"^^<{XSD}integer> .
<{NS}c> <{NS}n> "-7"^^<{XSD}integer> .
<{NS}d> <{NS}t> "" .
<{NS}a> <{NS}t> "a" .
<{NS}b> <{NS}t> "ab" .
<{NS}c> <{NS}t> "a\\u007F" .
<{NS}c> <{NS}t> "a\\u0080" .
<{NS}e> <{NS}t> "\\U0001F600\\U0010FFFF" .
<{NS}e> <{NS}t> "\\U0001F600\\U0010FFFFz" .
<{NS}f> <{NS}t> "\\uFFFD" .
<{NS}a> <{NS}l> "a"@en .
<{NS}b> <{NS}l> "ab"@en-GB .
<{NS}c> <{NS}l> "a" .
<{NS}d> <{NS}l> "a"@sv .
<{NS}p> <{NS}l> "predicate"@en .
<{NS}a> <{NS}kin> <{NS}p> .
<{NS}a> <{NS}when> "2020-01-01T00:00:00Z"^^<{XSD}dateTime> .
<{NS}b> <{NS}when> "2020-01-01T01:30:00+01:00"^^<{XSD}dateTime> .
<{NS}c> <{NS}when> "1999-12-31T23:59:59.999Z"^^<{XSD}dateTime> .
<{NS}a> <{NS}same> "2020-01-01T00:00:00Z"^^<{XSD}dateTime> .
<{NS}a> <{NS}same> "2020-01-01T01:00:00+01:00"^^<{XSD}dateTime> .
<{NS}a> <{NS}ill> "x"^^<{XSD}integer> .
<{NS}b> <{NS}ill> "5"^^<{XSD}integer> .
<{NS}c> <{NS}ill> "99999999999999999999"^^<{XSD}integer> .
<{NS}a> <{NS}mixed> "1"^^<{XSD}integer> .
<{NS}b> <{NS}mixed> "b" .
<{NS}c> <{NS}mixed> <{NS}c> .
"""

VALUES = (
    *('""', '"a"', '"b"', '"A"', '"1"', '"true"', '"\u00e5"', '"\U0001f600"', '"\U0010ffff"'),
    *('"a\u007f"', '"2020-01-01"', '" 1 "', '"http://example.org/a"', '"a \\"b\\" \\\\ \\n\\r\\t"'),
    *('"a"@en', '"a"@en-us', '"a"@sv', '"b"@en', '""@en', '"1"@en', '"\U0001f600"@en'),
    *(f'"{one}"^^<{XSD}integer>' for one in ("0", "1", "2", "-1", "9007199254740993", "x", "")),
    *(f'"{one}"^^<{XSD}decimal>' for one in ("1.0", "1.5", "0.1", "-0.0", "x")),
    *(f'"{one}"^^<{XSD}double>' for one in ("1", "1.5E0", "NaN", "INF", "-INF", "-0.0E0", "1E400")),
    *(f'"{one}"^^<{XSD}float>' for one in ("1", "0.1", "NaN")),
    *(f'"{one}"^^<{XSD}boolean>' for one in ("true", "false", "1", "0", "yes")),
    *(f'"{one}"^^<{XSD}dateTime>' for one in ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00")),
    *(f'"{one}"^^<{XSD}dateTime>' for one in ("2020-01-01T01:00:00+01:00", "0000-01-01T00:00:00Z")),
    *(f'"{one}"^^<{XSD}dateTime>' for one in ("2020-01-01T24:00:00Z", "2020-02-30T00:00:00Z", "x")),
    *(
        f'"{one}"^^<{XSD}dateTime>'
        for one in ("2020-01-01T00:00:00.0000001Z", "12020-01-01T00:00:00Z")
    ),
    *(f'"{one}"^^<{XSD}date>' for one in ("2020-01-01", "2020-01-01Z", "2020-01-02")),
    *(f'"{one}"^^<{XSD}gYear>' for one in ("2020", "2021")),
    *(f'"P1D"^^<{XSD}{one}>' for one in ("duration", "dayTimeDuration")),
    *(
        f'"12:00:00"^^<{XSD}time>',
        f'"1"^^<{XSD}int>',
        f'"1"^^<{XSD}byte>',
        f'"YQ=="^^<{XSD}base64Binary>',
    ),
    *('"a"^^<http://example.org/kind>', '"b"^^<http://example.org/kind>'),
    *("<http://example.org/a>", "<http://example.org/b>", "<urn:x>", "<http://example.org/å>"),
)
TERMS = "".join(f"<{NS}s{place}> <{NS}v> {one} .\n" for place, one in enumerate(VALUES))
NODES = f"""
<{NS}s1> <{NS}u> _:one .
<{NS}s2> <{NS}u> _:two .
<{NS}s3> <{NS}u> <{NS}a> .
<{NS}s4> <{NS}u> "a" .
<{NS}s5> <{NS}u> "1"^^<{XSD}integer> .
"""


@pytest.fixture(scope="module")
def links() -> Asked:
    return asked(LINKS, PREFIXES)


@pytest.fixture(scope="module")
def terms() -> Asked:
    return asked(TERMS + NODES, PREFIXES)


def check(data: Asked, query: str, keys: int = 0, base: str | None = None) -> None:
    """Both give the same solutions; and in the same order, as far as the last variables go."""
    names, expected = data.by_oxigraph(query, base)
    found = data.by_columns(query, names, base)
    assert not difference(expected, found)
    if keys:
        assert [one[-keys:] for one in found] == [one[-keys:] for one in expected]
