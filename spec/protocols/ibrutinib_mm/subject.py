"""The machine of one patient: assignment, first cycle, doses, toxicity, follow-up."""

from __future__ import annotations

from ...calendar import Regimen
from ...model import (
    Action,
    Claim,
    Clock,
    Count,
    Flag,
    Invariant,
    Lemma,
    Machine,
    Observation,
    OneOf,
    Requirement,
    State,
    Transition,
    Unspecified,
    Whole,
)

LEVEL = Whole(1, "levels")
DRUGS = ("ibrutinib", "lenalidomide", "dexamethasone")
ON_TREATMENT = ("treated", "toxicity_hold")
ALIVE = ("registered", *ON_TREATMENT, "follow_up")

DEFINITIONS = {
    "tolerance": "0 if IBR_A25 == 'exact' else visit_tolerance",
    "first_cycle_days": "cycle_days - 1 if X_A06 == 'inclusive' else cycle_days",
    "window_open": "cycle == 1 and not evaluated"
    " and (X_A01 == 'next_cycle' or window < cycle_days)",
}

_LEAVE = "since_visit <= visit_days + tolerance"

REGISTRATION = (
    *(
        Transition(
            clause,
            "registered",
            event,
            then="assigned = event.level; dose_level = event.level",
            when="IBR_A32 == 'reassign' or assigned == 0",
        )
        for clause, event in (
            ("IBR-02", "register"),
            ("IBR-15", "register_expansion"),
        )
    ),
    Transition(
        "IBR-02",
        "registered",
        "withdraw_registration",
        when="assigned > 0 and event.level == assigned",
        then="assigned = 0; dose_level = 0",
    ),
    Transition(
        "IBR-02",
        "registered",
        "first_dose",
        "treated",
        "assigned > 0",
        "cycle = 1; window = 0; since_visit = 0",
    ),
)

DOSES = (
    Transition(
        "IBR-13",
        "treated",
        "dose",
        when="drug != 'dexamethasone'",
        requires=(
            Requirement("IBR-04", "amount <= dose_level"),
            Requirement("IBR-13", "amount >= dose_level"),
        ),
    ),
    Transition(
        "IBR-13",
        "treated",
        "dose",
        when="IBR_A21 == 'assigned' and drug != 'dexamethasone' and amount > dose_level",
        then="dose_level = amount",
        requires=(Requirement("IBR-04", "amount <= assigned"),),
    ),
    Transition(
        "IBR-16",
        "treated",
        "dose",
        Unspecified("IBR-A11"),
        "IBR_A11 == 'unstated' and drug == 'dexamethasone'",
    ),
    Transition("IBR-16", "treated", "dose", when="IBR_A11 == 'weekly' and drug == 'dexamethasone'"),
    Transition(
        "IBR-12",
        "treated",
        "start_cycle_2",
        when="cycle == 1 and window >= first_cycle_days",
        then="cycle = 2; evaluated = True",
    ),
    Transition(
        "IBR-12",
        ON_TREATMENT,
        "visit",
        when="since_visit >= visit_days - tolerance",
        then="since_visit = 0",
    ),
)

TOXICITY = (
    Transition(
        "IBR-14", "treated", "dlt", "toxicity_hold", "IBR_A23 == 'lower'", "evaluated = True"
    ),
    Transition("IBR-17", "treated", "dlt", "follow_up", "IBR_A23 == 'off'", "evaluated = True"),
    Transition("IBR-14", "toxicity_hold", "dlt", then="evaluated = True"),
    Transition(
        "IBR-14", "treated", "unacceptable_toxicity", "toxicity_hold", "IBR_A18 == 'choice'"
    ),
    Transition("IBR-13", "treated", "unacceptable_toxicity", "follow_up", "IBR_A18 == 'stop'"),
    Transition(
        "IBR-14",
        "toxicity_hold",
        "retreat",
        "treated",
        then="dose_level = event.level",
        requires=(
            Requirement("IBR-14", "not progressed"),
            Requirement("IBR-14", "event.level < dose_level"),
            Requirement("IBR-14", "event.level >= 1"),
        ),
    ),
    Transition(
        "IBR-14",
        "toxicity_hold",
        "retreat",
        Unspecified("IBR-A19"),
        "IBR_A19 == 'off_ladder' and event.level == 0 and dose_level == 1 and not progressed",
    ),
)

ENDS = (
    Transition("IBR-17", "treated", "progression", "follow_up"),
    Transition("IBR-14", "toxicity_hold", "progression", then="progressed = True"),
    Transition("IBR-17", ON_TREATMENT, "refusal", "follow_up"),
    Transition(
        "IBR-17",
        "toxicity_hold",
        "stop",
        "follow_up",
        "reason == 'toxicity'",
        requires=(Requirement("IBR-14", "X_A09 == 'permission' or progressed or dose_level == 1"),),
    ),
    Transition(
        "IBR-17", ON_TREATMENT, "stop", "follow_up", "reason == 'other' and IBR_A22 != 'listed'"
    ),
    Transition("IBR-17", ON_TREATMENT, "stop", "off", "reason == 'other' and IBR_A22 == 'listed'"),
    Transition("IBR-17", ON_TREATMENT, "withdraw_consent", "follow_up", "IBR_A22 == 'all'"),
    Transition("IBR-17", ON_TREATMENT, "withdraw_consent", "off", "IBR_A22 != 'all'"),
    Transition("IBR-17", ("registered", "follow_up"), "withdraw_consent", "off"),
    Transition("IBR-17", ALIVE, "death", "off", "X_A12 == 'absorbing'"),
    Transition("IBR-17", ALIVE, "lost", "off", "X_A12 == 'absorbing'"),
)

