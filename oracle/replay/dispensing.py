"""Dispensing judged against the calendars: doses given twice, on a wrong weekday, or not at all.

That a dose has the wrong amount, or is not for this day of the cycle, the machine itself refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ...spec.calendar import DOSE, WEEKDAYS
from ...spec.errors import SpecError
from ...statemachines.arguments import read_arguments
from ...statemachines.bound import Bound
from ...statemachines.calendar import BoundRegimen, Calendar, Due
from ...statemachines.evaluate import Configuration, Undefined


class Dispensing:
    """The calendars of one machine as a judge needs them; drugs are bits of a whole number."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.calendar = bound, Calendar(bound)
        stated = [r.regimen.drug for r in self.calendar.regimens if not r.regimen.unspecified]
        self.bits = {drug: 1 << i for i, drug in enumerate(dict.fromkeys(stated))}
        self.all = (1 << len(self.bits)) - 1
        event = bound.event.get(DOSE)
        drug = next((p for p in event.parameters if p.name == "drug"), None) if event else None
        self.labels: tuple[str, ...] = (drug.type.labels or ()) if drug else ()
        self.judged = bool(self.bits) and bool(self.labels)

    def today(self, configuration: Configuration) -> list[Due]:
        """The doses due today; what the machine would refuse nobody misses."""
        if not self.judged:
            return []
        return [d for d in self.calendar.today(configuration) if self._allowed(configuration, d)]

    def _allowed(self, configuration: Configuration, dose: Due) -> bool:
        given = {"drug": dose.drug, "amount": str(dose.dose)}
        try:
            values = read_arguments(self.bound, DOSE, given, configuration)
            return self.bound.compiled.fire[DOSE](configuration, *values.values()) is not None
        except (SpecError, Undefined):
            return False

    def due(self, configuration: Configuration) -> int:
        """The drugs due on the day that the clocks show, as bits."""
        found = 0
        for dose in self.today(configuration):
            found |= self.bits[dose.drug]
        return found

    def drug(self, event: str, values: Mapping[str, int]) -> str:
        """The drug that an event dispenses, if its schedule is stated; else empty."""
        if event != DOSE or not self.judged:
            return ""
        drug = self.labels[values["drug"]]
        return drug if drug in self.bits else ""

    def regimen(self, configuration: Configuration, drug: str) -> BoundRegimen | None:
        """The schedule of a drug that runs in a configuration."""
        for found in self.calendar.active(configuration):
            if found.regimen.drug == drug and not found.regimen.unspecified:
                return found
        return None

    def chosen(self, configuration: Configuration, dose: Due) -> tuple[str, ...]:
        """The weekdays that choose among the days on which a dose is due; empty for any."""
        found = self.regimen(configuration, dose.drug)
        return () if found is None or keeps_step(found) else found.regimen.weekdays

    def weekdays(self, configuration: Configuration, drug: str) -> tuple[str, ...]:
        """The weekdays on which a drug may be given; empty for any."""
        found = self.regimen(configuration, drug) if drug else None
        return found.regimen.weekdays if found else ()


def keeps_step(bound: BoundRegimen) -> bool:
    """Whether the days of a cycle are the weekdays of the schedule when the cycle begins on the
    right one; where not, the weekdays choose among the days."""
    days, allowed = bound.regimen.days, bound.regimen.weekdays
    if not allowed:
        return True
    starts = range(len(WEEKDAYS))
    return bool(days) and any(
        all(WEEKDAYS[(start + day - 1) % len(WEEKDAYS)] in allowed for day in days)
        for start in starts
    )


def weekday(day: date) -> str:
    """Mon to Sun."""
    return WEEKDAYS[day.weekday()]


def amount(dose: Due) -> str:
    """A dose in words: ``plerixafor 0.24 mg/kg``."""
    return f"{dose.drug} {dose.dose} {dose.unit}".rstrip()
