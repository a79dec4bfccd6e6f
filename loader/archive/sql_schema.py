"""The tables of the archive, and how an archive of an earlier version becomes one of this."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from loader.errors import ArchiveError

_FIRST = """
CREATE TABLE source (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, sha256 TEXT,
  bytes INTEGER, loaded TEXT NOT NULL
);
CREATE TABLE document (
  id INTEGER PRIMARY KEY,
  identifier TEXT NOT NULL UNIQUE, -- its graph's name; of plain RDF, with its source's number
  format TEXT NOT NULL,            -- jsonld: a Libris record; ntriples: a graph of plain RDF
  main_entity TEXT,
  datestamp TEXT,                  -- when Libris last changed it, UTC
  deleted INTEGER NOT NULL DEFAULT 0,
  hash BLOB NOT NULL,              -- of the content: SHA-256, first 16 bytes
  payload BLOB NOT NULL,
  source INTEGER NOT NULL REFERENCES source (id),
  received TEXT NOT NULL,
  applied BLOB,                    -- the hash that the store holds; NULL: none
  former BLOB,                     -- the payload that the store holds while it isn't this one
  reason TEXT                      -- why the store can't hold this payload: quarantine
);
CREATE INDEX document_pending ON document (id) WHERE applied IS NOT hash AND reason IS NULL;
CREATE INDEX document_main_entity ON document (main_entity) WHERE main_entity IS NOT NULL;
CREATE TABLE unreadable (           -- pieces of files in which no document could be found
  source INTEGER NOT NULL, location TEXT NOT NULL, reason TEXT NOT NULL, payload BLOB,
  PRIMARY KEY (source, location)
);
CREATE TABLE problem (              -- what was repaired or left out of a document
  document INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (document, kind, value)
) WITHOUT ROWID;
CREATE TABLE description (          -- what documents say of things outside Libris
  id INTEGER PRIMARY KEY, thing TEXT NOT NULL, hash BLOB NOT NULL, statements BLOB NOT NULL,
  UNIQUE (thing, hash)
);
CREATE TABLE description_use (
  document INTEGER NOT NULL, description INTEGER NOT NULL, PRIMARY KEY (document, description)
) WITHOUT ROWID;
CREATE INDEX description_used_by ON description_use (description);
CREATE TABLE shadowed (             -- graph has triples that stand in holder's graph instead
  graph TEXT NOT NULL, holder TEXT NOT NULL, triples INTEGER NOT NULL,
  PRIMARY KEY (graph, holder)
) WITHOUT ROWID;
CREATE INDEX shadowed_by ON shadowed (holder);
CREATE TABLE tally (                -- how often each class and property stands in the store
  kind TEXT NOT NULL, iri TEXT NOT NULL, uses INTEGER NOT NULL, PRIMARY KEY (kind, iri)
) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
"""

_HARVESTING = """
ALTER TABLE document ADD COLUMN sets TEXT;  -- the setSpecs it came with, spaces between
CREATE TABLE selection (             -- what is harvested from where, and how far that has come
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, prefix TEXT NOT NULL, set_spec TEXT NOT NULL,
  source INTEGER NOT NULL REFERENCES source (id),
  run TEXT,                          -- the unfinished run, JSON; NULL: none
  complete TEXT,                     -- all that changed before this moment has come, UTC
  compared TEXT,                     -- when identifiers were last compared in full, UTC
  UNIQUE (url, prefix, set_spec)
);
CREATE TABLE selected (              -- the documents that a selection has brought
  selection INTEGER NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (selection, document)
) WITHOUT ROWID;
CREATE INDEX selected_document ON selected (document);
CREATE TABLE listing (               -- identifiers that a provider listed, while it is compared
  selection INTEGER NOT NULL, identifier TEXT NOT NULL, datestamp TEXT, deleted INTEGER NOT NULL,
  PRIMARY KEY (selection, identifier)
) WITHOUT ROWID;
CREATE TABLE history (               -- former payloads, where they are kept
  identifier TEXT NOT NULL, datestamp TEXT, hash BLOB NOT NULL, payload BLOB NOT NULL,
  received TEXT NOT NULL
);
CREATE INDEX history_of ON history (identifier);
CREATE TABLE announced (             -- changes that a provider announced and that are to be fetched
  url TEXT NOT NULL, thing TEXT NOT NULL, kind TEXT NOT NULL, published TEXT NOT NULL,
  PRIMARY KEY (url, thing)
) WITHOUT ROWID;
"""

# Most things are named after their records, https://libris.kb.se/x#it, and need no second index.
_FEWER_INDEXES = """
DROP INDEX document_main_entity;
CREATE INDEX document_main_entity ON document (main_entity)
  WHERE main_entity <> identifier || '#it';
DROP INDEX selected_document;
"""

_PUSHING = """
CREATE TABLE target (                -- the remote stores that are fed
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE,
  mark TEXT NOT NULL,                -- what its marker says if nobody else has fed it
  release INTEGER NOT NULL DEFAULT 0 -- the number that its marker was given last
);
CREATE TABLE pushed (                -- the graphs that a target was given, and from what
  target INTEGER NOT NULL, graph TEXT NOT NULL, hash BLOB NOT NULL, quads INTEGER NOT NULL,
  PRIMARY KEY (target, graph)
) WITHOUT ROWID;
"""

_LEGACY = """
CREATE TABLE IF NOT EXISTS address ( -- what records were called before 2018, if it isn't computed
  address TEXT PRIMARY KEY,          -- bib/1234
  identifier TEXT NOT NULL
) WITHOUT ROWID;
"""

# What an update asks for each time is counted without reading the documents.
_FRESHNESS = """
CREATE INDEX document_quarantined ON document (id) WHERE reason IS NOT NULL;
INSERT OR REPLACE INTO state SELECT 'newest datestamp', max(datestamp) FROM document;
"""

_COLUMNS = """
CREATE TABLE changed (               -- graphs that may have changed since columns were made
  graph TEXT PRIMARY KEY
) WITHOUT ROWID;
"""

_ANNOUNCED_GRAPHS = """
ALTER TABLE announced ADD COLUMN address TEXT;  -- of all that its graph holds; NULL: of a record
"""

# How many records there are, and which are deleted, is told without reading the documents.
_KINDS = """
CREATE INDEX document_kinds ON document (format, deleted);
"""

_VERSIONS = (
    _FIRST,
    _HARVESTING,
    _FEWER_INDEXES,
    _PUSHING,
    _FRESHNESS,
    _LEGACY,
    _COLUMNS,
    _ANNOUNCED_GRAPHS,
    _KINDS,
)


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an archive, new or old, to this version; raise ArchiveError for one of a later one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_VERSIONS):
        raise ArchiveError(
            f"{path} has version {version}; this loader reads up to {len(_VERSIONS)}"
        )
    for number, change in enumerate(_VERSIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {change} PRAGMA user_version = {number}; COMMIT;")
