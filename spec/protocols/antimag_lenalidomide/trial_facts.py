"""What holds in every configuration of the trial, and the lemmas that make it inductive."""

from __future__ import annotations

from ...model import Invariant, Lemma

_TOTAL = "sum(treated[k] for k in levels)"
_PART_2 = "state in ('expansion', 'complete')"

INVARIANTS = (
    Invariant(
        "MAG-10",
        "patients-cap",
        "At most twelve patients of part 1 are evaluated or under observation.",
        f"{_TOTAL} + pending + cohort_left <= patients",
        tight=True,
    ),
    Invariant(
        "MAG-07",
        "eliminated-stays-closed",
        "No patient is treated at a level that was eliminated.",
        "implies(state == 'escalating', level < eliminated)",
    ),
    Invariant(
        "MAG-12",
        "selected-on-all",
        "The dose is selected when all patients of part 1 were evaluated.",
        f"implies(state == 'selecting' and MAG_A28 == 'evaluated', {_TOTAL} == patients)",
    ),
    Invariant(
        "MAG-13",
        "mtd-was-tried",
        "The maximum tolerated dose was given to somebody, and is not an eliminated one.",
        "implies(mtd > 0, (MAG_A09 == 'any' or treated[mtd] > 0)"
        " and (MAG_A12 == 'literal' or mtd < eliminated))",
    ),
    Invariant(
        "MAG-14",
        "two-parts",
        "Nobody enters part 2 before a maximum tolerated dose is selected.",
        f"(mtd > 0) == ({_PART_2}) and implies(expanded > 0, mtd > 0)",
    ),
    Invariant(
        "MAG-14",
        "expansion-cap",
        "At most eight patients are treated in part 2.",
        "expanded <= expansion_size",
        tight=True,
    ),
    Invariant(
        "MAG-14",
        "expansion-complete",
        "The trial is complete with exactly eight patients in part 2.",
        "implies(state == 'complete' and MAG_A08 == 'part_1', expanded == expansion_size)",
    ),
    Invariant(
        "MAG-14",
        "trial-total",
        "The whole trial treats at most twenty patients.",
        f"{_TOTAL} + expanded <= patients + expansion_size",
        tight=True,
    ),
)

LEMMAS = (
    Lemma("toxic-are-treated", "all(dlts[k] <= treated[k] for k in levels)"),
    Lemma("cohorts-of-one", "implies(MAG_A06 == 'one', cohort_left == 0)"),
    Lemma("one-at-a-time", "implies(MAG_A07 == 'wait', pending <= 1)"),
    Lemma("no-cohort-left", "implies(state != 'escalating', cohort_left == 0)"),
    Lemma(
        "all-evaluated",
        "implies(state != 'escalating' and MAG_A28 == 'evaluated', pending == 0)",
    ),
)
