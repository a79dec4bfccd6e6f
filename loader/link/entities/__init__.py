"""Entities: what the catalogue's records say of persons, organizations, works and subjects."""
