"""The machine of one patient: registration, cycles, toxicity, delay, month 24, monitoring."""

from __future__ import annotations

from ...model import (
    Action,
    Bool,
    Category,
    Clock,
    Count,
    Exact,
    Flag,
    Landmark,
    Machine,
    Observation,
    OneOf,
    Optional,
    Requirement,
    State,
    Transition,
    Whole,
)
from .doses import (
    COUNTED,
    DEXAMETHASONE_DAYS,
    DOSES,
    DRAWS,
    DRUGS,
    EXTENSION_DRAWN,
    LENALIDOMIDE_DAYS,
    ON_TREATMENT,
    REGIMENS,
)
from .leaving import ENDS, LEAVE, MONITORING, MONTH_24, ON_PROTOCOL, REPORTS, SETTLED
from .subject_facts import CLAIMS, INVARIANTS, LEMMAS

LEVEL = Whole(1, "levels")

DEFINITIONS = {
    # the window for toxicity
    "window_cycles": "1 if MAG_A29 == 'first_cycle' else 2",
    "cycle_over": "in_cycle >= cycle_days",
    "window_over": "cycle > window_cycles or cycle == window_cycles and cycle_over"
    " or month_24 == 'passed'",
    "window_open": "cycle > 0 and not (window_over)",
    # what is to be reported of it, now and when treatment ends
    "result": "dlt and part == 1 and outcome == 'toxic' or not dlt and part == 1"
    " and (outcome == 'clear' or outcome == 'open' and window_over)",
    "replaced": "X_A03 == 'replaced' and not (window_over)",
    "at_the_end": "'left' if outcome == 'open' and part == 1 and replaced"
    " else 'clear' if outcome == 'open' and part == 1"
    " else 'told' if outcome == 'open' else outcome",
    "told": "(at_the_end) == 'told'",
    # the next cycle
    "evaluated_first": "X_A11 == 'any' or cycle != window_cycles or outcome == 'told'"
    " or part == 2 and outcome == 'open'",
    "late_from": "cycle_days if MAG_A20 == 'planned'"
    " else last_day - 1 if MAG_A20 == 'last_dose' else last_drug_day - 1",
    "too_late": "in_cycle > late_from + delay_limit",
    "extension": "part == 2 if MAG_A15 == 'expansion' else True"
    " if MAG_A15 == 'beyond_12' else month_24 == 'passed'",
    # reductions
    "lowest_dose": "0 if MAG_A19 == 'five' else 1",
    "can_reduce": "not progressed and reductions < max_reductions and dose_level > lowest_dose"
    " and (MAG_A30 == 'throughout' or month_24 == 'passed')",
}

REGISTRATION = (
    *(
        Transition(
            clause,
            "pre_treatment",
            event,
            then=f"assigned = event.level; dose_level = event.level; part = {part}",
            when="assigned == 0",
        )
        for clause, event, part in (("MAG-06", "enrol", 1), ("MAG-14", "enrol_expansion", 2))
    ),
    Transition(
        "MAG-06",
        "pre_treatment",
        "start",
        "treated",
        "assigned > 0",
        "cycle = 1; in_cycle = 0",
        (Requirement("MAG-06", "event.level == assigned"),),
    ),
)

CYCLES = (
    Transition(
        "MAG-04",
        ON_TREATMENT,
        "start_cycle",
        then="cycle += 1; in_cycle = 0;"
        " outcome = 'told' if part == 2 and outcome == 'open' and cycle == window_cycles"
        " else outcome",
        requires=(
            Requirement("MAG-04", "cycle_over"),
            Requirement("MAG-21", "not (too_late)"),
            Requirement("X-A11", "evaluated_first"),
            Requirement("MAG-16", "month_24 != 'passed' or continues"),
        ),
    ),
    Transition(
        "MAG-21",
        ON_TREATMENT,
        "hold",
        "delayed",
        then="reductions += 1 if MAG_A18 == 'holds' else 0",
        requires=(
            Requirement("MAG-21", "cycle_over"),
            Requirement("MAG-18", "MAG_A18 != 'holds' or reductions < max_reductions"),
        ),
    ),
    Transition("MAG-21", "delayed", "resume", "treated", "not continues"),
    Transition("MAG-21", "delayed", "resume", "eligible_24", "continues"),
    Transition(
        "MAG-16",
        "treated",
        "continue_after_24",
        "eligible_24",
        then="continues = True",
        requires=(
            Requirement("MAG-16", "month_24 == 'passed'"),
            Requirement("MAG-16", "MAG_A16 == 'one_of_them' or not progressed"),
        ),
    ),
    Transition(
        "MAG-16",
        "delayed",
        "continue_after_24",
        None,
        "not continues",
        "continues = True",
        (
            Requirement("MAG-16", "month_24 == 'passed'"),
            Requirement("MAG-16", "MAG_A16 == 'one_of_them' or not progressed"),
        ),
    ),
    Transition(
        "MAG-16",
        "toxicity_hold",
        "continue_after_24",
        "eligible_24",
        then="continues = True",
        requires=(
            Requirement("MAG-16", "MAG_A16 == 'one_of_them'"),
            Requirement("MAG-16", "month_24 == 'passed'"),
        ),
    ),
)

