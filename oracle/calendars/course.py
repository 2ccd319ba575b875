"""The course of one case: what was due on each day of its history, and what is due after it.

A day is judged at its end, as the judge of logs does: the doses due in the configuration that the
day's events have led to, except that a dose the log records is compared with what was due when it
was given. After the history the days go on without further events; each dose due is then taken to
be given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from ...spec.calendar import DOSE
from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.place import short
from ...spec.types import shown
from ...statemachines.arguments import read_arguments
from ...statemachines.bound import Bound
from ...statemachines.calendar import Due
from ...statemachines.evaluate import Configuration, Undefined, evaluate
from ...statemachines.step import ELAPSE, elapse
from ..answer import ACCEPTED
from ..dates import day_of
from ..deviation import UNSPECIFIED, Deviation
from ..replay import Judge
from ..replay.track import Track
from ..rows import Row
from ..situation import Open, open_schedules
from .days import Days
from .entries import Day, Given, Total
from .sums import totals

# the case goes on after these: they say that something is missing, late or there twice
GOES_ON = ("overdue", "missing_event", "extra_event")
# these are no statements that a protocol could accept or refuse
UNREADABLE = ("unknown_event", "malformed")
MOST_DAYS = 20_000
MOST_AHEAD = 3_660
YEAR = 365


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far the days go after the history, and why that far."""

    days: int
    because: str


@dataclass(frozen=True, slots=True)
class Course:
    """One case's days and what they sum to.

    ``ended`` is the deviation or the unspecified answer that ends the history: then no days come
    after it. ``deviations`` are all that were found, ``ended`` last; ``open`` the drugs without a
    stated schedule.
    """

    case: str
    days: tuple[Day, ...]
    totals: tuple[Total, ...]
    ahead: Ahead
    events: int
    records_doses: bool
    deviations: tuple[Deviation, ...]
    ended: Deviation | None
    open: tuple[Open, ...]
    notes: tuple[str, ...]

    @property
    def dated(self) -> bool:
        """Whether its days have dates."""
        return bool(self.days) and self.days[0].date is not None


