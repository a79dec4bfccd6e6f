"""Makes up datasets, and queries that use what SPARQL 1.1 has, for two judges to answer."""

from __future__ import annotations

from random import Random

NS = "http://example.org/"
NODES = tuple(f":{letter}" for letter in "abcd")
LINKS = (":p", ":q", ":r")
VARIABLES = ("?x", "?y", "?z", "?w", "?v")
_VALUES = ("1", "2", "3", '"a"', '"b"', '"ab"', '"a"@en', '"b"@sv')
_GRAPHS = ("", ":g", ":h")
_PATHS = (
    *("{a}|{b}", "{a}|{a}", "{a}/{b}", "^{a}", "({a}|{b})/{c}", "{a}/({b}|^{c})", "^({a}|{b}/{c})"),
    *("{a}*", "{a}+", "{a}?", "({a}|{b})*", "({a}/{b})+", "!{a}", "!({a}|{b})", "!({a}|^{b})"),
    *("!^{a}", "({a}|{b}|{a})/^({b}|{c})", "^({a}/{b})", "({a}*)|{b}", "{a}/{b}*", "(^{a})?"),
)
_TESTS = (
    *("{x} = {y}", "{x} != {y}", "BOUND({x})", "!BOUND({x})", "ISIRI({x})", "ISLITERAL({x})"),
    *("{x} IN (:a, :b, 1)", "{x} = {c}", "{x} != {c}", "SAMETERM({x}, {y})", "{x} NOT IN (:a, 2)"),
    *(
        "ISIRI({x}) && {x} = {y}",
        "ISIRI({x}) || BOUND({y})",
        'LANG({x}) = "en"',
        "STRLEN(STR({x})) > 1",
    ),
)
_CALLS = (
    *(
        "STR({x})",
        "STRLEN(STR({x}))",
        "COALESCE({x}, {y}, 0)",
        "IF(BOUND({x}), {x}, {c})",
        "LANG({x})",
    ),
    *('REPLACE(STR({x}), "(a)(b)?", "$2-$1x")', "UCASE(STR({x}))"),
    *("CONCAT(STR({x}), STR({y}))", "SUBSTR(STR({x}), 1, 2)", "DATATYPE({x})", "{x}", "{c}"),
    *('STRBEFORE(STR({x}), "a")', 'CONTAINS(STR({x}), "a")', "ISIRI({x})", "<urn:nothing>({x})"),
)
_AGGREGATES = (
    "COUNT(*)",
    "COUNT({x})",
    "COUNT(DISTINCT {x})",
    "SUM(STRLEN(STR({x})))",
    "COUNT(DISTINCT *)",
)


def dataset(random: Random) -> str:
    """Return a few statements in N-Quads."""
    lines: dict[str, str] = {}
    for _ in range(random.choice((6, 12, 18, 24))):
        node = random.choice(NODES)
        if random.random() < 0.75:
            predicate, value = random.choice(LINKS), random.choice(NODES)
        else:
            predicate, value = ":n", random.choice(_VALUES)
        # A triple stands in one graph only, as in every release.
        lines[" ".join(map(_written, (node, predicate, value)))] = random.choice(_GRAPHS)
    return "".join(f"{triple} {_written(graph)} .\n" for triple, graph in sorted(lines.items()))


def _written(text: str) -> str:
    if text[:1] == ":":
        return f"<{NS}{text[1:]}>"
    xsd = "http://www.w3.org/2001/XMLSchema#integer"
    return f'"{text}"^^<{xsd}>' if text.isdigit() else text


