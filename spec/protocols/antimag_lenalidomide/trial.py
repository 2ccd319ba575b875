"""The trial machine: the interval design in part 1, the dose it selects, eight more in part 2."""

from __future__ import annotations

from fractions import Fraction

from ...designs.boin import NARROW, decisions
from ...model import (
    Action,
    Bool,
    Count,
    Function,
    Machine,
    Observation,
    Optional,
    Requirement,
    State,
    Transition,
    Unspecified,
    Whole,
)
from .trial_claims import CLAIMS
from .trial_facts import INVARIANTS, LEMMAS

LEVEL = Whole(1, "levels")
PATIENTS = 12
TARGET = Fraction(30, 100)
# in percent; no constant of the machine, because the tables are those of this target
PERCENT = int(100 * TARGET)
TABLES = decisions(TARGET, PATIENTS)
# MAG-A01
NARROW_TABLES = decisions(TARGET, PATIENTS, *(TARGET * k for k in NARROW))

BEFORE_PART_2 = ("escalating", "selecting")
OPEN = (*BEFORE_PART_2, "expansion")

DEFINITIONS = {
    # one more evaluated patient at the open level
    "n": "treated[level] + 1",
    "y": "dlts[level] + dlt",
    "total": "sum(treated[k] for k in levels)",
    "higher": "level + 1 < eliminated",
    # who is still to be evaluated of the cohort
    "others": "pending - 1 + cohort_left",
    "last_of_all": "total + 1 == patients",
    "usual": "MAG_A01 == 'usual'",
    "escalates": "y <= escalate_at[n] if usual else y <= escalate_narrow[n]",
    "deescalates": "y >= deescalate_at[n] if usual else y >= deescalate_narrow[n]",
    "eliminates": "MAG_A02 == 'published' and y >= eliminate_at[n]",
    "decides": "others == 0 and not last_of_all",
    "moves": "decides and not eliminates",
    # the selected dose, 0 for none
    "chosen": f"boin_mtd(treated, dlts, {PERCENT},"
    " 0 if MAG_A10 == 'raw' else 1 if MAG_A10 == 'counts' else 2,"
    " 0 if MAG_A11 == 'published' else 1,"
    " 1 if MAG_A12 == 'safe' else 0,"
    " 0 if MAG_A12b == 'nearest' else 1 if usual else 2,"
    " 1 if MAG_A09 == 'any' else 0)",
    "expansion_places": "expansion_size if MAG_A08 == 'part_1'"
    " else min(expansion_size, patients - total)",
}

CHOICE = Function(
    "boin_mtd",
    (None, None, Whole(1, 99), *(Whole(0, k) for k in (2, 1, 1, 2, 1))),
    Whole(0, "levels"),
    "result == 0 or (MAG_A09 == 'any' or treated[result] > 0)"
    " and (MAG_A12 == 'literal' or result < eliminated)",
)

_EVENT_LEVEL = "event.level == level"
_FIRST = "MAG_A05 == 'any' and total == 0 and pending == 0"
_ENROL = (
    Requirement("MAG-10", "total + pending < patients"),
    Requirement("MAG-07", f"{_EVENT_LEVEL} or {_FIRST}"),
    Requirement("MAG-11", "MAG_A06 == 'one' or cohort_left > 0"),
    Requirement("MAG-07", "MAG_A07 == 'rolling' or pending == 0"),
)
_ENROLLED = "pending += 1; cohort_left = max(cohort_left - 1, 0); level = event.level"
# the place of the cohort is taken by somebody else
_FREED = "pending -= 1; cohort_left += 1 if MAG_A06 == 'free' and state == 'escalating' else 0"
_FULL = "MAG_A28 == 'enrolled' and total + pending + 1 == patients"

ENROL = (
    Transition(
        "MAG-11",
        "escalating",
        "open_cohort",
        when="MAG_A06 == 'free'",
        then="cohort_left = size",
        requires=(
            Requirement("MAG-07", "pending == 0 and cohort_left == 0"),
            Requirement("MAG-11", "total > 0 or size == 1"),
            Requirement("MAG-10", "total + size <= patients"),
        ),
    ),
    Transition("MAG-06", "escalating", "enrol", None, f"not ({_FULL})", _ENROLLED, _ENROL),
    Transition("MAG-12", "escalating", "enrol", "selecting", _FULL, _ENROLLED, _ENROL),
    Transition(
        "MAG-06",
        OPEN,
        "withdraw_registration",
        when="part == 1 and pending > 0",
        then=_FREED,
    ),
    Transition(
        "MAG-06",
        "expansion",
        "withdraw_registration",
        when="part == 2 and expanded > 0",
        then="expanded -= 1",
    ),
    Transition("MAG-10", OPEN, "not_evaluable", then=_FREED),
)

_RECORD = "treated[level] = n; dlts[level] = y; pending -= 1"


def _evaluated(
    clause: str,
    when: str,
    then: str = "",
    target: str | None = None,
    requires: tuple[Requirement, ...] = (),
) -> Transition:
    record = f"{_RECORD}; {then}" if then else _RECORD
    return Transition(clause, "escalating", "evaluate", target, when, record, requires)


_UP = (Requirement("MAG-09", "moves and escalates"),)
_DOWN = (Requirement("MAG-09", "moves and deescalates"),)

