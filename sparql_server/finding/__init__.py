"""Discovery of the catalogue: things by name, the schema, descriptions in RDF. Without Flask.

Knows what a request for them says and what is answered; not how names are searched.
"""
