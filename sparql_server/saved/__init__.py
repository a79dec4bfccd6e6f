"""Saved queries as people meet them: form, list, table, chart, values to pick, snippets."""
