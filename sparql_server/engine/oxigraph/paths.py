"""Property paths as the specification has them (SPARQL 1.1 Query, 9, 18.2.2, 18.4)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sparql_server.engine.oxigraph.normal_paths import (
    count_ways,
    has_alternatives,
    has_any,
    has_negated,
    is_nullable,
    make_sequence,
    normalize,
)
from sparql_server.engine.oxigraph.syntax.elements import (
    Block,
    Brackets,
    Element,
    Filter,
    Group,
    Part,
    Select,
    Token,
    Triple,
    Triples,
    Values,
)
from sparql_server.engine.oxigraph.syntax.path_forms import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Sequence,
    Step,
)
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables, find_parts
from sparql_server.sparql.namespaces import RDF

_TYPE = f"<{RDF}type>"
_MOST = 16  # ways of a sequence that are written out, instead of each step by itself


def _may_go_nowhere(triple: Triple) -> bool:
    """Tell whether a path of length zero may lead from or to a term that isn't in the data."""
    ends = _is_constant(triple.subject), _is_constant(triple.object)
    return any(ends) and is_nullable(triple.path)


def _is_constant(node: str) -> bool:
    return node[0] != "?" and not node.startswith("_:")


def _is_literal(node: str) -> bool:
    return node[0] in "\"'+-.0123456789" or node.lower() in ("true", "false")


def rewrite(select: Select, names: FreshVariables) -> bool:
    """Put alternatives, and paths that may have length zero, as unions; tell whether any is."""
    every = find_parts(select, Triples)
    if not any(map(_is_peculiar, every)):
        return False
    nodes = _Nodes(names, every)
    for group in find_parts(select, Group):
        group.elements = [
            new for element in group.elements for new in _rewrite_element(element, nodes)
        ]
    return True


class _Nodes:
    """The variables that stand for blank nodes of patterns that are put in other words.

    A blank node's label can stand in one basic graph pattern only (4.1.4): where that is more than
    one afterwards, it is a variable, which it is anyway but for being seen.
    """

    def __init__(self, names: FreshVariables, every: list[Triples]) -> None:
        self._names = names
        self._variables: dict[str, str] = {}
        touched = [triples for triples in every if _is_peculiar(triples)]
        while touched:
            labels = {
                node for part in touched for node in part.list_nodes() if node.startswith("_:")
            }
            new = labels - self._variables.keys()
            self._variables |= {label: names.new() for label in sorted(new)}
            touched = [triples for triples in every if new.intersection(triples.list_nodes())]

    def knows(self, triples: Triples) -> bool:
        """Tell whether a blank node of these is a variable now."""
        return not self._variables.keys().isdisjoint(triples.list_nodes())

    def name(self, triple: Triple) -> Triple:
        """Return a triple with variables for blank nodes."""
        subject, object_ = (
            self._variables.get(node, node) for node in (triple.subject, triple.object)
        )
        return Triple(subject, triple.path, object_)

    def new(self) -> str:
        """Return a variable that is nowhere else."""
        return self._names.new()


def _is_peculiar(triples: Triples) -> bool:
    return any(
        has_alternatives(triple.path)
        or _may_go_nowhere(triple)
        or has_any(triple.path)
        or has_negated(normalize(triple.path))
        for triple in triples.triples
    )


def _rewrite_element(element: Element, nodes: _Nodes) -> Iterator[Element]:
    if not isinstance(element, Triples) or not (_is_peculiar(element) or nodes.knows(element)):
        yield element
        return
    for triple in map(nodes.name, element.triples):
        yield from _rewrite_triple(triple, nodes)


def _rewrite_triple(triple: Triple, nodes: _Nodes) -> Iterator[Element]:
    path = normalize(triple.path)
    if _is_put_otherwise(path):
        assert isinstance(path, Sequence)
        yield from _rewrite_sequence(triple, path, nodes)
        return
    groups = []
    for way in path.paths if isinstance(path, Alternative) else (path,):
        this = Triple(triple.subject, way, triple.object)
        if isinstance(way, Sequence) and _is_put_otherwise(way):
            groups.append(Group(list(_rewrite_sequence(this, way, nodes))))
        else:
            groups += _rewrite_step(this, nodes)
    yield from groups[0].elements if len(groups) == 1 else (Block("UNION", groups),)


def _rewrite_sequence(triple: Triple, path: Sequence, nodes: _Nodes) -> Iterator[Element]:
    """Write out the ways of a sequence, or its steps where the ways are many."""
    if count_ways(path) <= _MOST and not has_negated(path):
        choices = (step.paths if isinstance(step, Alternative) else (step,) for step in path.paths)
        ways = Alternative(tuple(make_sequence(steps) for steps in product(*choices)))
        yield from _rewrite_triple(Triple(triple.subject, ways, triple.object), nodes)
        return
    ends = [triple.subject, *(nodes.new() for _ in path.paths[1:]), triple.object]
    for subject, step, object_ in zip(ends, path.paths, ends[1:], strict=False):
        yield from _rewrite_triple(Triple(subject, step, object_), nodes)


def _is_put_otherwise(path: Path) -> bool:
    return isinstance(path, Sequence) and (count_ways(path) > 1 or has_negated(path))


def _rewrite_step(triple: Triple, nodes: _Nodes) -> Iterator[Group]:
    if isinstance(triple.path, Inverse) and has_negated(triple.path):
        triple = Triple(triple.object, triple.path.path, triple.subject)
    if isinstance(triple.path, Negated):
        yield _rewrite_negated(triple, triple.path, nodes.new())
        return
    yield Group([make_triples(triple)])
    if _may_go_nowhere(triple):
        yield _write_length_zero(triple, nodes)


def _rewrite_negated(triple: Triple, path: Negated, predicate: str) -> Group:
    """Return a pattern of any predicate but these; it goes one way only."""
    ends = (triple.subject, triple.object)
    subject, object_ = reversed(ends) if path.inverse else ends
    found = Triple(subject, Step(predicate), object_)
    if path.is_any:
        return Group([make_triples(found)])
    others = [_TYPE if named == "a" else named for named in path.forward or path.inverse]
    test = Token("", f"{predicate} NOT IN ({', '.join(others)})")
    return Group([make_triples(found), Filter([Brackets([test])])])


def make_triples(triple: Triple) -> Triples:
    """Return a triple by itself."""
    return Triples(f"{triple.subject} {triple.path} {triple.object}", [triple])


def _write_length_zero(triple: Triple, nodes: _Nodes) -> Group:
    """Return what finds that a term outside the data is its own end.

    A literal can't be asked for as a subject.
    """
    known, other = triple.subject, triple.object
    if not _is_constant(known):
        known, other = other, known
    start = nodes.new() if _is_literal(known) else known
    path = Group([make_triples(Triple(start, triple.path, known))])
    if start != known:
        path.elements.append(Filter([Brackets([Token("", f"SAMETERM({start}, {known})")])]))
    absent: list[Part] = [Token("", "NOT EXISTS"), path]
    if not _is_constant(other):
        # No BIND: within EXISTS the variable may have a value already.
        return Group([Values([other], known, True), Filter(absent)])
    same = Token("", f"SAMETERM({known}, {other}) &&")
    return Group([Filter([Brackets([same, *absent])])])
