"""The tables of ``links.sqlite``: extracts, entities of records, and runs with their links.

Three layers. ``extract`` … ``profile`` are filled from files by extract; ``reading`` … ``title``
from the archive by read; both can be made again. ``run``, ``link`` and ``review`` are what was
decided; a row of ``link`` is never changed but to note which run withdrew it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loader.errors import LinkError

_PROFILES = """
CREATE TABLE profile (                -- of an authority; years of its birth and death, as ranges
  authority INTEGER PRIMARY KEY, born_from INTEGER, born_to INTEGER, died_from INTEGER,
  died_to INTEGER, body TEXT NOT NULL
);
"""
_SCHEMA = f"""
CREATE TABLE extract (                -- a file, or what one service answered
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL, name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,          -- what tells that the file is still the same one
  position INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0, sha256 TEXT, bytes INTEGER, done INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0  -- units of what nobody could mean
);
CREATE TABLE authority (              -- an item of Wikidata, a name or concept of LC, a cluster
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, source TEXT NOT NULL
);
CREATE TABLE said (                   -- of an authority, by an extract: type, birth, death, name …
  authority INTEGER NOT NULL, property TEXT NOT NULL, value TEXT NOT NULL, extract INTEGER NOT NULL,
  PRIMARY KEY (authority, property, value, extract)
) WITHOUT ROWID;
CREATE INDEX said_by ON said (extract);
CREATE TABLE identifier (             -- an authority's name elsewhere, one spelling
  iri TEXT NOT NULL, authority INTEGER NOT NULL, property TEXT NOT NULL,
  pseudonym INTEGER NOT NULL, extract INTEGER NOT NULL,
  PRIMARY KEY (iri, authority, property, pseudonym, extract)
) WITHOUT ROWID;
CREATE INDEX identifier_of ON identifier (authority);
CREATE INDEX identifier_by ON identifier (extract);
CREATE TABLE label (                  -- a key of a controlled heading
  key TEXT NOT NULL, authority INTEGER NOT NULL, preferred INTEGER NOT NULL,
  extract INTEGER NOT NULL, PRIMARY KEY (key, authority, preferred, extract)
) WITHOUT ROWID;
CREATE INDEX label_by ON label (extract);
CREATE TABLE block (key INTEGER NOT NULL, authority INTEGER NOT NULL, PRIMARY KEY (key, authority))
  WITHOUT ROWID;
{_PROFILES}
CREATE TABLE reading (document INTEGER PRIMARY KEY, hash BLOB NOT NULL);
CREATE TABLE entity (
  id INTEGER PRIMARY KEY, document INTEGER NOT NULL, iri TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX entity_document ON entity (document);
CREATE INDEX entity_iri ON entity (iri);
CREATE TABLE claim (                  -- what a record says that its thing is called elsewhere
  entity INTEGER NOT NULL, iri TEXT NOT NULL, shape TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (entity, iri, shape, text)
) WITHOUT ROWID;
CREATE INDEX claim_iri ON claim (iri, entity);
CREATE TABLE unread_claim (entity INTEGER NOT NULL, shape TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX unread_claim_entity ON unread_claim (entity);
CREATE TABLE namesake (key TEXT NOT NULL, entity INTEGER NOT NULL, PRIMARY KEY (key, entity))
  WITHOUT ROWID;
CREATE INDEX namesake_entity ON namesake (entity);
CREATE TABLE heading (                -- a controlled term of LC, as some record uses it
  document INTEGER NOT NULL, subject TEXT NOT NULL, vocabulary TEXT NOT NULL, key TEXT NOT NULL,
  number TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (subject, vocabulary, key, number, document)
) WITHOUT ROWID;
CREATE INDEX heading_document ON heading (document);
CREATE TABLE title (                  -- of an agent's; year: in which the edition appeared
  agent TEXT NOT NULL, key TEXT NOT NULL, document INTEGER NOT NULL, year INTEGER,
  text TEXT NOT NULL DEFAULT '',      -- as the record has it
  fields TEXT NOT NULL DEFAULT '',    -- of work, by the agent's part in it; blanks between
  PRIMARY KEY (agent, key, document)
) WITHOUT ROWID;
CREATE INDEX title_document ON title (document);
CREATE TABLE run (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, inputs TEXT NOT NULL, stages TEXT NOT NULL,
  begun TEXT NOT NULL, counts TEXT NOT NULL, published INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE link (
  run INTEGER NOT NULL, subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,
  stage TEXT NOT NULL, confidence REAL NOT NULL, why TEXT NOT NULL, withdrawn INTEGER,
  PRIMARY KEY (subject, predicate, object, run)
) WITHOUT ROWID;
CREATE INDEX link_run ON link (run);
CREATE INDEX link_object ON link (object);
CREATE TABLE unpublished (run TEXT PRIMARY KEY, links INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE review (                 -- what a person should look at
  run INTEGER NOT NULL, subject TEXT NOT NULL, object TEXT NOT NULL, reason TEXT NOT NULL,
  confidence REAL NOT NULL, why TEXT NOT NULL, withdrawn INTEGER,
  PRIMARY KEY (subject, object, reason, run)
) WITHOUT ROWID;
CREATE TABLE answer (                 -- what came of a question; digest: of what a service said
  service TEXT NOT NULL, question TEXT NOT NULL, digest TEXT NOT NULL, failure TEXT NOT NULL,
  asked REAL NOT NULL, PRIMARY KEY (service, question)
) WITHOUT ROWID;
CREATE TABLE resting (host TEXT PRIMARY KEY, until REAL NOT NULL, times INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE spent (host TEXT NOT NULL, day TEXT NOT NULL, requests INTEGER NOT NULL,
  PRIMARY KEY (host, day)) WITHOUT ROWID;
"""
_VERSION = 6
# Blocks of former versions lack keys, profiles years and backgrounds, and titles years and fields:
# index and read make them again.
_FROM_FIFTH = f"""
DROP TABLE profile;
{_PROFILES}
DELETE FROM block;
DELETE FROM title;
ALTER TABLE title ADD COLUMN fields TEXT NOT NULL DEFAULT '';
UPDATE reading SET hash = x'';
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_FROM_FORMER = f"""
ALTER TABLE title ADD COLUMN year INTEGER;
ALTER TABLE title ADD COLUMN text TEXT NOT NULL DEFAULT '';
{_FROM_FIFTH}
"""
_FROM_FIRST = f"ALTER TABLE extract ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0; {_FROM_FORMER}"


class Tables:
    """The file, open. Writes happen within ``with tables.transaction():``."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise LinkError(f"{path}: {error}") from error
        try:
            self._set_up()
            self._prepare(path)
        except sqlite3.Error as error:
            self.close()
            raise LinkError(f"{path}: {error}") from error
        except LinkError:
            self.close()
            raise

    def _set_up(self) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute("PRAGMA cache_size = -200000")
        self.connection.execute("PRAGMA temp_store = FILE")

    def _prepare(self, path: Path) -> None:
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            script = f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
            self.connection.executescript(script)
        elif version in (1, 2):
            self.connection.executescript(f"BEGIN; {_FROM_FIRST}")
        elif version in (3, 4):
            self.connection.executescript(f"BEGIN; {_FROM_FORMER}")
        elif version == 5:
            self.connection.executescript(f"BEGIN; {_FROM_FIFTH}")
        elif version != _VERSION:
            raise LinkError(f"{path} has version {version}; this loader reads {_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection; all writes in the block commit together, or none does."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            if self.connection.in_transaction:  # a full disk has ended it already
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
