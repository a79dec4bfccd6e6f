"""Runs of linking: what each one added and withdrew, its evidence, judgements and review."""
