"""Dumps of a release: its statements as compressed N-Quads, all of them and by kind of record."""
