"""SERVICE: which endpoints a query would have the server call, and which it may.

A query is looked at twice. ``check_services`` reads its tokens and tells people early, in plain
words. What holds is ``rewrite_calls``: pyoxigraph takes keywords that nothing keeps apart from what
is before and after (``1SERVICESILENT<…>``), and only its parser knows whether a ``<`` compares or
begins an IRI, so the parser itself is asked, in the worker.

SPARQL 1.1 Federated Query, https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sparql_server.errors import ServiceRefused
from sparql_server.sparql.label_service import check_label_service
from sparql_server.sparql.lexer import Token, decode_escapes, mentions, read_first_tokens

_SERVICE = re.compile("service", re.IGNORECASE | re.ASCII)
_MISSED = 10  # characters of the longest keyword that may stand where SERVICE may
_GAP = r"(?:[ \t\r\n]|#[^\r\n]*[\r\n])*+"
_CALL = re.compile(
    rf"service(?P<gap>{_GAP})(?P<silent>silent)?(?P<rest>{_GAP})<(?P<iri>[^<>]*)>",
    re.IGNORECASE | re.ASCII,
)


def check_services(query: str, allowed: Collection[str]) -> None:
    """Raise ServiceRefused if the query calls an endpoint that isn't on the operator's list.

    Of Wikidata's label service MalformedQuery says what to ask in its place.
    An address that is no IRI written in full is refused, whatever the list says.
    """
    decoded = decode_escapes(query)
    if not mentions(decoded, b"service"):
        return
    found = read_first_tokens(decoded)
    for position, token in enumerate(found):
        if token.kind == "word" and token.text.upper() == "SERVICE":
            check_label_service(decoded, found, position)
            address = _read_address(found, position + 1)
            if address not in allowed:
                raise ServiceRefused.for_address(address)


def _read_address(found: list[Token], position: int) -> str | None:
    if position < len(found) and found[position].text.upper() == "SILENT":
        position += 1
    if position < len(found) and found[position].kind == "iri":
        return found[position].text[1:-1]
    return None


def rewrite_calls(query: str, allowed: Collection[str]) -> str | None:
    """Return a query as it would be if SERVICE were no word of SPARQL; None: it has no such word.

    It has the same length, and reads the same wherever ``service`` is part of a string, an IRI or
    a name; calls of allowed endpoints are GRAPH. So if it is well-formed, the query calls nobody
    that it may not.

    >>> rewrite_calls("ASK { SERVICE <urn:a> { ?service ?p 'Service' } }", ["urn:a"])
    "ASK { GRAPH   <urn:a> { ?qervice ?p 'Qervice' } }"
    """
    if not _SERVICE.search(query):
        return None
    text = _CALL.sub(lambda call: _permit_call(call, allowed), query)
    return _SERVICE.sub(lambda word: ("Q" if word[0][0] == "S" else "q") + word[0][1:], text)


def _permit_call(call: re.Match[str], allowed: Collection[str]) -> str:
    if call["iri"] not in allowed:
        return call[0]
    silent = " " * len(call["silent"] or "")
    return f"GRAPH  {call['gap']}{silent}{call['rest']}<{call['iri']}>"


def is_call(query: str, offset: int) -> bool:
    """Tell whether ``service`` stands where the parser gave up on what ``rewrite_calls`` has made.

    offset: of the place it names, which can be the end of a keyword that it missed there.
    """
    return any(word.start() <= offset <= word.end() + _MISSED for word in _SERVICE.finditer(query))
