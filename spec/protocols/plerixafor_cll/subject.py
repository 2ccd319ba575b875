"""The machine of one subject: titration, the combination in cycles, the interim assessment."""

from __future__ import annotations

from ...model import (
    Action,
    Bool,
    Category,
    Clock,
    Count,
    Exact,
    Flag,
    Machine,
    Observation,
    OneOf,
    Optional,
    Quantity,
    Requirement,
    State,
    Transition,
    Unspecified,
    Whole,
)
from .doses import DOSES, DRUGS, OTHER_DAY, REGIMENS
from .facts import SUBJECT_INVARIANTS, SUBJECT_LEMMAS
from .leaving import AFTER_STAGE_1, DLT_STATES, LEAVE, OVER, REPORTS, leave
from .subject_claims import CLAIMS

LEVEL = Whole(1, "levels")
COMBINATION = ("combination", "interim_due", "stage3")
RESPONSES = ("CR", "PR", "nPR", "SD", "PD")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

DEFINITIONS = {
    # before plerixafor: what 28 days and a stable dose mean
    "needed_days": "entry_days if PLX_A02 == 'elapsed' else entry_days - 1",
    "stable_days": "0 if PLX_A03 == 'now' else raise_days if PLX_A03 == 'week'"
    " else 2 * raise_days if PLX_A03 == 'two_weeks' else entry_days",
    # how many cycles
    "counted_cycles": "max_cycles if PLX_A11 == 'total' else interim_after + max_cycles",
    "last_cycle": "counted_cycles if PLX_A14 == 'combination' else counted_cycles - 1",
    "cycle_over": "in_cycle >= cycle_days",
    # the days of doses
    "other_day": OTHER_DAY,
    "made_up": "PLX_A13 == 'deferred' and rtx + interim_after < combo_cycle",
    # the observation that the trial waits for
    "outstanding": "combo_cycle > 0 and not evaluated",
    "window_cycles": "interim_after if PLX_A21 == 'four_cycles' else 1",
    "window_over": "combo_cycle > window_cycles or combo_cycle == window_cycles and cycle_over",
    "window_open": "combo_cycle > 0 and not (window_over)",
    "judged_clear": "X_A03 == 'counts' if cut_short else window_over",
    "mono_dose": "10 if PLX_A23 == 'ten' else len_dose",
}

_MONO = "len_dose = mono_dose"
_RIGHT_WEEKDAY = Requirement(
    "PLX-12",
    "weekday == 'Mon' or PLX_A10 == 'days' or PLX_A10 == 'weekdays' and weekday in ('Wed', 'Fri')",
)

TITRATION = (
    Transition(
        "PLX-04",
        "stage1",
        "raise",
        then="len_dose += 2.5; since_raise = 0",
        requires=(
            Requirement("PLX-05", "len_dose < 10"),
            Requirement("PLX-04", "since_raise >= raise_days"),
            Requirement("PLX-04", "PLX_A04 == 'at_least' or since_raise == raise_days"),
            Requirement("PLX-04", "tolerated"),
        ),
    ),
    Transition(
        "PLX-A05",
        "stage1",
        "intolerance",
        when="PLX_A05 == 'stay'",
        then="len_dose = max(len_dose - 2.5, 5); since_raise = 0",
    ),
    Transition(
        "PLX-07",
        "stage1",
        "assign",
        when="PLX_A07 == 'registration' and level == 0 and on_len == 0",
        then="level = event.level",
    ),
    Transition(
        "PLX-06a",
        "stage1",
        "start_combination",
        "combination",
        then="level = event.level; combo_cycle = 1; in_cycle = 0; since_raise = 0",
        requires=(
            Requirement("PLX-06a", "len_dose == 10"),
            Requirement("PLX-06a", "since_raise >= stable_days"),
            Requirement("PLX-06c", "PLX_A01 == 'at_ten' or on_len >= needed_days"),
            Requirement("PLX-06c", "PLX_A01 == 'any_dose' or since_raise >= needed_days"),
            Requirement("PLX-06b", "wbc < wbc_limit"),
            _RIGHT_WEEKDAY,
            Requirement("PLX-07", "PLX_A07 == 'entry' or event.level == level"),
        ),
    ),
)

_NEXT = "combo_cycle += 1; in_cycle = 0"
_EACH_CYCLE = (
    Requirement("PLX-12", "in_cycle >= cycle_days"),
    _RIGHT_WEEKDAY,
    Requirement("PLX-06b", "PLX_A08 == 'once' or wbc < wbc_limit"),
)

