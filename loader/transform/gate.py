"""The gate that every statement passes on its way to archive or store: what leaves it is RDF.

A parser that is told to be lenient gives terms as they came, and a store writes them as they are:
an IRI with a ``>`` in it ends early, and what follows is read as statements that nobody made. So
each IRI (datatypes too), language tag and blank node label is valid, or repaired, or its statement
is left out; either is reported. RDF 1.1, https://www.w3.org/TR/rdf11-concepts/; RFC 3987; BCP 47.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode

from loader.errors import TooLarge
from loader.transform.ownership import Triple

_KNOWN_TERMS = 200_000  # what the memory for IRIs holds before it starts anew: some 40 MB
_LONG = 2000  # characters; longer IRIs are not worth remembering

# Oxigraph's readers end at a line of 16 MiB. Some way below, as a graph's name stands there too.
_MOST_BYTES = 16 * 1024 * 1024 - 64 * 1024
_MOST_CHARACTERS = _MOST_BYTES // 4 - 1  # of which no four bytes each can be too many

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TAGGED = frozenset({f"<{_RDF}langString>", f"<{_RDF}dirLangString>"})
_SHOWN = 300  # characters of a value that is reported


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be kept as it came.

    kind: ``repaired`` (a term was made valid) or ``dropped`` (a statement was left out).
    value: the IRI, the language tag with its ``@``, or whatever was at fault, as it came.
    """

    kind: str
    value: str


_NONE: Mapping[str, str] = {}


class Gate:
    """Writes terms as N-Triples, and remembers what it had to mend or leave out.

    blank_node_suffix: added to each label. graph: name of the graph that they are for.
    texts: what is to be written in the place of each of these literals' values.
    problems: what was mended or left out until now.
    """

    # IRIs that proved valid are remembered by all gates, since most come again.
    valid: set[str] = set()

    def __init__(
        self, blank_node_suffix: str = "", graph: str = "", texts: Mapping[str, str] = _NONE
    ) -> None:
        self.problems: list[Problem] = []
        self._suffix = blank_node_suffix
        self._texts = texts
        self._room = _MOST_CHARACTERS - 2 * len(graph)

    def triple(self, s: object, p: object, o: object) -> Triple | None:
        """Return three terms of pyoxigraph as N-Triples texts, or None if one is beyond repair.

        Raises TooLarge if no engine could take the statement.
        """
        if self._texts and isinstance(o, Literal) and o.value in self._texts:
            o = _replace_value(o, self._texts[o.value])
        subject, predicate, object_ = str(s), str(p), str(o)
        if len(subject) + len(predicate) + len(object_) > self._room:
            self._weigh(subject, predicate, object_)
        valid = self.valid
        if subject not in valid:
            subject = self._node(subject)
        if predicate not in valid:
            predicate = self._iri(predicate)
        if object_ not in valid:
            object_ = self._object(o, object_)
        return (subject, predicate, object_) if subject and predicate and object_ else None

    def name(self, graph: object) -> str | None:
        """Return a graph's name as N-Triples text, or None if it is beyond repair."""
        return self._iri(str(graph)) or None

    def _weigh(self, *terms: str) -> None:
        used = 4 * (_MOST_CHARACTERS - self._room)
        size = used + sum(len(term.encode("utf-8", "surrogatepass")) for term in terms)
        if size > _MOST_BYTES:
            raise TooLarge(
                f"a statement of {size:,} bytes; Oxigraph takes no more than {_MOST_BYTES:,}"
            )

    def _node(self, text: str) -> str:
        """Return an IRI or a blank node, valid; or an empty text."""
        if text[0] != "_":
            return self._iri(text)
        label = text[2:]
        # What the parser makes of labels is of this kind, so that most need no closer look.
        return text + self._suffix if label.isalnum() and label.isascii() else self._blank(text)

    def _blank(self, text: str) -> str:
        try:
            return str(BlankNode(text[2:] + self._suffix))
        except ValueError:
            return self._drop(text)

    def _object(self, term: object, text: str) -> str:
        if text[0] != '"' or not isinstance(term, Literal):
            return self._node(text)
        if term.language is not None:  # asked first: a tag may end in a quotation mark too
            return self._tagged(term)
        return text if text[-1] == '"' else self._typed(term, text)

    def _tagged(self, literal: Literal) -> str:
        tag = literal.language or ""
        for spelling in (tag, tag.replace("_", "-").strip()):
            try:
                written = str(Literal(literal.value, language=spelling))
            except ValueError:
                continue
            if spelling != tag or literal.direction is not None:
                direction = f"--{literal.direction}" if literal.direction is not None else ""
                self._repair(f"@{tag}{direction}")
            return written
        return self._drop(f"@{tag}")

    def _typed(self, literal: Literal, text: str) -> str:
        came = str(literal.datatype)
        if came in _TAGGED:  # these have a language tag, or they are no literals of RDF
            self._repair(came[1:-1])
            return str(Literal(literal.value))
        datatype = came if came in self.valid else self._iri(came)
        if datatype == came or not datatype:
            return text if datatype else ""
        return str(Literal(literal.value, datatype=NamedNode(datatype[1:-1])))

    def _iri(self, text: str) -> str:
        """Return a valid IRI in angle brackets, repaired if need be, or an empty text."""
        if text in self.valid:
            return text
        iri = text[1:-1]  # of a triple, which RDF 1.2 has as an object: no IRI
        if is_valid_iri(iri):
            if len(self.valid) >= _KNOWN_TERMS:
                self.valid.clear()
            if len(text) < _LONG:
                self.valid.add(text)
            return text
        mended = repair_iri(iri)
        if mended is None:
            return self._drop(iri)
        self._repair(iri)
        return f"<{mended}>"

    def _repair(self, value: str) -> None:
        self._refuse_marks(value)
        self.problems.append(Problem("repaired", shortened(value)))

    def _refuse_marks(self, value: str) -> None:
        if any(mark in value for mark in self._texts):
            raise TooLarge("an IRI or a language tag of more than a million characters")

    def _drop(self, value: str) -> str:
        self._refuse_marks(value)
        self.problems.append(Problem("dropped", shortened(value)))
        return ""


