"""Streams of everything: jobs that search for nothing and put nothing in order.

How long one takes is a matter of how much there is, and how fast the client takes it.
"""

from __future__ import annotations

import re

from sparql_server.engine.messages import Job

_LONGEST = 4096  # characters of a query that is looked at
_VARIABLE = r"[?$]\w+"
_TRIPLE = rf"\{{\s*{_VARIABLE}\s+{_VARIABLE}\s+{_VARIABLE}\s*\.?\s*\}}"
_EVERYTHING = re.compile(
    r"\s*(?:(?:#[^\n]*\n|PREFIX\s+\S*\s*<[^>\s]*>)\s*)*"
    rf"(?:SELECT\s+(?:\*|{_VARIABLE}(?:\s+{_VARIABLE})*)|CONSTRUCT\s*(?:{_TRIPLE})?)\s*(?:WHERE\s*)?"
    rf"(?:{_TRIPLE}|\{{\s*GRAPH\s+{_VARIABLE}\s*{_TRIPLE}\s*\}})\s*(?:(?:LIMIT|OFFSET)\s+\d+\s*)*",
    re.IGNORECASE,
)


def is_stream(job: Job) -> bool:
    """Tell whether a job is for a graph, or for all that there is, by nothing but variables.

    One whose client has set a time isn't.

    >>> is_stream(Job("CONSTRUCT WHERE { ?s ?p ?o }")), is_stream(Job("SELECT * { ?s a ?c }"))
    (True, False)
    """
    if job.timeout is not None or job.rows is not None:
        return False
    if job.graph is not None:
        return True
    return len(job.query) <= _LONGEST and _EVERYTHING.fullmatch(job.query) is not None
