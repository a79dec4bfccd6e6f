"""Wikidata's label service, which people bring with them: what stands here in its place.

https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual#Label_service
"""

from __future__ import annotations

from collections.abc import Sequence

from sparql_server.errors import MalformedQuery
from sparql_server.sparql.lexer import Token

_NAMES = ("wikibase:label", "<http://wikiba.se/ontology#label>")
_LABEL = "Label"
_PATH = "kbv:prefLabel|kbv:label|kbv:name|kbv:hasTitle/kbv:mainTitle"
_SHOWN = 300  # characters of the line that are shown


def check_label_service(text: str, tokens: Sequence[Token], position: int) -> None:
    """Raise MalformedQuery if the SERVICE at a position is Wikidata's label service."""
    name = position + 1
    if name >= len(tokens) or tokens[name].text not in _NAMES:
        return
    start = tokens[position].start
    line = text.count("\n", 0, start) + 1
    begin = text.rfind("\n", 0, start) + 1
    corrected = _replace(text, tokens, position)
    error = MalformedQuery(
        f"Line {line}, column {start - begin + 1}: wikibase:label is Wikidata's own service, which"
        " isn't here. Ask for names as for anything else:"
        f" OPTIONAL {{ ?item {_PATH} ?itemLabel }}.",
        line=line,
        column=start - begin + 1,
        text=text[begin:].partition("\n")[0][:_SHOWN],
        **({"corrected": corrected} if corrected else {}),
    )
    error.translated["sv"] = (
        f"Rad {line}, kolumn {start - begin + 1}: wikibase:label är Wikidatas egen tjänst, som inte"
        f" finns här. Fråga efter namn som efter annat: OPTIONAL {{ ?item {_PATH} ?itemLabel }}."
    )
    raise error


def _replace(text: str, tokens: Sequence[Token], position: int) -> str | None:
    """Return the query with a pattern for each label that it names; None: its end isn't found."""
    depth = 0
    for token in tokens[position + 2 :]:
        depth += (token.text == "{") - (token.text == "}")
        if depth <= 0:
            if token.text != "}":
                return None
            end = token.start + 1
            return text[: tokens[position].start] + _write_labels(tokens) + text[end:]
    return None


def _write_labels(tokens: Sequence[Token]) -> str:
    names = dict.fromkeys(token.text[1:] for token in tokens if token.kind == "variable")
    pairs = [(name.removesuffix(_LABEL), name) for name in names if name.endswith(_LABEL)]
    return " ".join(
        f"OPTIONAL {{ ?{thing} {_PATH} ?{label} }}" for thing, label in pairs if thing in names
    )
