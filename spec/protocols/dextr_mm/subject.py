"""The machine of one subject: induction in cycles, the assessments, maintenance.

Alone, a case begins on day 1 of the first cycle. In a study it begins with ``enrol``, and the first
``start_cycle`` is day 1.
"""

from __future__ import annotations

from ...model import (
    Action,
    Bool,
    Category,
    Clock,
    Count,
    Days,
    Exact,
    Flag,
    Machine,
    Observation,
    OneOf,
    Quantity,
    Requirement,
    State,
    Transition,
    Unspecified,
    Variable,
)
from .doses import DOSES, DRUGS, ENROLLED, INDUCTION, LOW_THALIDOMIDE, REGIMENS
from .facts import SUBJECT_INVARIANTS, SUBJECT_LEMMAS
from .subject_claims import CLAIMS

TREATED = (*INDUCTION, "maintenance")
CASE_OPEN = ("enrolled", *TREATED)

DEFINITIONS = {
    "cycle_over": "in_cycle >= cycle_days",
    "low_thalidomide": LOW_THALIDOMIDE,
    # assessments
    "at_the_end": "in_cycle >= (cycle_days - 1 if DTR_A26 == 'end' else cycle_days - 7)",
    "decides": "cycle >= 4 or DTR_A03 == 'at_once'",
    "on_plateau": "plateau > plateau_cycles",
    "ifx_needed": "3 if DTR_A30 == 'both' else 2 if DTR_A07 == 'two' else 1",
    # what one more assessment makes of them; the value before treatment has no date
    "compared": "unchanged and (DTR_A08 == 'spike' or not ifx_negative)"
    " and (cycle > 1 or DTR_A33 == 'counted' and DTR_A01 != 'days')"
    " and (cycle > 4 or DTR_A04 == 'count')",
    "long_enough": "DTR_A01 == 'values' and plateau > 0"
    " or DTR_A01 == 'days' and since_change > plateau_days",
    "more_plateau": "min(plateau + 1, plateau_cycles if DTR_A01 == 'days' else plateau_cycles + 1)",
    "next_plateau": "plateau if on_plateau and DTR_A35 == 'achieved' and state != 'maintenance'"
    " else 0 if not (compared) else plateau_cycles + 1 if long_enough else more_plateau",
    "next_ifx": "min(ifx + 1, ifx_needed) if ifx_negative"
    " else ifx if DTR_A35 == 'achieved' and ifx >= ifx_needed else 0",
    "qualifies": "next_ifx >= ifx_needed or next_plateau > plateau_cycles",
    # labs of the first cycle: the week of the cycle, from 1
    "week": "1 if in_cycle < 7 else 2 if in_cycle < 14 else 3 if in_cycle < 21 else 4",
}

# in a final state the day of the cycle is not read any more
STILL = "in_cycle = 0"
_RECORD = "plateau = next_plateau; ifx = next_ifx"
_SAME, _OTHER = "(compared or DTR_A01 != 'days')", "DTR_A01 == 'days' and not (compared)"


def _found(
    clause: str, source: tuple[str, ...] | str, when: str, decision: str
) -> tuple[Transition, ...]:
    """An assessment after which the subject goes on; under DTR-A01 days the days are counted."""
    target = None if source == "maintenance" else "induction"
    then = f"{_RECORD}; decision = '{decision}'"
    return (
        Transition(clause, source, "assess", target, f"{when} and {_SAME}", then),
        Transition(
            clause, source, "assess", target, f"{when} and {_OTHER}", f"{then}; since_change = 0"
        ),
    )


_GOES_ON = "not progression and decides and not (qualifies)"
_WELL, _UNWELL = f"{_GOES_ON} and not toxicity", f"{_GOES_ON} and toxicity"

