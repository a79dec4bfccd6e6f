"""Compression of payloads in the archive: zstd, with dictionaries learnt from payloads.

Records are small and alike, so a dictionary of what they share makes them a fraction of what they
would be without. Kinds of records differ, and a harvest brings one after the other: when a page
compresses badly, a new dictionary is learnt from it. https://facebook.github.io/zstd/
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache

import zstandard

_DICTIONARY_BYTES = 112 * 1024
# As good for records as the best of several trainings, which is what one gets without: lengths in
# bytes of a segment and of what is compared, and the bits that number what has been counted.
_TRAINING = {"k": 1000, "d": 8, "f": 18}
_ENOUGH = 200  # documents to learn from
_MOST = 500
_LEVEL = 3
_GOOD = 0.15  # share of the original size at which no better dictionary is looked for
_BETTER = 0.85  # share of the former size at which a new dictionary is worth its place
_DICTIONARIES = 32


class Compression:
    """Unpacks payloads, and keeps the dictionaries in the archive's ``state`` table.

    dictionary: the latest, for ``pack``; None: none yet.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._plain = zstandard.ZstdDecompressor()
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}
        self.dictionary: bytes | None = None
        query = "SELECT value FROM state WHERE name LIKE 'dictionary%' ORDER BY name"
        for (value,) in connection.execute(query):
            self._know(value)

    @property
    def may_learn(self) -> bool:
        """Tell whether there is room for another dictionary."""
        return len(self._decompressors) < _DICTIONARIES

    def adopt(self, dictionary: bytes | None) -> None:
        """Keep what ``pack`` has learnt, if anything, and use it from now on."""
        if dictionary and self._know(dictionary):
            name = f"dictionary {len(self._decompressors) - 1:02d}"
            self._connection.execute("INSERT INTO state VALUES (?, ?)", (name, dictionary))

    def decompress(self, frame: bytes) -> bytes:
        """Return what was compressed, with whichever dictionary the frame names."""
        if not frame:  # of a record that was deleted before it was ever seen
            return b""
        number = zstandard.get_frame_parameters(frame).dict_id
        return self._decompressors.get(number, self._plain).decompress(frame)

    def _know(self, dictionary: bytes) -> bool:
        """Use a dictionary from now on; tell whether it is a new one."""
        made = zstandard.ZstdCompressionDict(dictionary)
        is_new = made.dict_id() not in self._decompressors
        self._decompressors[made.dict_id()] = zstandard.ZstdDecompressor(dict_data=made)
        self.dictionary = dictionary
        return is_new


def pack(
    payloads: Sequence[bytes], dictionary: bytes | None, *, may_learn: bool
) -> tuple[list[bytes], bytes | None]:
    """Return the payloads as zstd frames, and a new dictionary if they were packed with one.

    One is learnt if they are enough to learn from and pack badly with the one they have.
    """
    frames = _compress(payloads, dictionary)
    if not may_learn or len(payloads) < _ENOUGH or _share(frames, payloads) < _GOOD:
        return frames, None
    learnt = _learn(payloads)
    better = _compress(payloads, learnt) if learnt else frames
    return (better, learnt) if _share(better, frames) < _BETTER else (frames, None)


def _compress(payloads: Sequence[bytes], dictionary: bytes | None) -> list[bytes]:
    compress = _make_compressor(dictionary).compress
    return [compress(payload) for payload in payloads]


@lru_cache(maxsize=4)
def _make_compressor(dictionary: bytes | None) -> zstandard.ZstdCompressor:
    if dictionary is None:
        return zstandard.ZstdCompressor(level=_LEVEL)
    made = zstandard.ZstdCompressionDict(dictionary)
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=made)


def _learn(payloads: Sequence[bytes]) -> bytes | None:
    """Return a dictionary of what these payloads share; None if that is too little."""
    sample: list[bytes | bytearray | memoryview] = []
    sample += payloads[:: max(1, len(payloads) // _MOST)]
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, sample, **_TRAINING).as_bytes()
    except zstandard.ZstdError:
        return None


def _share(packed: Sequence[bytes], unpacked: Sequence[bytes]) -> float:
    """Return the size of the one as a share of the other's."""
    return sum(map(len, packed)) / max(1, sum(map(len, unpacked)))
