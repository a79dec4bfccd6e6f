"""Texts that a search expression fits: literals, with how well each fits."""

from __future__ import annotations

from dataclasses import dataclass

import tantivy

from sparql_server.engine.text.expression_tokens import Malformed
from sparql_server.engine.text.search_expressions import read_expression
from sparql_server.engine.text.storage.layout import Literal

MOST = 20_000
"""Texts that are joined with the rest of a query, at most."""

ANY = "*"
"""Any language of a literal, or none."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A literal that fits. score: higher is better (BM25)."""

    literal: Literal
    score: float


class Texts:
    """The texts of an index."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher) -> None:
        self._schema = index.schema
        self._searcher = searcher

    def has(self, iri: str) -> bool:
        """Tell whether there are texts of a property."""
        return self._searcher.doc_freq("property", iri) > 0

    def find(
        self, expression: str, properties: tuple[str, ...], *, lucene: bool, language: str = ANY
    ) -> list[Fitting]:
        """Return the literals that fit, the best first. Raises Malformed, for too many as well.

        properties: that have them; empty: any. lucene: as of ``read_expression``. language: of
        literals, in lower case; empty: they have none.
        """
        query = read_expression(self._schema, expression, lucene=lucene)
        if properties:
            query = self._of(query, properties)
        fitting = self._fitting(query, expression)
        return [each for each in fitting if language in (ANY, each.literal.language)]

    def _fitting(self, query: tantivy.Query, expression: str) -> list[Fitting]:
        try:
            found = self._searcher.search(query, MOST + 1, count=False).hits
        except ValueError as error:  # a beginning that too many words have, in a phrase
            raise Malformed(
                f"Too many words begin as the last one of a phrase in {expression!r}: write more of"
                " its letters."
            ) from error
        if len(found) > MOST:
            raise Malformed(
                f"More than {MOST:,} texts fit {expression!r}, too many to join. Add words with"
                " AND, or name the property that has the text."
            )
        return [Fitting(self._literal(address), float(score or 0)) for score, address in found]

    def _of(self, query: tantivy.Query, properties: tuple[str, ...]) -> tantivy.Query:
        either = tantivy.Query.boolean_query(
            [
                (
                    tantivy.Occur.Should,
                    tantivy.Query.term_query(self._schema, "property", iri, index_option="basic"),
                )
                for iri in properties
            ]
        )
        must = tantivy.Occur.Must
        scoreless = tantivy.Query.const_score_query(either, 0.0)
        return tantivy.Query.boolean_query([(must, query), (must, scoreless)])

    def _literal(self, address: tantivy.DocAddress) -> Literal:
        return Literal.unpack(bytes(self._searcher.doc(address).get_first("literal") or b""))
