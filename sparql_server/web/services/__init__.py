"""Views of services that others' programs know by their specifications, not by this server.

Each is a blueprint over a room that has no Flask: changes over ``sparql_server.changes``.
"""
