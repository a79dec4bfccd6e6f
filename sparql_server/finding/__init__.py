"""What is in the catalogue: things by name, and the schema, for pages and programs. Without Flask.

Knows what a request for them says and what is answered; not how names are searched.
"""
