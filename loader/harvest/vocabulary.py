"""The vocabulary of id.kb.se, to which records link: languages, countries, relators, KBV itself.

Libris' OAI-PMH has none of it, as it leaves the collection ``definitions`` out. EMM has a dump of
whatever type of thing, that collection included; the vocabulary, KBV, is one document.
https://emm-spec.org/1.0/ and https://id.kb.se/vocab/
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence

from loader import dates
from loader.archive.archive import Arrival
from loader.archive.cursors import Cursors
from loader.errors import InputError, ProviderError
from loader.files.rdf_files import read_graphs
from loader.files.rdf_formats import RdfFile
from loader.harvest.emm import Emm
from loader.harvest.emm_dumps import take_pages
from loader.provider.harvest_report import Counts
from loader.provider.http import Client, Manners

logger = logging.getLogger(__name__)

TYPES = (
    "Language",
    "TransformedLanguageForm",
    "Script",
    "Country",
    "Nationality",
    "Role",
    "WorkCategory",
    "InstanceCategory",
    "ContentType",
    "MediaType",
    "CarrierType",
    "CarrierForm",
    "Material",
    "MusicNotation",
    "TactileNotation",
    "EncodingFormat",
    "Classification",
    "ConceptScheme",
    "TermCollection",
    "Library",
    "Bibliography",
    "marc:EnumeratedTerm",
)
"""Types of the things in id.kb.se's datasets; a dump of one has its subclasses, too."""

GRAPH = "https://id.kb.se/vocab/"
"""The graph of the vocabulary."""

DOCUMENT = "https://id.kb.se/vocab/data.ttl?embellished=false"


def take_things(emm: Emm, types: Sequence[str], limit: int | None = None) -> list[str]:
    """Take in all things of these types; return a sentence for each type of which there is no dump.

    limit: stop at the end of the page with so many records.
    Raises ProviderRefuses.
    """
    failures = []
    for name in types:
        received = emm.report.total().received
        if emm.stop() or limit is not None and received >= limit:
            emm.report.sets.setdefault(f"type:{name}", Counts())
            continue
        try:
            take_pages(emm, f"type:{name}", None if limit is None else limit - received)
        except InputError as error:
            failures.append(str(error))
    return failures


def take_document(emm: Emm, url: str, manners: Manners) -> None:
    """Take in the vocabulary, a document in Turtle, as the graph that is named by it.

    Raises Missing and ProviderRefuses.
    """
    cursors = Cursors(emm.archive.connection)
    client = Client(url, manners, lambda budget: cursors.spend(url, budget))
    counts = emm.report.sets.setdefault(url, Counts())
    arrivals = client.get(url, "text/turtle", lambda body: _make_arrivals(url, body))
    with emm.archive.transaction():
        source = emm.archive.provider(url, dates.now())
        new, changed = emm.archive.store(arrivals, source, dates.now())
    counts.received, counts.new, counts.changed = len(arrivals), new, changed
    counts.unchanged, counts.finished = len(arrivals) - new - changed, True


def _make_arrivals(url: str, body: bytes) -> list[Arrival]:
    """Return the document as a graph; raise ProviderError if it is no Turtle, or empty."""
    file = RdfFile(url, ".ttl", lambda: io.BytesIO(body))
    try:
        graphs = list(read_graphs(file, GRAPH))
    except InputError as error:
        raise ProviderError(str(error)) from error
    if not any(graph.statements for graph in graphs):
        raise ProviderError(f"{url} is empty")
    return [Arrival(graph.name, "ntriples", graph.statements) for graph in graphs]
