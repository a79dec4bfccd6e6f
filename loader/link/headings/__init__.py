"""Headings of the Library of Congress as Libris records use them."""
