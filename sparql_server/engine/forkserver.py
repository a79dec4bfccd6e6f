"""What the fork server imports, and nobody else: the workers' code, once for all of them.

It is tied to the server here, as its main function is multiprocessing's own. Workers inherit what
would tell it of the server's end otherwise, so that a busy one would keep it alive.
"""

from sparql_server.engine import complaint, worker
from sparql_server.engine.lifeline import die_with_parent

__all__ = ["complaint", "worker"]

die_with_parent()