ASSESSMENTS = (
    *_found("DTR-21", INDUCTION, "not progression and not (decides)", "induction"),
    *_found("DTR-11", INDUCTION, "not progression and decides and qualifies", "maintenance"),
    *_found("DTR-12", INDUCTION, f"{_WELL} and not (compared)", "induction"),
    # unchanged, but not for long enough: neither response nor plateau
    *_found("DTR-A05", INDUCTION, f"{_WELL} and compared and DTR_A05 == 'continue'", "induction"),
    Transition(
        "DTR-A05",
        INDUCTION,
        "assess",
        "off",
        f"{_WELL} and compared and DTR_A05 == 'off'",
        STILL,
    ),
    *_found("DTR-A10", INDUCTION, f"{_UNWELL} and DTR_A10 == 'maintenance'", "maintenance"),
    *_found("DTR-A10", INDUCTION, f"{_UNWELL} and DTR_A10 == 'reduce'", "induction"),
    Transition("DTR-A10", INDUCTION, "assess", "off", f"{_UNWELL} and DTR_A10 == 'off'", STILL),
    *_found("DTR-21", "maintenance", "not progression", "maintenance"),
    Transition("DTR-10", INDUCTION, "assess", "off", "progression", STILL),
    Transition("DTR-20", "maintenance", "assess", "off", "progression", STILL),
)

_ASSESSED = Requirement("DTR-21", "decision != 'open'")
_NEXT = "cycle = min(cycle + 1, 5); in_cycle = 0; decision = 'open'; labs = 0; enrolled = True"
_FURTHER = (
    ENROLLED,
    _ASSESSED,
    Requirement("DTR-11", "decision != 'maintenance'"),
    Requirement("DTR-04", "cycle_over"),
)

CYCLES = (
    Transition("DTR-04", INDUCTION, "start_cycle", "induction", "cycle < 3", _NEXT, _FURTHER),
    Transition("DTR-12", INDUCTION, "start_cycle", "assessment_due", "cycle >= 3", _NEXT, _FURTHER),
    Transition(
        "DTR-14",
        "maintenance",
        "start_cycle",
        then="in_cycle = 0; decision = 'open'",
        requires=(_ASSESSED, Requirement("DTR-14", "cycle_over")),
    ),
    Transition("DTR-04", "enrolled", "start_cycle", "induction", then="in_cycle = 0"),
    Transition(
        "DTR-03",
        "induction",
        "enrol",
        "enrolled",
        "not enrolled and cycle == 1 and in_cycle == 0 and labs == 0",
        "enrolled = True",
    ),
)

_BEGINS = (
    "cycle = min(cycle + 1, 5); in_cycle = 0; decision = 'open'; labs = 0; enrolled = True;"
    " low_clearance = crcl < crcl_limit"
)
_TO_MAINTENANCE = (
    _ASSESSED,
    Requirement("DTR-11", "decision == 'maintenance' or cycle > 4"),
    Requirement("DTR-13", "decision == 'maintenance' or cycle <= 4"),
    Requirement("DTR-04", "cycle_over"),
)


def _begin(clause: str, when: str, dose: str) -> Transition:
    then = f"{_BEGINS}; maint_len = {dose}"
    return Transition(
        clause, INDUCTION, "begin_maintenance", "maintenance", when, then, _TO_MAINTENANCE
    )


_LOW, _REDUCED = "crcl < crcl_limit", "len_dose < 25 and len_dose > 0"

MAINTENANCE = (
    _begin("DTR-15", f"not ({_LOW}) and len_dose == 25", "25"),
    _begin("DTR-16", f"{_LOW} and len_dose == 25", "15"),
    _begin("DTR-17", f"not ({_LOW}) and {_REDUCED}", "len_dose"),
    _begin("DTR-18", f"{_LOW} and {_REDUCED}", "min(len_dose, 15)"),
    _begin("DTR-A34", "DTR_A34 == 'zero' and len_dose == 0", "0"),
    Transition(
        "DTR-A34",
        INDUCTION,
        "begin_maintenance",
        Unspecified("DTR-A34"),
        "DTR_A34 == 'unstated' and len_dose == 0",
        requires=_TO_MAINTENANCE,
    ),
    Transition(
        "DTR-24",
        "maintenance",
        "go_to_asct",
        "transplant",
        then=STILL,
        requires=(
            Requirement("DTR-24", "eligible"),
            Requirement("DTR-24", "on_plateau or DTR_A25 == 'both' and ifx >= ifx_needed"),
            Requirement("DTR-23", "DTR_A32 == 'exception'"),
        ),
    ),
)

