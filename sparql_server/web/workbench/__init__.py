"""The server's side of the workbench: words for completion, errors of a query."""
