"""Results as tables: typed by what they hold, or with whole terms, and never with anything lost."""

from __future__ import annotations

import http.client
import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, isnan
from urllib.parse import urlencode

import numpy as np
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.columns.results import arrow_tables
from sparql_server.engine.columns.results.answering import Found, answer, prepare
from sparql_server.engine.columns.results.serialization import serialize
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.formats.arrow import column_types, oxigraph_tables, table_writer
from sparql_server.engine.formats.arrow.batches import Batch, Table
from sparql_server.engine.formats.solution_writer import write_solutions
from tests import nasty
from tests.documents import text
from tests.server.columns_comparison import Asked, of_store
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import ask, request

XSD = nasty.XSD
EVERY = "SELECT ?s ?p ?o { ?s ?p ?o }"
FORMS = ("arrow", "parquet")


def read(form: str, written: bytes) -> pa.Table:
    if form.startswith("arrow"):
        assert written.endswith(b"\xff\xff\xff\xff\0\0\0\0")
        return pa.ipc.open_stream(written).read_all()
    return pq.read_table(io.BytesIO(written))


def by_oxigraph(store: ox.Store, query: str, form: str) -> pa.Table:
    results = store.query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions | ox.QueryBoolean)
    out = io.BytesIO()
    write_solutions(results, form, out)
    return read(form, out.getvalue())


def by_columns(columns: Columns, query: str, names: list[str], form: str) -> pa.Table:
    found = answer(columns, prepare(query, {}), names)
    assert isinstance(found, Found)
    out = io.BytesIO()
    serialize(found, form, out)
    return read(form, out.getvalue())


def values(*written: str) -> pa.Table:
    """The table of one variable x with these values, UNDEF for none, out of Oxigraph."""
    rows = " ".join(f"({value})" for value in written)
    return by_oxigraph(ox.Store(), f"SELECT ?x {{ VALUES (?x) {{ {rows} }} }}", "arrow")


def literals(datatype: str, *written: str) -> pa.Table:
    """The table of one variable x with literals as they are written."""
    kind = ox.NamedNode(f"{XSD}{datatype}")
    column = oxigraph_tables.make_column([ox.Literal(text, datatype=kind) for text in written])
    out = io.BytesIO()
    table_writer.write(Table(["x"], [Batch(len(written), 1, [column])]), "arrow", out)
    return read("arrow", out.getvalue())


def term(whole: dict[str, str] | None) -> str:
    """A whole term as N-Triples has it."""
    match whole:
        case None:
            return ""
        case {"kind": "iri", "value": value}:
            return str(ox.NamedNode(value))
        case {"kind": "bnode", "value": value}:
            return str(ox.BlankNode(value))
        case {"value": value, "language": str(language)}:
            return str(ox.Literal(value, language=language))
        case {"value": value, "datatype": datatype}:
            return str(ox.Literal(value, datatype=ox.NamedNode(datatype)))
    raise AssertionError(whole)


def terms(table: pa.Table) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(term, row.values())) for row in table.to_pylist())


@pytest.fixture(scope="module")
def data() -> Asked:
    store = ox.Store()
    store.extend(nasty.QUADS)
    store.load(
        f'<urn:a> <urn:n> 1, 2, 3 . <urn:a> <urn:d> "2024-02-29"^^<{XSD}date> .'.encode(),
        ox.RdfFormat.TURTLE,
        to_graph=ox.NamedNode("urn:g"),
    )
    return of_store(store, {})


@pytest.mark.parametrize("form", FORMS)
def test_whole_terms_are_the_data_itself_out_of_columns_and_oxigraph(
    data: Asked, form: str
) -> None:
    expected = Counter(data.by_oxigraph(EVERY)[1])
    assert terms(by_oxigraph(data.store, EVERY, f"{form}+")) == expected
    assert terms(by_columns(data.columns, EVERY, ["s", "p", "o"], f"{form}+")) == expected


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "query",
    [
        EVERY,
        "SELECT ?o { ?s <urn:n> ?o } ORDER BY ?o",
        "SELECT ?o ?d { ?s <urn:d> ?o OPTIONAL { ?s <urn:none> ?d } }",
        "SELECT (COUNT(?s) AS ?o) ?d { ?s ?d ?o } GROUP BY ?d",
        "SELECT ?o { ?s <urn:none> ?o }",
    ],
)
def test_typed_columns_out_of_columns_are_those_of_oxigraph(
    data: Asked, form: str, query: str
) -> None:
    names, _ = data.by_oxigraph(query)
    expected = by_oxigraph(data.store, query, form)
    found = by_columns(data.columns, query, names, form)
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert sorted(map(repr, found.to_pylist())) == sorted(map(repr, expected.to_pylist()))


