"""The course of one drug: three times a week, for so many weeks. Written once for both drugs.

A week is a block of seven days from the drug's first dose, or one from Monday to Sunday (EVE-A17).
The count of a week and the days since the week began are kept from dose to dose: when seven days
or more have passed since then, the next dose belongs to another week.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...model import (
    Action,
    Clock,
    Count,
    Event,
    OneOf,
    Optional,
    Requirement,
    Variable,
    Whole,
)

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNSTATED = "unstated"
AMOUNT = Whole(1, 1000)
# Monday, Wednesday and Friday of a week that begins on a Monday, as what its clock shows
FIXED = (0, 2, 4)

CONSTANTS = {"doses_per_week": 3, "days_apart": 1}

DEFINITIONS = {
    "weekday_number": " else ".join(f"{n} if weekday == '{d}'" for n, d in enumerate(WEEKDAYS[:-1]))
    + f" else {len(WEEKDAYS) - 1}",
}


def dose(drugs: tuple[str, ...]) -> Event:
    """The event that one of these drugs is given."""
    return Action(
        "dose",
        drug=OneOf(drugs),
        amount=AMOUNT,
        weekday=Optional(OneOf((UNSTATED, *WEEKDAYS)), f"'{UNSTATED}'"),
        meaning="a drug is given; the amount of everolimus is a dose level, as the text gives no "
        "milligrams, and that of alemtuzumab is in mg",
    )


def _day_of_week(day: int, start: int = 0) -> str:
    """Whether this is a day of a week, both from 0; ``start`` is that of the course's first day."""
    within = f"any(X_day == 7 * k + ({day - start - 7}) for k in X_weeks)"
    return within if day >= start else f"{within} or X_day == 7 * X_weeks + ({day - start})"


def _first_of(days: list[str]) -> str:
    """The day of the week, from 0, by the first condition that holds."""
    return " else ".join(f"{j} if {text}" for j, text in enumerate(days, 1)) + " else 0"


@dataclass(frozen=True, slots=True)
class Course:
    """One drug: its name, how its variables begin, the clause that states its weeks."""

    drug: str
    short: str
    clause: str
    weeks: int

    def named(self, text: str) -> str:
        """A text with the names of this course put in."""
        return text.replace("X_", f"{self.short}_")

    def constants(self) -> dict[str, int]:
        """The number of weeks."""
        return {f"{self.short}_weeks": self.weeks}

    def variables(self) -> tuple[Variable, ...]:
        """What is kept of a course; before its first dose none has been given in the week."""
        drug, name = self.drug, self.named
        return (
            Clock(name("X_day"), name("7 * X_weeks"), meaning=f"since the first dose of {drug}"),
            Clock(name("X_week_day"), 7, meaning=f"since the week of its last {drug} began"),
            Clock(name("X_since"), "days_apart", meaning=f"since the last dose of {drug}"),
            Count(
                name("X_from"),
                0,
                6,
                meaning=f"weekday of the first {drug}, 0 for Monday, where weeks begin on one",
            ),
            Count(name("X_in_week"), 0, "doses_per_week", meaning=f"doses of {drug} in that week"),
            Count(
                name("X_doses"),
                0,
                name("doses_per_week * (X_weeks + 1)"),
                meaning=f"all doses of {drug}, where they have to be counted",
            ),
        )

    def definitions(self, counted: str) -> dict[str, str]:
        """What follows from the variables; ``counted`` says where all doses are counted."""
        by_block = [_day_of_week(j) for j in range(1, 7)]
        by_calendar = [
            " or ".join(f"X_from == {start} and ({_day_of_week(j, start)})" for start in range(7))
            for j in range(1, 7)
        ]
        fixed = " or ".join(_day_of_week(day) for day in FIXED)
        texts = {
            "X_begun": "X_in_week > 0",
            "X_this_week": "X_in_week > 0 and X_week_day < 7",
            "X_other_week": "X_begun and not (X_this_week)",
            "X_counted": counted,
            "X_from_day": "weekday_number if EVE_A17 == 'calendar' else 0",
            # past the weeks of the course a week begins with its first dose
            "X_block_day": _first_of(by_block),
            "X_calendar_day": _first_of(by_calendar),
            "X_day_of_week": "X_calendar_day if EVE_A17 == 'calendar' else X_block_day",
            "X_fixed_day": f"EVE_A04 != 'fixed' or {fixed}",
            "X_last_week": "X_day >= 7 * X_weeks - 7",
            "X_over": "X_doses >= doses_per_week * X_weeks if EVE_A05 == 'count'"
            " else X_day >= 7 * X_weeks"
            " or X_this_week and X_last_week and X_in_week == doses_per_week",
        }
        return {self.named(name): self.named(text) for name, text in texts.items()}

    def weekday(self) -> Requirement:
        """Weeks of the calendar need the day of the week of the first dose."""
        return Requirement(self.clause, f"EVE_A17 == 'block' or weekday != '{UNSTATED}'")

    def same_weekday(self, other: Course) -> Requirement:
        """Two courses that begin on one day begin on one day of the week."""
        text = "EVE_A17 == 'block' or Y_day > 0 or weekday_number == Y_from"
        return Requirement(self.clause, text.replace("Y_", f"{other.short}_"))

    def begin(self) -> str:
        """The effects of the first dose."""
        return self.named(
            "X_day = 0; X_week_day = X_from_day; X_from = X_from_day; X_since = 0; X_in_week = 1;"
            " X_doses += 1 if X_counted else 0"
        )

    def wait(self) -> str:
        """Until its first dose a course counts the days since the other one began."""
        return self.named("X_day = 0; X_week_day = 0; X_since = 0")

    def past(self) -> str:
        """After treatment no clock is read any more."""
        return self.named(
            "X_day = 7 * X_weeks; X_week_day = 7; X_since = days_apart; X_in_week = 0; X_from = 0"
        )

    def next(self) -> tuple[tuple[str, str, tuple[Requirement, ...]], ...]:
        """Doses after the first, in the same week and in another: when, effects, conditions.

        That the course has begun is said twice, so that a refused first dose is explained by the
        rule for first doses, of which fewer conditions fail.
        """
        always = (
            self._needs("X_day < 7 * X_weeks or EVE_A05 == 'count'"),
            self._needs(
                "not X_counted or EVE_A05 == 'calendar' or X_doses < doses_per_week * X_weeks"
            ),
            self._needs("X_since >= days_apart"),
            self._needs("X_fixed_day"),
        )
        name = self.named
        return (
            (
                name("X_begun and X_this_week"),
                name("X_since = 0; X_in_week += 1; X_doses += 1 if X_counted else 0"),
                (self._needs("X_in_week < doses_per_week"), *always),
            ),
            (
                name("X_begun and X_other_week"),
                name(
                    "X_since = 0; X_in_week = 1; X_week_day = X_day_of_week;"
                    " X_doses += 1 if X_counted else 0"
                ),
                always,
            ),
        )

    def _needs(self, text: str) -> Requirement:
        return Requirement(self.clause, self.named(text))


EVEROLIMUS = Course("everolimus", "evr", "EVE-13", 9)
ALEMTUZUMAB = Course("alemtuzumab", "alz", "EVE-14", 7)
