"""Dispensing judged against the calendars: doses given twice, on a wrong weekday, or not at all.

That a dose has the wrong amount, or is not for this day of the cycle, the machine itself refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ...spec.calendar import DOSE, WEEKDAYS
from ...statemachines.bound import Bound
from ...statemachines.calendar import BoundRegimen, Calendar, Due
from ...statemachines.evaluate import Configuration


class Dispensing:
    """The calendars of one machine as a judge needs them; drugs are bits of a whole number."""

    def __init__(self, bound: Bound) -> None:
        self.calendar = Calendar(bound)
        stated = [r.regimen.drug for r in self.calendar.regimens if not r.regimen.unspecified]
        self.bits = {drug: 1 << i for i, drug in enumerate(dict.fromkeys(stated))}
        event = bound.event.get(DOSE)
        drug = next((p for p in event.parameters if p.name == "drug"), None) if event else None
        self.labels: tuple[str, ...] = (drug.type.labels or ()) if drug else ()
        self.judged = bool(self.bits) and bool(self.labels)

    def due(self, configuration: Configuration) -> int:
        """The drugs due on the day that the clocks show, as bits."""
        if not self.judged:
            return 0
        found = 0
        for dose in self.calendar.today(configuration):
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

    def weekdays(self, configuration: Configuration, drug: str) -> tuple[str, ...]:
        """The weekdays on which a drug may be given; empty for any."""
        found = self.regimen(configuration, drug)
        return found.regimen.weekdays if found else ()

    def missing(self, configuration: Configuration, given: int) -> list[Due]:
        """The doses due today that were not given."""
        return [
            dose for dose in self.calendar.today(configuration) if not given & self.bits[dose.drug]
        ]


def weekday(day: date) -> str:
    """Mon to Sun."""
    return WEEKDAYS[day.weekday()]


def amount(dose: Due) -> str:
    """A dose in words: ``plerixafor 0.24 mg/kg``."""
    return f"{dose.drug} {dose.dose} {dose.unit}".rstrip()
