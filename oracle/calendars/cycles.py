"""In which cycle of a drug a day of a history falls, and since when its days count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...statemachines.bound import as_int
from ...statemachines.calendar import BoundRegimen, Calendar
from ...statemachines.evaluate import Configuration
from .entries import Period


@dataclass(slots=True)
class _Count:
    """One count of cycles, by the clocks of some schedules.

    ``last`` is the cycle begun last, ``now`` the present period, ``values`` what the clocks showed
    the day before; ``set_back`` says that one was set back since the last cycle began.
    """

    regimens: tuple[BoundRegimen, ...]
    cycles: int = 0
    last: Period | None = None
    now: Period | None = None
    values: dict[str, int] = field(default_factory=dict)
    set_back: bool = False


class Cycles:
    """Counts the cycles of each drug along the days of a history.

    A cycle begins when a clock of the drug's schedules has been set back and such a schedule runs,
    or when the first one runs. Drugs without a clock go with the cycles of the others. Where no
    schedule with a clock runs, the days count from the first in that state.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        stated = [r for r in calendar.regimens if not r.regimen.unspecified]
        clocked = [r for r in stated if r.clock is not None]
        self._of: dict[str, _Count] = {}
        made: dict[frozenset[str], _Count] = {}
        for drug in dict.fromkeys(r.regimen.drug for r in stated):
            own = [r for r in clocked if r.regimen.drug == drug] or clocked
            names = frozenset(r.regimen.clock for r in own)
            group = tuple(r for r in clocked if r.regimen.clock in names)
            self._of[drug] = made.setdefault(names, _Count(group))
        self._counts = list(made.values())
        self.ends: dict[Period, int] = {}
        """The last day of each period so far."""

    def day(self, number: int, configuration: Configuration) -> None:
        """The next day, by its number in the history, and the configuration at its end."""
        running = self.calendar.active(configuration)
        for count in self._counts:
            self._advance(count, number, configuration, running)
            assert count.now is not None
            self.ends[count.now] = number

    def period(self, drug: str) -> Period | None:
        """The period of a drug on the present day; None for one without a stated schedule."""
        found = self._of.get(drug)
        return None if found is None else found.now

    def periods(self) -> tuple[Period, ...]:
        """All periods of the present day, each once."""
        return tuple(dict.fromkeys(c.now for c in self._counts if c.now is not None))

    def _advance(
        self,
        count: _Count,
        number: int,
        configuration: Configuration,
        running: Iterable[BoundRegimen],
    ) -> None:
        name = self.calendar.bound.states[configuration[0]]
        shown = {
            r.clock.name: configuration[r.clock.offset]
            for r in count.regimens
            if r.clock is not None
        }
        highest = {
            r.clock.name: as_int(r.clock.high) for r in count.regimens if r.clock is not None
        }
        before, count.values = count.values, shown
        for clock, value in before.items():
            # a day has passed; a clock that stands at its highest value stays there
            if shown[clock] < min(value + 1, highest[clock]):
                count.set_back = True
        values = [shown[r.regimen.clock] for r in running if r in count.regimens]
        if values:
            if count.last is None or count.set_back:
                count.cycles += 1
                count.last = Period(number - min(values), count.cycles, name)
            count.set_back = False
            count.now = count.last
        elif count.now is None or count.now.cycle is not None or count.now.state != name:
            count.now = Period(number, None, name)
