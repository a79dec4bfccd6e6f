"""The least that must be written so that a graph holds other statements."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.store.contents.difference import find_difference, write_anew
from loader.store.contents.graph_contents import is_isomorphic
from loader.store.store import GraphStore

S, P, Q = "<http://example.org/s>", "<http://example.org/p>", "<http://example.org/q>"
NOTE = [f"{S} {P} _:n", f'_:n {Q} "en not"']
names = (f"http://example.org/g{number}" for number in count())

subjects = st.sampled_from([S, "_:a", "_:b", "_:c"])
objects = st.sampled_from([S, "_:a", "_:b", "_:c", '"x"', '"_:a _:b"'])
graphs = st.lists(
    st.builds("{} {} {}".format, subjects, st.sampled_from([P, Q]), objects), unique=True
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GraphStore:
    return GraphStore(tmp_path_factory.mktemp("difference") / "store")


@given(before=graphs, after=graphs)
def test_graph_holds_what_it_should_after_the_change(
    store: GraphStore, before: list[str], after: list[str]
) -> None:
    name = next(names)
    store.change(write_anew([(name, before)]))
    stored = store.graph(name)
    change = find_difference(name, stored, after)
    store.change([change])
    assert is_isomorphic(store.graph(name), after)
    assert is_isomorphic(stored, before)
    if not change.anew:
        assert len(change.added) - len(change.removed) == len(after) - len(before)


def test_statement_that_stays_is_not_written() -> None:
    change = find_difference("g", [*NOTE, f'{S} {Q} "1"'], [*NOTE, f'{S} {Q} "2"'])
    assert (change.removed, change.added, change.anew) == (
        [f'{S} {Q} "1"'],
        [f'{S} {Q} "2"'],
        False,
    )


def test_blank_nodes_are_the_same_under_other_labels() -> None:
    other = [line.replace("_:n", "_:m") for line in NOTE]
    change = find_difference("g", NOTE, other)
    assert (change.removed, change.added, change.anew) == ([], [], False)


def test_new_blank_node_leaves_the_others_alone() -> None:
    more = [f"{S} {P} _:m", f'_:m {Q} "en till"']
    change = find_difference("g", NOTE, [*NOTE, *more])
    assert (change.removed, change.added, change.anew) == ([], more, False)


def test_two_nodes_of_equal_content_stay_two() -> None:
    twice = [*NOTE, f"{S} {P} _:m", f'_:m {Q} "en not"']
    assert not find_difference("g", twice, [*twice, f'{S} {Q} "1"']).anew
    assert find_difference("g", twice, NOTE).anew
    assert find_difference("g", NOTE, twice).anew


@pytest.mark.parametrize(
    "after",
    [
        [f"{S} {P} _:n", f'_:n {Q} "en annan not"'],
        [*NOTE, f"{S} {Q} _:n"],
        [NOTE[0]],
        [],
    ],
    ids=["content of a node changes", "new link to a node", "node is emptied", "nothing is left"],
)
def test_graph_is_written_anew_where_a_blank_node_would_have_to_be_named(after: list[str]) -> None:
    change = find_difference("g", NOTE, after)
    assert change.anew
    assert (change.removed, change.added) == (NOTE, after)


def test_node_on_a_cycle_or_a_long_list_is_written_anew() -> None:
    cycle = [f"_:a {P} _:b", f"_:b {P} _:a"]
    assert find_difference("g", cycle, [*cycle, f'{S} {Q} "1"']).anew
    chain = [f"_:n{number} {P} _:n{number + 1}" for number in range(2000)]
    assert find_difference("g", chain, [*chain, f'{S} {Q} "1"']).anew
