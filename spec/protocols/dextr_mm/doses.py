"""The three drugs: which dose is right in which state and on which day, and what is due."""

from __future__ import annotations

from ...calendar import Regimen
from ...model import Requirement, Transition

DEXAMETHASONE, THALIDOMIDE, LENALIDOMIDE = "dexamethasone", "thalidomide", "lenalidomide"
DRUGS = (DEXAMETHASONE, THALIDOMIDE, LENALIDOMIDE)
INDUCTION = ("induction", "assessment_due")
PULSES = (1, 2, 3, 4, 9, 10, 11, 12, 17, 18, 19, 20)
WEEKLY = (1, 8, 15, 22)
FIRST_WEEK = tuple(range(1, 8))
REST_OF_CYCLE = tuple(range(8, 29))
WHOLE_CYCLE = tuple(range(1, 29))
THREE_WEEKS = tuple(range(1, 22))
LADDER = (25, 20, 15, 10, 5)

_IN_CYCLE = "in_cycle < cycle_days"
_IN_THREE_WEEKS = f"in_cycle < {len(THREE_WEEKS)}"


def _clock(days: tuple[int, ...]) -> str:
    """Days of a cycle as what its clock shows, 0 on day 1."""
    return f"in_cycle in ({', '.join(str(d - 1) for d in days)})"


def _amount(dose: int) -> str:
    """The dose of the schedule; of dexamethasone and thalidomide a lower one by a reading."""
    return f"amount == {dose} or DTR_A17 == 'lower' and amount < {dose} and amount > 0"


def _given(drug: str) -> str:
    return f"drug == '{drug}'"


_FIRST_DOSES = "(in_cycle < 7 if DTR_A20 == 'day' else thal_50 < 7)"
# in the first cycle the dose of 50 mg is that of the schedule
_STAYS_LOW = "DTR_A19 == 'fifty' and thal_low"
LOW_THALIDOMIDE = f"{_STAYS_LOW} or cycle == 1 and {_FIRST_DOSES}"
_RIGHT_THALIDOMIDE = tuple(
    (when, dose, f"implies({when}, {_amount(dose)})")
    for when, dose in (("low_thalidomide", 50), ("not (low_thalidomide)", 100))
)

# a case alone begins with somebody who is enrolled
ENROLLED = Requirement("DTR-03", "enrolled or DTR_A36 == 'assumed'")

IN_INDUCTION = (
    Transition(
        "DTR-05",
        INDUCTION,
        "dose",
        when=_given(DEXAMETHASONE),
        requires=(
            ENROLLED,
            Requirement("DTR-05", f"{_clock(PULSES)} or X_A08 == 'make_up' and {_IN_CYCLE}"),
            Requirement("DTR-05", _amount(40)),
        ),
    ),
    Transition(
        "DTR-06",
        "induction",
        "dose",
        when=f"{_given(THALIDOMIDE)} and cycle == 1",
        then="thal_50 = min(thal_50 + 1, 7) if DTR_A20 == 'doses' else 0",
        requires=(
            ENROLLED,
            Requirement("DTR-06", _IN_CYCLE),
            *(Requirement("DTR-06", right) for _, _, right in _RIGHT_THALIDOMIDE),
        ),
    ),
    Transition(
        "DTR-07",
        INDUCTION,
        "dose",
        when=f"{_given(THALIDOMIDE)} and cycle > 1",
        requires=(
            Requirement("DTR-07", _IN_CYCLE),
            *(Requirement("DTR-07", right) for _, _, right in _RIGHT_THALIDOMIDE),
        ),
    ),
    Transition(
        "DTR-08",
        INDUCTION,
        "dose",
        when=_given(LENALIDOMIDE),
        requires=(
            ENROLLED,
            Requirement("DTR-08", _IN_THREE_WEEKS),
            Requirement("DTR-08", "len_dose > 0"),
            *(
                Requirement("DTR-08", f"implies(len_dose == {dose}, amount == {dose})")
                for dose in LADDER
            ),
        ),
    ),
)

