"""``python -m tests.soak [SECONDS [SEED]]``: prints a table; exit code 1 if something is wrong."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.soak.soak import soak, table


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        report = soak(Path(folder), seconds, seed)
        sys.stdout.write(table(report) + "\n")
        if report.wrong:
            log = Path("benchmarks/out/soak.log")
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(Path(folder, "log").read_text())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
