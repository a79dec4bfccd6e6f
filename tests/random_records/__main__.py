"""``python -m tests.random_records [COUNT [SEED]]``: faults and figures; exit 1 for a fault."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.random_records.judging import BATCH, Tried, attempt
from tests.random_records.making import models


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    logging.disable(logging.WARNING)
    start, sources, total = time.monotonic(), models(), Tried()
    for done in range(0, count, BATCH):
        seed = first + done // BATCH
        with tempfile.TemporaryDirectory() as folder:
            number = min(BATCH, count - done)
            tried = attempt(Path(folder), seed, number, sources, thorough=seed % 10 < 2)
        total.add(tried)
        sys.stdout.writelines(f"{seed}: {fault}\n" for fault in tried.faults)
        sys.stdout.flush()
    sys.stdout.write(f"{json.dumps(total.figures())} in {time.monotonic() - start:.0f} s\n")
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main())
