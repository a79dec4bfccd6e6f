"""Write the golden N-Quads anew."""

from tests.golden.pairs import NAMES, lines_of, path_of

for name in NAMES:
    path_of(name, ".nq").write_text("\n".join(lines_of(name)) + "\n", encoding="utf-8")
