"""Evidence in words: what speaks for and against a pair, as people read it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from loader.link.joining.decisions import Step

_WORDS = {
    "name exact": "same name",
    "name folded": "same name but for marks",
    "name spelt": "same name in another spelling",
    "name initials": "initials that fit the names",
    "name shorter": "a name more or less",
    "name close": "nearly the same name",
    "name similar": "a similar name",
    "birth equal": "same birth year",
    "death equal": "same death year",
    "birth near": "birth years one apart",
    "death near": "death years one apart",
    "birth off": "birth years a few apart",
    "death off": "death years a few apart",
    "birth apart": "birth years that differ",
    "death apart": "death years that differ",
    "birth only here": "the item has no birth year",
    "death only here": "the item has no death year",
    "birth only there": "the record has no birth year",
    "death only there": "the record has no death year",
    "no years here": "the record has no years",
    "other years here": "the record's years have nothing to be compared with",
    "birth of neither": "neither has a birth year",
    "death of neither": "neither has a death year",
    "initials": "several initials that fit",
    "initials more": "one has initials more than the other",
    "by an alias": "the name is but an alias there",
    "by a variant": "the name is but a variant here",
    "one work": "a work in common",
    "several works": "several works in common",
    "a relative has the surname": "another person has the surname",
    "relatives have the surname": "several others have the surname",
    "particle without years": "a particle, as families have that name alike",
    "particle and relatives": "a particle, and others of the family",
    "three words without years": "a name of several words",
    "a fuller name there": "the item has names that the record has not",
    "published before birth": "a title appeared before the birth",
    "same nationality": "the same nationality",
    "other nationality": "another nationality",
    "same field of work": "the same kind of work",
    "other field of work": "another kind of work",
    "words more": "one has names more than the other",
}
_BITS = re.compile(r"([+-][\d.]+) bits")


def split_evidence(steps: Iterable[Step]) -> tuple[list[str], list[str]]:
    """Return what speaks for a pair, and what against, in words; the weightiest first."""
    weighed: dict[str, float] = {}
    for step in steps:
        found = _BITS.fullmatch(step.text)
        if step.by.startswith("rar"):
            weighed["a rare name"] = weighed.get("a rare name", 0.0) + _number(found)
        elif step.by != "any candidate":
            words = _WORDS.get(step.by, step.by)
            text = step.text if step.text and found is None and step.text != step.other else ""
            weighed[f"{words} ({text})" if text else words] = _number(found)
    if "a rare name" in weighed and weighed["a rare name"] < 3:
        weighed["a name that others have"] = -weighed.pop("a rare name")
    if "share found" in weighed:
        share = weighed.pop("share found")
        many = "many" if share > 0 else "few"
        weighed[f"{many} agents of this catalogue have an item"] = share
    ordered = sorted(weighed.items(), key=lambda item: (-abs(item[1]), item[0]))
    return [words for words, bits in ordered if bits >= 0], [
        words for words, bits in ordered if bits < 0
    ]


def _number(found: re.Match[str] | None) -> float:
    return float(found[1]) if found else 0.0
