"""Descriptions of a thing: its address here, its statements, what points to it. Without Flask.

Knows which queries tell that and how their results are put in order for a page; asks by
``answering`` like any client, within the same limits.
"""
