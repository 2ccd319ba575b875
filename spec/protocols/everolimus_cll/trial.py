"""The trial machine: who is enrolled at which level, the dose that phase II is about, 44 in all.

By which rule the level goes up the text does not say (EVE-A01). One reading plugs in the 3 + 3
design: its table, with the state of the first cohort called phase1 and the end called phase2.
"""

from __future__ import annotations

from dataclasses import replace

from ...designs.three_plus_three import (
    CONSTANTS,
    DECISIONS,
    DOWN,
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
from .facts import FIRST, PHASE_1, PLUGGED, TRIAL_INVARIANTS, TRIAL_LEMMAS, renamed
from .trial_claims import CLAIMS

LEVEL = Whole(1, "levels")
OPEN = (*PHASE_1, "phase2")

DEFINITIONS = {
    # one more evaluated subject at the open level
    "n": "treated[level] + 1",
    "y": "dlts[level] + dlt",
    **DECISIONS,
    "places": f"cohort if state == '{FIRST}' else cap",
    "shared": "1 if EVE_A07 == 'shared' else 0",
    "watched": f"1 if {PLUGGED} else 0",
    "now": "2 if state == 'phase2' else 1",
    "room": "accrual + overrun if EVE_A06 == 'forecast' else accrual",
    # of phase II are those enrolled in it, and maybe those of phase I who had its dose
    "of_phase_2": "enrolled - first + (at_level[mtd] if EVE_A07 == 'shared' and mtd > 0 else 0)",
}

_CITES = Citations(**dict.fromkeys(Citations.__dataclass_fields__, "EVE-02"))


def _plugged(rule: Transition) -> Transition:
    """A row of the table under its reading; the level that is declared is kept."""
    then = rule.then
    if rule.target == "phase2":
        then += "; mtd = level - 1" if rule.then.endswith(_DOWN) else "; mtd = level"
    return replace(
        rule,
        source=tuple(renamed(s) for s in rule.sources),
        target=renamed(rule.target) if isinstance(rule.target, str) else rule.target,
        when=f"{PLUGGED} and ({rule.when})",
        then=then,
    )


_DOWN = Transition("EVE-02", FIRST, "evaluate", then=DOWN).then
DECIDE = tuple(
    _plugged(rule)
    for rule in decision_table(
        _CITES,
        dict.fromkeys(STAGES, closings("N", "phase2", "EVE-02")),
        declared="phase2",
        record=f"{RECORD}; pending -= 1",
    )
)

_PLACE = Requirement("EVE-17", "enrolled < room")
_PHASE = Requirement("EVE-12", "event.phase == now")

ENROL = (
    Transition(
        "EVE-12",
        PHASE_1,
        "enrol",
        then="enrolled += 1; first += 1; at_level[level] += shared; pending += watched",
        requires=(
            _PLACE,
            _PHASE,
            Requirement("EVE-12", "event.level == level"),
            # nobody is treated or pending where no design is plugged in
            Requirement("EVE-A01", "treated[level] + pending < places"),
        ),
    ),
    Transition(
        "EVE-03",
        "phase2",
        "enrol",
        then="enrolled += 1",
        requires=(_PLACE, _PHASE, Requirement("EVE-03", "event.level == mtd")),
    ),
)

ESCALATE = (
    Transition("EVE-A01", PHASE_1, "evaluate", when="EVE_A01 == 'people'"),
    Transition("EVE-A01", PHASE_1, "not_evaluable", when="EVE_A01 == 'people'"),
    Transition("EVE-A01", PHASE_1, "not_evaluable", when=PLUGGED, then="pending -= 1"),
    Transition("X-A05", OPEN, "late_dlt", Unspecified("X-A05")),
    Transition(
        "EVE-A01", FIRST, "set_level", when="EVE_A01 == 'people'", then="level = event.level"
    ),
    Transition(
        "EVE-02",
        FIRST,
        "declare_mtd",
        "phase2",
        f"not ({PLUGGED})",
        "mtd = event.level; level = event.level",
        (Requirement("EVE-12", "first > 0"),),
    ),
    Transition(
        "EVE-17",
        OPEN,
        "close",
        "closed",
        requires=(Requirement("EVE-17", "EVE_A06 != 'exact' or enrolled == accrual"),),
    ),
)

_WATCHED = f"pending > 0 if {PLUGGED} else first > 0"
_IN_PHASE_1 = f"state in {PHASE_1}"

EVENTS = (
    Action(
        "enrol",
        level=LEVEL,
        phase=Optional(Whole(1, 2), "now"),
        meaning="a subject enters the trial, at a dose level of everolimus",
    ),
    Observation(
        "evaluate",
        possible=f"{_IN_PHASE_1} and ({_WATCHED})",
        dlt=Bool,
        meaning="a subject of phase I was observed for toxicity to the end, or had one",
    ),
    Observation(
        "not_evaluable",
        possible=f"{_IN_PHASE_1} and ({_WATCHED})",
        meaning="a subject of phase I can't be judged for toxicity",
    ),
    Observation(
        "late_dlt",
        possible="first > 0",
        meaning="a dose-limiting toxicity of phase I, reported after the evaluation",
    ),
    Action("set_level", level=LEVEL, meaning="the level at which subjects are enrolled next"),
    Action("declare_mtd", level=LEVEL, meaning="the maximum tolerated dose: phase II begins"),
    Action("close", meaning="the trial takes in nobody any more"),
)

TRIAL = Machine(
    name="trial",
    meaning="Phase I finds a dose of everolimus, phase II treats with it; 44 patients in all.",
    constants={**CONSTANTS, "levels": 2, "accrual": 44, "overrun": 6},
    variables=(
        Count("enrolled", 0, "accrual + overrun", meaning="patients of both phases"),
        Count("first", 0, "accrual + overrun", meaning="those enrolled in phase I"),
        Count(
            "at_level",
            0,
            "accrual + overrun",
            per="levels",
            meaning="patients of phase I by level, where they count in phase II as well",
        ),
        Count("mtd", 0, "levels", meaning="the maximum tolerated dose; 0 is none yet"),
        *variables(),
        Count("pending", 0, "cohort", meaning="not yet evaluated, where 3 + 3 is plugged in"),
    ),
    definitions=DEFINITIONS,
    states=(
        State(FIRST, initial=True, meaning="phase I; with 3 + 3 the first three of a level"),
        State("additional_three", meaning="3 + 3: three more after one toxicity"),
        State("confirming_three", meaning="3 + 3: three more to confirm a level"),
        State("phase2", meaning="phase II, at the maximum tolerated dose"),
        State("no_mtd", final=True, meaning="3 + 3: no level is tolerated"),
        State("closed", final=True, meaning="the trial takes in nobody any more"),
    ),
    events=EVENTS,
    transitions=(*ENROL, *DECIDE, *ESCALATE),
    invariants=TRIAL_INVARIANTS,
    lemmas=TRIAL_LEMMAS,
    claims=CLAIMS,
)