DECIDE = (
    _evaluated("MAG-11", "others > 0"),
    # the last one: neither elimination nor a move
    _evaluated("MAG-12", "others == 0 and last_of_all", target="selecting"),
    _evaluated(
        "MAG-A03",
        "decides and eliminates and level == 1 and MAG_A03 == 'stop'",
        "eliminated = 1",
        "no_mtd",
    ),
    _evaluated("MAG-A02", "decides and eliminates and level > 1", "eliminated = level; level -= 1"),
    _evaluated("MAG-07", "higher", "level += 1", requires=_UP),
    _evaluated("MAG-07", "not higher", requires=_UP),
    _evaluated("MAG-07", "level > 1", "level -= 1", requires=_DOWN),
    _evaluated("MAG-A04", "moves and deescalates and level == 1 and MAG_A04 == 'stay'"),
    _evaluated(
        "MAG-A04",
        "moves and deescalates and level == 1 and MAG_A04 == 'stop'",
        target="no_mtd",
    ),
    _evaluated("MAG-07", "moves and not escalates and not deescalates"),
    # enrolled as the last, and evaluated when the dose may be selected already
    Transition("MAG-A28", ("selecting", "expansion"), "evaluate", then=_RECORD),
    Transition("MAG-13", "selecting", "select", "expansion", "chosen > 0", "mtd = chosen"),
    Transition("MAG-A12", "selecting", "select", "no_mtd", "chosen == 0"),
)

EXPAND = (
    Transition(
        "MAG-14",
        "expansion",
        "enrol_expansion",
        then="expanded += 1",
        requires=(
            Requirement("MAG-14", "expanded < expansion_places"),
            Requirement("MAG-14", "event.level <= mtd"),
            Requirement("MAG-14", "MAG_A27 == 'may_differ' or event.level >= mtd"),
        ),
    ),
    Transition("MAG-A32", "expansion", "expansion_toxicity", when="MAG_A32 == 'monitor'"),
    Transition("MAG-14", "expansion", "close", "complete", "expanded == expansion_places"),
)

_COUNTS = "X_A05 == 'report' and dlts[event.level] < treated[event.level]"

LATE = (
    Transition("MAG-07", OPEN, "late_dlt", Unspecified("X-A05"), "X_A05 == 'readjudicate'"),
    Transition("MAG-07", OPEN, "late_dlt", when=_COUNTS, then="dlts[event.level] += 1"),
    Transition("MAG-07", OPEN, "late_dlt", when=f"X_A05 != 'readjudicate' and not ({_COUNTS})"),
)

EVENTS = (
    Action(
        "open_cohort",
        size=Whole(1, "patients"),
        meaning="the size of the next cohort is decided (MAG-A06 free)",
    ),
    Action(
        "enrol",
        level=Optional(LEVEL, "level"),
        meaning="a patient is registered for part 1 and assigned the open level",
    ),
    Action(
        "withdraw_registration",
        part=Optional(Whole(1, 2), "1"),
        meaning="a registered patient leaves before any dose",
    ),
    Observation(
        "evaluate",
        possible="pending > 0",
        dlt=Bool,
        meaning="a patient of part 1 was observed for toxicity to the end, or had one",
    ),
    Observation(
        "not_evaluable",
        possible="pending > 0 and X_A03 == 'replaced'",
        meaning="a patient of part 1 can't be judged, and is replaced",
    ),
    Observation(
        "late_dlt",
        # of whoever was treated at a level that is or was open
        possible="event.level <= level or treated[event.level] > 0",
        level=LEVEL,
        meaning="a toxicity in the window, reported after the evaluation",
    ),
    Observation(
        "select",
        possible="state == 'selecting'",
        meaning="the maximum tolerated dose is worked out",
    ),
    Action(
        "enrol_expansion",
        level=Optional(LEVEL, "max(mtd, 1)"),
        meaning="a patient is registered for part 2",
    ),
    Observation(
        "expansion_toxicity",
        possible="state == 'expansion' and expanded > 0",
        meaning="a patient of part 2 had a toxicity in the window",
    ),
    Action("close", meaning="part 2 is full"),
)

TRIAL = Machine(
    name="trial",
    meaning="The interval design with twelve patients, then eight at the dose it selects.",
    constants={
        "levels": 3,
        "patients": PATIENTS,
        "expansion_size": 8,
        "escalate_at": TABLES.escalate_at,
        "deescalate_at": TABLES.deescalate_at,
        "eliminate_at": TABLES.eliminate_at,
        "escalate_narrow": NARROW_TABLES.escalate_at,
        "deescalate_narrow": NARROW_TABLES.deescalate_at,
    },
    variables=(
        Count("level", 1, "levels", meaning="the level that is open, of 10, 15 and 25 mg"),
        Count("treated", 0, "patients", per="levels", meaning="evaluated patients of part 1"),
        Count("dlts", 0, "patients", per="levels", meaning="those with a toxicity"),
        Count(
            "eliminated",
            1,
            "levels + 1",
            initial="levels + 1",
            meaning="the lowest eliminated level; levels + 1 when there is none",
        ),
        Count("pending", 0, "patients", meaning="patients of part 1 not yet evaluated"),
        Count("cohort_left", 0, "patients", meaning="places of the open cohort"),
        Count("mtd", 0, "levels", meaning="the maximum tolerated dose; 0 is none yet"),
        Count("expanded", 0, "expansion_size", meaning="patients of part 2"),
    ),
    definitions=DEFINITIONS,
    functions=(CHOICE,),
    states=(
        State("escalating", initial=True, meaning="part 1, at one dose level after another"),
        State("selecting", meaning="all patients of part 1 are in: the dose is selected"),
        State("expansion", meaning="part 2, at the maximum tolerated dose"),
        State("complete", final=True, meaning="part 2 is full"),
        State("no_mtd", final=True, meaning="no level is tolerated"),
    ),
    events=EVENTS,
    transitions=(*ENROL, *DECIDE, *EXPAND, *LATE),
    invariants=INVARIANTS,
    lemmas=LEMMAS,
    claims=CLAIMS,
)
