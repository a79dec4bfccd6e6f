"""Whose a description is: the record's own, another record's, or that of a thing outside Libris.

A Libris record may carry descriptions of things other than the one it is about. A triple must
stand in one graph only, so each description goes where it belongs: the record's own stays, one of
something with a Libris record of its own is left to that record, and one of an outside thing goes
to the graph named by the thing. Terms are N-Triples texts here, so this module needs no RDF
library. https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

Triple = tuple[str, str, str]
"""Subject, predicate and object, each as N-Triples writes it."""

_LIBRIS = re.compile(r"<https?://(libris|id)\.kb\.se[/>]")


@dataclass(frozen=True)
class Ownership:
    """The subjects that a record may have: itself, its main entity, and their fragments.

    record, main_entity: IRIs. main_entity is None for plain RDF that is about nothing else.
    """

    record: str
    main_entity: str | None

    @cached_property
    def _own(self) -> tuple[frozenset[str], tuple[str, ...]]:
        iris = [self.record] + ([self.main_entity] if self.main_entity else [])
        return frozenset(f"<{iri}>" for iri in iris), tuple(f"<{iri}#" for iri in iris)

    def owns(self, subject: str) -> bool:
        """Tell whether this subject (an IRI in angle brackets) is the record's own."""
        names, fragments = self._own
        return subject in names or subject.startswith(fragments)


def has_libris_record(subject: str) -> bool:
    """Tell whether this IRI in angle brackets is of a thing that Libris describes in a record.

    >>> has_libris_record("<https://id.kb.se/term/sao/Arkiv>")
    True
    >>> has_libris_record("<http://id.loc.gov/authorities/label/Archives>")
    False
    """
    return _LIBRIS.match(subject) is not None


def partition_triples(
    triples: Sequence[Triple], own: Ownership
) -> tuple[list[Triple], dict[str, list[Triple]]]:
    """Split one record's triples into its own and those of outside things, by the thing's IRI.

    Descriptions of things with a Libris record of their own are left out, and so are outside
    things that only those point to. Links to all of them stay.
    """
    by_subject = defaultdict(list)
    for triple in triples:
        by_subject[triple[0]].append(triple)
    roots = [subject for subject in by_subject if _is_root(subject, own)]
    roots += _find_unreferenced(by_subject)
    kept: list[Triple] = []
    outside: dict[str, list[Triple]] = {}
    _spread_ownership(_list_below(roots, by_subject, own, kept), by_subject, own, outside)
    # What nothing points to, or only itself. Things before blank nodes, which may be theirs.
    reached: set[str] = set()
    for subject in sorted(_list_left_over(by_subject, own, kept, outside)):
        if subject not in reached:
            said: list[Triple] = []
            blank = subject.startswith("_:")
            met = _list_below([subject], by_subject, own, said) if blank else [subject]
            kept += said
            reached |= {triple[0] for triple in said}
            reached |= _spread_ownership(met, by_subject, own, outside)
    return kept, {thing[1:-1]: said for thing, said in outside.items()}


def _spread_ownership(
    things: Sequence[str],
    by_subject: Mapping[str, Sequence[Triple]],
    own: Ownership,
    outside: dict[str, list[Triple]],
) -> set[str]:
    """Gather what is said of outside things, and of those that they point to; return of what."""
    gathered = set()
    waiting = deque(things)
    while waiting:
        thing = waiting.popleft()
        if thing not in outside:
            outside[thing] = []
            waiting.extend(_list_below([thing], by_subject, own, outside[thing]))
            gathered |= {triple[0] for triple in outside[thing]}
    return gathered


def _list_left_over(
    by_subject: Mapping[str, Sequence[Triple]],
    own: Ownership,
    kept: Sequence[Triple],
    outside: Mapping[str, Sequence[Triple]],
) -> set[str]:
    """Return the subjects that were not gathered, but for those that a Libris thing leads to."""
    left = by_subject.keys() - {triple[0] for said in (kept, *outside.values()) for triple in said}
    stack = [subject for subject in left if has_libris_record(subject) and not own.owns(subject)]
    theirs = set(stack)
    while stack:
        nodes = {o for _, _, o in by_subject[stack.pop()] if o in left} - theirs
        theirs |= nodes
        stack += nodes
    return left - theirs


def _is_root(subject: str, own: Ownership) -> bool:
    return subject.startswith("<") and own.owns(subject)


def _find_unreferenced(by_subject: Mapping[str, Sequence[Triple]]) -> list[str]:
    pointed_to = {triple[2] for said in by_subject.values() for triple in said}
    return [node for node in by_subject if node.startswith("_:") and node not in pointed_to]


def _list_below(
    roots: Iterable[str],
    by_subject: Mapping[str, Sequence[Triple]],
    own: Ownership,
    said: list[Triple],
) -> list[str]:
    """Gather into ``said`` all of these subjects and their blank nodes; return outside things."""
    met: list[str] = []
    stack = list(roots)
    seen = set(stack)
    while stack:
        for triple in by_subject.get(stack.pop(), ()):
            said.append(triple)
            node = triple[2]
            if node in seen or node not in by_subject:
                continue
            seen.add(node)
            if node.startswith("_:"):
                stack.append(node)
            elif not own.owns(node) and not has_libris_record(node):
                met.append(node)
    return met


def name_by_content(thing: str, triples: Sequence[Triple]) -> list[Triple]:
    """Give blank nodes labels made of the thing's IRI and what is said of them.

    Two records that say the same of a thing then say it with the same triples, however often
    they were parsed. A blank node on a cycle has no such label: it gets one by its place.
    """
    by_subject = defaultdict(list)
    for triple in triples:
        by_subject[triple[0]].append(triple)
    labels: dict[str, str] = {}
    for node in dict.fromkeys(term for s, _, o in triples for term in (s, o)):
        if node.startswith("_:") and node not in labels:
            _make_label(node, thing, by_subject, labels)
    return sorted({(labels.get(s, s), p, labels.get(o, o)) for s, p, o in triples})


def _make_label(
    node: str, thing: str, by_subject: Mapping[str, Sequence[Triple]], labels: dict[str, str]
) -> None:
    """Give a blank node, and those below it, labels. Not by recursion: lists are long."""
    path: list[tuple[str, Iterator[Triple]]] = []
    entered: str | None = node
    while entered or path:
        if entered:
            labels[entered] = f"_:cycle{len(labels)}"
            path.append((entered, iter(by_subject.get(entered, ()))))
        node, rest = path[-1]
        entered = next((o for _, _, o in rest if o.startswith("_:") and o not in labels), None)
        if entered is None:
            said = sorted({f"{p} {labels.get(o, o)}" for _, p, o in by_subject.get(node, ())})
            digest = hashlib.sha256("\n".join([thing, *said]).encode()).hexdigest()
            labels[node] = f"_:b{digest[:32]}"
            path.pop()
