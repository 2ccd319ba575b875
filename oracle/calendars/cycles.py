"""In which cycle of a drug a day of a history falls, and since when its days count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...statemachines.bound import Bound, Field, as_int
from ...statemachines.calendar import BoundRegimen
from ...statemachines.evaluate import Configuration
from .entries import Period


@dataclass(slots=True)
class _Count:
    """One count of cycles: its clocks by state, and where it stands."""

    clocks: dict[int, tuple[Field, ...]]
    cycles: int = 0
    last: Period | None = None
    now: Period | None = None
    values: dict[str, int] = field(default_factory=dict)


class Cycles:
    """Counts the cycles of each drug along the days of a history.

    A cycle begins when a clock of the drug's schedules stands at the beginning of its count, in a
    state in which they run. Drugs without a clock go with the cycles of the others. Where no
    schedule with a clock runs, the days count from the first in that state.
    """

    def __init__(self, bound: Bound, regimens: Iterable[BoundRegimen]) -> None:
        self.bound = bound
        stated = [r for r in regimens if not r.regimen.unspecified]
        clocked = [r for r in stated if r.clock is not None]
        self._of: dict[str, _Count] = {}
        made: dict[frozenset[str], _Count] = {}
        for drug in dict.fromkeys(r.regimen.drug for r in stated):
            own = [r for r in clocked if r.regimen.drug == drug] or clocked
            names = frozenset(r.regimen.clock for r in own)
            if names not in made:
                made[names] = _Count(_by_state(own))
            self._of[drug] = made[names]
        self._counts = list(made.values())
        self.ends: dict[Period, int] = {}
        """The last day of each period so far."""

    def day(self, number: int, configuration: Configuration) -> None:
        """The next day, by its number in the history, and the configuration at its end."""
        for count in self._counts:
            self._advance(count, number, configuration)
            if count.now is not None:
                self.ends[count.now] = number

    def period(self, drug: str) -> Period | None:
        """The period of a drug on the present day."""
        found = self._of.get(drug)
        return None if found is None else found.now

    def periods(self) -> tuple[Period, ...]:
        """All periods of the present day, each once."""
        return tuple(dict.fromkeys(c.now for c in self._counts if c.now is not None))

    def _advance(self, count: _Count, number: int, configuration: Configuration) -> None:
        state = configuration[0]
        clocks = count.clocks.get(state, ())
        if not clocks:
            name = self.bound.states[state]
            staying = count.now is not None and count.now.cycle is None and count.now.state == name
            if not staying:
                count.now = Period(number, None, name)
        else:
            shown = {clock.name: configuration[clock.offset] for clock in clocks}
            set_back = any(
                name in count.values
                and shown[name] < count.values[name] + 1
                and shown[name] < as_int(self.bound.by_name[name].high)
                for name in shown
            )
            entered = count.now is None or count.now.cycle is None
            begins = set_back or (entered and min(shown.values()) == 0) or count.last is None
            if begins:
                count.cycles += 1
                first = number - min(shown.values())
                count.last = Period(first, count.cycles, self.bound.states[state])
            count.now = count.last
        # clocks are watched in every state: one may be set back as its state is entered
        every = {clock for found in count.clocks.values() for clock in found}
        count.values = {clock.name: configuration[clock.offset] for clock in every}


def _by_state(regimens: Iterable[BoundRegimen]) -> dict[int, tuple[Field, ...]]:
    found: dict[int, dict[str, Field]] = {}
    for r in regimens:
        assert r.clock is not None
        for state in r.states:
            found.setdefault(state, {})[r.clock.name] = r.clock
    return {state: tuple(clocks.values()) for state, clocks in found.items()}
