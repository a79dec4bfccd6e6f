"""The schema of a release: its classes and properties, counted, and what goes with what."""
