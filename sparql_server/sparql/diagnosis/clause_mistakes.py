"""Mistakes of clauses: FILTER, BIND, OPTIONAL, UNION, GRAPH, VALUES without what they need.

And those that stand in what CONSTRUCT makes, which is triples alone (SPARQL 1.1 Query, 16.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.diagnosis.places import CLAUSES, TERMS

_PATHS = ("/", "|", "^", "*", "+", "?", "!")
_BRACED = ("OPTIONAL", "MINUS", "UNION", "LATERAL")


def _clauses(reading: Reading) -> Iterator[Mistake]:
    ends = [index for index in reading.at("modifier") if reading.word(index) == "VALUES"]
    for index in [*reading.at("keyword"), *ends]:
        word = reading.word(index)
        following = reading.word(index + 1)
        if index + 1 >= len(reading.tokens):
            continue
        if word == "FILTER":
            yield from _filter(reading, index)
        elif word == "BIND" and following != "(":
            yield Mistake("bind", reading.tokens[index], {}, _wrapped(reading, index, "(", ")"))
        elif word == "UNION":
            yield from _union(reading, index)
        elif word in _BRACED and following != "{":
            values = {"word": word}
            yield Mistake(
                "braces", reading.tokens[index], values, _wrapped(reading, index, "{ ", " }")
            )
        elif word == "GRAPH" and following == "{":
            name = next(
                n for n in ("g", "graph", "g2", "g3") if n not in reading.variables or n == "g3"
            )
            edits = [reading.after(index, f" ?{name}")]
            yield Mistake("graph", reading.tokens[index], {}, edits)
        elif word == "GRAPH" and reading.kind(index + 1) in TERMS and _is_bare(reading, index):
            edits = _wrapped(reading, index + 1, "{ ", " }")
            yield Mistake("braces", reading.tokens[index], {"word": word}, edits)
        elif word in ("NOT", "EXISTS"):
            yield from _exists(reading, index)
        elif word == "VALUES":
            yield from _values(reading, index)


def _is_bare(reading: Reading, index: int) -> bool:
    """Tell whether a term follows where GRAPH and a name want a brace."""
    return reading.kind(index + 2) in TERMS


def _wrapped(reading: Reading, index: int, begin: str, end: str) -> list[Edit]:
    last = reading.part_end(index + 1)
    return reading.wrapped(index + 1, last, begin, end) if last > index else []


def _filter(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    following, after = reading.word(index + 1), reading.word(index + 2)
    if "EXIST" in (following, after):
        return  # another rule's
    if following == "NOT" and after == "{":
        yield Mistake("not", token, {}, [reading.after(index + 1, " EXISTS")])
    elif "EXISTS" in (following, after if following == "NOT" else ""):
        exists = index + 1 + (following == "NOT")
        if reading.word(exists + 1) != "{" and exists + 1 < len(reading.tokens):
            edits = _wrapped(reading, exists, "{ ", " }")
            yield Mistake("braces", token, {"word": "EXISTS"}, edits)
    elif following == "NOT":
        yield Mistake("filter", token, {}, _wrapped(reading, index, "(", ")"))
    elif reading.kind(index + 1) in ("word", "name", "iri"):
        yield from _call(reading, index)
    elif following != "(":
        yield Mistake("filter", token, {}, _wrapped(reading, index, "(", ")"))
    elif (end := reading.closing.get(index + 1)) is not None:
        if commas := reading.commas[index + 1]:
            yield Mistake("filter-comma", reading.tokens[commas[0]])
        yield from _continued(reading, index, end)


def _call(reading: Reading, index: int) -> Iterator[Mistake]:
    """Find a call after FILTER that has no brackets, or isn't all of the condition."""
    token = reading.tokens[index + 1]
    if reading.word(index + 2) != "(":
        yield Mistake("call", token, {"word": shorten_name(token.text)})
    elif (end := reading.closing.get(index + 2)) is not None:
        yield from _continued(reading, index, end)


def _continued(reading: Reading, index: int, end: int) -> Iterator[Mistake]:
    """Find a condition that goes on after its brackets."""
    if reading.word(end + 1) in ("=", "!", "<", ">", "&", "|", "AND", "OR", "IN", "+", "*", "-"):
        yield Mistake("filter", reading.tokens[index], {}, _wrapped(reading, index, "(", ")"))


def _union(reading: Reading, index: int) -> Iterator[Mistake]:
    edits: list[Edit] = []
    if reading.word(index + 1) != "{":
        edits += _wrapped(reading, index, "{ ", " }")
    elif reading.word(index - 1) == "}":
        return
    if reading.word(index - 1) != "}":
        start = index - 1
        while (
            start > 0
            and reading.word(start) not in ("{", "}", ".")
            and reading.place(start) != "keyword"
        ):
            start -= 1
        if reading.word(start) == "{":
            edits += reading.wrapped(start + 1, index - 1, "{ ", " }")
        else:
            edits = []  # how much of it is meant is the writer's to say
    yield Mistake("union", reading.tokens[index], {}, edits)


