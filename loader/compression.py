"""How payloads are compressed in the archive: zstd, with dictionaries learnt from payloads.

Records are small and alike, so a dictionary of what they share makes them a fraction of what they
would be without. Kinds of records differ, and a harvest brings one after the other: when a page
compresses badly, a new dictionary is learnt from it. https://facebook.github.io/zstd/
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import zstandard

_DICTIONARY_BYTES = 112 * 1024
_ENOUGH = 200  # documents to learn from
_MOST = 1000
_LEVEL = 3
_GOOD = 0.15  # share of the original size at which no better dictionary is looked for
_BETTER = 0.85  # share of the former size at which a new dictionary is worth its place
_DICTIONARIES = 32


class Compression:
    """Compresses payloads; the dictionaries are kept in the archive's ``state`` table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._plain = zstandard.ZstdDecompressor()
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        query = "SELECT value FROM state WHERE name LIKE 'dictionary%' ORDER BY name"
        for (value,) in connection.execute(query):
            self._use(zstandard.ZstdCompressionDict(value))

    def _use(self, dictionary: zstandard.ZstdCompressionDict) -> None:
        number = dictionary.dict_id()
        self._decompressors[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        self._compressor = _compressor(dictionary)

    def learn(self, payloads: Sequence[bytes]) -> None:
        """Make a dictionary from these payloads, if they are enough and it serves them better."""
        sample = payloads[:: max(1, len(payloads) // _MOST)]
        if len(sample) < _ENOUGH or len(self._decompressors) >= _DICTIONARIES:
            return
        tried = sample[::10]
        size = _size(self._compressor, tried)
        if size < _GOOD * sum(map(len, tried)):
            return
        try:
            dictionary = zstandard.train_dictionary(_DICTIONARY_BYTES, list(sample))
        except zstandard.ZstdError:
            return  # too little in common
        is_known = dictionary.dict_id() in self._decompressors
        if not is_known and _size(_compressor(dictionary), tried) < _BETTER * size:
            name = f"dictionary {len(self._decompressors):02d}"
            value = dictionary.as_bytes()
            self._connection.execute("INSERT INTO state VALUES (?, ?)", (name, value))
            self._use(dictionary)

    def compress(self, payload: bytes) -> bytes:
        """Return the payload as one zstd frame."""
        return self._compressor.compress(payload)

    def decompress(self, frame: bytes) -> bytes:
        """Return what was compressed, with whichever dictionary the frame names."""
        if not frame:  # of a record that was deleted before it was ever seen
            return b""
        number = zstandard.get_frame_parameters(frame).dict_id
        return self._decompressors.get(number, self._plain).decompress(frame)


def _compressor(dictionary: zstandard.ZstdCompressionDict) -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=dictionary)


def _size(compressor: zstandard.ZstdCompressor, payloads: Sequence[bytes]) -> int:
    return sum(len(compressor.compress(payload)) for payload in payloads)
