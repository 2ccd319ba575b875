"""The two drugs and the blood: what is right in which state, on which day and after which cycle."""

from __future__ import annotations

from ...calendar import Regimen
from ...model import Requirement, Transition

DRUGS = ("lenalidomide", "dexamethasone")
LEVELS = {1: "10", 2: "15", 3: "25"}
OFF_LADDER = "5"
LENALIDOMIDE_DAYS = tuple(range(1, 22))
DEXAMETHASONE_DAYS = (1, 8, 15, 22)
ALWAYS_DRAWN = (1, 2, 3, 6, 9, 12)
EXTENSION_DRAWN = (18, 24)
COUNTED = 3
"""Up to which cycles are counted. Nothing but the cycle that a draw of blood names depends on
later numbers, and to count them all would make the machine five times as large. With a constant
of 25 every draw is checked against the number of its cycle."""
ON_TREATMENT = ("treated", "eligible_24")

# doses of lenalidomide by what dose_level shows; 0 is below the ladder
_DOSES = {0: OFF_LADDER} | LEVELS
_WEEKLY = ", ".join(str(day - 1) for day in DEXAMETHASONE_DAYS)


def _just_over(begun: int) -> tuple[Requirement, ...]:
    """That the named cycle is the current one, or the one ``begun`` cycles before it.

    Cycles are counted up to a constant only, which then means that or more.
    """
    return tuple(
        Requirement(
            "MAG-28",
            f"implies(event.cycle == {k}, cycle == {k + begun}"
            f" if {k + begun} < counted_cycles else cycle >= counted_cycles)",
        )
        for k in (*ALWAYS_DRAWN, *EXTENSION_DRAWN)
    )


_ALWAYS = ", ".join(map(str, ALWAYS_DRAWN))
_EXTENSION = ", ".join(map(str, EXTENSION_DRAWN))
_LISTED = (
    Requirement("MAG-28", f"event.cycle in ({_ALWAYS}, {_EXTENSION})"),
    Requirement("MAG-28", f"extension or event.cycle in ({_ALWAYS})"),
)

DOSES = (
    Transition(
        "MAG-04",
        ON_TREATMENT,
        "dose",
        None,
        "drug == 'lenalidomide'",
        "since_dose = 0 if in_cycle == 0 else 1",
        (
            Requirement("MAG-04", "in_cycle < last_day"),
            Requirement("MAG-04", f"dose_level <= {max(LEVELS)}"),
            *(
                Requirement(
                    "MAG-04" if level else "MAG-A19",
                    f"implies(dose_level == {level}, amount == {dose})",
                )
                for level, dose in _DOSES.items()
            ),
        ),
    ),
    Transition(
        "MAG-05",
        ON_TREATMENT,
        "dose",
        None,
        "drug == 'dexamethasone'",
        "since_dose = 0 if in_cycle == 0 else 1",
        (
            Requirement("MAG-05", f"in_cycle in ({_WEEKLY})"),
            Requirement("MAG-05", "part == 2 or amount == 20"),
            Requirement("MAG-15", "part == 1 or amount == 20"),
        ),
    ),
)

_TUBES = (
    Requirement("MAG-27", "edta == 10"),
    Requirement("MAG-27", "red_top == 6 or MAG_A26 == 'optional' and red_top == 0"),
)

DRAWS = (
    Transition(
        "MAG-28",
        "pre_treatment",
        "draw",
        requires=(
            Requirement("MAG-06", "assigned > 0"),
            Requirement("MAG-28", "event.cycle == 0"),
            *_TUBES,
        ),
    ),
    Transition(
        "MAG-28",
        (*ON_TREATMENT, "toxicity_hold", "delayed"),
        "draw",
        when="cycle_over",
        requires=(*_LISTED, *_just_over(0), *_TUBES),
    ),
    Transition(
        "MAG-28",
        ON_TREATMENT,
        "draw",
        when="not (cycle_over)",
        requires=(
            *_LISTED,
            Requirement("MAG-28", "in_cycle == 0"),
            Requirement("MAG-A25", "MAG_A25 == 'before_next' and since_dose > 0"),
            *_just_over(1),
            *_TUBES,
        ),
    ),
)

REGIMENS = (
    *(
        Regimen(
            "MAG-04",
            "lenalidomide",
            dose,
            "mg",
            ON_TREATMENT,
            LENALIDOMIDE_DAYS,
            "cycle_days",
            f"dose_level == {level}" + ("" if level else " and MAG_A19 == 'five'"),
            clock="in_cycle",
        )
        for level, dose in _DOSES.items()
    ),
    *(
        Regimen(
            clause,
            "dexamethasone",
            "20",
            "mg",
            ON_TREATMENT,
            DEXAMETHASONE_DAYS,
            "cycle_days",
            f"part == {part}",
            clock="in_cycle",
        )
        for part, clause in ((1, "MAG-05"), (2, "MAG-15"))
    ),
)
