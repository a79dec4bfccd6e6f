"""``python -m loader.cli``: the command ``libris-loader``."""

from loader.cli.main import main

main()
