"""The texts on all tables together, in both languages."""

from __future__ import annotations

from sparql_server.catalogue.saved_query import Texts

NAME = "libris-tables"

TITLE: Texts = {"sv": "Libris som tabeller", "en": "Libris as tables"}

DESCRIPTION: Texts = {
    "sv": "Sveriges samkatalog Libris som platta tabeller i Parquet, gjorda av en utgåva av dess "
    "länkade data. Kolumner som heter lika hör ihop. Nationalbibliografin och auktoriteterna är "
    "CC0; om resten sägs inget här.",
    "en": "Sweden’s union catalogue Libris as flat tables in Parquet, made of a release of its "
    "linked data. Columns of the same name go together. The national bibliography and the "
    "authorities are CC0; nothing is said here of the rest.",
}
