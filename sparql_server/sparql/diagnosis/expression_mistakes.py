"""Mistakes of expressions: SQL's operators, functions that are called otherwise, bare words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql_server.sparql.correction import AGGREGATES
from sparql_server.sparql.diagnosis.malformed_query import Reading
from sparql_server.sparql.diagnosis.mistake import Edit, Mistake, shorten_name
from sparql_server.sparql.diagnosis.prologue_mistakes import find_nearest

_UNARY = (
    "STR LANG DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI YEAR"
    " MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512 ISIRI ISURI ISBLANK"
    " ISLITERAL ISNUMERIC"
)
_BINARY = "CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER LANGMATCHES SAMETERM STRLANG STRDT"
FUNCTIONS = {
    **dict.fromkeys(_UNARY.split(), (1, 1)),
    **dict.fromkeys(_BINARY.split(), (2, 2)),
    **dict.fromkeys(("NOW", "RAND", "UUID", "STRUUID"), (0, 0)),
    **dict.fromkeys(("SUBSTR", "REGEX"), (2, 3)),
    "BNODE": (0, 1),
    "REPLACE": (3, 4),
    "IF": (3, 3),
    **dict.fromkeys(("COALESCE", "CONCAT"), (0, 10_000)),
}
"""SPARQL's functions (17.4), with the fewest and the most arguments that they take."""

_OTHERS = {
    "SUBSTRING": "SUBSTR",
    "LENGTH": "STRLEN",
    "LEN": "STRLEN",
    "LOWER": "LCASE",
    "UPPER": "UCASE",
    "STARTSWITH": "STRSTARTS",
    "STARTS_WITH": "STRSTARTS",
    "ENDSWITH": "STRENDS",
    "CEILING": "CEIL",
    "IFNULL": "COALESCE",
    "NVL": "COALESCE",
    "TOSTRING": "STR",
    "STRING": "STR",
    "ISLIT": "ISLITERAL",
}
_WORDS = "IN NOT EXISTS AS DISTINCT SEPARATOR TRUE FALSE UNDEF LANGDIR HASLANG"
_DRAFT = "HASLANGDIR STRLANGDIR TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE ADJUST"  # SPARQL 1.2
_KNOWN = frozenset(_WORDS.split())
_MORE = frozenset(_DRAFT.split())
_OPERATORS = {"AND": "&&", "OR": "||", "EQ": "=", "NE": "!="}


def _expressions(reading: Reading) -> Iterator[Mistake]:
    for index in reading.at("expression"):
        if reading.kind(index) == "word":
            yield from _word(reading, index)
        elif reading.kind(index) == "iri" and reading.tokens[index].text == "<>":
            yield Mistake("not-equal", reading.tokens[index], {}, [reading.replace(index, "!=")])
        elif reading.word(index) == "=":
            yield from _equals(reading, index)
        elif reading.word(index) in ("&", "|"):
            yield from _single(reading, index)


