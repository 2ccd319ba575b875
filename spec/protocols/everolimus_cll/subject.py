"""The machine of one subject: enrolment, the two courses together, response, follow-up.

The courses share one start by the constant ``offset_days`` (EVE-A03), so that their clocks run
together; only where courses start freely do they multiply.
"""

from __future__ import annotations

from ...calendar import Regimen
from ...model import (
    Action,
    Bool,
    Category,
    Count,
    Event,
    Flag,
    Landmark,
    Machine,
    Observation,
    OneOf,
    Requirement,
    State,
    Transition,
    Whole,
)
from .course import ALEMTUZUMAB, CONSTANTS, DEFINITIONS, EVEROLIMUS, FIXED, Course, dose
from .facts import SUBJECT_INVARIANTS, SUBJECT_LEMMAS
from .subject_claims import CLAIMS

COURSES = (EVEROLIMUS, ALEMTUZUMAB)
DRUGS = tuple(course.drug for course in COURSES)
LEVEL = Whole(1, "levels")
ON_STUDY = ("registered", "treated", "follow_up")
# where all doses have to be counted: elsewhere their number follows from the weeks
COUNTED = "EVE_A05 == 'count' or EVE_A05 == 'both' and EVE_A17 == 'calendar'"

_PAST = "; ".join(course.past() for course in COURSES)

SUBJECT_DEFINITIONS = {
    **DEFINITIONS,
    **EVEROLIMUS.definitions(COUNTED),
    **ALEMTUZUMAB.definitions(COUNTED),
    "offset": "7 * (evr_weeks - alz_weeks) if EVE_A03 == 'end_together' else offset_days",
    "assessable": "state == 'follow_up' or EVE_A18 == 'any_time' and state == 'treated'",
}

# said for each level, so that an amount is compared with numbers alone
_AMOUNTS = {
    EVEROLIMUS: (
        Requirement("EVE-13", "any(level == k and amount <= k for k in levels)"),
        Requirement(
            "EVE-13", "EVE_A15 == 'lower' or any(level == k and amount >= k for k in levels)"
        ),
    ),
    ALEMTUZUMAB: (),
}


def _given(course: Course) -> str:
    return f"drug == '{course.drug}'"


def _stopped(course: Course) -> Requirement:
    return Requirement("EVE-15", f"EVE_A09 == 'both' or not {course.short}_stopped")


def _start(course: Course, on_day: str) -> Requirement:
    """A course begins beside the other one on the day that a reading of EVE-A03 says."""
    return Requirement(
        course.clause, f"EVE_A03 == 'free' or EVE_A03 in ('constant', 'end_together') and {on_day}"
    )


def _begins(course: Course, other: Course, on_day: str) -> tuple[Transition, ...]:
    """The first dose of a course: the first of all, or beside the other course."""
    start = _start(course, on_day)
    first_of_all = () if course is EVEROLIMUS else (_start(course, "(offset == 0 or evr_begun)"),)
    return (
        Transition(
            course.clause,
            "registered",
            "dose",
            "treated",
            _given(course),
            f"{course.begin()}; {other.wait()}",
            (
                Requirement("EVE-12", "level > 0"),
                *_AMOUNTS[course],
                *first_of_all,
                course.weekday(),
            ),
        ),
        Transition(
            course.clause,
            "treated",
            "dose",
            None,
            f"{_given(course)} and not ({course.short}_begun)",
            course.begin(),
            (
                *_AMOUNTS[course],
                start,
                _stopped(course),
                course.weekday(),
                course.same_weekday(other),
            ),
        ),
    )


def _goes_on(course: Course) -> tuple[Transition, ...]:
    return tuple(
        Transition(
            course.clause,
            "treated",
            "dose",
            None,
            f"{_given(course)} and {when}",
            then,
            (*_AMOUNTS[course], _stopped(course), *requires),
        )
        for when, then, requires in course.next()
    )


