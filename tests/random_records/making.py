"""Records to try: real-shaped ones with any kind of value at any place."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.shared import SHARED, real_records

SAMPLE = Path(__file__).parents[2] / "loader" / "sample" / "records.jsonl"

_KEYWORDS = (
    "@id @type @value @language @list @set @graph @context @reverse @included @nest @index"
    " @direction @json @none @vocab @base @import @foo @Type"
)
_TERMS = (
    "label labelByLang mainTitle created encodingLevel marc:typeOfDate hasPartList uri birthYear"
    " termComponentList dimensionChain sliceByDimension _categoryByCollection datasetClass"
    " inverseOfTerm _note highlight subject mainEntity meta sameAs exactMatch"
)
KEYWORDS, TERMS = _KEYWORDS.split(), _TERMS.split()


def texts(word: str) -> list[str]:
    """Return strings that are hard on somebody, each with the word in it."""
    return [
        word,
        f"{word} b",
        f"http://example.org/{word}",
        f"http://example.org/{word} b",
        f"http://example.org/{word}> <http://evil.example/p> <http://evil.example/o",
        f'http://example.org/t> <http://evil.example/g> .\n<urn:s> <http://evil.example/p> "{word}',
        f'sv" . <urn:s> <http://evil.example/p> "{word}"',
        f"_:{word}",
        f"_:{word} b",
        f"_:{word}> <urn:x",
        f"@{word}",
        f"marc:{word}",
        f"marc:{word} b",
        f"urn:{word}",
        f"https://libris.kb.se/other{word}#it",
        f"{word}_SE",
        f"x-{word[:8]}",
        f"\x00{word}\x1f\x7f",
        f"{word}\\u0000\\",
        f"{word}\ufffe\uffff\ue000😀\u2028",
        f"http://example.org/{word}%zz#a#b[",
        f"//{word}",
        f"?{word}#",
        f"{word}:",
        f":{word}",
        word * 200,
    ]


def scalars(word: str, choose: random.Random) -> list[Any]:
    """Return values that are no objects, most with the word in them."""
    return [
        *(choose.choice(texts(word)) for _ in range(8)),
        "",
        None,
        True,
        choose.choice([0, -0.0, 1.5, 10**18, 1e308, 1e21, 2**63, -1]),
    ]


def value(word: str, choose: random.Random, depth: int = 0) -> Any:
    """Return any kind of value."""
    kind = choose.randrange(10 if depth < 3 else 5)
    if kind < 5:
        return choose.choice(scalars(word, choose))
    if kind < 7:
        return [value(word, choose, depth + 1) for _ in range(choose.randrange(4))]
    if kind == 7:
        return choose.choice(typical(word, choose))
    return {
        choose.choice([key(word, choose), choose.choice(KEYWORDS)]): value(word, choose, depth + 1)
        for _ in range(choose.randrange(1, 4))
    }


def typical(word: str, choose: random.Random) -> list[Any]:
    """Return objects that mean something in JSON-LD, with a text of any kind in them."""
    text = choose.choice(texts(word))
    return [
        {"@value": "1", "@type": text},
        {"@value": word, "@type": choose.choice(KEYWORDS)},
        {"@value": word, "@language": text},
        {"@value": text, "@language": "sv"},
        {"@value": word, "@language": "sv", "@direction": "rtl"},
        {"@value": {"a": text}, "@type": "@json"},
        {"@id": text},
        {"@id": text, "label": word},
        {"@type": text, "label": word},
        {"@list": [text, None, word]},
        {"@set": [[text], {"@id": text}]},
        {"@reverse": {"subject": {"@id": text}}},
        {"@included": [{"@id": text, "label": word}]},
        {"@graph": [{"@id": text, "label": word}]},
        {"@id": text, "@graph": [{"@id": text, "label": word}]},
        {"@nest": {"label": text}},
        {"@context": {"label": text}, "label": word},
        {"@context": text, "label": word},
        {"labelByLang": {text: word}},
        {"labelByLang": {"sv": [word, None], "@none": text}},
        {text: word},
        nested(word, choose.choice([5, 120, 250, 300, 900])),
    ]


def nested(word: str, depth: int) -> Any:
    inner: Any = word
    for _ in range(depth):
        inner = {"part": inner}
    return inner


def key(word: str, choose: random.Random) -> str:
    return choose.choice([choose.choice(TERMS), choose.choice(texts(word)), ""])


def places(node: Any) -> list[tuple[Any, Any]]:
    """Return each container in a JSON value with each key or index in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        container = waiting.pop()
        members = container if isinstance(container, dict) else range(len(container))
        found += [(container, place) for place in members]
        inside = [container[place] for place in members]
        waiting += [inner for inner in inside if isinstance(inner, dict | list)]
    return found


def mutated(record: Any, word: str, choose: random.Random) -> str:
    """Return a record as JSON, spoilt in one to three places."""
    for _ in range(choose.randrange(1, 4)):
        container, place = choose.choice(places(record))
        if choose.random() < 0.5:  # something more, not something else
            if isinstance(container, list):
                container.insert(choose.randrange(len(container) + 1), value(word, choose))
                continue
            place = choose.choice([key(word, choose), choose.choice(KEYWORDS)])
        container[place] = value(word, choose)
    with recursion(2000):
        text = json.dumps(record, ensure_ascii=choose.random() < 0.5)
    return spoilt(text, choose)


@contextmanager
def recursion(limit: int) -> Iterator[None]:
    """Let Python's JSON writer go deeper, within the block."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    yield
    sys.setrecursionlimit(before)


def spoilt(text: str, choose: random.Random) -> str:
    """Return JSON, once in a while not JSON any more, or with a key twice."""
    if choose.random() < 0.95:
        return text
    place = choose.randrange(len(text))
    insert = choose.choice(["1e400", "NaN", "\\ud800", "\x00", '"label":"x","label":"y",', "}", ""])
    return (text[:place] + insert + text[place:]).replace("\n", " ").replace("\r", " ")


def models() -> list[Any]:
    records = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    return [*records, *(real_records() if SHARED.exists() else [])]


def made(number: int, model: Any, choose: random.Random) -> tuple[str, str, str]:
    """Return a random record: its identifier, its word, and the line that has it."""
    text = json.dumps(model)
    old = model["@graph"][0]["@id"]
    identifier, word = f"https://libris.kb.se/rr{number}", f"Zq{number}qZ"
    record = json.loads(text.replace(f'"{old}', f'"{identifier}'))
    return identifier, word, mutated(record, word, choose)
