"""Names for blank nodes by what is said of them, in time that grows with the number of statements.

The standard algorithm (RDFC-1.0, https://www.w3.org/TR/rdf-canon/) names the nodes of any graph,
but compares many nodes that look alike at first one by one: a list of a thousand equal values
takes it minutes, and some graphs of twenty nodes take it for ever (its section 7.1).
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Quad,
)

Triple = tuple[str, ...]
"""Subject, predicate and object as N-Triples writes them."""

_ALIKE = 150  # nodes that look alike at first, in which the standard algorithm is still fast
_NEIGHBOURS = 5  # of such a node, which it tries in every order
_ROUNDS = 12  # of giving nodes on cycles names by the names around them


def _is_blank(term: str) -> bool:
    return term.startswith("_:")


def is_hard(triples: Sequence[Triple]) -> bool:
    """Tell whether the standard algorithm may take long for a graph."""
    looks = _describe_first(triples)
    alike = Counter(looks.values())
    if len(alike) == len(looks):
        return False
    if max(alike.values()) > _ALIKE:
        return True
    around: Counter[tuple[str, str, bool, str]] = Counter()
    for s, p, o in triples:
        if s in looks and o in looks and alike[looks[s]] > 1 and alike[looks[o]] > 1:
            around[s, p, True, looks[o]] += 1
            around[o, p, False, looks[s]] += 1
    return max(around.values(), default=0) > _NEIGHBOURS


def _describe_first(triples: Sequence[Triple]) -> dict[str, str]:
    """Return what is said of each blank node with all others left out."""
    said: dict[str, list[str]] = defaultdict(list)
    for s, p, o in triples:
        if _is_blank(s):
            said[s].append(f"{p} {'_' if _is_blank(o) else o}")
        if _is_blank(o):
            said[o].append(f"{'_' if _is_blank(s) else s} {p}")
    return {node: _compute_digest(sorted(lines)) for node, lines in said.items()}


def make_labels(triples: Sequence[Triple]) -> dict[str, str]:
    """Return a label for each blank node of a hard graph.

    Equal for equal graphs if no blank node is below itself; most often if some are.
    """
    names = name_by_content(triples)
    if names is None:
        names = _number_nodes(_refine(triples))
    return {node: f"_:b{_compute_digest([name])[:32]}" for node, name in names.items()}


def _number_nodes(names: Mapping[str, str]) -> dict[str, str]:
    met: Counter[str] = Counter()
    numbered = {}
    for node, name in names.items():
        met[name] += 1
        numbered[node] = f"{name} {met[name]}"
    return numbered


def describe_looks(triples: Sequence[Triple]) -> dict[str, str]:
    """Return a name for each blank node of a hard graph, made of all that surrounds it.

    Nodes have the same name that look alike from wherever they are seen, as those of a ring do.
    """
    names = _list_contents(triples)
    if names is None:
        return _refine(triples)
    _tell_apart(names, triples, numbered=False)
    return names


def name_by_content(triples: Sequence[Triple], deepest: int = sys.maxsize) -> dict[str, str] | None:
    """Return each blank node's name, no two the same; None if a node is below itself.

    deepest: None too if nodes are nested deeper.
    """
    names = _list_contents(triples, deepest)
    if names is not None:
        _tell_apart(names, triples, numbered=True)
    return names


def _list_contents(triples: Sequence[Triple], deepest: int = sys.maxsize) -> dict[str, str] | None:
    """Return for each blank node what is said of it, after those below it; None as above."""
    below: dict[str, list[Triple]] = {}
    for triple in triples:
        for term in (triple[0], triple[2]):
            if _is_blank(term):
                below.setdefault(term, [])
        if triple[0] in below:
            below[triple[0]].append(triple)
    names: dict[str, str] = {}
    for node in below:  # in this order, so that nodes which are alike are named as what holds them
        if node not in names and not _name(node, below, names, deepest):
            return None
    return names


def _name(
    start: str, below: Mapping[str, Sequence[Triple]], names: dict[str, str], deepest: int
) -> bool:
    """Give a blank node, and those below it, names; tell whether none is below itself or too deep.

    Not by recursion: lists are long.
    """
    waiting = [start]
    entered: set[str] = set()  # the nodes from the start to where this has come
    while waiting:
        node = waiting[-1]
        if node in names:  # it had been met twice
            waiting.pop()
            continue
        inner = [o for _, _, o in below[node] if o in below and o not in names]
        if not inner:
            said = sorted([f"{p} {names.get(o, o)}" for _, p, o in below[node]])
            names[node] = f"_:{_compute_digest(said)}"
            entered.discard(node)
        elif node in entered or len(entered) >= deepest:
            return False
        else:
            entered.add(node)
            waiting += inner
    return True


def _tell_apart(names: dict[str, str], triples: Sequence[Triple], *, numbered: bool) -> None:
    """Lengthen the names of nodes with equal content: by what points to them, and a number.

    names: each node after those below it. What points to a node is named before it, so that the
    nodes below two equal ones are not mixed. Of those that are still equal any may have any number.
    """
    contents = Counter(names.values())
    above = defaultdict(list)
    for subject, predicate, object_ in triples:
        if object_ in names and contents[names[object_]] > 1:
            above[object_].append((subject, predicate))
    met: Counter[str] = Counter()
    for node in reversed(names):
        if contents[names[node]] > 1:
            pointing = sorted(f"{names.get(s, s)} {p}" for s, p in above[node])
            longer = _compute_digest([names[node], *pointing])
            met[longer] += 1
            names[node] = f"_:{longer} {met[longer]}" if numbered else f"_:{longer}"


def _refine(triples: Sequence[Triple]) -> dict[str, str]:
    """Return names made, over and over, of the names around."""
    names = _describe_first(triples)
    for _ in range(_ROUNDS):
        said: dict[str, list[str]] = defaultdict(list)
        for s, p, o in triples:
            if s in names:
                said[s].append(f"{p} {names.get(o, o)}")
            if o in names:
                said[o].append(f"{names.get(s, s)} {p}")
        refined = {
            node: _compute_digest([names[node], *sorted(lines)]) for node, lines in said.items()
        }
        if len(set(refined.values())) == len(set(names.values())):
            break
        names = refined
    return names


def _compute_digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def label_alike(quads: Sequence[Quad]) -> set[tuple[str, ...]]:
    """Return the triples of a graph with labels that depend on its content alone."""
    triples = [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads]
    blank = [triple for triple in triples if triple[0][0] == "_" or triple[2][0] == "_"]
    if is_hard(blank):
        names = make_labels(blank)
        return {(names.get(s, s), p, names.get(o, o)) for s, p, o in triples}
    if not blank:
        return set(triples)
    dataset = Dataset(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in dataset}
