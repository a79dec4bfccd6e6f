"""Matching: how likely two profiles describe one thing, by names, years and titles."""