_TOXIC = "outcome = 'toxic'"
_LOWER = (
    Requirement("MAG-17", "not progressed"),
    Requirement("MAG-17", "event.level < dose_level"),
    Requirement(
        "MAG-18",
        "reductions < max_reductions if MAG_A18 != 'steps'"
        " else reductions + dose_level - event.level <= max_reductions",
    ),
    Requirement("MAG-A19", "event.level >= lowest_dose"),
    Requirement("MAG-A30", "MAG_A30 == 'throughout' or month_24 == 'passed'"),
)

TOXICITY = (
    Transition(
        "MAG-17",
        ON_PROTOCOL,
        "unacceptable_ae",
        "toxicity_hold",
        "MAG_A17 != 'discontinue'",
        "continues = False",
    ),
    Transition(
        "MAG-20", ON_PROTOCOL, "unacceptable_ae", "monitoring", "MAG_A17 == 'discontinue'", SETTLED
    ),
    Transition(
        "MAG-17",
        ON_PROTOCOL,
        "dlt",
        "toxicity_hold",
        "MAG_A34 == 'as_toxicity' and MAG_A17 != 'discontinue'",
        f"{_TOXIC}; continues = False",
    ),
    Transition(
        "MAG-20",
        ON_PROTOCOL,
        "dlt",
        "monitoring",
        "MAG_A34 == 'off' or MAG_A34 == 'as_toxicity' and MAG_A17 == 'discontinue'",
        SETTLED.replace("at_the_end", "'toxic'"),
    ),
    Transition(
        "MAG-17",
        "toxicity_hold",
        "reduce",
        "treated",
        then="dose_level = event.level;"
        " reductions += dose_level - event.level if MAG_A18 == 'steps' else 1",
        requires=_LOWER,
    ),
)

_TREATED = "state in ('treated', 'toxicity_hold', 'delayed', 'eligible_24')"
_ALIVE = "state not in ('unreported', 'off', 'dead', 'lost', 'withdrawn')"

EVENTS = (
    Action("enrol", level=LEVEL, meaning="registration for part 1, with the dose level"),
    Action("enrol_expansion", level=LEVEL, meaning="registration for part 2"),
    Action(
        "withdraw_registration",
        part=Optional(Whole(1, 2), "1"),
        meaning="a registered patient leaves before any dose",
    ),
    Action("start", level=LEVEL, meaning="day 1 of the first cycle"),
    Action("start_cycle", meaning="day 1 of the next cycle"),
    Action(
        "dose",
        drug=OneOf(DRUGS),
        amount=Exact("0", "100", "0.5", "mg"),
        meaning="a drug is given",
    ),
    Action(
        "draw",
        # where the count of cycles ends, nobody is held to which of them it was
        asked="event.cycle + 1 < counted_cycles"
        " or event.cycle < counted_cycles and cycle < counted_cycles",
        cycle=Whole(0, EXTENSION_DRAWN[-1]),
        edta=Exact("0", "50", "0.5", "ml"),
        red_top=Exact("0", "50", "0.5", "ml"),
        meaning="blood is drawn after this cycle; 0 is before treatment",
    ),
    Observation(
        "dlt",
        possible=f"window_open and outcome == 'open' and {_TREATED}",
        meaning="a toxicity that counts for the trial, in the window",
    ),
    Observation("unacceptable_ae", possible=_TREATED, meaning="another unacceptable toxicity"),
    Action(
        "reduce",
        level=Optional(Whole(0, "levels"), "max(dose_level - 1, 0)"),
        meaning="treatment goes on at this lower level; 0 is below the lowest",
    ),
    Action("stop", reason=OneOf(("toxicity", "other"))),
    Action("hold", meaning="the next cycle is delayed"),
    Observation("resume", possible="state == 'delayed' and not (too_late)"),
    Observation(
        "delay_over",
        possible=f"too_late and {_TREATED}",
        meaning="the next cycle is more than four weeks late",
    ),
    Action("continue_after_24", meaning="treatment continues after 24 months"),
    Observation("progression", possible=f"not progressed and {_TREATED}"),
    Observation(
        "withdraw", possible=_TREATED, meaning="the patient asks to withdraw from treatment"
    ),
    Observation(
        "illness",
        possible=_TREATED,
        investigator=Bool,
        meaning="another illness; whether the investigator judges that the drug must be stopped",
    ),
    Observation(
        "other_therapy",
        possible=_TREATED,
        meaning="chemotherapy outside the protocol, or an experimental drug",
    ),
    Action("physician_therapy", meaning="therapy that the treating physician chooses"),
    Observation("chart_progression", possible="state == 'monitoring'"),
    Observation("chart_survival", possible="state == 'monitoring'", alive=Bool),
    Observation("death", possible=f"{_ALIVE} or state == 'unreported' and cause != 'dead'"),
    Observation("lost", possible=_ALIVE, meaning="lost to follow-up"),
    Observation("withdraw_consent", possible=_ALIVE),
    Observation(
        "evaluate",
        possible="cycle > 0 and (result)",
        dlt=Bool,
        meaning="the window is over, or had a toxicity: the trial counts it",
    ),
    Observation(
        "not_evaluable",
        possible="outcome == 'left'",
        meaning="left in the window without a toxicity, and is replaced",
    ),
    Observation(
        "late_dlt",
        possible="cycle > 0 and part == 1 and outcome == 'told' and event.level == assigned"
        f" and ({_ALIVE})",
        level=LEVEL,
        meaning="a toxicity in the window, reported after the evaluation",
    ),
    Observation(
        "expansion_toxicity",
        possible="part == 2 and outcome == 'toxic'",
        meaning="a patient of part 2 had a toxicity in the window",
    ),
)

