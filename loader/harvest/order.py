"""Orders: what a harvest is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """The order for a harvest: provider, sets, dates and limits.

    sets: setSpecs, one run each; an empty one is everything. begin, end: from and until, as the
    provider is to be sent them. silent: with Libris' x-withSilentUpdates. limit: stop at the end
    of the page that holds this many records. resume: only go on with unfinished runs. agreed: to
    how many deletions, when identifiers are compared, somebody has agreed.
    """

    url: str
    prefix: str = "jsonld"
    sets: tuple[str, ...] = ("",)
    begin: str | None = None
    end: str | None = None
    silent: bool = False
    limit: int | None = None
    resume: bool = False
    keep_history: bool = False
    agreed: int | None = None
