"""Evaluates the algebra on columns."""
