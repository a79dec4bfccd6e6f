"""Pairs of a record and its quads: ``transform/NAME.jsonld`` gives exactly ``transform/NAME.nq``.

The quads are canonical and sorted, so that a diff shows meaning. ``make golden`` writes them anew.
"""
