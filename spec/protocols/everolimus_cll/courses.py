"""Each course as a machine of its own, in which every dose is counted.

The subject's machine has the same rules for both courses together. There all doses are counted
only under readings that need it: elsewhere the number follows from what is proved here.
"""

from __future__ import annotations

from ...model import (
    Action,
    Claim,
    Invariant,
    Lemma,
    Machine,
    Observation,
    Requirement,
    State,
    Transition,
)
from .course import ALEMTUZUMAB, CONSTANTS, DEFINITIONS, EVEROLIMUS, Course, dose

# one calendar of weeks makes the number a theorem; with the other the cap is a rule
BLOCKS = {"EVE-A17": "block", "EVE-A05": "calendar"}
WEEKDAYS = {"EVE-A17": "calendar", "EVE-A05": "calendar"}


def _last_dose(course: Course, slug: str, days_apart: int, day: int) -> Claim:
    most = 3 * course.weeks
    how = "on any three days of a week" if days_apart == 1 else "with a day free between doses"
    return Claim(
        f"last-dose-day-{slug}",
        course.clause,
        f"The last of {most} doses is given on day {day} at the earliest, {how}.",
        "earliest-day",
        f"{course.short}_doses == {most}",
        value=day,
        readings={**BLOCKS, "EVE-A04": "any"},
        constants={"days_apart": days_apart},
    )


def _machine(course: Course) -> Machine:
    name, most = course.named, 3 * course.weeks
    whole = name("doses_per_week * X_weeks")
    two_weeks = {f"{course.short}_weeks": 2}
    return Machine(
        name=course.drug,
        meaning=f"The course of {course.drug} alone, with all its doses.",
        constants={**CONSTANTS, **course.constants()},
        variables=course.variables(),
        definitions={
            **DEFINITIONS,
            **course.definitions("True"),
            name("X_week"): name("1 + sum(X_day >= 7 * k for k in X_weeks)"),
        },
        states=(
            State("treated", initial=True, meaning=f"until {course.drug} ends"),
            State("done", final=True, meaning="the course is over"),
            State("ended", final=True, meaning="treatment ended before"),
        ),
        events=(
            dose((course.drug,)),
            Observation("stop", meaning="progression or unacceptable toxicity"),
            Action("complete", meaning="the course is over"),
        ),
        transitions=(
            Transition(
                course.clause,
                "treated",
                "dose",
                None,
                name("not (X_begun)"),
                course.begin(),
                (course.weekday(),),
            ),
            *(
                Transition(course.clause, "treated", "dose", None, when, then, requires)
                for when, then, requires in course.next()
            ),
            Transition("EVE-15", "treated", "stop", "ended", then=course.past()),
            Transition(
                course.clause,
                "treated",
                "complete",
                "done",
                then=course.past(),
                requires=(Requirement(course.clause, name("X_begun and (X_over)")),),
            ),
        ),
        invariants=(
            Invariant(
                course.clause,
                "all-doses",
                f"Nobody is given {course.drug} more than three times a week for "
                f"{_WORDS[course.weeks]} weeks: {most} doses.",
                f"EVE_A17 == 'calendar' and EVE_A05 == 'calendar' or {name('X_doses')} <= {whole}",
                tight=f"{name('X_doses')} == {whole}",
            ),
        ),
        lemmas=(
            Lemma(
                "week-begins-with-the-block",
                name(
                    "implies(EVE_A17 == 'block' and EVE_A05 != 'count' and X_this_week,"
                    " X_day < 7 * X_weeks and X_week_day == X_block_day)"
                ),
            ),
            Lemma(
                "doses-of-past-weeks",
                name(
                    "implies(EVE_A17 == 'block' and EVE_A05 != 'count' and state == 'treated',"
                    " X_doses <= doses_per_week * (X_week - 1)"
                    " + (X_in_week if X_this_week else 0))"
                ),
            ),
            Lemma(
                "none-before-the-first",
                name("implies(not (X_begun) and state == 'treated', X_doses == 0)"),
            ),
        ),
        claims=(
            Claim(
                "all-doses-by-blocks",
                course.clause,
                f"Weeks that begin with the first dose allow {most} doses at most, without a cap.",
                "always",
                f"{name('X_doses')} <= {whole}",
                readings=BLOCKS,
            ),
            Claim(
                "all-doses-by-calendar",
                course.clause,
                "Two weeks from Monday to Sunday allow six doses at most, without a cap.",
                "always",
                f"{name('X_doses')} <= {whole}",
                "refuted",
                readings=WEEKDAYS,
                constants=two_weeks,
            ),
            Claim(
                "three-more-by-calendar",
                course.clause,
                "With them nine doses are reached in fourteen days, which touch three such weeks.",
                "reachable",
                f"{name('X_doses')} == {whole} + doses_per_week",
                readings=WEEKDAYS,
                constants=two_weeks,
            ),
            _last_dose(course, "any", 1, 7 * course.weeks - 4),
            _last_dose(course, "spaced", 2, 7 * course.weeks - 2),
            Claim(
                "course-ends-full",
                course.clause,
                f"Whoever completes the course has had all {most} doses.",
                "always",
                f"implies(state == 'done', {name('X_doses')} == {whole})",
                "refuted",
                readings=BLOCKS,
            ),
        ),
    )


_WORDS = {9: "nine", 7: "seven"}
COURSES = tuple(_machine(course) for course in (EVEROLIMUS, ALEMTUZUMAB))