def test_mixed_column_is_text_with_datatypes_and_languages_beside(data: Asked) -> None:
    table = by_oxigraph(data.store, "SELECT ?o { ?s ?p ?o }", "arrow")
    assert table.column_names == ["o", "o__datatype", "o__language"]
    assert table.schema.field("o__datatype").metadata == {b"datatype_of": b"o"}

    def made(row: dict[str, str | None]) -> str:
        text = row["o"] or ""
        if row["o__datatype"] is None:
            kind = "bnode" if text.startswith("_:") else "iri"
            return term({"kind": kind, "value": text.removeprefix("_:")})
        parts = {"datatype": row["o__datatype"], "language": row["o__language"]}
        return term({"kind": "literal", "value": text, **parts})  # type: ignore[dict-item]

    expected = [row[0] for row in data.by_oxigraph("SELECT ?o { ?s ?p ?o }")[1]]
    assert Counter(map(made, table.to_pylist())) == Counter(expected)


@pytest.mark.parametrize(
    ("datatype", "written", "kind", "held"),
    [
        ("integer", ["1", "-2"], pa.int64(), [1, -2]),
        ("unsignedByte", ["1"], pa.int64(), [1]),
        ("integer", ["9223372036854775807"], pa.int64(), [2**63 - 1]),
        ("decimal", ["1.5", "-0.25"], pa.decimal128(38, 2), [Decimal("1.50"), Decimal("-0.25")]),
        ("decimal", ["0.123456789"], pa.decimal128(38, 12), [Decimal("0.123456789")]),
        ("double", ["1.5E3", "INF", "-INF"], pa.float64(), [1500.0, inf, -inf]),
        ("float", ["0.5"], pa.float32(), [0.5]),
        ("boolean", ["true", "false"], pa.bool_(), [True, False]),
        ("date", ["2024-02-29", "0001-01-01"], pa.date32(), [date(2024, 2, 29), date(1, 1, 1)]),
        ("gYear", ["1974"], pa.int64(), [1974]),
        ("dateTime", ["2024-02-29T12:00:00"], pa.timestamp("us"), [datetime(2024, 2, 29, 12)]),
        (
            "dateTime",
            ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.5+02:00", "9999-12-31T23:59:59Z"],
            pa.timestamp("us", "UTC"),
            [
                datetime(2024, 2, 29, 12, tzinfo=UTC),
                datetime(2024, 2, 29, 10, 0, 0, 500_000, tzinfo=UTC),
                datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
            ],
        ),
    ],
)
def test_column_of_a_datatype_has_its_type(
    datatype: str, written: list[str], kind: pa.DataType, held: list[object]
) -> None:
    table = literals(datatype, *written)
    assert table.schema.field("x").type == kind
    assert table.schema.field("x").metadata[b"datatype"] == f"{XSD}{datatype}".encode()
    assert table["x"].to_pylist() == held


def test_integers_beyond_64_bits_are_exact() -> None:
    table = values("1", f"{2**64}", f"-{10**37}")
    assert table.schema.field("x").type in (
        pa.decimal128(38, 0),
        pa.dictionary(pa.int32(), pa.string()),
    )
    assert [int(value) for value in table["x"].to_pylist()] == [1, 2**64, -(10**37)]


