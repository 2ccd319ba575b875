"""Which drug is due on which days of a cycle: a pure function of state, cycle and day."""

from __future__ import annotations

from dataclasses import dataclass

from .expression import parse


@dataclass(frozen=True, slots=True)
class Regimen:
    """One drug's schedule while its states last.

    ``dose`` and ``when`` are expressions over the machine's variables; ``days`` are the days of a
    cycle of ``cycle`` days, 1-based, every day when empty. Where the source gives no schedule,
    ``unspecified`` names the ambiguity and nothing is ever due.
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

    def __post_init__(self) -> None:
        where = f"{self.clause} (regimen of {self.drug})"
        for name in ("dose", "when", "cycle"):
            object.__setattr__(self, name, str(parse(str(getattr(self, name)), where)))
        object.__setattr__(self, "states", tuple(self.states))
        object.__setattr__(self, "days", tuple(self.days))
