"""SERVICE: which endpoints a query would have the server call, and which it may.

SPARQL 1.1 Federated Query, https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sparql_server.errors import ServiceRefused
from sparql_server.lexer import Token, decode_escapes, tokens


def check_services(query: str, prefixes: Mapping[str, str], allowed: Collection[str]) -> None:
    """Raise ServiceRefused if the query calls an endpoint that isn't on the operator's list.

    An address that is a variable is refused, whatever the list says: data could fill it.
    prefixes: those that the query may use without declaring them.
    """
    decoded = decode_escapes(query)
    if "service" not in decoded.lower():
        return
    found = list(tokens(decoded))
    known = {**prefixes, **_declared(found)}
    for position, token in enumerate(found):
        if token.kind == "word" and token.text.upper() == "SERVICE":
            address = _address(found, position + 1, known)
            if address not in allowed:
                raise ServiceRefused(_explanation(address))


def _explanation(address: str | None) -> str:
    what = f"<{address}>" if address else "an endpoint that is not named by an IRI"
    return f"This server does not call other endpoints unless its operator allows it: {what}."


def _declared(found: list[Token]) -> dict[str, str]:
    declared = {}
    for one, name, iri in zip(found, found[1:], found[2:], strict=False):
        if one.kind == "word" and one.text.upper() == "PREFIX" and iri.kind == "iri":
            declared[name.text.rstrip(":")] = iri.text[1:-1]
    return declared


def _address(found: list[Token], position: int, known: Mapping[str, str]) -> str | None:
    if position < len(found) and found[position].text.upper() == "SILENT":
        position += 1
    if position >= len(found):
        return None
    token = found[position]
    if token.kind == "iri":
        return token.text[1:-1]
    if token.kind == "name":
        prefix, local = token.text.split(":", 1)
        return known[prefix] + local.replace("\\", "") if prefix in known else None
    return None
