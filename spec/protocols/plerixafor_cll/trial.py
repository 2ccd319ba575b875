"""The trial machine: which level is open, who may begin the combination, what each one decides."""

from __future__ import annotations

from ...designs.three_plus_three import (
    CONSTANTS,
    DECISIONS,
    RECORD,
    STAGES,
    Citations,
    closings,
    decision_table,
    variables,
)
from ...model import (
    Action,
    Bool,
    Count,
    Machine,
    Observation,
    Optional,
    Requirement,
    State,
    Transition,
    Unspecified,
    Whole,
)
from .facts import TRIAL_INVARIANTS, TRIAL_LEMMAS
from .trial_claims import CLAIMS

LEVEL = Whole(1, "levels")
OPEN = tuple(STAGES)
VARIANT = "PLX_A20"

DEFINITIONS = {
    # one more evaluated subject at the open level
    "n": "treated[level] + 1",
    "y": "dlts[level] + dlt",
    **DECISIONS,
    "places": "cohort if state == 'first_three' else cap",
    # who takes a place before plerixafor begins
    "at_assignment": "PLX_A06 == 'consumes' and PLX_A07 == 'registration'",
    "in_flight": "0 if at_assignment else 1",
}

CITES = Citations(
    first="PLX-07",
    escalate="PLX-07",
    confirm="PLX-07",
    add="PLX-07",
    additional="PLX-07",
    escalate_after_six="PLX-07",
    declare="PLX-07",
    confirming="PLX-07",
    declare_confirmed="PLX-07",
    close="PLX-07",
)

DECIDE = decision_table(
    CITES,
    # nothing is confirmed under E
    {
        stage: closings("N" if stage == "confirming_three" else VARIANT, "mtd", "PLX-07")
        for stage in STAGES
    },
    record=RECORD + "; pending -= 1",
    confirm_top=f"{VARIANT} == 'N'",
)

_OPEN_LEVEL = Requirement("PLX-07", "event.level == level")


def _takes_a_place(unless: str) -> tuple[Requirement, ...]:
    return (
        Requirement("PLX-07", f"{unless} or treated[level] + pending < places"),
        Requirement("PLX-07", f"{unless} or X_A04 == 'overlapping' or pending == 0"),
    )


ENROL = (
    Transition(
        "PLX-07",
        OPEN,
        "assign",
        when="PLX_A07 == 'registration'",
        then="pending += 1 - in_flight",
        requires=(_OPEN_LEVEL, *_takes_a_place("not at_assignment")),
    ),
    Transition(
        "PLX-07",
        OPEN,
        "start_combination",
        when="not at_assignment or pending > 0",
        then="pending += in_flight",
        requires=(_OPEN_LEVEL, *_takes_a_place("at_assignment")),
    ),
    Transition("PLX-07", OPEN, "not_evaluable", then="pending -= 1"),
)

_COUNTS = "X_A05 == 'report' and dlts[event.level] < treated[event.level]"

LATE = (
    Transition("PLX-07", OPEN, "late_dlt", Unspecified("X-A05"), "X_A05 == 'readjudicate'"),
    Transition("PLX-07", OPEN, "late_dlt", when=_COUNTS, then="dlts[event.level] += 1"),
    Transition("PLX-07", OPEN, "late_dlt", when=f"X_A05 != 'readjudicate' and not ({_COUNTS})"),
)

EVENTS = (
    Action("assign", level=LEVEL, meaning="a cohort is assigned before plerixafor (PLX-A07)"),
    Action(
        "start_combination",
        level=Optional(LEVEL, "level"),
        meaning="a subject begins plerixafor in the cohort of this level",
    ),
    Observation(
        "evaluate",
        possible="pending > 0",
        dlt=Bool,
        meaning="a subject of the open level was observed for toxicity to the end, or had one",
    ),
    Observation(
        "not_evaluable",
        possible="pending > 0 and X_A03 == 'replaced'",
        meaning="a subject can't be judged, and is replaced",
    ),
    Observation(
        "late_dlt",
        # of whoever was treated at a level that is or was open
        possible="event.level <= level or treated[event.level] > 0",
        level=LEVEL,
        meaning="a toxicity in the window, reported after the evaluation",
    ),
)

TRIAL = Machine(
    name="trial",
    meaning="Dose escalation of plerixafor in cohorts of three to six.",
    constants={**CONSTANTS, "levels": 4},
    variables=(
        *variables(),
        Count("pending", 0, "cohort", meaning="subjects at the open level not yet evaluated"),
    ),
    definitions=DEFINITIONS,
    states=(
        State("first_three", initial=True, meaning="fewer than three evaluated at this level"),
        State("additional_three", meaning="one toxicity in the first three: three more"),
        State(
            "confirming_three",
            meaning="no toxicity in the first three, none higher: three more",
        ),
        State("mtd", final=True, meaning="the level is the maximum tolerated dose"),
        State("no_mtd", final=True, meaning="no level is tolerated"),
    ),
    events=EVENTS,
    transitions=(*ENROL, *DECIDE, *LATE),
    invariants=TRIAL_INVARIANTS,
    lemmas=TRIAL_LEMMAS,
    claims=CLAIMS,
)
