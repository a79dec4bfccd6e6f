"""Remote contexts of JSON-LD documents: those that are known here, and an error for any other.

Nothing is fetched while files are read. https://www.w3.org/TR/json-ld11/#the-context
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loader.errors import TransformError
from loader.transform.context import CONTEXT, KBV

_LIBRIS = frozenset(
    f"{origin}/{name}"
    for origin in ("", "http://id.kb.se", "https://id.kb.se", "https://libris.kb.se")
    for name in ("context.jsonld", "sys/context/kbv", "vocab/context", "vocab/context.jsonld")
) | {
    "https://libris.kb.se/4tkrb9vl61pgqxrp",  # the record of the context, as dumps name it
    "https://libris-qa.kb.se/context.jsonld",
}


def is_libris(context: object) -> bool:
    """Tell whether a context is Libris' own, by name or by its vocabulary, or none at all."""
    parts = context if isinstance(context, list) else [context]
    return all(part is None or _is_libris(part) for part in parts)


def _is_libris(context: object) -> bool:
    if isinstance(context, dict):
        return bool(context.get("@vocab", KBV) == KBV)
    return isinstance(context, str) and context in _LIBRIS


def give_contexts(document: object, where: str, given: Mapping[str, object]) -> Any:
    """Return a document with the contexts that it names in their places.

    given: contexts by name, beside those that are at hand. Raises TransformError, with ``where``
    for a name, if it needs another.
    """
    for node in find_nodes(document):
        if "@context" in node:
            node["@context"] = _give_context(node["@context"], where, given)
    return document


def _give_context(context: object, where: str, given: Mapping[str, object]) -> Any:
    if isinstance(context, list):
        return [_give_context(part, where, given) for part in context]
    if isinstance(context, dict) and "@import" in context:
        raise _make_missing(context["@import"], where)
    if not isinstance(context, str):
        return context
    if context in given:
        return given[context]
    if context in _LIBRIS:
        return CONTEXT
    raise _make_missing(context, where)


def _make_missing(name: object, where: str) -> TransformError:
    return TransformError(
        where,
        f"its context {name} is not at hand, and nothing is fetched: put what that address has"
        ' under "@context" in place of the address, or convert the file to N-Quads',
    )


def find_nodes(document: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON document, those in contexts excepted."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            yield value
            waiting.extend(part for key, part in value.items() if key != "@context")
