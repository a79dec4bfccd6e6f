"""Groups and aggregates solutions, in pieces where these are many, or from sizes alone."""
