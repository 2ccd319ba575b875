"""The one place that asks a solver: a script in, one answer for each check-sat out."""

from __future__ import annotations

from functools import cache
from typing import Any

RESOURCES = 2_000_000


def check(text: str) -> list[str]:
    """Z3's answers (sat, unsat, unknown) to a script, within a fixed number of resource units.

    The limit is in the solver's own units, so that an answer doesn't depend on the machine.
    """
    import z3

    limited = f"(reset)\n(set-option :rlimit {RESOURCES})\n{text}"
    try:
        output: str = z3.Z3_eval_smtlib2_string(_context().ref(), limited)
    except z3.Z3Exception as error:
        raise AssertionError(f"the solver did not take the script: {error!s:.500}") from None
    answers = output.split()
    if any(a not in ("sat", "unsat", "unknown") for a in answers):
        raise AssertionError(f"the solver did not take the script: {output.strip()[:500]}")
    return answers


@cache
def _context() -> Any:
    """One context for all scripts, which start by reset: making one costs more than solving."""
    import z3

    return z3.Context()
