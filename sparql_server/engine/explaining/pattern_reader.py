"""Reads a query's pattern to what explanations look at. Terms that can't be read match anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import pyoxigraph as ox

from sparql_server.engine.explaining.pattern_parts import (
    Computed,
    Condition,
    Match,
    Nested,
    Part,
    Pattern,
    Place,
    Rows,
    Walk,
)
from sparql_server.engine.explaining.release_data import Node
from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Element,
    Expression,
    Filter,
    Group,
    Query,
    Select,
    Token,
    Triple,
    Triples,
    Values,
    write_expression,
)
from sparql_server.engine.oxigraph.syntax.path_forms import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
    Step,
)
from sparql_server.engine.prefixes import predefined
from sparql_server.sparql.namespaces import RDF

_MOST = 60  # triple patterns that are looked at
_ROWS = 200  # rows of VALUES that are
_EMPTY = ox.Store()
_STRING = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)


class Reader:
    """Reads the parts of a query."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._terms: dict[str, Place] = {}
        self._nameless = 0
        self._patterns = 0

    def parts(self) -> tuple[Part, ...]:
        """Return the parts of the query's pattern, with the VALUES at its end."""
        select = self._query.select
        values = (self._values(select.values),) if select.values else ()
        return (*self._group(select.where), *values)

    def term(self, text: str) -> Place:
        """Return what is written in a place of a pattern."""
        if text not in self._terms:
            self._terms[text] = self._read(text)
        return self._terms[text]

    def _group(self, group: Group) -> tuple[Part, ...]:
        return tuple(part for element in group.elements for part in self._element(element))

    def _element(self, element: Element) -> Iterator[Part]:
        if isinstance(element, Triples):
            yield from map(self._triple, element.triples)
        elif isinstance(element, Block):
            yield self._block(element)
        elif isinstance(element, Group):
            yield Nested(tidy(str(element)), "", (self._group(element),))
        elif isinstance(element, Select):
            yield self._subquery(element)
        elif isinstance(element, Filter):
            yield self._filter(element.expression)
        elif isinstance(element, Values):
            yield self._values(element)
        else:
            yield self._bind(element)

    def _block(self, block: Block) -> Nested:
        groups = tuple(map(self._group, block.groups))
        graph = self.term(block.target) if block.word == "GRAPH" else None
        return Nested(tidy(str(block)), block.word, groups, graph)

    def _subquery(self, select: Select) -> Nested:
        values = (self._values(select.values),) if select.values else ()
        group = (*self._group(select.where), *values)
        return Nested(tidy(str(select)), "SELECT", (group,), select=select)

    def _filter(self, expression: Expression) -> Condition:
        text = tidy(write_expression(expression))
        words = [part.kind for part in expression if isinstance(part, Token)]
        last = expression[-1]
        if isinstance(last, Group) and words in (["EXISTS"], ["NOT", "EXISTS"]):
            return Condition(text, expression, self._group(last), words[0] == "NOT")
        return Condition(text, expression)

    def _bind(self, bind: Bind) -> Computed:
        expression = write_expression(bind.expression).strip()
        constant = all(isinstance(part, Token) for part in bind.expression)
        term = self.term(expression) if constant else None
        variable = ox.Variable(bind.variable[1:])
        if term is None or isinstance(term, ox.Variable):
            return Computed(tidy(str(bind)), bind.expression, variable, None)
        return Computed(tidy(str(bind)), bind.expression, variable, term, {term: expression})

    def _values(self, values: Values) -> Rows:
        found = list(self._select(f"SELECT * {{ {values} }}", _ROWS))
        rows = tuple(dict.fromkeys(found_row for found_row in map(_freeze, found)))
        return Rows(tidy(str(values)), tuple(map(dict, rows)))

    def _triple(self, triple: Triple) -> Part:
        text = tidy(f"{triple.subject} {_text(triple.path)} {triple.object}")
        ends = self.term(triple.subject), self.term(triple.object)
        steps = list(self._steps(triple.path, *ends))
        self._patterns += len(steps)
        if not steps or self._patterns > _MOST:
            named = [(self.term(name), name) for name in _predicates(triple.path)][:_MOST]
            predicates = ((term, name) for term, name in named if not _is_variable(term))
            return Walk(text, ends[0], triple.path, ends[1], tuple(predicates))  # type: ignore[arg-type]
        patterns = []
        for subject, path, object_ in steps:
            predicate = self.term(path.text)
            names = {ends[0]: triple.subject, ends[1]: triple.object, predicate: path.text}
            constants = {
                term: name for term, name in names.items() if not isinstance(term, ox.Variable)
            }
            patterns.append(Pattern(text, subject, predicate, object_, constants))
        return Match(text, tuple(patterns))

    def _steps(
        self, path: Path, subject: Place, object_: Place
    ) -> Iterator[tuple[Place, Step, Place]]:
        """Yield the triples of a path, none where it isn't one step after the other."""
        paths = path.paths if isinstance(path, Sequence) else (path,)
        if not all(isinstance(_forward(step), Step) for step in paths):
            return
        for number, part in enumerate(paths):
            end = object_ if number == len(paths) - 1 else self._between()
            step = _forward(part)
            assert isinstance(step, Step)
            inverse = isinstance(part, Inverse)
            yield (end, step, subject) if inverse else (subject, step, end)
            subject = end

    def _between(self) -> ox.Variable:
        self._nameless += 1
        return ox.Variable(f"between{self._nameless}_")

    def _read(self, text: str) -> Place:
        if text.startswith("?"):
            return ox.Variable(text[1:])
        if text == "a":
            return ox.NamedNode(f"{RDF}type")
        if not text.startswith("_:") and len(self._terms) < 4 * _MOST:
            iri = text.startswith("<") or text[0] not in "\"'+-.0123456789tTfF" or ":" in text
            value = f"VALUES ?x {{ {text} }}" if iri else f"BIND({text} AS ?x)"
            for solution in self._select(f"SELECT ?x {{ {value} }}", 1):
                if ox.Variable("x") in solution:
                    return solution[ox.Variable("x")]
        self._nameless += 1
        return ox.Variable(f"other{self._nameless}_")

    def _select(self, query: str, most: int) -> Iterator[dict[ox.Variable, Node]]:
        """Yield the first solutions of a query that asks no data."""
        with suppress(SyntaxError, ValueError, RuntimeError):
            found = _EMPTY.query(f"{self._query.prologue} {query}", prefixes=predefined())
            if isinstance(found, ox.QuerySolutions):
                names = found.variables
                for row, _ in zip(found, range(most), strict=False):
                    pairs = zip(names, row, strict=True)
                    yield {name: term for name, term in pairs if term is not None}


