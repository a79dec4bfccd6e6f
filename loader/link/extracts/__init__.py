"""Extracts: files of Wikidata, VIAF and the Library of Congress, read to tables of facts."""
