"""The terms on which records are given: by whom, and under which licence each kind is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sparql_server.errors import StartError
from sparql_server.records.kinds import KINDS
from sparql_server.sparql.iri import is_absolute

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"

DEFAULT = (f"nb={CC0}", f"auth={CC0}")
"""The licences that KB has given: of the national bibliography and the authorities, of no more."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms. licences: kind of record to the licence's IRI; kinds without one aren't there.

    publisher: name of who runs this server. contact: their e-mail address or page. Empty: unsaid.
    """

    licences: Mapping[str, str] = field(default_factory=dict)
    publisher: str = ""
    contact: str = ""


def read_terms(licences: Iterable[str], publisher: str, contact: str) -> Terms:
    """Return the terms that an operator has set. Raises StartError.

    licences: each ``KIND=IRI``; of no licence at all a single empty one.
    """
    by_kind: dict[str, str] = {}
    for text in licences:
        kind, _, licence = text.partition("=")
        if text and (kind not in KINDS or not is_absolute(licence)):
            raise StartError(f"{text!r} (--licence) is no KIND=IRI; kinds are {', '.join(KINDS)}.")
        if text:
            by_kind[kind] = licence
    return Terms(by_kind, publisher, contact)
