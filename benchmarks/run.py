"""All benchmarks with one command: ``python benchmarks/run.py``.

Each line compares a cost of ours with a peer's or a limit's, measured in the same run, and says
whether the ratio keeps its bar. ``--quick`` takes fewer runs; the exit code is 1 when a bar that
does not depend on the number of runs is missed.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import enumeration
import judging
import proving
import replaying
import shipped
import starting
import stepping
from table import Row, show


def main() -> int:
    """Runs the parts and prints one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small inputs for the slow peers")
    options.add_argument("--runs", type=int, default=5, help="counted runs (default 5)")
    chosen = options.parse_args()
    rows: list[Row] = []
    for part in (starting, stepping, enumeration, proving, shipped, judging, replaying):
        rows += part.rows(runs=max(5, chosen.runs), quick=chosen.quick)
    print(f"{platform.python_implementation()} {platform.python_version()}, medians of >= 5 runs")
    print(show(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
