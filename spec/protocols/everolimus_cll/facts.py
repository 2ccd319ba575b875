"""What holds in every configuration, and the lemmas that make it inductive."""

from __future__ import annotations

from dataclasses import replace

from ...designs.three_plus_three import STAGES, lemmas
from ...model import Invariant, Lemma
from .course import ALEMTUZUMAB, EVEROLIMUS, Course

_WORDS = {9: "nine", 7: "seven"}


# without a reading of EVE-A03 alemtuzumab never begins
_BEGINS = "EVE_A03 in ('constant', 'end_together', 'free')"


def _of(course: Course) -> tuple[Invariant, ...]:
    name = course.named
    full = name("X_in_week == doses_per_week")
    return (
        Invariant(
            course.clause,
            f"{course.drug}-three-a-week",
            f"Nobody is given {course.drug} more than three times in a week.",
            name("X_in_week <= doses_per_week"),
            tight=full if course is EVEROLIMUS else f"implies({_BEGINS}, {full})",
        ),
        Invariant(
            course.clause,
            f"{course.drug}-{_WORDS[course.weeks]}-weeks",
            f"Nobody is given {course.drug} when its {_WORDS[course.weeks]} weeks are over.",
            name(
                "implies(state == 'treated' and (X_begun) and X_since == 0"
                " and EVE_A05 != 'count', X_day < 7 * X_weeks)"
            ),
        ),
    )


SUBJECT_INVARIANTS = (
    Invariant(
        "EVE-12",
        "level-before-treatment",
        "Nobody is treated without a dose level.",
        "implies(state in ('treated', 'follow_up'), level > 0)",
    ),
    *_of(EVEROLIMUS),
    *_of(ALEMTUZUMAB),
    Invariant(
        "EVE-15",
        "treated-until-it-ends",
        "Whose treatment has ended is not treated.",
        "implies(state in ('registered', 'treated'), ended == 'none')",
    ),
    Invariant(
        "EVE-16",
        "follow-up-is-limited",
        "Whoever is in follow-up is within five years of the end of treatment.",
        "implies(state == 'follow_up', five_years_over == 'running' and ended != 'none')",
    ),
)


def _counts(course: Course) -> tuple[Lemma, ...]:
    """What makes the number of doses inductive, where all are counted."""
    name = course.named
    return (
        Lemma(
            f"no-{course.drug}-before-the-first",
            name("implies(state in ('registered', 'treated') and not (X_begun), X_doses == 0)"),
        ),
        Lemma(
            f"all-{course.drug}",
            name("X_doses <= (doses_per_week * X_weeks if X_counted else 0)"),
        ),
    )


SUBJECT_LEMMAS = (
    *_counts(EVEROLIMUS),
    *_counts(ALEMTUZUMAB),
    Lemma(
        "five-years-not-yet",
        "implies(state in ('registered', 'treated'), five_years_over == 'waiting')",
    ),
    Lemma(
        "none-before-treatment",
        "implies(state == 'registered', not (evr_begun) and not (alz_begun))",
    ),
)

# the trial: phase1 is where it begins, with 3 + 3 the first cohort of a level
FIRST = "phase1"
PHASE_1 = (FIRST, *tuple(STAGES)[1:])
PLUGGED = "EVE_A01 == 'three_plus_three'"


def renamed(text: str) -> str:
    """A state of the 3 + 3 design, or a text that names it, as it is called here."""
    return text.replace(next(iter(STAGES)), FIRST)


TRIAL_INVARIANTS = (
    Invariant(
        "EVE-17",
        "accrual",
        "The trial takes in 44 patients at most.",
        "enrolled <= accrual or EVE_A06 == 'forecast'",
        tight="enrolled == accrual",
    ),
    Invariant(
        "EVE-17",
        "of-both-phases",
        "Nobody of phase I counts twice in the total.",
        "first <= enrolled and of_phase_2 <= enrolled",
    ),
    Invariant(
        "EVE-12",
        "phase-2-after-phase-1",
        "There is no phase II without patients of phase I.",
        "implies(state == 'phase2', first > 0)",
    ),
    Invariant(
        "EVE-03",
        "phase-2-at-the-mtd",
        "In phase II everyone is enrolled at the maximum tolerated dose.",
        "implies(state == 'phase2', mtd > 0 and level == mtd)",
    ),
    Invariant(
        "EVE-02",
        "mtd-once",
        "There is no maximum tolerated dose in phase I.",
        f"implies(state in {PHASE_1}, mtd == 0)",
    ),
)

_SIZES = (
    Lemma("all-of-phase-1", f"implies(state in {PHASE_1}, enrolled == first)"),
    Lemma("pending-are-enrolled", "implies(pending > 0, first > 0)"),
    Lemma("by-level", "all(at_level[k] <= first for k in levels)"),
    Lemma(
        "only-the-open-level",
        "implies(EVE_A01 not in ('people', 'three_plus_three') and mtd == 0, level == 1)",
    ),
)

TRIAL_LEMMAS = (
    *_SIZES,
    *(
        replace(lemma, holds=f"implies({PLUGGED}, {renamed(lemma.holds)})")
        for lemma in lemmas(declared="phase2")
    ),
)
