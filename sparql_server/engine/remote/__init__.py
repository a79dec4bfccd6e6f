"""The remote engine: another SPARQL endpoint evaluates the queries; limits and formats are ours."""
