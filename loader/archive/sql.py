"""The SQL that writes documents into the archive's tables."""

from __future__ import annotations

UPSERT = """
INSERT INTO document
  (identifier, format, main_entity, datestamp, hash, payload, sets, source, received)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (identifier) DO UPDATE SET
  former = CASE WHEN applied = excluded.hash THEN NULL WHEN former IS NOT NULL THEN former
    WHEN applied = hash THEN payload END,
  format = excluded.format, main_entity = excluded.main_entity, datestamp = excluded.datestamp,
  deleted = 0, hash = excluded.hash, payload = excluded.payload, source = excluded.source,
  received = excluded.received, sets = excluded.sets, reason = NULL
"""

DELETE = """
INSERT INTO document
  (identifier, format, datestamp, deleted, hash, payload, source, received, applied)
VALUES (?, ?, ?, 1, x'', x'', ?, ?, x'')
ON CONFLICT (identifier) DO UPDATE SET
  datestamp = coalesce(excluded.datestamp, datestamp), deleted = 1, hash = x'', former = NULL,
  received = excluded.received, reason = NULL
"""

KEEP = """
INSERT INTO history SELECT identifier, datestamp, hash, payload, received FROM document
WHERE identifier = ?
"""
