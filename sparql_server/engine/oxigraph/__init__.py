"""Has Oxigraph answer as SPARQL 1.1 says, where it would answer otherwise if asked as written."""
