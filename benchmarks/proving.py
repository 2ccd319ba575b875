"""Proofs for every number of levels beside the import of Z3."""

from __future__ import annotations

import sys
from pathlib import Path

from measure import call, process
from table import Row

MODEL = str(Path(__file__).parent / "models" / "escalation.json")


def rows(runs: int, quick: bool) -> list[Row]:
    """The induction of M and of ibrutinib-mm, after start-up; and one whole verification."""
    bare = process([sys.executable, "-c", "pass"], runs)
    with_z3 = process([sys.executable, "-c", "import z3"], runs)
    importing = with_z3.wall - bare.wall
    found = []
    for argument, size in ((MODEL, "D"), ("ibrutinib-mm", "levels")):
        seconds = call(lambda a=argument, s=size: prove(a, s), runs)
        ratio = seconds / importing
        found.append(
            Row(
                f"every safety obligation of {Path(argument).stem} for every {size}",
                f"{seconds * 1000:.0f} ms",
                f"import z3, {importing * 1000:.0f} ms",
                ratio,
                "<= 3",
                ratio <= 3,
            )
        )
    whole = process([sys.executable, "-m", "trialspec.oracle.cli.main", "verify", "ibrutinib-mm"], runs)
    found.append(
        Row(
            "spec-check verify ibrutinib-mm, processor time",
            f"{whole.cpu:.2f} s",
            "a limit of 2 s",
            whole.cpu / 2,
            "<= 1",
            whole.cpu <= 2,
        )
    )
    return found


def prove(argument: str, size: str) -> int:
    """Proves everything once; all of it must come out proved."""
    from trialspec.spec.registry import load
    from trialspec.statemachines.bind import bind
    from trialspec.statemachines.proof.induction import induction
    from trialspec.statemachines.proof.obligations import properties

    bound = bind(load(argument), symbolic=size)
    found = induction(bound, properties(bound))
    if found.open:
        sys.exit(f"not proved: {', '.join(found.open)}")
    return 1
