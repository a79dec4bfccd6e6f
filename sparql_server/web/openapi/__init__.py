"""The description of all addresses, after OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html.

Data alone: ``openapi_document.described`` returns what ``/openapi.json`` has.
"""
