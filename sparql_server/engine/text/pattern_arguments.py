"""Arguments of text search in a query: subjects, expressions and what is said beside them.

Virtuoso's ``?text bif:contains "expression" OPTION (score ?score)``, and Jena's ``(?thing ?score
?text ?graph ?property) text:query (property "expression" limit "lang:sv")``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sparql_server.engine.columns.syntax.term_syntax import read_string
from sparql_server.engine.columns.syntax.token_reader import TokenReader
from sparql_server.engine.text.expression_tokens import Malformed
from sparql_server.engine.text.replacements import Asked
from sparql_server.engine.text.texts import ANY
from sparql_server.engine.text.triple_spans import TripleSpans, group_starts

CONTAINS = "bif:contains"
QUERY = "http://jena.apache.org/text#query"
RIGHT = {
    CONTAINS: "?thing :mainTitle ?title . ?title bif:contains \"'havet' AND natt*\"",
    QUERY: '?thing text:query (:mainTitle "havet" 10)',
}
"""What is right, by the IRI of a pattern."""

ONCE = "it is a predicate, once for a subject, and no part of a path"
STRING = "its object is an expression in quotation marks"

_SUBJECT = 5  # thing, score, text, graph, property
_STEPS = frozenset(("/", "|", "^", "*", "+", "?", ")"))
_TERM_ENDS = frozenset((";", "name", "iri", "blank", "]"))
_GROUP_ENDS = frozenset((".", "{", "}", ")"))
_NO_LANGUAGE = "none"


def wrong(iri: str, reason: str) -> Malformed:
    """Return the error that says what is wrong with a pattern, and shows the right one."""
    name = "bif:contains" if iri == CONTAINS else "text:query"
    return Malformed(f"{name} isn't as it should be: {reason}. Right is {RIGHT[iri]}.")


class Arguments:
    """Reads what a pattern asks. iri: returns the IRI at a place, if one stands there.

    blanked: from where to where a query has what SPARQL hasn't.
    """

    def __init__(
        self, reader: TokenReader, triples: TripleSpans, iri: Callable[[int], str | None]
    ) -> None:
        self._reader = reader
        self._kinds = reader.kinds
        self._triples = triples
        self._iri = iri
        self._groups = group_starts(reader.kinds)
        self.blanked: list[tuple[int, int]] = []

    def subject(self, begin: int, end: int, iri: str) -> list[str]:
        """Return the subject: a variable or an IRI, or those in brackets. Raises Malformed."""
        if iri == CONTAINS and self._kinds[begin] != "variable":
            raise wrong(iri, "its subject is a variable that has a text")
        inner = range(begin, end) if end - begin == 1 else range(begin + 1, end - 1)
        fits = ("variable", "name", "iri")
        first = fits if len(inner) == 1 and self._kinds[begin] != "(" else ("variable",)
        kinds = [self._kinds[at] for at in inner]
        if self._kinds[begin] == "[" or not kinds or any(kind not in first for kind in kinds):
            raise wrong(iri, "its subject is a variable, or several in brackets")
        return [self._variable(at) for at in inner]

    def _variable(self, at: int) -> str:
        return self._reader.texts[at].replace("$", "?")

    def contains(self, begin: int, end: int, subject: Sequence[str]) -> Asked:
        """Return what ``bif:contains`` asks, from its predicate to its end. Raises Malformed."""
        expression, _ = self._string(begin + 1, CONTAINS)
        score = self._option(self._reader.at, end)
        properties, is_object = self._properties(subject[0])
        if not is_object:
            raise wrong(
                CONTAINS, f"{subject[0]} is the object of no triple here, so it has no text"
            )
        return Asked(expression, properties, text=subject[0], score=score)

    def _string(self, at: int, iri: str) -> tuple[str, str]:
        """Return an expression, and the language that it has."""
        if self._kinds[at] != "string":
            raise wrong(iri, STRING)
        self._reader.at = at
        text = read_string(self._reader)
        has_language = self._kinds[self._reader.at] == "language"
        return text, self._reader.take("language")[1:].lower() if has_language else ANY

    def _option(self, at: int, end: int) -> str | None:
        """Read ``OPTION (score ?score)``, which is Virtuoso's; return the variable."""
        if at >= end:
            return None
        kinds = self._kinds[at:end]
        if kinds != ["OPTION", "(", "SCORE", "variable", ")"]:
            raise wrong(CONTAINS, "after its expression stands OPTION (score ?score), or nothing")
        self.blanked.append((self._reader.starts[at], self._reader.ends[end - 1]))
        return self._variable(at + 3)

    def _properties(self, variable: str) -> tuple[tuple[str, ...], bool]:
        """Return the property whose object a variable is in the pattern's group, if it is plain.

        And whether it is an object at all.
        """
        own = self._groups[self._reader.at - 1]
        is_object = False
        for at, kind in enumerate(self._kinds):
            if kind != "variable" or self._variable(at) != variable or not self._is_object(at):
                continue
            is_object = True
            iri = self._iri(at - 1)
            if iri and self._groups[at] == own and self._kinds[at - 2] not in ("|", "^", "!"):
                return (iri,), True
        return (), is_object

    def _is_object(self, at: int) -> bool:
        before = self._kinds[at - 1]
        if before != "variable":
            return before in ("name", "iri", "A", ",") or before in _STEPS
        first = at - 1
        while self._kinds[first - 1] == "variable":
            first -= 1
        ends = {1: _TERM_ENDS, 2: _GROUP_ENDS}.get(at - first, frozenset())
        return self._kinds[first - 1] in ends

    def query(self, begin: int, end: int, subject: Sequence[str]) -> Asked:
        """Return what ``text:query`` asks: an expression, or a list with one. Raises Malformed."""
        at, last = begin + 1, end
        if self._kinds[at] == "(":
            at, last = at + 1, self._triples.after_node(at) - 1
        properties = []
        while at < last and (iri := self._iri(at)):
            properties.append(iri)
            at += 1
        expression, language = self._string(at, QUERY)
        limit = self._limit(self._reader.at, last)
        language = self._language(self._reader.at, last) or language
        if len(subject) > _SUBJECT or len(set(subject)) < len(subject):
            raise wrong(QUERY, "its subject is ?thing, or (?thing ?score ?text ?graph ?property)")
        thing, score, text, graph, predicate = [*subject, *[None] * _SUBJECT][:_SUBJECT]
        return Asked(
            expression, tuple(properties), thing, text, score, graph=graph, predicate=predicate,
            limit=limit, language=language,
        )  # fmt: skip

    def _limit(self, at: int, last: int) -> int | None:
        self._reader.at = at
        if at >= last or self._kinds[at] == "string":
            return None
        text = self._reader.texts[at]
        if self._kinds[at] != "number" or not text.isdigit() or len(text) > 9:
            raise wrong(QUERY, "after its expression stands how many are wanted at most")
        self._reader.at += 1
        return int(text)

    def _language(self, at: int, last: int) -> str | None:
        """Return the language that texts are to be of; empty: of none."""
        if at >= last:
            return None
        text, _ = self._string(at, QUERY)
        kind, _, language = text.partition(":")
        if kind.strip() != "lang" or not language.strip() or self._reader.at < last:
            raise wrong(
                QUERY,
                "behind its expression, and how many are wanted, stands the language, as"
                ' "lang:sv"; highlighting is left to who shows the text',
            )
        language = language.strip().lower()
        return "" if language == _NO_LANGUAGE else language
