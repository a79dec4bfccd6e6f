"""Makes up data, and queries of every kind that columns read; some of them are malformed."""

from __future__ import annotations

from random import Random

NS = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {"": NS, "xsd": XSD}

RESOURCES = (":a", ":b", ":c", ":d", ":e")
LINKS = (":p", ":q", ":r")
VALUES = (":n", ":t")
PREDICATES = LINKS * 2 + VALUES
VARIABLES = ("?x", "?y", "?z", "?v", "?w")

_INTEGERS = ('"1"', '"2"', '"10"', '"-3"', '"0"')
_NUMBERS = tuple(f"{integer}^^<{XSD}integer>" for integer in _INTEGERS)
_OTHERS = (
    f'"2.0"^^<{XSD}decimal>',
    f'"1.0E0"^^<{XSD}double>',
    f'"NaN"^^<{XSD}double>',
    f'"true"^^<{XSD}boolean>',
    f'"2020-01-01T00:00:00Z"^^<{XSD}dateTime>',
    f'"2020-01-01T01:00:00+01:00"^^<{XSD}dateTime>',
    f'"2020-01-01T00:00:00"^^<{XSD}dateTime>',
    f'"2020-01-01"^^<{XSD}date>',
    f'"ill"^^<{XSD}integer>',
    '"a"^^<http://example.org/kind>',
)
_TEXTS = (
    '""',
    '"a"',
    '"ab"',
    '"abc"',
    '"b"',
    '"å"',
    '"\U0001f600"',
    '"1"',
    '"http://example.org/a"',
)
_TAGGED = ('"a"@en', '"ab"@en', '"a"@sv', '"abc"@en-gb')
_NODES = (*(f"<{NS}{resource[1:]}>" for resource in RESOURCES), "_:i", "_:j")
_ENDS = ("'a'", "[]", ":zz")
_GRAPHS = ("", "", "<http://example.org/g>", "<http://example.org/h>")