def _replace_value(literal: Literal, value: str) -> Literal:
    """Return a literal with another value."""
    if literal.language is not None:
        return Literal(value, language=literal.language)
    return Literal(value, datatype=literal.datatype)


def shortened(value: str) -> str:
    """Return a text that is fit to be shown: the first part of a long one, and its length."""
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}… ({len(value):,} characters)"


_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def visible(text: str) -> str:
    """Return a text as one line that can be read: short, and control characters as escapes."""
    return _UNSEEN.sub(lambda match: repr(match[0])[1:-1], shortened(text))


def is_valid_iri(iri: str) -> bool:
    """Tell whether this is an absolute IRI as RFC 3987 has it."""
    try:
        NamedNode(iri)
    except ValueError:
        return False
    return True


# What no IRI may contain, RFC 3987 section 2.2: controls, space, and "<>\^`{|}; a percent sign
# that begins no percent-encoding; brackets, which only an IPv6 address may have; and what Unicode
# leaves to private use or to nobody.
_ILLEGAL = re.compile(
    r'[\x00-\x20"<>\\^`{|}\[\]\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff]'
    r"|%(?![0-9A-Fa-f]{2})"
)


def repair_iri(iri: str) -> str | None:
    """Percent-encode what an IRI may not contain; None if it is no absolute IRI even then.

    >>> repair_iri("http://example.org/a b[1]")
    'http://example.org/a%20b%5B1%5D'
    >>> repair_iri("www.example.org") is None
    True
    """
    mended = _ILLEGAL.sub(lambda match: quote(match[0], safe=""), iri.strip())
    return mended if is_valid_iri(mended) else None