_NOW_LOW = "value < crcl_limit"

CLEARANCE = (
    Transition(
        "DTR-A14",
        INDUCTION,
        "crcl",
        then=f"len_dose = min(len_dose, 15) if DTR_A14 == 'fifteen' and {_NOW_LOW} else len_dose",
    ),
    Transition("DTR-A11", "maintenance", "crcl", when="DTR_A11 == 'start'"),
    Transition(
        "DTR-18",
        "maintenance",
        "crcl",
        when=f"DTR_A11 != 'start' and {_NOW_LOW}",
        then="low_clearance = True; maint_len = min(len_dose, 15)",
    ),
    Transition(
        "DTR-A11",
        "maintenance",
        "crcl",
        when=f"DTR_A11 == 'down' and not ({_NOW_LOW})",
    ),
    Transition(
        "DTR-17",
        "maintenance",
        "crcl",
        when=f"DTR_A11 == 'both' and not ({_NOW_LOW})",
        then="low_clearance = False; maint_len = len_dose",
    ),
)

OTHER = (
    Transition(
        "DTR-A16",
        INDUCTION,
        "reduce_lenalidomide",
        then="len_dose = new",
        requires=(
            Requirement("DTR-A16", "new < len_dose"),
            Requirement("DTR-A16", "DTR_A16 == 'any' or new == len_dose - 5"),
        ),
    ),
    Transition(
        "X-A14",
        "maintenance",
        "reduce_lenalidomide",
        when="X_A14 == 'lower' and new < maint_len",
        then="len_dose = new; maint_len = new",
    ),
    Transition(
        "DTR-22",
        "induction",
        "lab",
        then="labs = week",
        requires=(
            Requirement("DTR-22", "cycle == 1"),
            Requirement("DTR-22", "in_cycle < cycle_days"),
            Requirement("DTR-22", "DTR_A27 == 'blocks' or in_cycle in (0, 7, 14, 21)"),
            Requirement("DTR-22", "labs < week"),
        ),
    ),
    Transition(
        "DTR-A19",
        INDUCTION,
        "thalidomide_intolerance",
        when="DTR_A19 == 'fifty'",
        then="thal_low = True",
    ),
)


def _gone(event: str, end: str) -> Transition:
    return Transition("X-A12", CASE_OPEN, event, end, "X_A12 == 'absorbing'", STILL)


LEAVE = (
    Transition("DTR-10", ("enrolled", *INDUCTION), "progression", "off", then=STILL),
    Transition("DTR-20", "maintenance", "progression", "off", then=STILL),
    Transition("DTR-23", TREATED, "excessive_toxicity", "off", then=STILL),
    _gone("death", "dead"),
    _gone("lost", "lost"),
    _gone("withdraw_consent", "withdrawn"),
)

CLEARANCE_VALUE = Exact("0", "1000", "0.01", "mL/min")
LENALIDOMIDE_DOSE = Exact("0", "25", "5", "mg")

