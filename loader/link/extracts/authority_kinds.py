"""Kinds of authorities, by the classes of Wikidata that they are instances of."""

from __future__ import annotations

from collections.abc import Iterable

PERSON_LIKE = frozenset({"Q5", "Q15632617", "Q95074", "Q20643955", "Q21070568", "Q22988604"})
_KINDS = {
    "organization": (
        *("Q43229", "Q4830453", "Q327333", "Q3918", "Q875538", "Q7075", "Q31855", "Q33506"),
        *("Q7278", "Q163740", "Q2385804", "Q6881511", "Q2085381", "Q178706", "Q484652", "Q157031"),
        *("Q15911314", "Q48204", "Q2659904", "Q41487", "Q166118", "Q16917"),
        *("Q414147", "Q955824", "Q783794", "Q891723", "Q207694", "Q28564", "Q22806", "Q189004"),
        *("Q38723", "Q1664720", "Q45400320", "Q2467461", "Q1530022", "Q16970", "Q215380"),
    ),
    "meeting": ("Q2020153", "Q625994", "Q1656682", "Q464980", "Q132241", "Q43216", "Q2761147"),
    "family": ("Q8436", "Q13417114", "Q164950"),
    "place": (
        *("Q515", "Q6256", "Q3624078", "Q486972", "Q5119", "Q3957", "Q532", "Q127448", "Q200547"),
        *("Q12813115", "Q5107", "Q23442", "Q8502", "Q23397", "Q4022", "Q82794", "Q10864048"),
        *("Q15284", "Q1549591", "Q193556", "Q615980", "Q35657", "Q123705", "Q188509", "Q1637706"),
        *("Q15630849", "Q484170", "Q262166", "Q747074", "Q755707", "Q783641", "Q2983893"),
    ),
    "instance": ("Q3331189", "Q57933693"),
    "serial": ("Q41298", "Q1002697", "Q5633421", "Q11032", "Q737498", "Q1110794", "Q277759"),
    "work": ("Q7725634", "Q47461344", "Q571", "Q11424", "Q13442814", "Q3305213", "Q482994"),
    "name": ("Q101352", "Q202444", "Q12308941", "Q11879590", "Q3409032"),
    "disambiguation": ("Q4167410",),
}
_KIND_OF = {item: kind for kind, items in _KINDS.items() for item in items}
_BY_NAME = frozenset({"organization", "meeting", "family", "place"})


def find_kind(types: Iterable[str], has_life: bool) -> str:
    """Return the kind of an authority, from items that it is an instance of or LC's classes."""
    found = list(types)
    if any(item in PERSON_LIKE or item == "person" for item in found):
        return "person"
    for item in found:
        if item in _KIND_OF:
            return _KIND_OF[item]
        if not item.startswith("Q"):
            return item
    return "other" if found else "person" if has_life else ""


def is_looked_for(item: str) -> bool:
    """Tell whether instances of this class are looked for by name, without an identifier."""
    return item == "Q5" or _KIND_OF.get(item, "") in _BY_NAME
