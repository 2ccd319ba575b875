"""Each course as a machine of its own, in which every dose is counted.

The subject's machine has the same rules for both courses together. There all doses are counted
only under readings that need it: elsewhere the number follows from what is proved here.
"""

from __future__ import annotations

from ...model import Claim, Invariant, Lemma, Machine, Observation, State, Transition
from .course import ALEMTUZUMAB, DEFINITIONS, EVEROLIMUS, Course, dose

# one calendar of weeks makes the number a theorem; with the other the cap is a rule
BLOCKS = {"EVE-A17": "block", "EVE-A05": "calendar"}
WEEKDAYS = {"EVE-A17": "calendar", "EVE-A05": "calendar"}


def _machine(course: Course) -> Machine:
    name, most = course.named, 3 * course.weeks
    whole = name("doses_per_week * X_weeks")
    return Machine(
        name=course.drug,
        meaning=f"The course of {course.drug} alone, with all its doses.",
        constants={"doses_per_week": 3, **course.constants()},
        variables=course.variables(),
        definitions={
            **DEFINITIONS,
            **course.definitions("True"),
            name("X_week"): name("1 + sum(X_day >= 7 * k for k in X_weeks)"),
        },
        states=(
            State("treated", initial=True, meaning=f"until {course.drug} ends"),
            State("over", final=True, meaning="the course is done, or treatment ended"),
        ),
        events=(
            dose((course.drug,)),
            Observation("stop", meaning="progression or unacceptable toxicity"),
            Observation("complete", possible=name("X_begun and (X_over)"), meaning="all is given"),
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
            Transition("EVE-15", "treated", "stop", "over", then=course.past()),
            Transition(course.clause, "treated", "complete", "over", then=course.past()),
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
            Lemma("none-before-the-first", name("implies(not (X_begun) and state == 'treated',"
                  " X_doses == 0)")),
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
                f"Weeks from Monday to Sunday allow {most} doses at most, without a cap.",
                "always",
                f"{name('X_doses')} <= {whole}",
                "refuted",
                readings=WEEKDAYS,
            ),
            Claim(
                "three-more-by-calendar",
                course.clause,
                f"With them {most + 3} doses are reached, as the weeks touch one more.",
                "reachable",
                f"{name('X_doses')} == {whole} + doses_per_week",
                readings=WEEKDAYS,
            ),
            Claim(
                "last-dose-day",
                course.clause,
                f"The last of {most} doses is given on day {7 * course.weeks - 4} at the earliest.",
                "earliest-day",
                f"{name('X_doses')} == {whole}",
                value=7 * course.weeks - 4,
                readings={**BLOCKS, "EVE-A04": "any"},
            ),
            Claim(
                "course-ends-full",
                course.clause,
                f"Whoever completes the course has had all {most} doses.",
                "always",
                f"implies(state == 'over', {name('X_doses')} == {whole})",
                "refuted",
                readings=BLOCKS,
            ),
        ),
    )


_WORDS = {9: "nine", 7: "seven"}
COURSES = tuple(_machine(course) for course in (EVEROLIMUS, ALEMTUZUMAB))
