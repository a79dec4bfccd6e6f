"""Run the W3C's suites against a server of our own and compare with what is known.

Exit code 1 if a test fails that isn't known to, or passes that is, or if
the suites can't be run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conformance.releases import Releases
from tests.conformance.report import Report, known_failures
from tests.conformance.suites import SUITES, SuiteError, run, what_is_lacking
from tests.server.conftest import start, stop


def main(names: list[str]) -> int:
    """Run the suites of these names, or all; return the exit code."""
    lacking = what_is_lacking()
    if lacking:
        print(f"The suites can't be run: {lacking}", file=sys.stderr)
        return 1
    chosen = [suite for suite in SUITES if not names or suite.name in names]
    known, surprises = known_failures(), 0
    with TemporaryDirectory() as folder:
        releases = Releases(Path(folder))
        releases.publish(b"")
        server = start(Path(folder), "--workers", "1", "--default-graph", "own")
        try:
            for suite in chosen:
                outcomes = list(run(suite, f"{server.address}/sparql", releases))
                report = Report(suite, outcomes, known.get(suite.name, {}))
                print("\n".join(report.lines()), flush=True)
                surprises += len(report.surprises())
        except SuiteError as error:
            print(f"The suites could not be run to their end: {error}", file=sys.stderr)
            return 1
        finally:
            stop(server)
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