def tidy(text: str) -> str:
    """Return a pattern or condition without the spaces that its reader has put in it."""
    pieces = _STRING.split(text.strip())
    pieces[::2] = (_tidy_piece(piece) for piece in pieces[::2])
    return "".join(pieces)


def _tidy_piece(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\s+([),])", r"\1", re.sub(r"\(\s+", "(", text))


def _freeze(row: dict[ox.Variable, Node]) -> tuple[tuple[ox.Variable, Node], ...]:
    return tuple(row.items())


def _is_variable(term: Place) -> bool:
    return isinstance(term, ox.Variable)


def _forward(path: Path) -> Path:
    return path.path if isinstance(path, Inverse) else path


def _predicates(path: Path) -> Iterator[str]:
    """Yield the predicates that a path names, but for those that it must not have."""
    if isinstance(path, Step):
        yield path.text
    elif isinstance(path, (Sequence, Alternative)):
        for part in path.paths:
            yield from _predicates(part)
    elif isinstance(path, (Inverse, Repeat)):
        yield from _predicates(path.path)


def _text(path: Path) -> str:
    """Return a path as people write it."""
    if isinstance(path, (Sequence, Alternative)):
        return ("/" if isinstance(path, Sequence) else "|").join(map(_inner, path.paths))
    if isinstance(path, Inverse):
        return f"^{_inner(path.path)}"
    if isinstance(path, Negated):
        return str(path)
    return f"{_inner(path.path)}{path.mark}" if isinstance(path, Repeat) else str(path)


def _inner(path: Path) -> str:
    text = _text(path)
    return f"({text})" if isinstance(path, (Sequence, Alternative)) else text
