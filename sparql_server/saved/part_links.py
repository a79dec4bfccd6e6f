"""The links of a part of a result to the parts beside it, https://www.rfc-editor.org/rfc/rfc8288."""

from __future__ import annotations

from sparql_server.saved.saved_request import SavedRequest, make_address


def write_links(asked: SavedRequest, segment: str, total: int, root: str) -> str:
    """Return the value of the header ``Link``; empty where there is no part but this.

    segment: the last of the address that was asked. total: rows of the whole. root: scheme and
    host of the addresses.
    """
    return ", ".join(
        f'<{root}{_make_target(asked, segment, offset)}>; rel="{relation}"'
        for relation, offset in _list_neighbours(asked, total)
    )


def _list_neighbours(asked: SavedRequest, total: int) -> list[tuple[str, int]]:
    """Return the parts that come before and after, each as its relation and offset."""
    if not asked.limit:
        return []
    parts = [("first", 0)]
    if asked.offset:
        parts.append(("prev", max(0, asked.offset - asked.limit)))
    if asked.offset + asked.limit < total:
        parts.append(("next", asked.offset + asked.limit))
    return parts


def _make_target(asked: SavedRequest, segment: str, offset: int) -> str:
    pairs = [*asked.bound.arguments, ("limit", str(asked.limit)), ("offset", str(offset))]
    if asked.release is not None:
        pairs.append(("release", str(asked.release)))
    if asked.format and asked.format not in segment:
        pairs.append(("format", asked.format))
    return make_address(segment, pairs)
