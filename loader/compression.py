"""How payloads are compressed in the archive: zstd, with a dictionary learnt from the first ones.

Records are small and alike, so a dictionary of what they share halves them again.
https://facebook.github.io/zstd/
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import zstandard

_DICTIONARY_BYTES = 64 * 1024
_ENOUGH = 200  # documents to learn from
_LEVEL = 3


class Compression:
    """Compresses payloads; the dictionary is kept in the archive's ``state`` table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._plain = zstandard.ZstdDecompressor()
        row = connection.execute("SELECT value FROM state WHERE name = 'dictionary'").fetchone()
        self._use(row[0] if row else None)

    def _use(self, dictionary: bytes | None) -> None:
        data = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        self._learnt = data is not None
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=data)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=data)

    def learn(self, payloads: Sequence[bytes]) -> None:
        """Make the dictionary from these payloads, if there is none yet and they are enough."""
        if self._learnt or len(payloads) < _ENOUGH:
            return
        try:
            trained = zstandard.train_dictionary(_DICTIONARY_BYTES, list(payloads)).as_bytes()
        except zstandard.ZstdError:
            return  # too little in common
        self._connection.execute("INSERT INTO state VALUES ('dictionary', ?)", (trained,))
        self._use(trained)

    def compress(self, payload: bytes) -> bytes:
        """Return the payload as one zstd frame."""
        return self._compressor.compress(payload)

    def decompress(self, frame: bytes) -> bytes:
        """Return what was compressed, whether before or after the dictionary was made."""
        if not frame:  # of a record that was deleted before it was ever seen
            return b""
        if zstandard.get_frame_parameters(frame).dict_id:
            return self._decompressor.decompress(frame)
        return self._plain.decompress(frame)
