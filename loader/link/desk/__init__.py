"""Desk: pages at which people judge doubts, on this machine alone.

Knows Flask. The command ``link review serve`` may ask it.
"""
