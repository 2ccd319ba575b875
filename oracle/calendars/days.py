"""The days of one case as they end: what was due on each, and what was given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from ...spec.errors import SpecError
from ...statemachines.bound import Bound
from ...statemachines.calendar import Due
from ...statemachines.evaluate import Configuration
from ..replay.dispensing import Dispensing, keeps_step
from .cycles import Cycles
from .entries import Day, Dose, Given, weekday_of

Stated = tuple[Due, tuple[str, ...]]
"""A dose that is due, and the weekdays that choose among its days."""


class Days:
    """Keeps the days of one case, in order; ``first`` is the date of day 1, if it has one.

    ``notes`` are what is to be said of them, each once.
    """

    def __init__(self, bound: Bound, dispensing: Dispensing, first: date | None) -> None:
        self.bound, self.dispensing, self.first = bound, dispensing, first
        self.calendar = dispensing.calendar
        self.cycles = Cycles(self.calendar)
        drugs = dict.fromkeys(r.regimen.drug for r in self.calendar.regimens)
        self.order = {drug: n for n, drug in enumerate(drugs)}
        # their schedule has days, and the machine doesn't say which day it is
        self.uncounted = [
            r
            for r in self.calendar.regimens
            if r.regimen.days and r.clock is None and not r.regimen.unspecified
        ]
        self.all: list[Day] = []
        self.notes: dict[str, None] = {}
        self._noted: dict[str, list[Stated]] = {}
        self._given: list[Given] = []

    @property
    def next(self) -> date | None:
        """The date of the day that ends next."""
        if self.first is None:
            return None
        try:
            return self.first + timedelta(len(self.all))
        except OverflowError:
            raise SpecError("the days go beyond the year 9999", where="calendar") from None

    def given(self, entry: Given, before: Configuration) -> None:
        """A dose was given today; ``before`` is the configuration that it was given in."""
        self._given.append(entry)
        if not self._noted.get(entry.drug):
            due = [d for d in self._today(before) if d.drug == entry.drug]
            self._noted[entry.drug] = self._stated(before, due)

    def end(self, configuration: Configuration, *, ahead: bool = False) -> list[Due]:
        """The day ends in a configuration. The doses due on it of drugs that were not given."""
        number, on = len(self.all) + 1, self.next
        self.cycles.day(number, configuration)
        weekday = "" if on is None else weekday_of(on)
        given = {entry.drug for entry in self._given}
        due = [
            (dose, chosen)
            for dose, chosen in self._due(configuration, given)
            if not (chosen and weekday) or weekday in chosen
        ]
        if weekday:
            for dose, _ in due:
                self._check_weekday(configuration, dose.drug, weekday)
        self._check_clocks(configuration)
        doses = [
            Dose(
                dose.drug,
                str(dose.dose),
                dose.unit,
                dose.clause,
                weekdays=() if weekday else chosen,
                period=self.cycles.period(dose.drug),
            )
            for dose, chosen in due
        ]
        doses.sort(key=lambda dose: self.order[dose.drug])
        state = self.bound.states[configuration[0]]
        records = tuple(replace(g, period=self.cycles.period(g.drug)) for g in self._given)
        periods = self.cycles.periods()
        self.all.append(Day(number, tuple(doses), on, weekday, state, records, periods, ahead))
        self._noted, self._given = {}, []
        return [dose for dose, _ in due if dose.drug not in given]

    def _today(self, configuration: Configuration) -> list[Due]:
        """What is due today, as the judge of logs sees it where it judges doses at all."""
        if self.dispensing.judged:
            return self.dispensing.today(configuration)
        return list(self.calendar.today(configuration))

    def _stated(self, configuration: Configuration, doses: Iterable[Due]) -> list[Stated]:
        return [(dose, self.dispensing.chosen(configuration, dose)) for dose in doses]

    def _due(self, configuration: Configuration, given: set[str]) -> list[Stated]:
        """What was due when it was given; of the other drugs, what is due at the day's end."""
        noted = [entry for found in self._noted.values() for entry in found]
        kept = {dose.drug for dose, _ in noted}
        # the first dose of a schedule is due neither before it is given nor once more after it
        begun = [d for d in self.calendar.today(configuration) if d.drug in given]
        left = dict.fromkeys((*self._today(configuration), *begun))
        return [*noted, *self._stated(configuration, (d for d in left if d.drug not in kept))]

    # ---- what is to be said

    def _check_weekday(self, configuration: Configuration, drug: str, weekday: str) -> None:
        """Notes that a cycle has begun on a day that takes its doses off their weekdays."""
        regimen = self.dispensing.regimen(configuration, drug)
        if regimen is None or not regimen.regimen.weekdays or not keeps_step(regimen):
            return
        if weekday not in regimen.regimen.weekdays:
            period = self.cycles.period(drug)
            since = "" if period is None else f" in {period.name}"
            allowed = ", ".join(regimen.regimen.weekdays)
            self.notes[f"{drug} is given on {allowed}; its days fall on others{since}"] = None

    def _check_clocks(self, configuration: Configuration) -> None:
        for r in self.uncounted:
            if r in self.calendar.active(configuration):
                told = f"no clock counts the days of {r.regimen.drug} [{r.regimen.clause}]"
                self.notes[f"{told}: its doses are in the plan alone"] = None
