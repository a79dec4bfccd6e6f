"""Records that need no second look, straight to N-Quads: most of them, and twice as fast.

A record is plain if its text shows that every IRI in it is valid, that it describes nothing but
itself and its main entity, and that no term has a value that JSON-LD treats in a special way. Then
the parser's quads are the record's quads, and no Python has to look at each. Whatever is in doubt
takes the long way, through ``transform``, which gives the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from loader.archive.archive import Document
from loader.store.contents.literal_values import respelt_lines
from loader.transform.context import IGNORED, VOCABULARY_VALUES
from loader.transform.jsonld import write_nquads

# What has matched is never given back ("++"): none of it can be what comes after it.
_CHARACTERS = rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/\-]++|%[0-9A-Fa-f]{2})*+"
_IRI = (
    rb"https?://[A-Za-z0-9.\-]++"
    rb"(?:/" + _CHARACTERS + rb")?(?:\?" + _CHARACTERS + rb")?(?:#" + _CHARACTERS + rb')?"'
)
# Each begins with fixed text, which the regular expression engine looks for first.
_ODD_ID = re.compile(rb'"@id":(?!"' + _IRI + rb")")
_ODD_TYPE = re.compile(rb'"@type":(?!"[A-Za-z:]+"[,}])')
_LINK = re.compile(rb'\{"@id":"[^"]*"\}')
# What follows an object, if it is neither the next one of a list nor the next key: a list with
# other things than objects, which JSON-LD leaves out of a graph.
_STRAY = re.compile(rb'\},(?!\{|"[^"\\]*":)')
_KEY = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)":')
_GOOD_KEY = re.compile(rb"@id|@type|@graph|[A-Za-z][A-Za-z0-9:\-]*")
_START = b'{"@graph":['
_LARGE = 1_000_000  # bytes: of more than that, a statement may be larger than a store can take

# Terms whose values the context makes IRIs of, and what such a value must not look like.
_VALUES = {
    term.encode(): re.compile(b'"%s":(?!"[A-Za-z0-9:\\-]+"[,}])' % term.encode())
    for term in (*VOCABULARY_VALUES, "dimensionChain", "inverseOfTerm")
}

# Terms that stand for no IRI, in the place of one; those with an underscore are looked for anyway.
_SENSELESS = tuple(f'"{term}"'.encode() for term in IGNORED if not term.startswith("_"))

_known_keys: set[bytes] = set()


def is_plain(document: Document) -> bool:
    """Tell whether a document is a record that can take the short way."""
    payload = document.payload
    if document.format != "jsonld" or document.deleted or not document.main_entity:
        return False
    if len(payload) > _LARGE:
        return False
    keys = _keys(payload)
    return (
        _describes_itself_only(payload, document.identifier, document.main_entity)
        # A blank node's label, or a term that is not data; and what holds language tags.
        and b'"_' not in payload
        and b'ByLang":' not in payload
        and not any([term in payload for term in _SENSELESS])
        and not _STRAY.search(payload)
        and not _ODD_ID.search(payload)
        and not _ODD_TYPE.search(payload)
        and not any(_VALUES[key].search(payload) for key in keys & _VALUES.keys())
        and _keys_are_good(keys)
    )


def _keys(payload: bytes) -> set[bytes]:
    """Return what stands before each colon after a quotation mark: keys, and parts of text."""
    if b'\\"' in payload:
        return set(_KEY.findall(payload))
    return {piece.rpartition(b'"')[2] for piece in payload.split(b'":')[:-1]}


def _describes_itself_only(payload: bytes, identifier: str, main_entity: str) -> bool:
    described = payload.count(b'"@id":') - len(_LINK.findall(payload))
    return (
        described == 2
        and payload.startswith(_START + b'{"@id":"%s",' % identifier.encode())
        and payload.count(b'{"@id":"%s",' % main_entity.encode()) == 1
        and payload.count(b'"@graph"') == 1
    )


def _keys_are_good(keys: set[bytes]) -> bool:
    """Tell whether these keys make valid IRIs; remember those that do."""
    unknown = keys - _known_keys
    if all(_GOOD_KEY.fullmatch(key) for key in unknown):
        _known_keys.update(unknown)
        return True
    return False


def write_plain_nquads(documents: Sequence[Document]) -> list[bytes]:
    """Return the N-Quads lines of plain records, each once, without line ends.

    Raises one of REFUSALS if one of them is no JSON-LD after all.
    """
    graphs = (
        b'{"@id":"%s","@graph":%s'
        % (document.identifier.encode(), document.payload[len(_START) - 1 :])
        for document in documents
    )
    lines = write_nquads(b"[" + b",".join(graphs) + b"]").splitlines()
    return list(dict.fromkeys(lines))


_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def tally_lines(lines: Sequence[bytes]) -> Counter[tuple[str, str]]:
    """Count the uses of properties and classes in N-Quads, as ``store.tally`` does."""
    predicates = [line.split(b" ", 2)[1] for line in lines]
    typed = [line for line, predicate in zip(lines, predicates, strict=True) if predicate == _TYPE]
    properties, classes = Counter(predicates), Counter([line.split(b" ", 3)[2] for line in typed])
    counts = respelt_lines(lines)
    for kind, tallied in (("property", properties), ("class", classes)):
        counts.update({(kind, iri[1:-1].decode()): uses for iri, uses in tallied.items()})
    return counts
