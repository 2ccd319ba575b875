"""Proofs for every number of levels beside the import of Z3."""

from __future__ import annotations

import sys
from pathlib import Path

from measure import call, process
from table import Row

# the first three are the caps; the fourth is an invariant that their induction rests on
CAPS = (
    "IBR-03/treated-cap",
    "IBR-11/mtd-support",
    "IBR-03/escalation-total",
    "IBR-10/levels-below",
)
MODEL = str(Path(__file__).parent / "models" / "escalation.json")


def rows(runs: int, quick: bool) -> list[Row]:
    """The induction of M and of ibrutinib-mm, after start-up; and one whole verification."""
    bare = process([sys.executable, "-c", "pass"], runs)
    with_z3 = process([sys.executable, "-c", "import z3"], runs)
    importing = with_z3.wall - bare.wall
    found = []
    for what, argument, size, wanted in (
        ("the four invariants of M", MODEL, "D", ()),
        ("the caps of ibrutinib-mm", "ibrutinib-mm", "levels", CAPS),
    ):
        seconds = call(lambda a=argument, s=size, w=wanted: prove(a, s, w), runs)
        ratio = seconds / importing
        found.append(
            Row(
                f"{what} proved for every {size}, with their lemmas and ranges",
                f"{seconds * 1000:.0f} ms",
                f"import z3, {importing * 1000:.0f} ms",
                ratio,
                "<= 3",
                ratio <= 3,
            )
        )
    seconds = call(lambda: prove_all("ibrutinib-mm", "levels"), runs)
    found.append(
        Row(
            "every symbolic obligation of the ibrutinib-mm trial for every levels",
            f"{seconds * 1000:.0f} ms",
            f"import z3, {importing * 1000:.0f} ms",
            seconds / importing,
            "none",
            True,
        )
    )
    whole = process(
        [sys.executable, "-m", "trialspec.oracle.cli.main", "verify", "ibrutinib-mm"], runs
    )
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


def prove(argument: str, size: str, wanted: tuple[str, ...]) -> int:
    """Proves the wanted invariants (all of them when none is named) with every lemma, once."""
    from trialspec.spec.registry import load
    from trialspec.statemachines.bind import bind
    from trialspec.statemachines.proof.obligations import properties
    from trialspec.statemachines.proof.scripts import Scripts
    from trialspec.statemachines.proof.solver import check

    bound = bind(load(argument), symbolic=size)
    chosen = tuple(
        p for p in properties(bound) if not wanted or p.id.startswith("lemma/") or p.id in wanted
    )
    assert not wanted or {p.id for p in chosen} >= set(wanted)
    ranges = tuple(f.name for f in bound.fields if not f.is_flag)
    for script in Scripts(bound, chosen, ranges).steps():
        if set(check(script.text)) != {"unsat"}:
            sys.exit(f"not proved: {script.name}")
    return 1


def prove_all(argument: str, size: str) -> int:
    """Proves every obligation that the symbolic engine knows, once."""
    from trialspec.spec.registry import load
    from trialspec.statemachines.bind import bind
    from trialspec.statemachines.proof.induction import induction
    from trialspec.statemachines.proof.obligations import properties

    bound = bind(load(argument), symbolic=size)
    found = induction(bound, properties(bound))
    if found.open:
        sys.exit(f"not proved: {', '.join(found.open)}")
    return 1