# of two rules that fail equally a refusal explains the first: doses after the first before it
DOSES = (
    *_goes_on(EVEROLIMUS),
    *_goes_on(ALEMTUZUMAB),
    *_begins(EVEROLIMUS, ALEMTUZUMAB, "alz_day == 0"),
    *_begins(ALEMTUZUMAB, EVEROLIMUS, "evr_day == offset"),
)


def _ends(event: str, clause: str, ended: str) -> tuple[Transition, ...]:
    """Treatment ends early; whether follow-up is for those as well is EVE-A12."""
    then = f"ended = '{ended}'; {_PAST}"
    return (
        Transition(clause, "treated", event, "follow_up", "EVE_A12 == 'all'", then),
        Transition(clause, "treated", event, "off", "EVE_A12 == 'completers'", then),
    )


TREATMENT = (
    Transition(
        "EVE-12",
        "registered",
        "enrol",
        then="level = event.level; phase = event.phase",
        requires=(Requirement("EVE-12", "level == 0"),),
    ),
    *_ends("progression", "EVE-15", "progression"),
    *_ends("toxicity", "EVE-15", "toxicity"),
    *(
        Transition(
            "EVE-15",
            "treated",
            "stop_drug",
            None,
            f"EVE_A09 == 'single' and drug == '{course.drug}' and not {course.short}_stopped",
            f"{course.short}_stopped = True",
        )
        for course in COURSES
    ),
    Transition(
        "EVE-16",
        "treated",
        "complete",
        "follow_up",
        then=f"ended = 'completed'; {_PAST}",
        requires=tuple(
            Requirement(
                course.clause,
                course.named("EVE_A09 == 'single' and X_stopped or X_begun and (X_over)"),
            )
            for course in COURSES
        ),
    ),
)

_EXTENDED = (
    Requirement("EVE-04", "assessable"),
    Requirement("EVE-04", "EVE_A13 != 'phase2' or phase == 2"),
    Requirement("EVE-04", "EVE_A13 != 'phase1' or phase == 1"),
)
_IN_REMISSION = Requirement("EVE-04", "EVE_A16 == 'flow_only' or clinical_cr")

RESPONSE = (
    Transition(
        "EVE-04",
        ("treated", "follow_up"),
        "assess",
        None,
        "True",
        "clinical_cr = event.clinical_cr",
    ),
    Transition(
        "EVE-04",
        ("treated", "follow_up"),
        "ct",
        then="ct_done = EVE_A14 == 'ct_first'",
        requires=(*_EXTENDED, _IN_REMISSION),
    ),
    Transition("EVE-04", ("treated", "follow_up"), "ihc", requires=(*_EXTENDED, _IN_REMISSION)),
    Transition(
        "EVE-04",
        ("treated", "follow_up"),
        "mrd_test",
        requires=(
            *_EXTENDED,
            Requirement("EVE-04", "clinical_cr"),
            Requirement("EVE-04", "EVE_A14 == 'any' or ct_done"),
        ),
    ),
)

FOLLOW_UP = (
    Transition("EVE-16", "follow_up", "follow_up_visit"),
    Transition("EVE-06", "follow_up", "chart_progression"),
    Transition("EVE-06", "follow_up", "next_treatment"),
    Transition("EVE-16", "follow_up", "five_years_over", "off"),
)


def _gone(event: str, end: str) -> tuple[Transition, ...]:
    """Death, loss or withdrawal at any time."""
    when = "X_A12 == 'absorbing'"
    return (
        Transition("X-A12", ("registered", "treated"), event, end, when, _PAST),
        Transition("X-A12", "follow_up", event, end, when),
    )


GONE = (*_gone("death", "dead"), *_gone("lost", "lost"), *_gone("withdraw_consent", "withdrawn"))

