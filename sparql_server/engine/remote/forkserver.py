"""The imports of the fork server: the code that asks the parser about a query.

It is tied to the server here, as its main function is multiprocessing's own.
"""

from sparql_server.engine.processes.lifeline import die_with_parent
from sparql_server.engine.processes.privileges import be_private
from sparql_server.engine.remote import own_parser

__all__ = ["own_parser"]

die_with_parent()
be_private()
