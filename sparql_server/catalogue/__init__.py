"""Saved queries: files that say what they ask for, what can be varied, and how.

``docs/query-files.md`` describes the files. For those who serve them:

    query_files.load(folder) -> Catalogue     the queries, and what is wrong with which file
    binding.bind(query, values) -> BoundQuery        a request's values, bound
    row_ranges.page(text, limit, offset), row_ranges.total(text)
    choices.choices(parameter, catalogue, search), choices.labels(parameter, catalogue, values)
    shacl.export(catalogue, base, endpoint) -> str   Turtle
"""