_PATHS = (
    *("{a}*", "{a}+", "{a}?", "^{a}", "{a}/{b}", "{a}|{b}", "({a}|{b})*", "({a}/{b})+", "(^{a})*"),
    *(
        "({a}/^{b})?",
        "{a}/{b}*",
        "{a}*/{b}",
        "^({a}/{b})",
        "^({a}|{b})",
        "({a}|^{a})+",
        "{a}?/{b}?",
    ),
    *("({a}/{b})|{a}", "({a}?/{b})*", "({a}*|{b})+", "^{a}+", "({a}+)?", "{a}|{a}"),
    *("!{a}", "!^{a}", "!({a}|^{b})", "!({a}|{b})", "(!{a})+", "{a}/!{b}", "(!({a}|^{b}))*"),
    *("!()", "^!()", "(!())*", "{a}/!()"),
    *("({a}/({a}|{b}))", "({a}/{b}?)|^{b}", "{a}?/{b}?"),
)
_CONSTANTS = (
    *(":a", ":b", ":zz", "'a'", "'ab'", "'a'@en", "''", "1", "2", "01", "2.0", "1e0", "true"),
    *("false", "'x'^^:kind", "'2020-01-01T00:00:00Z'^^xsd:dateTime", "'2020-01-01'^^xsd:date"),
    *("'NaN'^^xsd:double", "'ill'^^xsd:integer", "0"),
)
_KINDS = ("ISIRI", "ISBLANK", "ISLITERAL")
_RESTRICTIONS = (
    *("{0} = {1}", "{1} = {0}", "{0} IN ({1}, {2})", "{0} < {1}", "{1} <= {0}", "{0} > {1}"),
    *("SAMETERM({0}, {1})", "STR({0}) = 'a'", "STRSTARTS({0}, 'a')", "STRSTARTS(STR({0}), 'a')"),
    *("LANG({0}) = 'en'", "'EN' = LANG({0})", "LANG({0}) = ''", "LANGMATCHES(LANG({0}), '*')"),
    *("LANGMATCHES(LANG({0}), 'en')", "ISIRI({0})", "ISLITERAL({0})", "ISBLANK({0})"),
    *("{0} = {1} || {0} = {2}", "{0} >= {1} && {0} < {2}", "!({0} = {1})", "{0} != {1}"),
)
_COMPARISONS = ("=", "!=", "<", ">", "<=", ">=")
_UNARY = (
    *("STR({})", "LANG({})", "DATATYPE({})", "STRLEN(STR({}))", "UCASE({})", "ISIRI({})", "-{}"),
    *("ISBLANK({})", "ISLITERAL({})", "ISNUMERIC({})", "!({})", "ABS({})", "YEAR({})", "LCASE({})"),
    *("SUBSTR(STR({}), 1, 1)", "SUBSTR({}, 1, 2)", "SUBSTR({}, 2)", "xsd:integer({})", "CEIL({})"),
    *(
        "xsd:string({})",
        "xsd:double({})",
        "xsd:boolean({})",
        "xsd:decimal({})",
        "STRLANG({}, 'EN')",
    ),
    *("CONTAINS(LCASE({}), 'a')", "STRSTARTS(UCASE(STR({})), 'A')", "STRENDS(LCASE(STR({})), 'b')"),
    *("REGEX({}, '^(a|b).*c?$')", "REGEX(STR({}), '[a-c]b+', 'i')", "STRLEN({})", "UCASE(STR({}))"),
    *("REGEX(STR({}), '^A', 'i')", "REGEX({}, 'b')", "STRSTARTS(STR({}), 'http')", "TZ({})"),
    *("STRSTARTS({}, 'a')", "STRSTARTS({}, '')", "CONTAINS({}, 'b')", "STRENDS(STR({}), 'a')"),
    *("REPLACE({}, 'a', 'b')", "LANGMATCHES(LANG({}), '*')", "LANGMATCHES(LANG({}), 'en')"),
    *("STRBEFORE({}, 'b')", "STRAFTER({}, 'a')", "ENCODE_FOR_URI(STR({}))", "MD5(STR({}))"),
    *(
        "STRDT(STR({}), xsd:integer)",
        "{} + 1",
        "{} * 2",
        "{} / 2",
        "1 - {}",
        "ROUND({})",
        "STRLANG({}, 'EN')",
    ),
)
_BINARY = (
    *("{} + {}", "{} - {}", "{} * {}", "{} / {}", "CONCAT({}, {})", "CONCAT(STR({}), STR({}))"),
    *("SAMETERM({}, {})", "COALESCE({}, {})", "STRSTARTS(STR({}), STR({}))", "CONTAINS({}, {})"),
    *("{} IN ({}, 1, 'a')", "{} NOT IN ({}, :a)", "IF(ISIRI({}), 1, {})", "STRAFTER({}, {})"),
)
_AGGREGATES = (
    *("COUNT(*)", "COUNT({})", "COUNT(DISTINCT {})", "SUM({})", "MIN({})", "MAX({})", "AVG({})"),
    *("SUM(DISTINCT {})", "MIN(STR({}))", "MAX(DISTINCT {})", "COUNT(DISTINCT STR({}))"),
    *("STRLEN(GROUP_CONCAT({}))", "STRLEN(GROUP_CONCAT(DISTINCT {}; SEPARATOR=', '))"),
    *("SUM(STRLEN(STR({})))", "AVG(STRLEN(STR({})))", "SUM(1)", "COUNT({}) + 1", "COUNT(1 / {})"),
    *("COUNT(DISTINCT *)", "COUNT(DISTINCT 1 / {})", "COUNT(IF({} = 1, {}, ?none))"),
)


def nquads(random: Random) -> str:
    """Return a few statements in N-Quads, of which some stand in two graphs."""
    lines = []
    for _ in range(random.choice((3, 12, 20, 30, 40))):
        predicate = random.choice(PREDICATES)
        subject = random.choice(_NODES)
        if random.random() < 0.03:
            subject = f"<{NS}p>"
        object_ = random.choice(_NODES if predicate in LINKS else _literals(random, predicate))
        if random.random() < 0.06:
            object_ = random.choice((*_NODES, *_TEXTS, *_NUMBERS, *_OTHERS))
        for graph in random.sample(_GRAPHS, random.choice((1, 1, 1, 2))):
            lines.append(f"{subject} <{NS}{predicate[1:]}> {object_} {graph} .")
    return "\n".join(lines) + "\n"


def _literals(random: Random, predicate: str) -> tuple[str, ...]:
    if predicate == ":n":
        return _NUMBERS if random.random() < 0.9 else _OTHERS
    return _TEXTS if random.random() < 0.7 else _TAGGED


