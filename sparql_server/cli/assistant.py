"""The Model Context Protocol over standard input and output: what ``libris-sparql mcp`` does.

https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from sparql_server.assistants.mcp_messages import answer_text
from sparql_server.assistants.tools import Toolbox
from sparql_server.errors import NoRelease
from sparql_server.finding.search import Finder
from sparql_server.serving.composition import make_endpoint, make_engine
from sparql_server.settings import Settings


def converse(data: Path, messages: Iterable[bytes], out: IO[str]) -> None:
    """Answer messages, a line each, until there are no more. Raises NoRelease."""
    settings = Settings(data, workers=1)
    engine = make_engine(settings)
    endpoint = make_endpoint(settings, engine)
    finder = Finder(endpoint.searching, endpoint.catalogue)
    tools = Toolbox(endpoint.answers, finder, endpoint.catalogue)
    engine.start()
    try:
        if engine.release is None:
            raise NoRelease(f"Nothing is published in {data} yet: run libris-loader release.")
        for message in filter(bytes.strip, messages):
            said = answer_text(message, tools)
            if said is not None:
                out.write(json.dumps(said, ensure_ascii=False) + "\n")
                out.flush()
    finally:
        engine.stop()