def _exists(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    if (
        reading.word(index) == "NOT"
        and reading.word(index + 1) == "EXISTS"
        or reading.word(index) == "EXISTS"
        and reading.word(index - 1) != "NOT"
    ):
        yield Mistake("exists", token, {}, [reading.before(index, "FILTER ")])


def _values(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    single = reading.kind(index + 1) == "variable"
    start = index + 2 if single else (reading.closing.get(index + 1) or index) + 1
    end = reading.closing.get(start)
    names = 1 if single else max(0, start - index - 3)
    if single and reading.word(start) == "(" and end is not None:
        edits = [reading.replace(start, "{"), reading.replace(end, "}")]
        yield Mistake("values-braces", token, {}, edits)
        return
    if reading.word(start) != "{" or end is None:
        yield Mistake("values-braces", token)
        return
    commas = [i for i in range(start, end) if reading.word(i) == ","]
    if commas:
        yield Mistake(
            "values-comma", reading.tokens[commas[0]], {}, list(map(reading.drop, commas))
        )
        return
    for inner in range(start + 1, end):
        if reading.kind(inner) == "variable":
            name = shorten_name(reading.tokens[inner].text)
            yield Mistake("values-variable", reading.tokens[inner], {"name": name})
            return
    if not single:
        yield from _rows(reading, start, end, names)


def _rows(reading: Reading, start: int, end: int, names: int) -> Iterator[Mistake]:
    """Find rows of VALUES without brackets, or with another number of values than variables."""
    if reading.kind(start + 1) in TERMS:
        flat = all(reading.kind(i) in TERMS for i in range(start + 1, end))
        edits = (
            reading.wrapped(start + 1, end - 1, "(", ")")
            if flat and end - start - 1 == names
            else []
        )
        yield Mistake("values-row", reading.tokens[start + 1], {"count": str(names)}, edits)
        return
    row = start + 1
    while row < end:
        closed = reading.closing.get(row)
        if reading.word(row) != "(" or closed is None:
            return
        plain = all(
            reading.kind(i) in ("iri", "name", "number", "word") or (reading.kind(i) == "string")
            for i in range(row + 1, closed)
        )
        if plain and closed - row - 1 != names:
            values = {"count": str(names), "values": str(closed - row - 1)}
            yield Mistake("values-count", reading.tokens[row], values)
            return
        row = closed + 1


def _templates(reading: Reading) -> Iterator[Mistake]:
    """Find what is no triple in the braces of CONSTRUCT, or of CONSTRUCT WHERE."""
    form = next((index for index in reading.at("form") if reading.word(index) == "CONSTRUCT"), None)
    if form is None:
        return
    begin, where = form + 1, form + 1
    while where < len(reading.tokens) and reading.word(where) != "{":
        where += 1
    is_short = where > begin
    end = reading.closing.get(where)
    if end is None or not (is_short or reading.word(end + 1) in ("WHERE", "FROM", "{")):
        return
    for index in range(where + 1, end):
        if reading.word(index) in CLAUSES or reading.word(index) == "{":
            if is_short:
                yield _in_short_form(reading, form, where, index)
            else:
                yield _in_template(reading, index)
        elif reading.word(index) in _PATHS:
            word = {"word": reading.word(index)}
            yield Mistake("template-path", reading.tokens[index], word)


def _in_template(reading: Reading, index: int) -> Mistake:
    token, word, end = reading.tokens[index], reading.word(index), reading.closing.get(index + 2)
    if word != "GRAPH" or reading.word(index + 2) != "{" or end is None:
        return Mistake("template-clause", token, {"word": _name(word)})
    full_stop = "" if reading.word(end + 1) in (".", "}") else " ."
    leaving = [reading.drop(left_out) for left_out in range(index, index + 3)]
    return Mistake("template-graph", token, {}, [*leaving, reading.replace(end, full_stop)])


def _in_short_form(reading: Reading, form: int, where: int, index: int) -> Mistake:
    word = reading.word(index)
    edits = []
    if word != "GRAPH" and index > where + 1:
        edits.append(reading.after(form, f" {{ {reading.slice(where + 1, index - 1)} }}"))
    return Mistake("short-construct", reading.tokens[index], {"word": _name(word)}, edits)


def _name(word: str) -> str:
    return "{ … }" if word == "{" else word


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (_templates, _clauses)
"""Rules about what begins with a keyword in a pattern."""