# by clause, when the dose in maintenance comes from it
MAINTENANCE = {
    "DTR-15": "not low_clearance and len_dose == 25",
    "DTR-16": "low_clearance and len_dose == 25",
    "DTR-17": "not low_clearance and len_dose < 25",
    "DTR-18": "low_clearance and len_dose < 25",
}

# the explanation of a drug for which there is no rule
_TWO_DRUGS = Requirement("DTR-14", "drug != 'thalidomide' or DTR_A18 == 'continues'")

IN_MAINTENANCE = (
    Transition(
        "DTR-14",
        "maintenance",
        "dose",
        when=_given(DEXAMETHASONE),
        requires=(
            _TWO_DRUGS,
            Requirement("DTR-14", f"{_clock(WEEKLY)} or X_A08 == 'make_up' and {_IN_CYCLE}"),
            Requirement("DTR-14", _amount(20)),
        ),
    ),
    *(
        Transition(
            clause,
            "maintenance",
            "dose",
            when=f"{_given(LENALIDOMIDE)} and {when}",
            requires=(
                _TWO_DRUGS,
                Requirement(clause, _IN_THREE_WEEKS),
                Requirement(clause, "maint_len > 0"),
                *(
                    Requirement(clause, f"implies(maint_len == {dose}, amount == {dose})")
                    for dose in LADDER
                ),
            ),
        )
        for clause, when in MAINTENANCE.items()
    ),
    Transition(
        "DTR-A18",
        "maintenance",
        "dose",
        when=f"DTR_A18 == 'continues' and {_given(THALIDOMIDE)}",
        requires=(
            Requirement("DTR-07", _IN_CYCLE),
            *(Requirement("DTR-07", right) for _, _, right in _RIGHT_THALIDOMIDE),
        ),
    ),
)

DOSES = (*IN_INDUCTION, *IN_MAINTENANCE)


def _regimen(
    clause: str,
    drug: str,
    dose: str,
    states: tuple[str, ...],
    days: tuple[int, ...],
    when: str = "True",
) -> Regimen:
    return Regimen(clause, drug, dose, "mg", states, days, "cycle_days", when, clock="in_cycle")


_FIRST = ("induction",)
_NOT_LOW = f"not ({_STAYS_LOW})"
_BY_DAY = f"cycle == 1 and DTR_A20 == 'day' and {_NOT_LOW}"
_BY_DOSES = f"cycle == 1 and DTR_A20 == 'doses' and {_NOT_LOW}"

REGIMENS = (
    _regimen("DTR-05", DEXAMETHASONE, "40", INDUCTION, PULSES),
    _regimen("DTR-06", THALIDOMIDE, "50", _FIRST, FIRST_WEEK, _BY_DAY),
    _regimen("DTR-06", THALIDOMIDE, "100", _FIRST, REST_OF_CYCLE, _BY_DAY),
    _regimen("DTR-06", THALIDOMIDE, "50", _FIRST, WHOLE_CYCLE, f"{_BY_DOSES} and thal_50 < 7"),
    _regimen("DTR-06", THALIDOMIDE, "100", _FIRST, WHOLE_CYCLE, f"{_BY_DOSES} and thal_50 == 7"),
    _regimen("DTR-07", THALIDOMIDE, "100", INDUCTION, WHOLE_CYCLE, f"cycle > 1 and {_NOT_LOW}"),
    _regimen("DTR-A19", THALIDOMIDE, "50", INDUCTION, WHOLE_CYCLE, _STAYS_LOW),
    _regimen("DTR-08", LENALIDOMIDE, "len_dose", INDUCTION, THREE_WEEKS, "len_dose > 0"),
    _regimen("DTR-14", DEXAMETHASONE, "20", ("maintenance",), WEEKLY),
    *(
        _regimen(
            clause,
            LENALIDOMIDE,
            "maint_len",
            ("maintenance",),
            THREE_WEEKS,
            f"{when} and maint_len > 0",
        )
        for clause, when in MAINTENANCE.items()
    ),
    *(
        _regimen(
            "DTR-A18",
            THALIDOMIDE,
            dose,
            ("maintenance",),
            WHOLE_CYCLE,
            f"DTR_A18 == 'continues' and {low}",
        )
        for dose, low in (("50", _STAYS_LOW), ("100", _NOT_LOW))
    ),
)
