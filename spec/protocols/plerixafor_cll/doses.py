"""The three drugs: which dose is right in which state and on which day, and what is due."""

from __future__ import annotations

from ...calendar import Regimen
from ...model import Requirement, Transition

DRUGS = ("lenalidomide", "plerixafor", "rituximab")
DAYS = (1, 3, 5, 8, 10, 12, 15, 17, 19)
REST = (22, 24, 26)  # the same weekdays in the fourth week
LAST_DAY = 21  # of the three weeks in which plerixafor is given
COHORTS = {
    1: ("PLX-08", "0.24"),
    2: ("PLX-09", "0.32"),
    3: ("PLX-10", "0.42"),
    4: ("PLX-11", "0.54"),
}
LENALIDOMIDE = {"5": "PLX-03", "7.5": "PLX-04", "10": "PLX-05"}


def _clock(days: tuple[int, ...]) -> str:
    """Days of a cycle as what its clock shows, 0 on day 1."""
    return f"in_cycle in ({', '.join(str(d - 1) for d in days)})"


OTHER_DAY = (
    f"PLX_A27 == 'cohort_4' and level < {max(COHORTS)} and {_clock(REST)}"
    f" or (X_A08 == 'make_up' or PLX_A10 == 'weekdays') and in_cycle < {LAST_DAY}"
)

_LENALIDOMIDE = tuple(
    Requirement(clause, f"implies(drug == 'lenalidomide' and len_dose == {dose}, amount == {dose})")
    for dose, clause in LENALIDOMIDE.items()
)


def _cohort(level: int, dose: str) -> str:
    smaller = f"PLX_A24 == 'lower' and amount < {dose} and amount > 0"
    return f"implies(level == {level}, amount == {dose} or {smaller})"


_PLERIXAFOR = Transition(
    "PLX-12",
    ("combination", "interim_due", "stage3"),
    "dose",
    when="drug == 'plerixafor'",
    requires=(
        Requirement("PLX-12", f"{_clock(DAYS)} or other_day"),
        *(Requirement(clause, _cohort(level, dose)) for level, (clause, dose) in COHORTS.items()),
    ),
)

_RITUXIMAB = (
    Requirement("PLX-17", "amount == 375"),
    Requirement("PLX-17", "in_cycle == 0 or made_up"),
    Requirement("PLX-19", "rtx < rtx_cap"),
    Requirement("PLX-17", "since_rtx >= 1"),
)


def _lenalidomide(state: str, *only: Requirement, when: str = "True") -> Transition:
    """Every day, at the dose of the day; ``only`` are the clauses that keep other drugs away."""
    return Transition("PLX-13", state, "dose", when=when, requires=(*only, *_LENALIDOMIDE))


_NO_PLERIXAFOR = "drug != 'plerixafor'"
_NO_RITUXIMAB = "drug != 'rituximab'"

# of two rules that fail equally a refusal explains the first: plerixafor and rituximab before the
# rest
DOSES = (
    _PLERIXAFOR,
    Transition(
        "PLX-17",
        "stage3",
        "dose",
        None,
        "drug == 'rituximab'",
        "rtx += 1; since_rtx = 0",
        _RITUXIMAB,
    ),
    Transition(
        "PLX-22",
        "combination",
        "dose",
        "stage3",
        "drug == 'rituximab' and response == 'SD' and PLX_A19 == 'optional'",
        "rtx += 1; since_rtx = 0",
        _RITUXIMAB,
    ),
    _lenalidomide(
        "stage1", Requirement("PLX-06c", _NO_PLERIXAFOR), Requirement("PLX-17", _NO_RITUXIMAB)
    ),
    *(
        _lenalidomide(state, Requirement("PLX-17", _NO_RITUXIMAB), when=_NO_PLERIXAFOR)
        for state in ("combination", "interim_due")
    ),
    _lenalidomide("sd_choice", Requirement("PLX-21", "drug == 'lenalidomide'")),
    _lenalidomide("stage3", when="drug == 'lenalidomide'"),
    _lenalidomide(
        "mono",
        Requirement("PLX-15", "drug == 'lenalidomide' or response != 'CR'"),
        Requirement("PLX-20", "drug == 'lenalidomide'"),
    ),
)


_WEEKDAYS = ("Mon", "Wed", "Fri")
_ANY_DAY = tuple(range(1, LAST_DAY + 1))
_NO_REST = tuple(sorted((*DAYS, *REST)))
# by readings of weekdays and of the week of rest: when, which days, which weekdays
_SCHEDULES = (
    ("PLX_A10 == 'both' and ({})", DAYS, _WEEKDAYS),
    ("PLX_A10 == 'both' and not ({})", _NO_REST, _WEEKDAYS),
    ("PLX_A10 == 'days' and ({})", DAYS, ()),
    ("PLX_A10 == 'days' and not ({})", _NO_REST, ()),
    ("PLX_A10 == 'weekdays'", _ANY_DAY, _WEEKDAYS),
)


def _schedules(level: int, clause: str, dose: str) -> tuple[Regimen, ...]:
    """The calendar of one cohort."""
    rests = f"PLX_A27 == 'all' or level == {max(COHORTS)}"
    return tuple(
        Regimen(
            clause,
            "plerixafor",
            dose,
            "mg/kg",
            ("combination", "interim_due", "stage3"),
            days,
            "cycle_days",
            f"level == {level} and {when.format(rests)}",
            clock="in_cycle",
            weekdays=weekdays,
        )
        for when, days, weekdays in _SCHEDULES
    )


REGIMENS = (
    Regimen(
        "PLX-13",
        "lenalidomide",
        "len_dose",
        "mg",
        ("stage1", "combination", "interim_due", "sd_choice", "stage3", "mono"),
    ),
    *(r for level, cohort in COHORTS.items() for r in _schedules(level, *cohort)),
    Regimen(
        "PLX-17",
        "rituximab",
        "375",
        "mg/m2",
        ("stage3",),
        (1,),
        "cycle_days",
        "combo_cycle > interim_after and (PLX_A19 == 'implied' or response != 'SD')",
        clock="in_cycle",
    ),
)