# that the next cycle is too late shows on a day, and treatment ends on it
_IN_TIME = "in_cycle <= late_from + delay_limit + 1"


def _on_protocol(name: str, meaning: str) -> State:
    return State(name, within=_IN_TIME, within_clause="MAG-21", meaning=meaning)


SUBJECT = Machine(
    name="subject",
    meaning="One patient, from registration to event monitoring.",
    constants={
        "levels": 3,
        "cycle_days": 28,
        "delay_limit": 28,
        "last_day": LENALIDOMIDE_DAYS[-1],
        "last_drug_day": DEXAMETHASONE_DAYS[-1],
        "max_reductions": 2,
        "counted_cycles": COUNTED,
    },
    variables=(
        Count("assigned", 0, "levels", meaning="the level of registration; 0 is none yet"),
        Count("dose_level", 0, "levels", meaning="the level of the current dose"),
        Count("reductions", 0, "max_reductions", meaning="of the dose of lenalidomide"),
        Count("part", 1, 2, meaning="1 is the escalation, 2 the expansion"),
        Count("cycle", 0, "counted_cycles", saturates=True, meaning="cycles begun, or more"),
        Clock("in_cycle", "cycle_days + delay_limit + 2", meaning="since day 1 of the cycle"),
        Clock("since_dose", 1, meaning="since a dose on day 1 of the cycle"),
        Category(
            "outcome",
            ("open", "clear", "toxic", "left", "told"),
            meaning="what the window showed; told: the trial needs no report any more",
        ),
        Flag("progressed", meaning="progression, and treatment goes on (MAG-A21)"),
        Flag("continues", meaning="treatment continues after 24 months"),
        Category("cause", ("none", *ENDS), meaning="why the case ended"),
    ),
    landmarks=(Landmark("month_24", after="start", months=24, meaning="24 months of treatment"),),
    definitions=DEFINITIONS,
    states=(
        State("pre_treatment", initial=True, meaning="before the first dose"),
        _on_protocol("treated", "on protocol treatment"),
        _on_protocol("toxicity_hold", "unacceptable toxicity: a lower dose, or stop"),
        _on_protocol("delayed", "the next cycle is delayed"),
        _on_protocol("eligible_24", "treatment continues after 24 months"),
        State("monitoring", meaning="event monitoring"),
        State("unreported", meaning="off the study, the trial still to be told"),
        State("off", final=True, meaning="off the study"),
        State("dead", final=True),
        State("lost", final=True, meaning="lost to follow-up"),
        State("withdrawn", final=True, meaning="consent withdrawn"),
    ),
    events=EVENTS,
    transitions=(
        *REGISTRATION,
        *CYCLES,
        *DOSES,
        *DRAWS,
        *TOXICITY,
        *LEAVE,
        *MONTH_24,
        *MONITORING,
        *REPORTS,
    ),
    invariants=INVARIANTS,
    lemmas=LEMMAS,
    claims=CLAIMS,
    regimens=REGIMENS,
)
