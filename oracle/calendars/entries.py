"""What calendars are made of: doses on days, the cycles they fall in, and what they sum to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...spec.calendar import WEEKDAYS


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of a history in which a drug's days count from one day: a cycle with its number
    from 1, or a stay in states where no cycle runs. ``first`` is the day its count begins."""

    first: int
    cycle: int | None
    state: str

    @property
    def name(self) -> str:
        """``cycle 2 (combination)``, or the state."""
        return self.state if self.cycle is None else f"cycle {self.cycle} ({self.state})"


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose that is due. The amount is a decimal text; in a plan it can be a range, ``1 to 12``,
    or the expression that gives it.

    ``when`` says in which case it is this amount; ``weekdays`` are those that choose among the days
    on which it stands, where no date tells. ``period`` is set in a history alone.
    """

    drug: str
    dose: str
    unit: str
    clause: str
    when: str = ""
    weekdays: tuple[str, ...] = ()
    period: Period | None = None

    @property
    def text(self) -> str:
        """``plerixafor 0.24 mg/kg``."""
        return f"{self.drug} {self.dose} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Given:
    """A dose that a log records and the protocol accepts, and its row."""

    drug: str
    amount: str
    row: int | str
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day: of a cycle in a plan, of the history after its beginning, both counted from 1.

    ``ahead`` is for days after the last of a history. ``weekday`` is that of the date, or follows
    from the weekday that day 1 must have. ``periods`` are those of a history on that day: more
    than one where drugs count their days apart.
    """

    day: int
    doses: tuple[Dose, ...]
    date: date | None = None
    weekday: str = ""
    state: str = ""
    given: tuple[Given, ...] = ()
    periods: tuple[Period, ...] = ()
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """What the doses of one drug and unit sum to: in a cycle, or in all.

    ``doses`` is None where dates are needed to count them, ``total`` empty where there is no sum.
    In a plan ``varies`` says that the amount may change within the cycle: the sum is for one that
    does not. In a history ``ahead`` and ``ahead_total`` are the part that is still to come, and
    ``given`` and ``given_total`` what the log records, if it records doses.
    """

    drug: str
    unit: str
    doses: int | None
    total: str
    when: str = ""
    varies: bool = False
    period: Period | None = None
    first: int = 0
    last: int = 0
    ahead: int = 0
    ahead_total: str = ""
    given: int | None = None
    given_total: str = ""


def weekday_of(day: date) -> str:
    """Mon to Sun."""
    return WEEKDAYS[day.weekday()]
