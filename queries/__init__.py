"""Questions that people ask of the catalogue, as SPARQL files, and the prefixes they use."""