def _equals(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    if reading.word(index + 1) == "=" and reading.joined(index + 1):
        yield Mistake("double-equals", token, {}, [reading.drop(index + 1)])
    elif reading.word(index + 2) == "!" and reading.word(index + 3) == "=":
        yield from _chained(reading, index)
    elif reading.word(index - 1) == "=" and reading.joined(index):
        return
    elif reading.word(index + 2) == "=" and reading.kind(index + 1) in ("string", "name", "iri"):
        yield Mistake("chained", token)


def _chained(reading: Reading, index: int) -> Iterator[Mistake]:
    """Find ``?x != a != b``."""
    if reading.word(index - 1) == "!" and reading.kind(index - 2) == "variable":
        name = reading.tokens[index - 2].text
        edits = [reading.after(index + 1, f" && {name}")]
        yield Mistake("chained", reading.tokens[index + 2], {}, edits)


def _single(reading: Reading, index: int) -> Iterator[Mistake]:
    word = reading.word(index)
    if word not in (reading.word(index - 1), reading.word(index + 1)):
        values = {"sign": word * 2, "word": word}
        yield Mistake("operator", reading.tokens[index], values, [reading.after(index, word)])


def _word(reading: Reading, index: int) -> Iterator[Mistake]:
    token, word = reading.tokens[index], reading.word(index)
    if reading.word(index + 1) == "(":
        yield from _call(reading, index, word)
    elif word in _OPERATORS:
        values = {"sign": _OPERATORS[word], "word": word}
        yield Mistake("operator", token, values, [reading.replace(index, _OPERATORS[word])])
    elif word == "LIKE" or (word == "ILIKE"):
        yield Mistake("like", token, {}, _like(reading, index))
    elif word == "IS":
        yield Mistake("is-null", token, {}, _is_null(reading, index))
    elif word == "BETWEEN":
        yield Mistake("between", token, {}, _between(reading, index))
    elif word == "NOT" and reading.word(index + 1) not in ("IN", "EXISTS"):
        yield Mistake("operator", token, {"sign": "!", "word": word}, _not(reading, index))
    elif word in FUNCTIONS and reading.kind(index - 1) == "variable":
        yield Mistake("infix", token, {"word": word}, _infix(reading, index))
    elif word in FUNCTIONS or word in AGGREGATES:
        yield Mistake("call", token, {"word": word})
    elif reading.word(index - 1) == "AS":
        values = {"word": shorten_name(token.text)}
        yield Mistake("as-word", token, values, [reading.before(index, "?")])
    elif word not in _KNOWN:
        yield from _bare(reading, index)


def _bare(reading: Reading, index: int) -> Iterator[Mistake]:
    token = reading.tokens[index]
    values = {"word": shorten_name(token.text)}
    if token.text.upper() in ("NULL", "NONE", "NIL"):
        yield Mistake("null", token, values)
    elif token.text in reading.variables:
        yield Mistake("expression-word", token, values, [reading.before(index, "?")])
    else:
        compared = "=" in (reading.word(index - 1), reading.word(index + 1))
        edits = reading.wrapped(index, index, '"', '"') if compared else []
        yield Mistake("expression-text", token, values, edits)


def _call(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    token = reading.tokens[index]
    if word in FUNCTIONS:
        yield from _arguments(reading, index, word)
    elif word not in _KNOWN | _MORE | AGGREGATES | set(_OPERATORS):
        near = _OTHERS.get(word) or find_nearest(word, FUNCTIONS, 0.7)
        values = {"word": shorten_name(token.text), "near": near or ""}
        edits = [reading.replace(index, near)] if near else []
        yield Mistake("function-near" if near else "function", token, values, edits, guess=True)


def _arguments(reading: Reading, index: int, word: str) -> Iterator[Mistake]:
    end = reading.closing.get(index + 1)
    if end is None:
        return
    count = int(end > index + 2) + len(reading.commas[index + 1])
    fewest, most = FUNCTIONS[word]
    if not fewest <= count <= most:
        wanted = str(fewest) if fewest == most else f"{fewest}–{most}"
        values = {"word": word, "wanted": wanted, "count": str(count)}
        yield Mistake("arguments", reading.tokens[index], values)


def _like(reading: Reading, index: int) -> list[Edit]:
    """Return the edit that makes a function of LIKE with % at an end, or at both."""
    if reading.kind(index - 1) != "variable" or reading.kind(index + 1) != "string":
        return []
    text = reading.tokens[index + 1].text
    mark, inner = text[0], text[1:-1]
    plain = inner.strip("%")
    if not plain or "%" in plain or "_" in plain or len(inner) - len(plain) > 2:
        return []
    starts, ends = not inner.startswith("%"), not inner.endswith("%")
    name = reading.tokens[index - 1].text
    function = {(False, False): "CONTAINS", (True, False): "STRSTARTS", (False, True): "STRENDS"}
    called = function.get((starts, ends))
    new = (
        f"{called}(STR({name}), {mark}{plain}{mark})"
        if called
        else f"STR({name}) = {mark}{plain}{mark}"
    )
    return [Edit(reading.tokens[index - 1].start, reading.end(index + 1), new)]


def _is_null(reading: Reading, index: int) -> list[Edit]:
    negated = reading.word(index + 1) == "NOT"
    last = index + 1 + negated
    if reading.word(last) != "NULL" or reading.kind(index - 1) != "variable":
        return []
    name = reading.tokens[index - 1].text
    new = f"{'' if negated else '!'}BOUND({name})"
    return [Edit(reading.tokens[index - 1].start, reading.end(last), new)]


def _between(reading: Reading, index: int) -> list[Edit]:
    values = ("string", "number")
    if reading.kind(index - 1) != "variable" or reading.word(index + 2) != "AND":
        return []
    if reading.kind(index + 1) not in values or reading.kind(index + 3) not in values:
        return []
    name = reading.tokens[index - 1].text
    low, high = reading.tokens[index + 1].text, reading.tokens[index + 3].text
    new = f"{name} >= {low} && {name} <= {high}"
    return [Edit(reading.tokens[index - 1].start, reading.end(index + 3), new)]


def _not(reading: Reading, index: int) -> list[Edit]:
    """Return the edits of NOT with one comparison after it, which ends where brackets do."""
    depth = 0
    for last in range(index + 1, len(reading.tokens)):
        word = reading.word(last)
        if word == ")" and depth == 0:
            return [reading.replace(index, "!"), *reading.wrapped(index + 1, last - 1, "(", ")")]
        if word in ("AND", "OR", "&", "|", "{"):
            return []
        depth += (word == "(") - (word == ")")
    return []


def _infix(reading: Reading, index: int) -> list[Edit]:
    if reading.kind(index + 1) not in ("string", "variable"):
        return []
    name, value = reading.tokens[index - 1].text, reading.tokens[index + 1].text
    new = f"{reading.word(index)}({name}, {value})"
    return [Edit(reading.tokens[index - 1].start, reading.end(index + 1), new)]


def _aggregates(reading: Reading) -> Iterator[Mistake]:
    """Find aggregates in a FILTER or BIND."""
    clause = ""
    for index, place in enumerate(reading.places):
        if place in ("keyword", "modifier", "form"):
            clause = reading.word(index)
            continue
        called = reading.word(index) in AGGREGATES and reading.word(index + 1) == "("
        if called and clause in ("FILTER", "BIND"):
            values = {"word": reading.word(index), "clause": clause}
            yield Mistake("aggregate-filter", reading.tokens[index], values)


RULES: tuple[Callable[[Reading], Iterator[Mistake]], ...] = (_aggregates, _expressions)
"""Rules about what stands in brackets."""