EVENTS = (
    Action("enrol", meaning="enrolment, before day 1 of the first cycle"),
    Action(
        "start_cycle",
        meaning="day 1 of the next cycle of the same kind; after enrolment, of the first",
    ),
    Observation(
        "assess",
        possible="at_the_end and decision == 'open' and state != 'enrolled'",
        progression=Bool,
        ifx_negative=Bool,
        unchanged=Bool,
        toxicity=Bool,
        meaning="response and toxicity at the end of a cycle: progression, a negative serum "
        "immunofixation, no change in the M-spike, untoward toxicity",
    ),
    Action(
        "begin_maintenance",
        crcl=CLEARANCE_VALUE,
        meaning="day 1 of the first cycle of maintenance, with the creatinine clearance",
    ),
    Action(
        "dose",
        drug=OneOf(DRUGS),
        amount=Exact("0", "1000", "0.001", "mg"),
        meaning="a drug is given",
    ),
    Action(
        "reduce_lenalidomide",
        new=LENALIDOMIDE_DOSE,
        meaning="the dose of lenalidomide is lowered; 0 mg is held",
    ),
    Observation(
        "crcl",
        possible="state != 'enrolled'",
        value=CLEARANCE_VALUE,
        meaning="a creatinine clearance",
    ),
    Action("lab", meaning="the blood count and electrolytes of one week of the first cycle"),
    Observation(
        "thalidomide_intolerance",
        possible="state in ('induction', 'assessment_due') and not thal_low",
        meaning="the dose of thalidomide isn't tolerated",
    ),
    Observation(
        "excessive_toxicity",
        possible="state != 'enrolled'",
        meaning="side effects have become excessive",
    ),
    Observation("progression"),
    Action(
        "go_to_asct",
        eligible=Bool,
        meaning="leaves for high-dose chemotherapy and transplantation",
    ),
    Observation("death"),
    Observation("lost", meaning="lost to follow-up"),
    Observation("withdraw_consent"),
)

_CYCLE = "in_cycle <= cycle_days"

SUBJECT = Machine(
    name="subject",
    meaning="One subject, from day 1 of induction until the study is left.",
    constants={"cycle_days": 28, "plateau_cycles": 2, "plateau_days": 56, "crcl_limit": 40},
    variables=(
        Flag("enrolled", meaning="whether enrolment is on record, or a second cycle begun"),
        Count("cycle", 1, 5, meaning="cycles begun; 5 is five or more, or maintenance"),
        Clock("in_cycle", "cycle_days + 1", meaning="since day 1 of the cycle"),
        Category(
            "decision",
            ("open", "induction", "maintenance"),
            meaning="what the assessment of the present cycle says is next",
        ),
        Count(
            "plateau",
            0,
            "plateau_cycles + 1",
            meaning="comparisons without a change, in a row",
        ),
        Count("ifx", 0, 3, meaning="negative immunofixations, as many as are needed"),
        Quantity(
            "len_dose", "0", "25", "5", "mg", "25", meaning="lenalidomide, clearance left aside"
        ),
        Quantity("maint_len", "0", "25", "5", "mg", meaning="lenalidomide in maintenance"),
        Flag("low_clearance", meaning="whether the clearance lowers the dose of maintenance"),
        Count("labs", 0, 4, meaning="the last week of the first cycle with laboratory work"),
        Variable(
            "since_change",
            Days("plateau_days + 1"),
            "plateau_days + 1",
            saturates=True,
            meaning="since the first of equal M-spikes (DTR-A01 days)",
        ),
        Count("thal_50", 0, 7, meaning="doses of thalidomide in the first cycle (DTR-A20 doses)"),
        Flag("thal_low", meaning="whether thalidomide stays at 50 mg (DTR-A19)"),
    ),
    definitions=DEFINITIONS,
    states=(
        State(
            "induction",
            initial=True,
            within=_CYCLE,
            within_clause="DTR-04",
            meaning="DexTR, in the first cycles or assessed",
        ),
        State(
            "assessment_due",
            within=_CYCLE,
            within_clause="DTR-21",
            meaning="DexTR, a cycle from the fourth on, whose assessment decides what follows",
        ),
        State("enrolled", meaning="enrolled, before day 1"),
        State(
            "maintenance",
            within=_CYCLE,
            within_clause="DTR-14",
            meaning="dexamethasone and lenalidomide",
        ),
        State("off", final=True, meaning="taken off the study"),
        State("transplant", final=True, meaning="left for high-dose chemotherapy"),
        State("dead", final=True),
        State("lost", final=True, meaning="lost to follow-up"),
        State("withdrawn", final=True, meaning="consent withdrawn"),
    ),
    events=EVENTS,
    transitions=(*CYCLES, *DOSES, *ASSESSMENTS, *MAINTENANCE, *CLEARANCE, *OTHER, *LEAVE),
    invariants=SUBJECT_INVARIANTS,
    lemmas=SUBJECT_LEMMAS,
    claims=CLAIMS,
    regimens=REGIMENS,
)
