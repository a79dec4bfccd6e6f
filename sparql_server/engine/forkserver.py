"""What the fork server imports: the code that asks the parser about a query, once for all of them.

It is tied to the server here, as its main function is multiprocessing's own.
"""

from sparql_server.engine import complaint
from sparql_server.engine.lifeline import die_with_parent
from sparql_server.engine.privileges import be_private

__all__ = ["complaint"]

die_with_parent()
be_private()
