"""What holds in every configuration of a subject, and the lemmas that make it inductive."""

from __future__ import annotations

from ...model import Invariant, Lemma

_INDUCTION = "state in ('induction', 'assessment_due')"
_FORMULA = "(min(len_dose, 15) if low_clearance else min(len_dose, 25))"

SUBJECT_INVARIANTS = (
    Invariant(
        "DTR-11",
        "maintenance-after-four",
        "Nobody is on maintenance before four cycles of induction.",
        "implies(state in ('maintenance', 'transplant') and DTR_A03 == 'finish', cycle == 5)",
    ),
    Invariant(
        "DTR-11",
        "maintenance-deserved",
        "Nobody goes over to maintenance without a negative immunofixation or a plateau.",
        f"implies({_INDUCTION} and decision == 'maintenance' and DTR_A10 != 'maintenance',"
        " ifx >= ifx_needed or on_plateau)",
    ),
    Invariant(
        "DTR-12",
        "induction-goes-on",
        "Nobody with a negative immunofixation or a plateau stays on induction after four cycles.",
        f"implies({_INDUCTION} and decision == 'induction' and cycle >= 4,"
        " ifx < ifx_needed and not (on_plateau))",
    ),
    Invariant(
        "DTR-15",
        "maintenance-ceiling",
        "Nobody takes more than 25 mg of lenalidomide in maintenance.",
        "maint_len <= 25",
        tight=True,
    ),
    Invariant(
        "DTR-16",
        "low-clearance-ceiling",
        "Nobody with a clearance below 40 cc/min takes more than 15 mg in maintenance.",
        "implies(state == 'maintenance' and low_clearance, maint_len <= 15)",
        tight=True,
    ),
    Invariant(
        "DTR-17",
        "never-raised",
        "Nobody takes more lenalidomide in maintenance than at the end of induction.",
        "implies(state == 'maintenance', maint_len <= len_dose)",
        tight=True,
    ),
    Invariant(
        "DTR-18",
        "one-formula",
        "In maintenance the dose of lenalidomide is the lower of the last one of induction and, "
        "below 40 cc/min, 15 mg, else 25 mg.",
        f"implies(state == 'maintenance', maint_len == {_FORMULA})",
    ),
    Invariant(
        "DTR-21",
        "assessed-before-the-next",
        "The assessment of the fourth cycle, and of each later one of induction, comes before what "
        "follows it.",
        "(state == 'assessment_due') == (state in ('induction', 'assessment_due') and cycle >= 4"
        " and decision == 'open')",
    ),
    Invariant(
        "DTR-22",
        "labs-of-past-weeks",
        "Laboratory work is of a week that has begun.",
        f"implies({_INDUCTION}, labs <= week)",
        tight=True,
    ),
    Invariant(
        "DTR-24",
        "transplant-on-plateau",
        "Nobody leaves for a transplantation without a plateau.",
        "implies(state == 'transplant', on_plateau or DTR_A25 == 'both' and ifx >= ifx_needed)",
    ),
)

SUBJECT_LEMMAS = (
    Lemma(
        "nothing-before-day-1",
        "implies(state == 'enrolled', cycle == 1 and decision == 'open' and labs == 0)",
    ),
    Lemma(
        "assessed-at-the-end",
        f"implies({_INDUCTION} and decision != 'open', in_cycle >= cycle_days - 7)",
    ),
    Lemma(
        "decided-after-four",
        f"implies({_INDUCTION} and decision == 'maintenance' and DTR_A03 == 'finish', cycle >= 4)",
    ),
)
