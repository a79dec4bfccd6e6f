"""Charts and tables, from rows to what is drawn."""

from __future__ import annotations

import pytest

from sparql_server.catalogue.saved_query import Chart
from sparql_server.saved.chart import MOST_SERIES, make_chart_data
from sparql_server.saved.drawing import choose_ticks, draw
from sparql_server.saved.table import Row, Term, find_label_columns, make_table

XSD = "http://www.w3.org/2001/XMLSchema#"


def text(value: str) -> Term:
    return {"type": "literal", "value": value, "datatype": f"{XSD}string"}


def count(value: int) -> Term:
    return {"type": "literal", "value": str(value), "datatype": f"{XSD}integer"}


def iri(value: str) -> Term:
    return {"type": "iri", "value": value}


def counted(*pairs: tuple[str, int]) -> list[Row]:
    return [(text(slot), count(number)) for slot, number in pairs]


@pytest.mark.parametrize(
    ("there", "slots"),
    [
        (["1940", "1970"], ("1940", "1950", "1960", "1970")),
        (["1998", "2001"], ("1998", "1999", "2000", "2001")),
        (["2019-11", "2020-02"], ("2019-11", "2019-12", "2020-01", "2020-02")),
        (["1998"], ("1998",)),
    ],
)
def test_time_has_no_gaps(there: list[str], slots: tuple[str, ...]) -> None:
    rows = counted(*((value, 1) for value in there))
    found = make_chart_data(Chart("year", "n"), ["year", "n"], rows)
    assert found is not None
    assert (found.slots, found.ongoing, found.left_out) == (slots, True, 0)


def test_odd_years_are_counted_as_left_out() -> None:
    rows = counted(*((str(year), 1) for year in range(1990, 1999)), ("19uu", 5))
    found = make_chart_data(Chart("year", "n"), ["year", "n"], rows)
    assert found is not None
    assert (found.ongoing, found.left_out) == (True, 1)
    assert "19uu" not in found.slots


def test_categories_come_with_the_largest_first() -> None:
    found = make_chart_data(Chart("place", "n"), ["place", "n"], counted(("Umeå", 2), ("Lund", 5)))
    assert found is not None
    assert (found.slots, found.ongoing) == (("Lund", "Umeå"), False)
    drawing = draw(found, "lines")
    assert [bar.says for bar in drawing.bars] == ["Lund: 5", "Umeå: 2"]
    assert drawing.bars[0].width / drawing.bars[1].width == pytest.approx(5 / 2)


def test_two_things_of_one_name_are_two_categories() -> None:
    rows: list[Row] = [
        (iri("http://example.org/1"), text("Jan"), count(1)),
        (iri("http://example.org/2"), text("Jan"), count(2)),
        (iri("http://example.org/3"), text("Eva"), count(3)),
    ]
    found = make_chart_data(Chart("name", "n"), ["agent", "name", "n"], rows)
    assert found is not None
    assert found.slots == ("Eva", "Jan (http://example.org/2)", "Jan (http://example.org/1)")


def test_many_small_series_are_one_whose_sum_is_theirs() -> None:
    rows = [(text("1990"), text(f"s{n}"), count(n)) for n in range(1, 20)]
    found = make_chart_data(Chart("year", "n", "s"), ["year", "s", "n"], rows)
    assert found is not None
    assert len(found.series) == MOST_SERIES + 1
    assert found.series[0].name == "s19"
    assert found.series[-1].others
    assert sum(sum(entry.values.values()) for entry in found.series) == sum(range(1, 20))
    assert draw(found, "bars", "övriga").bars[-1].says == "1990, övriga: 78"


def test_bars_are_as_high_as_they_count() -> None:
    found = make_chart_data(Chart("year", "n"), ["year", "n"], counted(("1990", 2), ("1992", 4)))
    assert found is not None
    bars = draw(found, "bars").bars
    assert bars[1].height / bars[0].height == pytest.approx(2)
    line = draw(found, "lines").lines[0]
    low, zero, high = (y for _, y, _ in line.points)
    assert zero - high == pytest.approx(2 * (zero - low))


@pytest.mark.parametrize("rows", [[], [(text("1990"), text("many"))], [(None, count(1))]])
def test_nothing_to_count_is_no_chart(rows: list[Row]) -> None:
    assert make_chart_data(Chart("year", "n"), ["year", "n"], rows) is None


def test_ticks_are_whole_and_reach_the_most() -> None:
    for most in (0, 0.4, 1, 3, 9, 99, 101, 12345):
        found = choose_ticks(most)
        assert found[-1] >= most
        assert all(tick == int(tick) for tick in found)
        assert len(found) <= 6


@pytest.mark.parametrize(
    ("variables", "labels"),
    [
        (["agent", "name"], {"agent": "name"}),
        (["agent", "n", "name"], {}),
        (["agent", "n", "agentName"], {"agent": "agentName"}),
    ],
)
def test_label_stands_beside_what_it_names(variables: list[str], labels: dict[str, str]) -> None:
    terms = {"agent": iri("http://example.org/1"), "n": count(1)}
    row = [terms.get(name, text("Eva")) for name in variables]
    assert find_label_columns(variables, [row]) == labels


def test_thing_without_label_shows_its_iri() -> None:
    rows: list[Row] = [
        (iri("https://id.kb.se/language/swe"), text("Svenska"), count(2)),
        (iri("https://id.kb.se/language/fin"), None, count(1)),
        (None, None, None),
    ]
    found = make_table(["language", "name", "n"], rows)
    assert [(column.name, column.label, column.numeric) for column in found.columns] == [
        ("language", "name", False),
        ("n", None, True),
    ]
    assert [row[0].text for row in found.rows] == ["Svenska", "lge:fin", ""]
    assert [row[0].aside for row in found.rows] == ["lge:swe", "", ""]
    assert found.rows[1][0].href == "https://id.kb.se/language/fin"
