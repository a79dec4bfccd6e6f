"""Results as Arrow and Parquet: columns typed by what they hold, or of whole terms.

The mapping is that of docs/data-frames.md. pyarrow is imported with the first such result.
"""
