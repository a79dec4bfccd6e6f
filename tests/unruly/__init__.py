"""Harvests from providers that keep few rules, chosen by seed."""
