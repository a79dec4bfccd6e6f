"""Diagnosis of a malformed query: where, why, what the parser says, and what was meant.

Asks ``sparql.lexer`` and ``sparql.correction``, and never the data. Whatever is read of a query is
bounded, and read in time that grows with its length alone: attackers send malformed queries too.
"""

from sparql_server.sparql.diagnosis.explaining import diagnose, repaired
from sparql_server.sparql.diagnosis.mistake import Diagnosis, read_diagnosis
from sparql_server.sparql.diagnosis.parser_reason import gave_up

__all__ = ["Diagnosis", "diagnose", "gave_up", "read_diagnosis", "repaired"]
