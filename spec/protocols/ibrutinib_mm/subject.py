"""The machine of one patient: assignment, first cycle, doses, toxicity, follow-up."""

from __future__ import annotations

from ...calendar import Regimen
from ...model import (
    Action,
    Bool,
    Category,
    Claim,
    Clock,
    Count,
    Event,
    Flag,
    Invariant,
    Kind,
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
SINCE_DOSE = (*ON_TREATMENT, "follow_up")
# what the first cycle showed, and whether the trial has been told
FIRST_CYCLE = ("open", "clear", "toxic", "left", "counted_clear", "counted_toxic", "closed")

DEFINITIONS = {
    "tolerance": "0 if IBR_A25 == 'exact' else visit_tolerance",
    "first_cycle_days": "cycle_days - 1 if X_A06 == 'inclusive' else cycle_days",
    "window_open": "cycle == 1 and first_cycle == 'open'"
    " and (X_A01 == 'next_cycle' or window < cycle_days)",
    # where a patient may begin, as in the machine of the trial
    "place": "assigned if part == 1 else levels + assigned",
    # what is to be reported of the first cycle, now and when treatment ends
    "clear": "part == 1 and (first_cycle == 'clear' or cycle == 1 and first_cycle == 'open'"
    " and X_A01 == 'day_28' and window >= cycle_days)",
    "unobserved": "X_A03 == 'replaced' and window < first_cycle_days",
    "at_the_end": "'clear' if first_cycle == 'open' and part == 1 and not (unobserved)"
    " else 'left' if first_cycle == 'open' and part == 1"
    " else 'closed' if first_cycle == 'open' else first_cycle",
    "told": "(at_the_end) in ('counted_clear', 'counted_toxic', 'closed')",
    "result": "dlt and part == 1 and first_cycle == 'toxic' or not dlt and (clear)",
    # whether the trial may still hear of the patient
    "heard_of": "state != 'off' and first_cycle != 'closed'",
    # the trial keeps a place for who is registered in the escalation
    "place_taken": "part == 1 and assigned > 0",
}

_LEAVE = "since_visit <= visit_days + tolerance"

REGISTRATION = (
    *(
        Transition(
            clause,
            "registered",
            event,
            then=f"assigned = event.level; dose_level = event.level; part = {part}",
            # while patients are under observation together, a place is first to be given back
            when="assigned == 0 or IBR_A32 == 'reassign' and X_A04 == 'staggered'",
        )
        for clause, event, part in (
            ("IBR-02", "register", 1),
            ("IBR-15", "register_expansion", 2),
        )
    ),
    Transition(
        "IBR-02",
        "registered",
        "withdraw_registration",
        when="assigned > 0 and event.level == assigned",
        then="assigned = 0; dose_level = 0; part = 1",
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
        then="cycle = 2; first_cycle = 'closed' if first_cycle == 'open' and part == 2"
        " else 'clear' if first_cycle == 'open' else first_cycle",
    ),
    Transition(
        "IBR-12",
        ON_TREATMENT,
        "visit",
        when="since_visit >= visit_days - tolerance",
        then="since_visit = 0",
    ),
)

_TOXIC = "first_cycle = 'toxic'"
# off treatment no clock is read any more
_STILL = "window = 0; since_visit = 0"
_END = f"first_cycle = at_the_end; {_STILL}"

TOXICITY = (
    Transition("IBR-14", "treated", "dlt", "toxicity_hold", "IBR_A23 == 'lower'", _TOXIC),
    Transition("IBR-17", "treated", "dlt", "follow_up", "IBR_A23 == 'off'", _TOXIC),
    Transition("IBR-14", "toxicity_hold", "dlt", then=_TOXIC),
    Transition(
        "IBR-14", "treated", "unacceptable_toxicity", "toxicity_hold", "IBR_A18 == 'choice'"
    ),
    Transition(
        "IBR-13", "treated", "unacceptable_toxicity", "follow_up", "IBR_A18 == 'stop'", _END
    ),
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


def _gone(event: str, source: str | tuple[str, ...], when: str = "True") -> list[Transition]:
    """The patient leaves the study: at once, or when the first cycle has been reported."""
    return [
        Transition("IBR-17", source, event, "off", f"({when}) and told", _END),
        Transition("IBR-17", source, event, "unreported", f"({when}) and not (told)", _END),
    ]


def _before_any_dose(event: str, when: str = "True") -> list[Transition]:
    """The same of a registered patient, for whom the trial may keep a place."""
    return [
        Transition("IBR-17", "registered", event, "off", f"({when}) and not (place_taken)", _STILL),
        Transition("IBR-17", "registered", event, "unreported", f"({when}) and place_taken"),
    ]


ENDS = (
    Transition("IBR-17", "treated", "progression", "follow_up", then=_END),
    Transition("IBR-14", "toxicity_hold", "progression", then="progressed = True"),
    Transition("IBR-17", ON_TREATMENT, "refusal", "follow_up", then=_END),
    Transition(
        "IBR-17",
        "toxicity_hold",
        "stop",
        "follow_up",
        "reason == 'toxicity'",
        _END,
        (Requirement("IBR-14", "X_A09 == 'permission' or progressed or dose_level == 1"),),
    ),
    Transition(
        "IBR-17",
        ON_TREATMENT,
        "stop",
        "follow_up",
        "reason == 'other' and IBR_A22 != 'listed'",
        _END,
    ),
    *_gone("stop", ON_TREATMENT, "reason == 'other' and IBR_A22 == 'listed'"),
    Transition("IBR-17", ON_TREATMENT, "withdraw_consent", "follow_up", "IBR_A22 == 'all'", _END),
    *_gone("withdraw_consent", ON_TREATMENT, "IBR_A22 != 'all'"),
    *_gone("withdraw_consent", "follow_up"),
    *_before_any_dose("withdraw_consent"),
    *_gone("death", SINCE_DOSE, "X_A12 == 'absorbing'"),
    *_before_any_dose("death", "X_A12 == 'absorbing'"),
    *_gone("lost", SINCE_DOSE, "X_A12 == 'absorbing'"),
    *_before_any_dose("lost", "X_A12 == 'absorbing'"),
)

FOLLOW_UP = (
    Transition("IBR-18", "follow_up", "other_therapy"),
    Transition("IBR-19", "follow_up", "chart_progression"),
    *_gone("chart_death", "follow_up"),
)


def _reported(clause: str, event: str, then: str, when: str = "True") -> list[Transition]:
    """The trial is told: by a patient who stays, or as the last there is of one who left."""
    return [
        Transition(clause, SINCE_DOSE, event, None, when, then),
        Transition(clause, "unreported", event, "off", when, f"{then}; {_STILL}"),
    ]


def _counted(clause: str, event: str) -> list[Transition]:
    return [
        *_reported(clause, event, "first_cycle = 'counted_toxic'", "dlt"),
        *_reported(clause, event, "first_cycle = 'counted_clear'", "not dlt"),
    ]


# what trial and patient share once there is a first dose
REPORTS = (
    *_counted("IBR-05", "evaluate"),
    *_counted("IBR-08", "evaluate_closed"),
    *_reported("IBR-03", "not_evaluable", "first_cycle = 'closed'"),
    *_reported("IBR-15", "expansion_dlt", "first_cycle = 'closed'"),
    Transition(
        "IBR-02",
        "unreported",
        "withdraw_registration",
        "off",
        "cycle == 0 and event.level == assigned",
        _STILL,
    ),
    Transition("IBR-05", SINCE_DOSE, "late_dlt", then="first_cycle = 'counted_toxic'"),
    Transition("IBR-08", SINCE_DOSE, "later_dlt"),
)


def _report(name: str, possible: str, meaning: str, **arguments: Kind) -> Event:
    possible = f"cycle > 0 and {possible}"
    return Observation(name, possible=possible, asked="True", meaning=meaning, **arguments)


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
    Observation("withdraw_consent", possible="state != 'unreported'"),
    Observation("death", possible="state != 'unreported'"),
    Observation("lost", possible="state != 'unreported'", meaning="lost to follow-up"),
    Action("other_therapy", meaning="therapy that the treating physician chooses"),
    Observation("chart_progression", possible="state == 'follow_up'"),
    Observation("chart_death", possible="state == 'follow_up'"),
    _report(
        "evaluate",
        "(result)",
        "the first cycle is over, or had a toxicity: the trial counts it",
        dlt=Bool,
    ),
    _report(
        "evaluate_closed",
        "event.level == assigned and (result)",
        "the same where the level has closed in the meantime",
        level=LEVEL,
        dlt=Bool,
    ),
    _report(
        "not_evaluable",
        "event.level == assigned and first_cycle == 'left'",
        "left the first cycle without a toxicity, and is replaced",
        level=LEVEL,
    ),
    _report(
        "late_dlt",
        "event.level == assigned and first_cycle == 'counted_clear'",
        "a first-cycle toxicity learnt of after the patient was counted without one",
        level=LEVEL,
    ),
    _report(
        "later_dlt",
        "event.level == assigned and first_cycle in ('counted_clear', 'counted_toxic')",
        "a toxicity after the first cycle",
        level=LEVEL,
    ),
    _report(
        "expansion_dlt",
        "part == 2 and first_cycle == 'toxic'",
        "a first-cycle toxicity in part 2",
    ),
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
    Invariant(
        "IBR-05",
        "reported-before-leaving",
        "Nobody is off the study while the first cycle has still to be reported.",
        "implies(state == 'off', first_cycle not in ('clear', 'toxic', 'left'))",
    ),
)

LEMMAS = (
    Lemma(
        "counted-in-part-1",
        "implies(first_cycle in ('clear', 'left', 'counted_clear', 'counted_toxic'), part == 1)",
    ),
    Lemma("treated-since", "implies(state in ('treated', 'toxicity_hold'), cycle > 0)"),
    Lemma(
        "unreported-is-due",
        "implies(state == 'unreported',"
        " first_cycle == 'open' if cycle == 0 else first_cycle in ('clear', 'toxic', 'left'))",
    ),
    Lemma(
        "judged-by-the-end", "implies(state == 'follow_up', cycle > 0 and first_cycle != 'open')"
    ),
    Lemma(
        "before-first-dose",
        "implies(state == 'registered',"
        " cycle == 0 and first_cycle == 'open' and not progressed and dose_level == assigned)",
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
        Count("part", 1, 2, meaning="1 is the escalation, 2 the expansion"),
        Category("first_cycle", FIRST_CYCLE, meaning="what it showed; counted: the trial knows"),
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
        State("unreported", meaning="off the study, the first cycle still to be reported"),
        State("off", final=True, meaning="dead, lost, or consent withdrawn"),
    ),
    events=EVENTS,
    transitions=(*REGISTRATION, *DOSES, *TOXICITY, *ENDS, *FOLLOW_UP, *REPORTS),
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