class Questions:
    """Makes up queries.

    ordered: the variables that the last one is ordered by, if it is. slice: of it, where any
    solutions will do, and ``query`` has it not: LIMIT and OFFSET. dataset: of it, FROM and FROM
    NAMED, likewise. pattern: of it, where it is neither grouped nor of one pattern.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._fresh = 0
        self.ordered: tuple[str, ...] = ()
        self.slice: tuple[int, int | None] | None = None
        self.pattern = ""

    def _maybe(self, probability: float) -> bool:
        return self._random.random() < probability

    def _any(self, *kinds: tuple[str, ...]) -> str:
        return self._random.choice(self._random.choice(kinds))

    def _variable(self) -> str:
        return self._random.choice(VARIABLES)

    def _new(self) -> str:
        self._fresh += 1
        return f"?n{self._fresh}"

    def query(self) -> str:
        """Return a query."""
        self._fresh, self.ordered, self.slice, self.pattern = 0, (), None, ""
        if self._maybe(0.1):
            return self._of_one_pattern()
        return self._aggregated() if self._maybe(0.3) else self._plain()

    def _of_one_pattern(self) -> str:
        """Return a query of what one pattern matches: its values, or how many of each there are."""
        name = self._random.choice(("?s", "?s", "?p", "?o", "?o", "?g"))
        path = "?p" if name == "?p" or self._maybe(0.4) else self._random.choice(PREDICATES)
        pattern = f"?s {path} ?o ."
        if self._maybe(0.3):
            pattern += f" FILTER({self._any(_KINDS)}({self._random.choice(('?s', '?o'))}))"
        elif self._maybe(0.3):
            pattern += f" FILTER({self._restriction(self._random.choice(('?s', '?o')))})"
        group = f"{{ {pattern} }}"
        if name == "?g" or self._maybe(0.1):
            group = f"{{ GRAPH ?g {group} }}"
        if self._maybe(0.5):
            return f"SELECT DISTINCT {name} {group}"
        aggregate = self._random.choice(_AGGREGATES[:7]).replace("{}", name)
        text = f"SELECT {name} ({aggregate} AS ?n) {group} GROUP BY {name}"
        return text + f" HAVING (COUNT(*) {self._any(_COMPARISONS)} 2)" * self._maybe(0.2)

    def _restriction(self, name: str) -> str:
        """Return a condition that only some numbers of terms can meet."""
        text = self._random.choice(_RESTRICTIONS)
        constants = [self._random.choice(_CONSTANTS) for _ in range(2)]
        text = text.format(name, *constants)
        if self._maybe(0.3):
            return f"{text} {self._any(('&&', '||'))} {self._restriction(name)}"
        return text

    def _plain(self) -> str:
        names = sorted(set(self._random.choices(VARIABLES, k=3)))
        head = "DISTINCT " * self._maybe(0.25) + "REDUCED " * self._maybe(0.002)
        selected = "*" if self._maybe(0.4) else " ".join(names)
        if selected != "*" and self._maybe(0.2):
            selected += f" ({self._expression(1)} AS {self._new()})"
        self.pattern = self._group(2)
        text = f"SELECT {head}{selected} {self.pattern}"
        text += self._order(names)
        if self._maybe(0.3):
            self.slice = self._random.choice((0, 0, 1, 3)), self._random.choice((0, 1, 2, 5, None))
        return text + self._values_at_end()

    def _order(self, names: list[str]) -> str:
        if not self._maybe(0.25):
            return ""
        keys = self._random.sample(names, self._random.randint(1, len(names)))
        self.ordered = tuple(key[1:] for key in keys)
        return " ORDER BY " + " ".join(f"DESC({key})" if self._maybe(0.4) else key for key in keys)

    def _values_at_end(self) -> str:
        return f"  {self._values()}" if self._maybe(0.04) else ""

    def _aggregated(self) -> str:
        keys = sorted(set(self._random.choices(VARIABLES, k=self._random.randint(0, 2))))
        items = [
            f"({self._aggregate()} AS {self._new()})" for _ in range(self._random.randint(1, 2))
        ]
        text = f"SELECT {' '.join(keys)} {' '.join(items)} {self._group(2)}"
        grouped = (
            [*keys, f"({self._expression(1)} AS {self._new()})"] if self._maybe(0.15) else keys
        )
        if grouped:
            text += f" GROUP BY {' '.join(grouped)}"
        if self._maybe(0.15):
            text += f" HAVING ({self._aggregate()} {self._any(_COMPARISONS)} 1)"
        if keys and self._maybe(0.3):
            self.ordered = tuple(key[1:] for key in keys)
            text += f" ORDER BY {' '.join(keys)}"
        return text + self._values_at_end()

    def _aggregate(self) -> str:
        return self._random.choice(_AGGREGATES).replace("{}", self._variable())

    # Patterns

    def _group(self, depth: int) -> str:
        elements = [self._triple() for _ in range(self._random.choice((0, 1, 1, 2, 2, 3)))]
        for _ in range(self._random.choice((0, 0, 1, 1, 2)) if depth else self._maybe(0.2)):
            element = self._element(depth)
            elements.insert(self._random.randint(min(1, len(elements)), len(elements)), element)
        if self._maybe(0.25):
            elements.append(self._filter(depth))
        if self._maybe(0.1):
            elements.append(f"FILTER({self._restriction(self._variable())})")
        return f"{{ {' '.join(elements)} }}"

    def _element(self, depth: int) -> str:
        # Nothing without end: what is innermost has no groups within it.
        kind = self._random.randrange(19) if depth else self._random.randrange(8, 13)
        inner = max(0, depth - 1)
        if kind < 4:
            return f"OPTIONAL {self._group(inner)}"
        if kind < 6:
            groups = [self._group(inner) for _ in range(self._random.choice((2, 2, 3)))]
            return " UNION ".join(groups)
        if kind < 8:
            return f"MINUS {self._group(inner)}"
        if kind < 10:
            return self._filter(depth)
        if kind < 12:
            name = self._new() if self._maybe(0.5) else self._variable()
            return f"BIND({self._expression(2)} AS {name})"
        if kind < 13:
            return self._values()
        if kind < 14:
            return self._group(inner)
        if kind < 16:
            return f"{{ {self._subquery(inner)} }}"
        names = (*VARIABLES, "?g", "?g", "?g", "<http://example.org/g>", ":h", ":zz")
        return f"GRAPH {self._random.choice(names)} {self._group(inner)}"

    def _subquery(self, depth: int) -> str:
        names = sorted(set(self._random.choices(VARIABLES, k=2)))
        if self._maybe(0.4):
            aggregate = f"({self._aggregate()} AS {self._new()})"
            grouping = f"GROUP BY {names[0]}" if self._maybe(0.8) else ""
            selected = names[0] if grouping else ""
            return f"SELECT {selected} {aggregate} {self._group(depth)} {grouping}"
        text = f"SELECT {'DISTINCT ' * self._maybe(0.4)}{' '.join(names)} {self._group(depth)}"
        if self._maybe(0.2):
            text += f" ORDER BY {' '.join(names)} LIMIT {self._random.randint(0, 5)}"
        return text

    def _triple(self) -> str:
        subject = self._variable() if self._maybe(0.92) else self._any(RESOURCES, ("_:k", ":zz"))
        object_ = self._variable() if self._maybe(0.88) else self._any(RESOURCES, _ENDS)
        predicate = self._random.choice(PREDICATES)
        if self._maybe(0.2):
            path = self._random.choice(_PATHS)
            if self._maybe(0.4) and any(mark in path for mark in "*+?"):
                subject = self._any(RESOURCES)  # it is known where it begins
            predicate = path.format(a=self._random.choice(LINKS), b=self._random.choice(LINKS))
        elif self._maybe(0.03):
            predicate = self._variable()
        return f"{subject} {predicate} {object_} ."

    def _values(self) -> str:
        if self._maybe(0.5):
            rows = " ".join(self._datum() for _ in range(self._random.randint(0, 3)))
            return f"VALUES {self._variable()} {{ {rows} }}"
        names = self._random.sample(VARIABLES, 2)
        rows = " ".join(
            f"({self._datum()} {self._datum()})" for _ in range(self._random.randint(1, 3))
        )
        return f"VALUES ({' '.join(names)}) {{ {rows} }}"

    def _datum(self) -> str:
        return "UNDEF" if self._maybe(0.08) else self._any(RESOURCES, (":zz", "'a'", "'a'@en"))

    def _filter(self, depth: int) -> str:
        if self._maybe(0.25):
            word = self._any(("EXISTS", "NOT EXISTS"))
            return f"FILTER {word} {self._plain_group(depth)}"
        return f"FILTER({self._expression(2)})"

    def _plain_group(self, depth: int) -> str:
        if depth and self._maybe(0.2):
            return self._group(depth - 1)
        elements = [self._triple() for _ in range(self._random.choice((1, 1, 2)))]
        if self._maybe(0.25):
            elements.append(f"FILTER({self._expression(1)})")
        if self._maybe(0.1):
            elements.append(f"{{ {self._triple()} }} UNION {{ {self._triple()} }}")
        return f"{{ {' '.join(elements)} }}"

    # Expressions

    def _expression(self, depth: int) -> str:
        kind = self._random.randrange(16 if depth else 3)
        if kind < 2:
            return self._variable()
        if kind < 3:
            return self._random.choice(_CONSTANTS)
        one, other = (f"{self._expression(depth - 1)}" for _ in range(2))
        if kind < 7:
            return f"({one} {self._any(_COMPARISONS)} {other})"
        if kind < 8:
            return f"BOUND({self._variable()})"
        if kind < 10:
            return f"({one} {self._any(('&&', '||'))} {other})"
        if kind < 14:
            return f"({self._random.choice(_UNARY).format(one)})"
        return f"({self._random.choice(_BINARY).format(one, other)})"