FOLLOW_UP = (
    Transition("IBR-18", "follow_up", "other_therapy"),
    Transition("IBR-19", "follow_up", "chart_progression"),
    Transition("IBR-19", "follow_up", "chart_death", "off"),
)

EVENTS = (
    Action("register", level=LEVEL, meaning="registration in the escalation"),
    Action("register_expansion", level=LEVEL, meaning="registration in part 2"),
    Action("withdraw_registration", level=LEVEL, meaning="leaves before any dose"),
    Action("first_dose", meaning="day 1 of cycle 1"),
    Action(
        "dose",
        drug=OneOf(DRUGS),
        amount=LEVEL,
        meaning="a drug is dispensed; the amount is a dose level, as the text gives no milligrams",
    ),
    Action("start_cycle_2", meaning="the first dose of cycle 2"),
    Action("visit", meaning="the clinic visit of every 28 days"),
    Observation("dlt", possible="window_open and state in ('treated', 'toxicity_hold')"),
    Observation("unacceptable_toxicity", possible="state == 'treated'"),
    Action("retreat", level=Whole(0, "levels"), meaning="0 is a dose below the lowest level"),
    Action("stop", reason=OneOf(("toxicity", "other"))),
    Observation(
        "progression",
        possible="state == 'treated' or state == 'toxicity_hold' and not progressed",
    ),
    Observation("refusal", possible="state in ('treated', 'toxicity_hold')"),
    Observation("withdraw_consent"),
    Observation("death"),
    Observation("lost", meaning="lost to follow-up"),
    Action("other_therapy", meaning="therapy that the treating physician chooses"),
    Observation("chart_progression", possible="state == 'follow_up'"),
    Observation("chart_death", possible="state == 'follow_up'"),
)

INVARIANTS = (
    Invariant(
        "IBR-02",
        "assigned-first",
        "Nobody is treated without an assigned dose level.",
        "implies(state in ('treated', 'toxicity_hold'), assigned >= 1 and dose_level >= 1)",
    ),
    Invariant(
        "IBR-04",
        "never-above-assigned",
        "Nobody's dose level is above the assigned one.",
        "dose_level <= assigned",
        tight=True,
    ),
    Invariant(
        "IBR-14",
        "no-treatment-after-progression",
        "Nobody is treated after progression.",
        "implies(progressed, state != 'treated')",
    ),
)

LEMMAS = (
    Lemma(
        "before-first-dose",
        "implies(state == 'registered',"
        " cycle == 0 and not evaluated and not progressed and dose_level == assigned)",
    ),
)

CLAIMS = (
    Claim(
        "second-cycle-day",
        "IBR-12",
        "The second cycle begins on day 29 at the earliest, when the first dose is on day 1.",
        "earliest-day",
        "cycle >= 2",
        value=29,
        readings={"X-A06": "exclusive"},
    ),
    Claim(
        "toxicity-after-day-28",
        "IBR-05",
        "A first-cycle toxicity comes within 28 days of the first dose.",
        "always",
        "implies(window >= cycle_days, not (window_open))",
        expected="refuted",
        readings={"X-A01": "next_cycle"},
    ),
    Claim(
        "lowest-level-in-three",
        "IBR-14",
        "A patient assigned to the highest level can be taken down to the lowest.",
        "reachable",
        "state == 'treated' and assigned == levels and dose_level == 1",
    ),
)

SUBJECT = Machine(
    name="subject",
    meaning="One patient, from registration to the end of follow-up.",
    constants={"levels": 3, "cycle_days": 28, "visit_days": 28, "visit_tolerance": 3},
    variables=(
        Count("assigned", 0, "levels", meaning="the level of registration; 0 is none yet"),
        Count("dose_level", 0, "levels", meaning="the level of the current dose"),
        Count("cycle", 0, 2, saturates=True, meaning="0 before the first dose; 2 is 2 or later"),
        Flag("evaluated", meaning="whether the first cycle has been judged"),
        Flag("progressed", meaning="progression found while treatment is on hold"),
        Clock("window", "cycle_days", meaning="since the first dose"),
        Clock("since_visit", "visit_days + visit_tolerance + 1", meaning="since the last visit"),
    ),
    definitions=DEFINITIONS,
    states=(
        State("registered", initial=True, meaning="before the first dose"),
        State("treated", within=_LEAVE, within_clause="IBR-12", meaning="on protocol treatment"),
        State(
            "toxicity_hold",
            within=_LEAVE,
            within_clause="IBR-12",
            meaning="unacceptable toxicity: a lower dose, or stop",
        ),
        State("follow_up", meaning="survival follow-up"),
        State("off", final=True, meaning="dead, lost, or consent withdrawn"),
    ),
    events=EVENTS,
    transitions=(*REGISTRATION, *DOSES, *TOXICITY, *ENDS, *FOLLOW_UP),
    invariants=INVARIANTS,
    lemmas=LEMMAS,
    claims=CLAIMS,
    regimens=(
        Regimen(
            "IBR-15", "ibrutinib", "dose_level", "dose level", ("treated",), unspecified="IBR-A31"
        ),
        Regimen(
            "IBR-15",
            "lenalidomide",
            "dose_level",
            "dose level",
            ("treated",),
            unspecified="IBR-A31",
        ),
        Regimen("IBR-16", "dexamethasone", "1", "dose", ("treated",), unspecified="IBR-A11"),
    ),
)
