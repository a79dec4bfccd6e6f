"""Solutions as arrays of term numbers, and the numbers of a query's own terms."""