EVENTS: tuple[Event, ...] = (
    Action(
        "enrol",
        level=LEVEL,
        phase=Whole(1, 2),
        meaning="the subject enters the trial, at a dose level, in phase 1 or 2",
    ),
    dose(DRUGS),
    Action("stop_drug", drug=OneOf(DRUGS), meaning="one drug ends for toxicity (EVE-A09)"),
    Action("complete", meaning="both courses are done: treatment is completed"),
    Observation("progression", possible="state == 'treated'"),
    Observation("toxicity", possible="state == 'treated'", meaning="unacceptable toxicity"),
    Observation(
        "assess",
        possible="assessable",
        clinical_cr=Bool,
        meaning="the response is assessed: a complete clinical remission or not",
    ),
    Action("ct", meaning="CT of chest, abdomen and pelvis, to judge a complete response"),
    Action("ihc", meaning="marrow immunohistochemistry"),
    Action("mrd_test", meaning="flow cytometry for residual disease"),
    Action("follow_up_visit"),
    Observation(
        "chart_progression",
        possible="state == 'follow_up'",
        meaning="progression found after treatment",
    ),
    Action("next_treatment", meaning="another treatment begins"),
    Observation("death"),
    Observation("lost", meaning="lost to follow-up"),
    Observation("withdraw_consent"),
)


def _regimens() -> tuple[Regimen, ...]:
    found = []
    for course, amount, unit in ((EVEROLIMUS, "level", "dose level"), (ALEMTUZUMAB, "1", "dose")):
        days = tuple(7 * week + day + 1 for week in range(course.weeks) for day in FIXED)
        found += [
            Regimen(
                course.clause,
                course.drug,
                amount,
                unit,
                ("treated",),
                when="EVE_A04 != 'fixed'",
                unspecified="EVE-A04",
            ),
            Regimen(
                course.clause,
                course.drug,
                amount,
                unit,
                ("treated",),
                days,
                course.named("7 * X_weeks"),
                course.named("EVE_A04 == 'fixed' and X_begun"),
                clock=course.named("X_day"),
            ),
        ]
    return tuple(found)


SUBJECT = Machine(
    name="subject",
    meaning="One subject, from registration to the end of follow-up.",
    constants={
        "levels": 2,
        **CONSTANTS,
        **EVEROLIMUS.constants(),
        **ALEMTUZUMAB.constants(),
        "offset_days": 0,
    },
    variables=(
        Count("level", 0, "levels", meaning="the dose level of everolimus; 0 is none yet"),
        Count("phase", 1, 2, meaning="the phase in which the subject was enrolled"),
        *EVEROLIMUS.variables(),
        *ALEMTUZUMAB.variables(),
        Flag("evr_stopped", meaning="whether everolimus ended alone, for toxicity"),
        Flag("alz_stopped", meaning="whether alemtuzumab ended alone, for toxicity"),
        Category(
            "ended",
            ("none", "completed", "progression", "toxicity"),
            meaning="why treatment ended",
        ),
        Flag("clinical_cr", meaning="in complete clinical remission when last assessed"),
        Flag("ct_done", meaning="whether CT came first, where that matters"),
    ),
    definitions=SUBJECT_DEFINITIONS,
    states=(
        State("registered", initial=True, meaning="before the first dose"),
        State("treated", meaning="on everolimus and alemtuzumab"),
        State("follow_up", meaning="after treatment, for five years at most"),
        State("off", final=True, meaning="follow-up is over"),
        State("dead", final=True),
        State("lost", final=True, meaning="lost to follow-up"),
        State("withdrawn", final=True, meaning="consent withdrawn"),
    ),
    events=EVENTS,
    transitions=(*TREATMENT, *DOSES, *RESPONSE, *FOLLOW_UP, *GONE),
    landmarks=(
        Landmark(
            "five_years_over",
            ("complete", "progression", "toxicity"),
            months=60,
            days=1,
            meaning="the day after five years of follow-up",
        ),
    ),
    invariants=SUBJECT_INVARIANTS,
    lemmas=SUBJECT_LEMMAS,
    claims=CLAIMS,
    regimens=_regimens(),
)
