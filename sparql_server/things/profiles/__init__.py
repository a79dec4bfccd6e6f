"""The profiles in which a thing is told of: what of it is wanted, as KB's own lenses have it."""