class Following:
    """Follows one case through the rows of its log, a day at a time.

    ``start`` is the date of day 1 for a history that counts days by ``elapse``.
    """

    def __init__(self, protocol: Protocol, bound: Bound, start: date | None = None) -> None:
        self.bound, self.start = bound, start
        self.judge = Judge(protocol, bound, follow=False)
        self.side = self.judge.main
        self.dispensing = self.side.dispensing
        self.calendar = self.dispensing.calendar
        if not self.calendar.regimens:
            raise SpecError(
                f"{protocol.name} has no calendar",
                hint=f"no regimens are declared in: {bound.machine.name}",
            )
        self.days = Days(bound, self.dispensing, start)
        self.found: list[Deviation] = []
        self.ended: Deviation | None = None
        self.records_doses = False

    # ---- the history

    def row(self, row: Row) -> bool:
        """Takes the next row; False when it ends the history.

        `SpecError` for a row that can't be read, for one of another case, and for days that pass
        both by dates and by ``elapse``.
        """
        where = f"{row.log}: row {row.row}"
        before = None if row.problem else self._until(row, where)
        found = self.judge.row(row)
        if len(self.judge.cases) > 1:
            names = " and ".join(short(name) for name in list(self.judge.cases)[:2])
            raise SpecError(
                f"a history is of one case; here are {names}",
                where=where,
                hint="choose one with --case or --subject",
            )
        self.found += found
        unreadable = [d for d in found if d.kind in UNREADABLE]
        if unreadable:
            raise SpecError(unreadable[0].because, where=where)
        self.ended = next((d for d in found if d.kind not in GOES_ON), None)
        if self.ended is None and before is not None:
            if row.event == ELAPSE:
                self._elapse(row, before, where)
            elif row.answer == ACCEPTED:
                self._dispensed(row)
        return self.ended is None

    def _track(self) -> Track:
        case = next(iter(self.judge.cases.values()), None)
        return self.side.fresh() if case is None else case.tracks[""]

    def _until(self, row: Row, where: str) -> Configuration:
        """Lets the days up to a row pass, and says in which configuration it finds the case."""
        track = self._track()
        dated = row.day is not None or track.time is not None
        elapses = row.event == ELAPSE and str(row.arguments.get("days", 1)) != "0"
        if dated and (elapses or (track.time is None and self.days.all)):
            raise SpecError(
                "days pass by dates and by elapse in one history",
                where=where,
                hint="use one of the two",
            )
        if row.day is None:
            return track.configuration
        if track.time is None:
            if self.start is not None:
                raise SpecError("the history has dates", where=where, hint="leave --start out")
            self.days.first = row.day
            return track.configuration
        probe, today = track.split(), day_of(track.time)
        self._check_length((row.day - today).days, where)
        while today < row.day:
            today += timedelta(1)
            self.days.end(probe.configuration)
            self.side.time(probe, replace(row, time=today))
        return probe.configuration

    def _elapse(self, row: Row, before: Configuration, where: str) -> None:
        """Days pass in a history without dates."""
        days = read_arguments(self.bound, ELAPSE, row.arguments, before)["days"]
        self._check_length(days, where)
        for _ in range(days):
            self.days.end(before)
            before = elapse(self.bound, before, 1)

    def _check_length(self, more: int, where: str) -> None:
        if len(self.days.all) + more > MOST_DAYS:
            raise SpecError(f"a history of more than {MOST_DAYS} days", where=where)

    def _dispensed(self, row: Row) -> None:
        """Notes a dose that the log records. What the judge accepted last, it keeps; a row that
        repeats one that was refused has not happened."""
        move = self._track().before
        if row.event != DOSE or move is None:
            return
        types = {p.name: p.type for p in self.bound.event[DOSE].parameters}
        if {"drug", "amount"} <= set(types):
            values = move.told.values
            self.records_doses = True
            drug, amount = (str(shown(values[n], types[n])) for n in ("drug", "amount"))
            self.days.given(Given(drug, amount, row.row), move.before.configuration)

    # ---- after the history

    def course(self, days: int | None = None) -> Course:
        """The course, with so many days after the last of the history; to the end of the cycle
        or the stay when it isn't said."""
        track = self._track()
        probe = track.split()
        probe.watched = 0
        far = Ahead(0, "the history ends there")
        if self.ended is None:
            self._give(probe, self.days.end(probe.configuration))
            far = self._horizon(probe.configuration) if days is None else Ahead(days, "")
            self._go_on(probe, far.days)
        return Course(
            next(iter(self.judge.cases), ""),
            tuple(self.days.all),
            totals(self.days.all, self.days.cycles.ends, self.records_doses),
            far,
            self.judge.counts.events,
            self.records_doses,
            tuple(self.found),
            self.ended,
            () if self.ended else open_schedules(self.calendar, track.configuration),
            tuple(self.days.notes),
        )

    def _go_on(self, probe: Track, days: int) -> None:
        """Days without events, on each of which what is due is given."""
        for _ in range(days):
            on = self.days.next if probe.time is not None else None
            row = Row("", "", "", "", on, {}, {})
            found = self.side.pass_days(probe, row, 1) if on is None else self.side.time(probe, row)
            when = f"day {len(self.days.all) + 1}" if on is None else on.isoformat()
            for deviation in found:
                if deviation.kind in ("overdue", UNSPECIFIED):
                    clause = f" [{deviation.clause}]" if deviation.clause else ""
                    self.days.notes[f"from {when}: {deviation.because}{clause}"] = None
            if probe.undecided:
                return
            self._give(probe, self.days.end(probe.configuration, ahead=True))

    def _give(self, track: Track, doses: list[Due]) -> None:
        """The doses are given, as far as the protocol allows it."""
        if not self.dispensing.judged:
            return
        for due in doses:
            here = track.configuration
            try:
                given = {"drug": due.drug, "amount": str(due.dose)}
                values = read_arguments(self.bound, DOSE, given, here)
                after = self.side.after(track, DOSE, values)
            except (SpecError, Undefined):
                continue
            if isinstance(after, tuple):
                self.side.move(track, after)

    def _horizon(self, configuration: Configuration) -> Ahead:
        """How many days go on by themselves: to the end of the cycle, or of the stay."""
        state = self.bound.states[configuration[0]]
        running = [r for r in self.calendar.active(configuration) if not r.regimen.unspecified]
        if not running:
            return Ahead(0, f"no drug is due in {state}")
        left = [
            r.cycle - 1 - configuration[r.clock.offset]
            for r in running
            if r.clock is not None and r.regimen.days
        ]
        if max(left, default=0) > 0:
            return Ahead(max(left), "to the end of the cycle")
        if all(r.regimen.days for r in running):
            return Ahead(0, "the cycle is over")
        within = self.bound.within.get(configuration[0])
        if within is not None:
            stay = self._stay(configuration)
            return Ahead(stay, f"as long as {state} may last")
        most = max(r.cycle for r in running)
        return Ahead(most, f"no cycle runs in {state}: {most} days are shown")

    def _stay(self, configuration: Configuration) -> int:
        """For how many days more the state may last, at most a year."""
        within, days = self.bound.within[configuration[0]], 0
        while days < YEAR:
            later = elapse(self.bound, configuration, days + 1)
            if later == configuration or not evaluate(self.bound, within, later, {}):
                break
            days += 1
        return days
