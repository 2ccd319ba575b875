"""Start-up beside bare Python."""

from __future__ import annotations

import sys

from measure import process
from table import Row

CLI = [sys.executable, "-m", "trialspec.oracle.cli.main"]


def rows(runs: int, quick: bool) -> list[Row]:
    """``--help`` and ``list`` as whole processes."""
    bare = process([sys.executable, "-c", "pass"], runs)
    found = []
    for name in ("--help", "list"):
        cost = process([*CLI, name], runs)
        ratio = cost.cpu / bare.cpu
        found.append(
            Row(
                f"start-up: spec-check {name}, processor time of the process",
                f"{cost.cpu * 1000:.0f} ms",
                f"python -c pass, {bare.cpu * 1000:.0f} ms",
                ratio,
                "<= 5",
                ratio <= 5,
            )
        )
    return found
