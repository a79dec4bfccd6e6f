"""``python -m sparql_server.cli``: the command ``libris-sparql``."""

from sparql_server.cli.main import main

main()
