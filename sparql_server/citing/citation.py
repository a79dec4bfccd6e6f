"""The citation of a result: its address, the release, the hash of the answer, text and BibTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sparql_server.answering.answer import Visitor
from sparql_server.answering.answers import Answers
from sparql_server.citing.answer_hash import hash_rows, split_rows
from sparql_server.sparql.lexer import tokens
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.sparql.query import read

PUBLISHER = "Kungliga biblioteket"
_SPECIAL = {
    **{sign: rf"\{sign}" for sign in "$&#_%"},
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, those after a backslash, too
    "}": r"\textbraceright{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """A result that can be cited.

    title: the question, or the query in short. address: of the result, with release and hash.
    release: number; published: when, UTC. hash: of the answer; rows: of it, None of a graph.
    asked: the day.
    """

    title: str
    address: str
    release: int
    published: str
    hash: str
    rows: int
    asked: date

    def as_text(self) -> str:
        """Return it as a sentence."""
        published = f", published {self.published}" if self.published else ""
        end = "" if self.title.endswith(("?", "!", ".")) else "."
        return (
            f"{self.title}{end} Libris linked data, release {self.release}{published}."
            f" {PUBLISHER}. {self.address} (asked {self.asked.isoformat()}; {self.hash})"
        )

    def as_bibtex(self) -> str:
        """Return it as an entry of BibTeX."""
        year = self.published[:4] or str(self.asked.year)
        fields = {
            "title": f"{{{_escape(self.title)}}}",
            "author": f"{{{PUBLISHER}}}",
            "publisher": PUBLISHER,
            "year": year,
            "version": f"release {self.release}",
            "howpublished": rf"\url{{{self.address}}}",
            "url": self.address,
            "urldate": self.asked.isoformat(),
            "note": f"{self.rows} row{'' if self.rows == 1 else 's'}, {self.hash}",
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{libris-{self.release}-{self.hash.partition(':')[2][:8]},\n{lines}}}\n"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "title": self.title,
            "address": self.address,
            "release": self.release,
            "published": self.published,
            "hash": self.hash,
            "rows": self.rows,
            "text": self.as_text(),
            "bibtex": self.as_bibtex(),
        }


def _escape(text: str) -> str:
    """Return a text as TeX reads it.

    >>> print(_escape("{ ?a_1 }"))
    \\textbraceleft{} ?a\\_1 \\textbraceright{}
    """
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def has_order(query: str) -> bool:
    """Tell whether the rows of a query's result have an order: whether it ends in ORDER BY.

    >>> has_order("SELECT * { ?s ?p ?o } ORDER BY ?s")
    True
    >>> has_order("SELECT * { { SELECT * { ?s ?p ?o } ORDER BY ?s } }")
    False
    """
    depth = 0
    for token in tokens(query):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.kind == "word" and token.text.upper() == "ORDER":
            return True
    return False


def hash_result(answers: Answers, asked: QueryRequest, visitor: Visitor) -> tuple[str, int, int]:
    """Return the hash of a query's answer, the number of its rows, and the release's.

    Raises RequestError.
    """
    is_graph = read(asked.query).is_graph
    wanted = QueryRequest(
        asked.query,
        asked.default_graphs,
        asked.named_graphs,
        "nt" if is_graph else "tsv",
        base=asked.base,
    )
    answer = answers.fetch(wanted, visitor)
    rows = iter(split_rows(answer.stream()))
    head = b"" if is_graph else next(rows, b"")
    counted = _Counted(row for row in rows if row)
    found = hash_rows(head, counted, ordered=not is_graph and has_order(asked.query))
    return found, counted.rows, answer.release


class _Counted(Iterator[bytes]):
    """Rows that are counted as they go by."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self._rows = rows
        self.rows = 0

    def __next__(self) -> bytes:
        row = next(self._rows)
        self.rows += 1
        return row


def today() -> date:
    """Return the day, UTC."""
    return datetime.now(UTC).date()
