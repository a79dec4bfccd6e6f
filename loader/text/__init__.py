"""The text index of a release: things by their names, texts by their words; made of columns.

Knows numpy and which properties name things. What the index looks like is the server's to say.
"""
