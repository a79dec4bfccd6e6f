"""The format of the text index: its fields, and how words are written in it. The loader asks it."""
