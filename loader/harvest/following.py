"""A subscription to a server's changes: which things are followed, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Following:
    """The filter of changes: which things are followed, and since when.

    seen: everything announced before this moment is known, UTC; None before the first dump.
    everything: no filter. types: of things, ``Person``. libraries: IRIs of those whose items
    are wanted. Records that the archive has are always followed.
    """

    seen: str | None = None
    everything: bool = False
    types: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)

    def wants(self, thing: dict[str, object]) -> bool:
        """Tell whether a thing that the archive doesn't know is wanted."""
        kind = str(thing.get("type", "")).removeprefix("kbv:")
        held_by = thing.get("kbv:heldBy")
        library = held_by.get("@id") if isinstance(held_by, dict) else None
        return self.everything or kind in self.types or library in self.libraries