@pytest.mark.parametrize(
    ("datatype", "written"),
    [
        ("integer", ["1", "9" * 39]),
        ("integer", ["1", "x"]),
        ("integer", ["1\n"]),
        ("decimal", ["1.1", "9" * 40]),
        ("double", ["infinity"]),
        ("double", ["0x10"]),
        ("boolean", ["TRUE"]),
        ("date", ["2024-02-29", "-0044-03-15"]),
        ("date", ["2024-02-29", "10000-01-01"]),
        ("date", ["0000-01-01"]),
        ("date", ["2023-02-29"]),
        ("date", ["2024-02-29Z"]),
        ("dateTime", ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00"]),
        ("dateTime", ["2024-02-29T24:00:00Z"]),
        ("dateTime", ["2024-02-29T12:00:00.1234567Z"]),
        ("dateTime", ["-0044-03-15T12:00:00Z"]),
        ("dateTime", ["0001-01-01T00:00:00+14:00"]),
        ("dateTime", ["9999-12-31T23:59:59-14:00"]),
        ("gYear", ["1974", "1974Z"]),
        ("time", ["12:00:00"]),
    ],
)
def test_what_no_type_can_hold_stays_text(datatype: str, written: list[str]) -> None:
    table = literals(datatype, *written)
    field = table.schema.field("x")
    assert table.to_pydict() == {"x": written}
    assert field.type == pa.dictionary(pa.int32(), pa.string())
    assert field.metadata[b"datatype"] == f"{XSD}{datatype}".encode()


def test_not_a_number_is_no_gap() -> None:
    (number, gap) = literals("double", "NaN")["x"].to_pylist() + values("UNDEF")["x"].to_pylist()
    assert isnan(number)
    assert gap is None
    mixed = values('"NaN"^^<http://www.w3.org/2001/XMLSchema#double>', "UNDEF")["x"]
    assert mixed.null_count == 1


def test_unbound_cells_of_typed_columns_are_null() -> None:
    table = values("1", "UNDEF", "3")
    assert table.schema.field("x").type == pa.int64()
    assert table["x"].to_pylist() == [1, None, 3]


@pytest.mark.parametrize("form", ["arrow", "arrow+"])
def test_unbound_cells_are_null_to_polars(data: Asked, form: str) -> None:
    found = answer(data.columns, prepare("SELECT ?x { VALUES ?x { 1 UNDEF 'a' } }", {}), ["x"])
    assert isinstance(found, Found)
    out = io.BytesIO()
    serialize(found, form, out)
    values = polars.read_ipc_stream(io.BytesIO(out.getvalue()))["x"].to_list()
    texts = [value["value"] if isinstance(value, dict) else value for value in values]
    assert texts == ["1", None, "a"]


def test_language_is_said_by_the_field_or_beside() -> None:
    table = values("'a'@sv", "'b'@sv")
    assert table.schema.field("x").metadata[b"language"] == b"sv"
    assert table.column_names == ["x"]
    table = values("'a'@sv", "'b'@en", "UNDEF")
    assert table.to_pydict() == {"x": ["a", "b", None], "x__language": ["sv", "en", None]}
    table = values("'a'@sv", "'b'")
    assert table["x__language"].to_pylist() == ["sv", None]
    assert table["x__datatype"].to_pylist()[1] == f"{XSD}string"


@pytest.mark.parametrize("form", FORMS)
def test_text_of_different_terms_is_once_in_the_dictionary(form: str) -> None:
    query = "SELECT ?x { VALUES ?x { 'a' 'a'@sv 'a'@en <urn:a> 'urn:a' 1 '1' UNDEF } }"
    table = by_oxigraph(ox.Store(), query, form)
    assert table["x"].to_pylist() == ["a", "a", "a", "urn:a", "urn:a", "1", "1", None]
    assert table["x__language"].to_pylist()[:3] == [None, "sv", "en"]
    assert table.to_pandas()["x"].tolist()[:7] == table["x"].to_pylist()[:7]


def test_column_beside_another_takes_no_variables_name() -> None:
    query = "SELECT ?x ?x__datatype { VALUES (?x ?x__datatype) { (1 2) (true 3) } }"
    table = by_oxigraph(ox.Store(), query, "arrow")
    assert table.column_names == ["x", "x__datatype_", "x__datatype"]
    assert table["x__datatype"].to_pylist() == [2, 3]


@pytest.mark.parametrize("form", [*FORMS, "arrow+", "parquet+"])
def test_results_without_rows_or_columns_are_tables(form: str) -> None:
    empty = by_oxigraph(ox.Store(), "SELECT ?a ?b { ?a ?b ?c }", form)
    assert (empty.column_names, empty.num_rows) == (["a", "b"], 0)
    assert by_oxigraph(ox.Store(), "ASK {}", form).to_pylist() == [{"boolean": True}]
    bare = by_oxigraph(ox.Store(), "SELECT * { }", form)
    assert (bare.column_names, bare.num_rows) == ([], int(form.startswith("arrow")))


def test_parquet_without_columns_says_how_many_rows_there_are() -> None:
    results = ox.Store().query("SELECT * { VALUES () { () () } }")
    assert isinstance(results, ox.QuerySolutions)
    out = io.BytesIO()
    write_solutions(results, "parquet", out)
    assert pq.read_metadata(out).metadata[b"rows"] == b"2"


class Broken(Exception):
    """What ends an evaluation before its time."""


@pytest.mark.parametrize("form", [*FORMS, "arrow+", "parquet+"])
def test_table_that_is_cut_is_no_table(form: str) -> None:
    column = oxigraph_tables.make_column([ox.Literal(5)] * 10)

    def batches() -> Iterator[Batch]:
        yield from [Batch(10, 1, [column])] * 5
        raise Broken

    out = io.BytesIO()
    with pytest.raises(Broken):
        table_writer.write(Table(["x"], batches()), form, out, held=0)
    cut = out.getvalue()
    with pytest.raises((pa.ArrowInvalid, EOFError, OSError, AssertionError)):
        read(form, cut)


@pytest.mark.parametrize("form", FORMS)
def test_result_too_long_to_be_held_has_all_in_text(form: str) -> None:
    first, then = (
        oxigraph_tables.make_column([ox.Literal(5)]),
        oxigraph_tables.make_column([ox.BlankNode("b")]),
    )
    out = io.BytesIO()
    batches = [Batch(1, 100, [first])] * 3 + [Batch(1, 100, [then])]
    table_writer.write(Table(["x"], batches), form, out, held=150)
    table = read(form, out.getvalue())
    assert table["x"].to_pylist() == ["5", "5", "5", "_:b"]
    assert table["x__datatype"].to_pylist() == [f"{XSD}integer"] * 3 + [None]


def test_type_is_that_of_all_batches_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oxigraph_tables, "ROWS", 2)
    assert values("1", "2", "3", "4", "5").schema.field("x").type == pa.int64()
    late = values("1", "2", "3", "4", "<urn:x>")
    assert late["x"].to_pylist() == ["1", "2", "3", "4", "urn:x"]
    assert values("1", "UNDEF", "UNDEF", "UNDEF", "UNDEF")["x"].to_pylist()[0] == 1
    assert values("'a'@sv", "'b'@sv", "'c'@en")["x__language"].to_pylist() == ["sv", "sv", "en"]


