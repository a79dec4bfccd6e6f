"""Change sets of Entity Metadata Management: pages of activities, newest first.

https://emm-spec.org/1.0/, section 4
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from loader import dates
from loader.errors import ListEndless, ProviderRefuses

_SAME = 3  # pages in a row in which nothing is new


_NQUADS = "application/n-quads"


class Activity(NamedTuple):
    """A change. name: of the thing. kind: Create, Update, Delete. published: UTC.

    graph: name of the graph that has changed, where the provider says what is in it. address: of
    the page that has it, in N-Quads, and after # what it is called there; empty: it is gone.
    """

    thing: dict[str, Any]
    name: str
    kind: str
    published: str
    graph: str | None = None
    address: str = ""


def read_change_sets(ask: Callable[[str], Any]) -> Iterator[list[Any]]:
    """Yield the items of each page; they never end by themselves.

    ask: returns the JSON at an address below the server's.
    Raises ProviderRefuses if an answer is no change set, and ListEndless.
    """
    until = _read_end(_read_part(_read_part(ask(""), "first"), "id"))
    seen: set[str] = set()
    same = 0
    while True:
        page = ask(f"?until={until}")
        items = _read_part(page, "orderedItems")
        if not isinstance(items, list):
            raise ProviderRefuses(f"the answer is no change set: {str(page)[:200]}", None)
        yield items
        names = set(map(str, items))
        same = same + 1 if names <= seen else 0
        if same == _SAME:
            raise ListEndless(f"{_SAME} pages in a row bring nothing new", again=True)
        seen = names
        before = _read_end(_read_part(page, "next"))
        # A page that is full of one moment names itself as the next.
        until = before if before < until else until - 1


def read_activity(item: Any) -> Activity:
    """Return an item of a page; raise ValueError if it isn't one."""
    try:
        thing, published = item["object"], dates.to_utc(item["published"])
        name, kind = thing["id"], item["type"]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no {error} in it") from error
    if not (isinstance(thing, dict) and isinstance(name, str) and isinstance(kind, str)):
        raise ValueError("its object is no thing with an id")
    return Activity(thing, name, kind, published, *_read_graph(thing, kind))


def _read_graph(thing: dict[str, Any], kind: str) -> tuple[str | None, str]:
    """Return the graph that an activity names, and the address of what it holds."""
    meta, link = thing.get("kbv:meta"), thing.get("url")
    graph = meta.get("@id") if isinstance(meta, dict) else None
    link = link if isinstance(link, dict) and link.get("mediaType") == _NQUADS else {}
    address = link.get("href")
    if not isinstance(graph, str) or not (isinstance(address, str) or kind == "Delete"):
        return None, ""
    return graph, "" if kind == "Delete" else str(address)


def _read_part(answer: Any, name: str) -> Any:
    try:
        return answer[name]
    except (KeyError, TypeError, IndexError) as error:
        reason = f"the answer has no {name}: {str(answer)[:200]}"
        raise ProviderRefuses(reason, None) from error


def _read_end(address: object) -> int:
    number = str(address).rpartition("until=")[2]
    if not number.isdecimal():
        raise ProviderRefuses(f"an address without a time: {str(address)[:200]}", None)
    return int(number)