class Questions:
    """Makes up queries, one after the other."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._fresh = 0
        self._labels = 0

    def query(self) -> str:
        """Return a query, with the prefix that it needs."""
        self._fresh = 0
        kind = self._random.random()
        if kind < 0.08:
            text = f"ASK {self._group(2)}"
        elif kind < 0.14:
            text = f"CONSTRUCT {{ ?x :made ?y }} WHERE {self._group(2)}"
        else:
            text = self._select(2)
        return f"PREFIX : <{NS}> {text}"

    # SELECT

    def _select(self, depth: int) -> str:
        if self._maybe(0.3):
            return self._aggregated(depth)
        group = self._group(depth)
        head = "DISTINCT " * self._maybe(0.2)
        if self._maybe(0.25):
            return f"SELECT {head}* {group}"
        items = list(dict.fromkeys(self._variable() for _ in range(3)))
        if self._maybe(0.25):
            name = self._new()
            items.append(f"({self._call()} AS {name})")
            if self._maybe(0.4):
                items.append(f"(STR({name}) AS {self._new()})")
        return f"SELECT {head}{' '.join(items)} {group}{self._end()}"

    def _aggregated(self, depth: int) -> str:
        keys = list(dict.fromkeys(self._variable() for _ in range(self._random.randint(0, 2))))
        name = self._new()
        items = [*keys, f"({self._aggregate()} AS {name})"]
        grouped = list(keys)
        if self._maybe(0.15):
            grouped.append(f"LANG({self._variable()})")
            items.append(f"({grouped[-1].lower()} AS {self._new()})")
        if self._maybe(0.1):
            items.append(f"({name} + 1 AS {self._new()})")
        text = f"SELECT {' '.join(items)} {self._group(depth)}"
        if grouped:
            text += f" GROUP BY {' '.join(grouped)}"
        if self._maybe(0.15):
            text += f" HAVING ({self._aggregate()} > {self._random.randint(0, 2)})"
        return text

    def _aggregate(self) -> str:
        return self._random.choice(_AGGREGATES).format(x=self._variable())

    def _end(self) -> str:
        return f" {self._values()}" if self._maybe(0.05) else ""

    # Patterns

    def _group(self, depth: int) -> str:
        elements = [self._triple() for _ in range(self._random.choice((0, 1, 1, 2)))]
        for _ in range(self._random.choice((0, 1, 1, 2)) if depth else 0):
            place = self._random.randint(min(1, len(elements)), len(elements))
            elements.insert(place, self._element(depth - 1))
        return f"{{ {' '.join(elements)} }}"

    def _element(self, depth: int) -> str:
        kind = self._random.randrange(20)
        if kind < 3:
            return f"OPTIONAL {self._group(depth)}"
        if kind < 5:
            return f"{self._group(depth)} UNION {self._group(depth)}"
        if kind < 7:
            return f"MINUS {self._group(depth)}"
        if kind < 9:
            return f"FILTER({self._test()})"
        if kind < 11:
            return f"FILTER {'NOT ' * self._maybe(0.5)}EXISTS {self._group(depth)}"
        if kind < 12:
            return f"BIND({self._call()} AS {self._new()})"
        if kind < 13:
            return self._values()
        if kind < 17:
            name = self._random.choice(("?g", "?g", "?g", "?h", ":g", ":nowhere"))
            return f"GRAPH {name} {self._group(depth)}"
        return f"{{ {self._select(depth)} }}" if kind < 19 else self._group(depth)

    def _triple(self) -> str:
        subject, object_ = self._node(), self._node()
        predicate = self._random.choice((*LINKS, *LINKS, ":n"))
        if self._maybe(0.3):
            a, b, c = self._random.choices(LINKS, k=3)
            predicate = self._random.choice(_PATHS).format(a=a, b=b, c=c)
        elif self._maybe(0.1):
            predicate = self._variable()
        more = f" ; {self._random.choice(LINKS)} {self._node()}" if self._maybe(0.1) else ""
        return f"{subject} {predicate} {object_}{more} ."

    def _node(self) -> str:
        if self._maybe(0.8):
            return self._variable()
        return self._random.choice((*NODES, ":nowhere", f"_:b{self._labels}", "[]", "[ :p ?x ]"))

    def _values(self) -> str:
        names = self._random.sample(VARIABLES, self._random.randint(1, 2))
        rows = [" ".join(self._datum() for _ in names) for _ in range(self._random.randint(1, 3))]
        return f"VALUES ({' '.join(names)}) {{ {' '.join(f'({row})' for row in rows)} }}"

    def _datum(self) -> str:
        return self._random.choice((*NODES, ":nowhere", "1", '"a"', "UNDEF"))

    # Expressions

    def _test(self) -> str:
        return self._random.choice(_TESTS).format(**self._fillers())

    def _call(self) -> str:
        return self._random.choice(_CALLS).format(**self._fillers())

    def _fillers(self) -> dict[str, str]:
        constant = self._random.choice((*NODES, *_VALUES))
        return {"x": self._variable(), "y": self._variable(), "c": constant}

    def _variable(self) -> str:
        return self._random.choice(VARIABLES)

    def _new(self) -> str:
        self._fresh += 1
        return f"?n{self._fresh}"

    def _maybe(self, probability: float) -> bool:
        self._labels += 1
        return self._random.random() < probability