MANY = 700


@pytest.fixture(scope="module")
def many() -> Asked:
    """A number, a text of its own, one of seven places and an instant for each of many things."""
    store = ox.Store()
    lines = "".join(
        f"<urn:t:{n}> <urn:n> {n} ; <urn:text> 'text {n}'@sv ; <urn:at> <urn:place:{n % 7}> ;"
        f' <urn:when> "2024-02-29T12:00:00.{n:06}+01:00"^^<{XSD}dateTime> .\n'
        for n in range(MANY)
    )
    store.load(lines.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:g"))
    return of_store(store, {})


@pytest.fixture
def short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (arrow_tables, oxigraph_tables, column_types):
        monkeypatch.setattr(module, "ROWS", 400)


OF_MANY = """SELECT ?thing ?n ?text ?place ?when ?either {
    ?thing <urn:n> ?n ; <urn:text> ?text ; <urn:at> ?place ; <urn:when> ?when
    BIND(IF(?n < 500, ?thing, ?n) AS ?either) }"""


@pytest.mark.usefixtures("short_batches")
def test_long_result_has_dictionaries_only_where_texts_repeat(many: Asked) -> None:
    names = ["thing", "n", "text", "place", "when", "either"]
    table = by_columns(many.columns, OF_MANY, names, "arrow")
    kinds = [str(table.schema.field(name).type).partition("<")[0] for name in names]
    assert kinds == [
        "string",
        "int64",
        "string",
        "dictionary",
        "timestamp[us, tz=UTC]",
        "string",
    ]
    expected = by_oxigraph(many.store, OF_MANY, "arrow")
    assert table.schema.equals(expected.schema, check_metadata=True)
    assert table.sort_by("n").to_pylist() == expected.sort_by("n").to_pylist()


@pytest.mark.usefixtures("short_batches")
def test_batches_share_their_dictionary(many: Asked) -> None:
    found = answer(many.columns, prepare("SELECT ?p { ?t <urn:at> ?p }", {}), ["p"])
    assert isinstance(found, Found)
    out = io.BytesIO()
    serialize(found, "arrow", out)
    stream = pa.ipc.open_stream(out.getvalue())
    assert [batch.num_rows for batch in stream] == [400, 300]
    assert stream.stats.num_dictionary_batches == 1


@pytest.mark.parametrize("short", [0, 1 << 31])
def test_texts_of_terms_are_those_of_the_release_and_of_the_query(
    data: Asked, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow_tables, "_SHORT", short)
    query = "SELECT ?o { { ?s ?p ?o } UNION { BIND('made here'@sv AS ?o) } UNION { } }"
    written = by_columns(data.columns, query, ["o"], "arrow+")
    assert terms(written) == terms(by_oxigraph(data.store, query, "arrow+"))
    column = arrow_tables.make_column(
        QueryTerms(data.columns.terms), np.array([3, -1, 0], np.int32)
    )
    of_each = [data.columns.terms.value(number) for number in (3, 0)]
    blank = "_:" if data.columns.terms.bounds[1] > 0 else ""
    assert column.terms.take_texts(column.places).to_pylist() == [
        f"{'_:' if data.columns.terms.bounds[1] > 3 else ''}{of_each[0]}",
        None,
        f"{blank}{of_each[1]}",
    ]


LEXICAL = st.one_of(
    st.from_regex(r"[+-]?[0-9]{1,40}(\.[0-9]{0,20})?", fullmatch=True),
    st.from_regex(
        r"-?[0-9]{4,5}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:00:00(Z|\+1[0-9]:00)?)?", fullmatch=True
    ),
    st.text(max_size=4),
)
NAMED = st.sampled_from(["integer", "decimal", "double", "float", "boolean", "date", "dateTime"])


@given(st.lists(st.tuples(LEXICAL, NAMED), min_size=1, max_size=4))
def test_no_literal_is_lost_or_changed(pairs: list[tuple[str, str]]) -> None:
    terms = [ox.Literal(text, datatype=ox.NamedNode(f"{XSD}{name}")) for text, name in pairs]
    out = io.BytesIO()
    column = oxigraph_tables.make_column(terms)
    table_writer.write(Table(["x"], [Batch(len(terms), 1, [column])]), "arrow", out)
    table = read("arrow", out.getvalue())
    if pa.types.is_dictionary(table.schema.field("x").type):
        assert table["x"].to_pylist() == [term.value for term in terms]
        return
    for literal, value in zip(terms, table["x"].to_pylist(), strict=True):
        name = literal.datatype.value.removeprefix(XSD)
        if name in ("integer", "decimal"):
            assert Decimal(literal.value) == value
        elif name == "boolean":
            assert (literal.value in ("true", "1")) == value
        elif name == "date":
            assert date.fromisoformat(literal.value) == value
        elif name == "dateTime":
            assert datetime.fromisoformat(literal.value) == value
        elif name == "double":
            assert float(literal.value) == value


KBV = "https://id.kb.se/vocab/"
INSTANCE = f"""
<urn:i> <{nasty.RDF}type> <{KBV}Instance> <urn:r> .
<urn:i> <{KBV}hasTitle> _:title <urn:r> .
_:title <{KBV}mainTitle> "Osynliga" <urn:r> .
<urn:r> <{KBV}mainEntity> <urn:i> <urn:r> .
<urn:r> <{KBV}modified> "2024-02-29T12:00:00Z"^^<{XSD}dateTime> <urn:r> .
"""
TEN = " ".join(map(str, range(10)))
LARGE = f"""SELECT (SHA512(CONCAT(STR(?s), STR(?a))) AS ?r)
    {{ ?s <urn:is> ?o VALUES ?a {{ {TEN} }} }}"""
TYPES = {
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tables")
    publish(folder, 1, INSTANCE)
    running = start(folder, "--workers", "1", "--result-bytes", "1200K")
    yield running
    assert stop(running) == 0


@pytest.mark.parametrize("form", FORMS)
def test_table_is_had_by_accept_or_format_and_kept(serving: Server, form: str) -> None:
    query = "SELECT ?s ?o { ?s <urn:is> ?o } ORDER BY ?s LIMIT 2000"
    for accept, more in (
        (TYPES[form], {}),
        (None, {"format": form}),
        (None, {"format": TYPES[form]}),
    ):
        reply = ask(serving, query, accept, **more)
        assert (reply.status, reply.headers["content-type"]) == (200, TYPES[form])
        assert read(form, reply.body).num_rows == 2000
    pairs = urlencode({"query": query})
    again = request(
        serving, "GET", f"/sparql?{pairs}", Accept=TYPES[form], If_None_Match=reply.headers["etag"]
    )
    assert (again.status, again.body) == (304, b"")
    other = ask(serving, query, format=form, terms="full")
    assert other.headers["etag"] != reply.headers["etag"]
    assert read(form, other.body).schema.field("o").metadata == {b"kind": b"term"}
    assert ask(serving, query, terms="half").status == 400
    assert ask(serving, "ASK {}", TYPES[form]).status == 200
    assert ask(serving, "CONSTRUCT WHERE { ?s ?p ?o }", TYPES[form]).status == 406


def test_parquet_has_no_content_coding(serving: Server) -> None:
    pairs = urlencode({"query": "SELECT ?s { ?s <urn:is> ?o } LIMIT 2000"})
    for form, coding in (("arrow", "gzip"), ("parquet", None)):
        headers = {"Accept": TYPES[form], "Accept_Encoding": "gzip"}
        for _ in range(2):
            reply = request(serving, "GET", f"/sparql?{pairs}", **headers)
            assert reply.headers.get("content-encoding") == coding


@pytest.mark.parametrize("form", FORMS)
def test_table_that_is_too_large_is_refused_or_seen_to_be_cut(serving: Server, form: str) -> None:
    pairs = urlencode({"query": LARGE, "format": form})
    try:
        reply = request(serving, "GET", f"/sparql?{pairs}")
    except http.client.IncompleteRead as error:
        part = error.partial
    else:
        assert reply.status == 422
        return
    with pytest.raises((pa.ArrowInvalid, AssertionError)):
        read(form, part)


def test_saved_query_is_had_as_a_table(serving: Server) -> None:
    for form, more in (("arrow", ""), ("parquet", "?terms=full")):
        reply = request(serving, "GET", f"/queries/books-by-language.{form}{more}")
        assert reply.status == 200
        assert "instances" in read(form, reply.body).column_names


def test_examples_of_the_manual_read_tables(serving: Server) -> None:
    blocks = re.findall(r"^```python ?(\w*)\n(.*?)^```", text("docs/data-frames.md"), re.M | re.S)
    assert [library for library, _ in blocks] == ["", "pyarrow", "pandas", "polars"]
    known: dict[str, object] = {}
    for library, block in blocks:
        exec(block.replace("http://127.0.0.1:8080", serving.address), known)
        assert library in ("", "pyarrow") or len(known["by_year"]) == 1  # type: ignore[arg-type]
    assert isinstance(table := known["table"], pa.Table)
    assert table["title"].to_pylist() == ["Osynliga"]
    assert table["modified"].to_pylist() == [datetime(2024, 2, 29, 12, tzinfo=UTC)]


def test_nothing_is_imported_for_tables_before_one_is_asked_for() -> None:
    program = (
        "import sys; from sparql_server.engine.local import nursery, columns_first;"
        "columns_first.get_ready(); sys.exit('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


@pytest.mark.parametrize("form", FORMS)
def test_journal_has_the_rows_of_a_table(serving: Server, form: str) -> None:
    def count() -> float:
        figures = request(serving, "GET", "/metrics").body.decode()
        found = re.search(r"^libris_result_rows_total (\S+)$", figures, re.M)
        assert found
        return float(found[1])

    before = count()
    query = f"SELECT ?s ?o {{ ?s <urn:is> ?o }} LIMIT 123 # {form}"
    pairs = urlencode({"query": query, "format": form})
    assert read(form, request(serving, "GET", f"/sparql?{pairs}").body).num_rows == 123
    assert count() - before == 123
