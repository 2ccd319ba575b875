"""Which drug is due on which days of a cycle: a pure function of state, cycle and day."""

from __future__ import annotations

from dataclasses import dataclass

from .canonical import tuples
from .errors import SpecError
from .expression import parse

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DOSE = "dose"
"""The event that says a drug was dispensed; its arguments are ``drug`` and ``amount``."""


@dataclass(frozen=True, slots=True)
class Regimen:
    """One drug's schedule while its states last.

    ``dose`` and ``when`` are expressions over the machine's variables; ``days`` are the days of a
    cycle of ``cycle`` days, 1-based, every day when empty. ``clock`` names the clock that counts
    the cycle: it stands at 0 on day 1. On ``weekdays``, Mon to Sun, the drug may be given; any when
    empty. Where the source gives no schedule, ``unspecified`` names the ambiguity and nothing is
    ever due.
    """

    clause: str
    drug: str
    dose: str
    unit: str
    states: tuple[str, ...]
    days: tuple[int, ...] = ()
    cycle: int | str = 28
    when: str = "True"
    unspecified: str = ""
    clock: str = ""
    weekdays: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"{self.clause} (regimen of {self.drug})"
        for name in ("dose", "when", "cycle"):
            object.__setattr__(self, name, str(parse(str(getattr(self, name)), where)))
        tuples(self, "states", "days", "weekdays")
        for day in self.weekdays:
            if day not in WEEKDAYS:
                raise SpecError(
                    f"{day!r} is no weekday", where=where, hint=f"weekdays: {', '.join(WEEKDAYS)}"
                )
