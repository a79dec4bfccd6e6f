"""The protocol's messages (JSON-RPC 2.0): a request in, its answer out; nothing is remembered.

https://modelcontextprotocol.io/specification/2025-06-18/basic. PyPI's ``mcp`` is what it is tested
with; as a server it would bring an HTTP server of its own and fourteen other packages.
"""

from __future__ import annotations

from typing import Any

from sparql_server import __version__
from sparql_server.assistants.tools import Toolbox, UnknownTool
from sparql_server.json_text import read_json

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Of the protocol, the newest first."""

MOST = 20
"""Messages of a batch, which versions before the newest have, at most."""

MALFORMED, INVALID, UNKNOWN, UNFIT = -32700, -32600, -32601, -32602
_OTHER_VERSION = -32022

_INSTRUCTIONS = (
    "Libris is Sweden's union catalogue as linked data: works, editions, holdings, persons,"
    " subjects. Search for things by name first, look classes and properties up in the schema, and"
    " prefer saved queries to SPARQL of your own. Prefixes are predefined: kbv: and : are"
    " https://id.kb.se/vocab/."
)

Json = dict[str, Any]


def answer_text(text: bytes | str, tools: Toolbox) -> Json | list[Json] | None:
    """Return the answer to a message, or the answers to a batch; None for what wants none."""
    try:
        said = read_json(text)
    except ValueError:
        return _refuse(None, MALFORMED, "The message is no JSON.")
    if not isinstance(said, list):
        return answer(said, tools)
    if not 0 < len(said) <= MOST:
        return _refuse(None, INVALID, f"A batch has from 1 to {MOST} messages.")
    answers = [each for each in (answer(message, tools) for message in said) if each]
    return answers or None


def refuse_version(version: str) -> Json:
    """Return the answer to messages of a version of the protocol that isn't known here."""
    there = ", ".join(VERSIONS)
    said = _refuse(
        None, _OTHER_VERSION, f"There is no version {version[:50]} here; there are {there}."
    )
    said["error"]["data"] = {"supported": list(VERSIONS), "requested": version[:50]}
    return said


def is_refused(said: object) -> bool:
    """Tell whether an answer says that the message was none of the protocol."""
    return isinstance(said, dict) and said.get("id") is None


def answer(message: object, tools: Toolbox) -> Json | None:
    """Return the answer to a decoded message; None for a notification, or an answer."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return _refuse(None, INVALID, "The message is no request of JSON-RPC 2.0.")
    number, method = message.get("id"), message.get("method")
    is_notification = "id" not in message and isinstance(method, str)
    if is_notification or not message.keys().isdisjoint(("result", "error")):
        return None
    if not isinstance(number, int | str) or not isinstance(method, str):
        return _refuse(None, INVALID, "A request has an id, of a number or a text, and a method.")
    parameters = message.get("params")
    said = parameters if isinstance(parameters, dict) else {}
    if method == "initialize":
        return _reply(number, _initialize(said))
    if method == "ping":
        return _reply(number, {})
    if method == "tools/list":
        return _reply(number, {"tools": tools.describe()})
    if method == "tools/call":
        return _call(number, said, tools)
    return _refuse(number, UNKNOWN, f"There is no method {method[:100]}.")


def _initialize(said: Json) -> Json:
    wanted = said.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "libris-linked-data", "version": __version__},
        "instructions": _INSTRUCTIONS,
    }


def _call(number: object, said: Json, tools: Toolbox) -> Json:
    name, arguments = said.get("name"), said.get("arguments", {})
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return _refuse(number, UNFIT, "A call has the name of a tool and arguments.")
    try:
        text, failed = tools.call(name, arguments)
    except UnknownTool:
        return _refuse(number, UNFIT, f"There is no tool {name[:100]}.")
    return _reply(number, {"content": [{"type": "text", "text": text}], "isError": failed})


def _reply(number: object, result: Json) -> Json:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def _refuse(number: object, code: int, text: str) -> Json:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": text}}
