"""The smallest set of writes by which a graph comes to hold other statements.

Most changed records differ in a date and a line or two. The rest of their graphs, blank nodes
included, can stay as it is, but for one obstacle: an update can't name a blank node of the store
(SPARQL 1.1 Update, section 3.1.3, https://www.w3.org/TR/sparql11-update/). So a graph is written
anew if a statement with a blank node goes, or a new one has a blank node that stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from loader.transform.blank_node_names import name_by_content

Statement = str
"""An N-Triples statement without its final dot."""

_Triple = tuple[str, ...]
_DEEPEST = 500  # levels of blank nodes, or members of a list
_MOST = 5000  # statements of a graph that is compared; a larger one is written anew


@dataclass(frozen=True, slots=True)
class Change:
    """A graph's way from what it holds to what it is to hold.

    graph: IRI. removed, added: statements. anew: the graph is dropped, then filled with ``added``.
    """

    graph: str
    removed: Sequence[Statement]
    added: Sequence[Statement]
    anew: bool


def write_anew(graphs: Iterable[tuple[str, Sequence[Statement]]]) -> list[Change]:
    """Return the changes that write these graphs, whatever they hold now."""
    return [Change(name, (), statements, anew=True) for name, statements in graphs]


def find_difference(graph: str, before: Sequence[Statement], after: Sequence[Statement]) -> Change:
    """Return the change of a graph from one set of statements to another.

    Blank node labels in ``before`` and ``after`` need not agree; nodes are matched by what is
    said of them.
    """
    small = None
    if before and after and len(before) <= _MOST:
        small = _difference(before, after)
    if small is None:
        return Change(graph, before, after, anew=True)
    return Change(graph, *small, anew=False)


class Comparison(NamedTuple):
    """Quads that went from a graph, and that came. is_certain: whether no quad means no change.

    Where that isn't certain, nodes can't be told apart by what is said of them.
    """

    went: list[Statement]
    came: list[Statement]
    is_certain: bool


def list_changes(before: Sequence[Statement], after: Sequence[Statement]) -> Comparison:
    """Return the statements of a graph that went, and those that came.

    Blank nodes are matched by what is said of them, as in ``find_difference``. Where that can't be
    done, because a node is part of its own content, all statements with blank nodes go and come.
    """
    old, new = _Named.read(before), _Named.read(after)
    if old is None or new is None:
        ground = {line for line in {*before} & {*after} if not has_blank_node(line)}
        went = [line for line in before if line not in ground]
        return Comparison(went, [line for line in after if line not in ground], is_certain=False)
    held, holds = dict(old.statements()), dict(new.statements())
    went = [line for key, line in held.items() if key not in holds]
    came = [line for key, line in holds.items() if key not in held]
    # Nodes of which the same is said have the same name, and fall together.
    is_certain = bool(went or came) or len(held) == len(before) and len(holds) == len(after)
    return Comparison(went, came, is_certain)


def has_blank_node(statement: Statement) -> bool:
    """Tell whether a statement has a blank node, or a literal that looks like one."""
    return statement[0] == "_" or " _:" in statement


def _difference(
    before: Sequence[Statement], after: Sequence[Statement]
) -> tuple[list[Statement], list[Statement]] | None:
    """Return the statements to remove and to add; None if blank nodes forbid it."""
    old, new = _Named.read(before), _Named.read(after)
    if old is None or new is None:
        return None
    removed = [statement for statement in old.ground if statement not in new.ground]
    added = [statement for statement in new.ground if statement not in old.ground]
    arrived = {key: statement for key, statement in new.blank.items() if key not in old.blank}
    kept = old.nodes & new.nodes
    if not (old.blank.keys() <= new.blank.keys()) or any(kept.intersection(key) for key in arrived):
        return None
    return removed, [*added, *arrived.values()]


@dataclass(frozen=True, slots=True)
class _Named:
    """A graph whose blank nodes have names made of their content.

    ground: the statements without blank nodes. blank: the others, by their terms under those
    names. nodes: the names.
    """

    ground: dict[Statement, None]
    blank: dict[_Triple, Statement]
    nodes: frozenset[str]

    def statements(self) -> Iterator[tuple[Statement | _Triple, Statement]]:
        """Yield each statement under what tells it from others, and as it stands."""
        yield from ((statement, statement) for statement in self.ground)
        yield from self.blank.items()

    @classmethod
    def read(cls, statements: Iterable[Statement]) -> _Named | None:
        """Return None if a node is part of its own content, or content goes too deep."""
        ground: dict[Statement, None] = {}
        blank: list[Statement] = []
        for statement in statements:
            if has_blank_node(statement):
                blank.append(statement)
            else:
                ground[statement] = None
        triples = [tuple(statement.split(" ", 2)) for statement in blank]
        names = name_by_content(triples, _DEEPEST)
        if names is None:
            return None
        named = [tuple([names.get(term, term) for term in triple]) for triple in triples]
        return cls(ground, dict(zip(named, blank, strict=True)), frozenset(names.values()))