CYCLES = (
    Transition(
        "PLX-12",
        (*COMBINATION, "sd_choice"),
        "start_cycle",
        None,
        "combo_cycle + 1 != interim_after",
        _NEXT,
        (
            Requirement("PLX-14", "state != 'interim_due' or response != 'none'"),
            Requirement("PLX-21", "state != 'sd_choice' or response != 'SD'"),
            Requirement("PLX-18", "combo_cycle < last_cycle"),
            *_EACH_CYCLE,
        ),
    ),
    Transition(
        "PLX-14",
        "combination",
        "start_cycle",
        "interim_due",
        "combo_cycle + 1 == interim_after",
        _NEXT,
        _EACH_CYCLE,
    ),
    Transition(
        "PLX-20",
        ("combination", "stage3"),
        "stop_combination",
        "mono",
        "True",
        _MONO,
        (
            Requirement("PLX-18", "combo_cycle >= last_cycle"),
            Requirement("PLX-12", "in_cycle >= cycle_days"),
        ),
    ),
)


def _assessed(clause: str, response: str, target: str, reading: str = "True") -> Transition:
    when = f"event.response == '{response}' and {reading}"
    return Transition(clause, "interim_due", "assess", target, when, f"response = '{response}'")


INTERIM = (
    # no clause says what progression at the assessment leads to
    *leave(
        "PLX-14",
        ("interim_due",),
        "assess",
        when="event.response == 'PD' and PLX_A15 == 'off'",
        record="response = 'PD'",
        windows=(OVER,),
    ),
    _assessed("PLX-14", "PD", "mono", "PLX_A15 == 'mono'"),
    _assessed("PLX-15", "CR", "mono"),
    _assessed("PLX-16", "PR", "stage3"),
    _assessed("PLX-16", "nPR", "stage3", "PLX_A16 == 'as_pr'"),
    _assessed("PLX-15", "nPR", "mono", "PLX_A16 == 'as_cr'"),
    _assessed("PLX-21", "SD", "sd_choice"),
    Transition(
        "PLX-22",
        "sd_choice",
        "choose_sd",
        "stage3",
        "inv_ok and subj_ok and PLX_A19 == 'implied'",
    ),
    Transition(
        "PLX-21",
        "sd_choice",
        "choose_sd",
        "combination",
        "inv_ok and subj_ok and PLX_A19 == 'optional'",
    ),
    Transition(
        "PLX-A18",
        "sd_choice",
        "choose_sd",
        "mono",
        "not (inv_ok and subj_ok) and PLX_A18 == 'mono'",
        _MONO,
    ),
    *leave(
        "PLX-A18",
        ("sd_choice",),
        "choose_sd",
        when="not (inv_ok and subj_ok) and PLX_A18 == 'off'",
        windows=(OVER,),
    ),
)

_LATER = ("combination", "stage3")

LATER = (
    Transition("PLX-14", _LATER, "complete_response", when="PLX_A17 == 'carry_on'"),
    Transition("PLX-15", _LATER, "complete_response", "mono", "PLX_A17 == 'stop'", _MONO),
    Transition(
        "X-A14",
        AFTER_STAGE_1,
        "reduce",
        when="X_A14 == 'step' and len_dose > 5",
        then="len_dose -= 2.5",
    ),
    Transition("PLX-07", "stage1", "dlt", Unspecified("PLX-A21"), "PLX_A21 == 'lenalidomide'"),
    Transition("PLX-A31", DLT_STATES, "dlt", when="PLX_A31 == 'continue'"),
)

WBC = Exact("0", "2000", "0.01", "10^9/L")

