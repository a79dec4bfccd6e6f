"""Evaluates expressions on columns, and orders them."""
