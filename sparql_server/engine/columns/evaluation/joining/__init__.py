"""Joins solutions with patterns and paths, in the graphs that these stand in."""