EVENTS = (
    Action(
        "raise",
        tolerated=Bool,
        meaning="lenalidomide goes up by 2.5 mg, if the present dose is tolerated",
    ),
    Action("assign", level=LEVEL, meaning="a cohort is assigned before plerixafor (PLX-A07)"),
    Action(
        "start_combination",
        wbc=WBC,
        weekday=OneOf(WEEKDAYS),
        level=LEVEL,
        meaning="day 1 of the first cycle with plerixafor",
    ),
    Action(
        "start_cycle",
        wbc=Optional(WBC, "wbc_limit"),
        weekday=Optional(OneOf(WEEKDAYS), "'Mon'"),
        meaning="day 1 of the next cycle of the combination",
    ),
    Observation(
        "assess",
        possible="state == 'interim_due' and cycle_over",
        response=OneOf(RESPONSES),
        meaning="the interim assessment of response, after 4 cycles",
    ),
    Action(
        "choose_sd",
        inv_ok=Bool,
        subj_ok=Bool,
        meaning="investigator and subject decide on going on with stable disease",
    ),
    Action("stop_combination", meaning="the last cycle is over: lenalidomide alone"),
    Action(
        "dose",
        drug=OneOf(DRUGS),
        amount=Exact("0", "1000", "0.001", "mg, mg/kg or mg/m2"),
        meaning="a drug is given: lenalidomide in mg, plerixafor in mg/kg, rituximab in mg/m2",
    ),
    Action("reduce", meaning="lenalidomide goes down by 2.5 mg"),
    Observation("intolerance", possible="state == 'stage1'", meaning="the dose isn't tolerated"),
    Observation("toxicity", possible="state != 'unreported'", meaning="unacceptable toxicity"),
    Observation(
        "dlt",
        possible="state in ('combination', 'interim_due') and window_open"
        " or state == 'stage1' and PLX_A21 == 'lenalidomide'",
        meaning="a dose-limiting toxicity: what follows for the subject",
    ),
    Observation(
        "complete_response",
        possible="state in ('combination', 'stage3') and combo_cycle >= interim_after",
        meaning="a complete response found after the interim assessment",
    ),
    Observation("progression", possible="state != 'unreported'"),
    Observation(
        "evaluate",
        # a toxicity in the window can be reported at any time after it
        possible="outstanding and (dlt or judged_clear)",
        dlt=Bool,
        meaning="observed for toxicity to the end of the window, or had one in it",
    ),
    Observation(
        "not_evaluable",
        possible="outstanding and X_A03 == 'replaced'",
        meaning="can't be judged: treatment ended or was withheld in the window",
    ),
    Observation(
        "late_dlt",
        possible="evaluated and event.level == level",
        level=LEVEL,
        meaning="a toxicity in the window, reported after the evaluation",
    ),
    Observation("death", possible="cause != 'dead'"),
    Observation("lost", possible="cause in ('none', 'off')", meaning="lost to follow-up"),
    Observation("withdraw_consent", possible="cause in ('none', 'off')"),
)

_CYCLE = "in_cycle <= cycle_days"

SUBJECT = Machine(
    name="subject",
    meaning="One subject, from the first dose of lenalidomide until treatment ends.",
    constants={
        "levels": 4,
        "raise_days": 7,
        "entry_days": 28,
        "wbc_limit": 100,
        "cycle_days": 28,
        "interim_after": 4,
        "max_cycles": 12,
        "rtx_cap": 8,
    },
    variables=(
        Quantity("len_dose", "5", "12.5", "2.5", "mg", meaning="lenalidomide, each day"),
        Clock("on_len", "entry_days", meaning="since the first dose of lenalidomide"),
        Clock("since_raise", "entry_days", meaning="since its dose last changed"),
        Count("level", 0, "levels", meaning="the cohort; 0 is none yet"),
        Count(
            "combo_cycle",
            0,
            "interim_after + max_cycles",
            meaning="cycles of the combination begun",
        ),
        Clock("in_cycle", "cycle_days + 1", meaning="since day 1 of the cycle"),
        Category("response", ("none", *RESPONSES), meaning="at the interim assessment"),
        Count("rtx", 0, "max_cycles", meaning="doses of rituximab"),
        Clock("since_rtx", 1, meaning="since the last dose of rituximab"),
        Flag("evaluated", meaning="whether the trial has been told about toxicity"),
        Category(
            "cause", ("none", "off", "dead", "lost", "withdrawn"), meaning="why treatment ended"
        ),
        Flag("cut_short", meaning="whether treatment ended before the window was over"),
    ),
    definitions=DEFINITIONS,
    states=(
        State("stage1", initial=True, meaning="lenalidomide alone, raised to 10 mg"),
        State(
            "combination",
            within=_CYCLE,
            within_clause="PLX-12",
            meaning="lenalidomide and plerixafor (Stage 2)",
        ),
        State(
            "interim_due",
            within=_CYCLE,
            within_clause="PLX-14",
            meaning="the fourth cycle, at whose end the response is assessed",
        ),
        State(
            "sd_choice",
            within=_CYCLE,
            within_clause="PLX-21",
            meaning="stable disease: to be decided whether the combination goes on",
        ),
        State(
            "stage3",
            within=_CYCLE,
            within_clause="PLX-18",
            meaning="the combination with rituximab (Stage 3)",
        ),
        State("mono", meaning="lenalidomide alone, until progression"),
        State("unreported", meaning="off treatment, the evaluation still to be reported"),
        State("off", final=True, meaning="treatment has ended"),
        State("dead", final=True),
        State("lost", final=True, meaning="lost to follow-up"),
        State("withdrawn", final=True, meaning="consent withdrawn"),
    ),
    events=EVENTS,
    transitions=(*TITRATION, *CYCLES, *INTERIM, *DOSES, *LATER, *LEAVE, *REPORTS),
    invariants=SUBJECT_INVARIANTS,
    lemmas=SUBJECT_LEMMAS,
    claims=CLAIMS,
    regimens=REGIMENS,
)
