"""Saved queries: files that say what they ask for, what can be varied, and how.

``queries/README.md`` describes the files. For those who serve them:

    reading.load(folder) -> Catalogue     the queries, and what is wrong with which file
    binding.bind(query, values) -> BoundQuery        a request's values, bound
    paging.page(text, limit, offset), paging.total(text)
    choices.choices(parameter, catalogue, search), choices.labels(parameter, catalogue, values)
    shacl.export(catalogue, base, endpoint) -> str   Turtle
"""
