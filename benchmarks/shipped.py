"""The shipped protocols as a whole: everything verified, every pair of readings compared."""

from __future__ import annotations

import sys

from measure import process
from table import Row

SPEC_CHECK = [sys.executable, "-m", "trialspec.oracle.cli.main"]
VERIFY_SECONDS, READINGS_SECONDS, MEMORY = 6, 20, 500


def rows(runs: int, quick: bool) -> list[Row]:
    """Costs of whole processes; ``quick`` asks for the smallest protocol alone."""
    from trialspec.spec.registry import names

    asked = ["ibrutinib-mm"] if quick else list(names())
    which = "ibrutinib-mm alone" if quick else f"{len(asked)} protocols"
    verify = process([*SPEC_CHECK, "verify", *asked, "--quiet"], runs)
    each = [process([*SPEC_CHECK, "readings", name, "--json"], runs) for name in asked]
    compared = sum(cost.cpu for cost in each)
    return [
        _limit(f"spec-check verify, {which}, processor time", verify.cpu, VERIFY_SECONDS, "s"),
        _limit("the same, peak memory", verify.megabytes, MEMORY, "MB"),
        _limit(
            f"spec-check readings, {which}, a process each, processor time",
            compared,
            READINGS_SECONDS,
            "s",
        ),
        _limit(
            "the same, peak memory of the largest", max(c.megabytes for c in each), MEMORY, "MB"
        ),
    ]


def _limit(what: str, found: float, limit: float, unit: str) -> Row:
    shown = f"{found:.1f} {unit}" if unit == "s" else f"{found:.0f} {unit}"
    kept = found <= limit
    return Row(what, shown, f"a limit of {limit} {unit}", found / limit, "<= 1", kept)
