"""What is kept of one machine's case between its rows, and how time passes for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from ...spec.calendar import WEEKDAYS
from ...spec.model import Unspecified
from ...statemachines.bound import Bound
from ...statemachines.calendar import Due
from ...statemachines.evaluate import Configuration, Undefined
from ...statemachines.explain import condition_numbers
from ...statemachines.rules import RUNNING
from ...statemachines.step import ELAPSE, Accepted, Undecided, elapse, step
from ..answer import undecided
from ..dates import day_of, earlier, landmark_date
from ..deviation import UNSPECIFIED, Deviation
from ..rows import Row
from .dispensing import Dispensing, amount, keeps_step, weekday
from .guess import Guesses, Missing
from .node import Move, Node, Nodes, Told

if TYPE_CHECKING:
    from .ways import Doubt

Found = Configuration | Unspecified | None
Past = tuple[Node, date | datetime | None, int, bool, int]
"""Node, time (None before the first row), drugs given that day, whether overdue, drugs watched."""
SOON = 7
"""Days by which the date of an event is thought to be wrong."""
LISTED = 40
WEEK = 7


@dataclass(slots=True, eq=False)
class Track:
    """One machine's case: of a fixed size, so that logs can be streams.

    ``day`` is the time's day as an ordinal. Drugs are bits: ``given`` today, ``recorded`` so far,
    and ``watched`` for doses that are missing. ``off_step`` is the day, as an ordinal, on which a
    cycle began that was reported to be off its weekdays. ``last`` is what the row before told,
    ``repeats`` that it was the same as its own predecessor; ``before`` is the last event accepted
    today, of the row ``before_row``. ``past`` is what the track was before the last row, where that
    was of another day. After a deviation ``doubt`` holds the other ways in which the
    case may have gone on; ``astray`` says that the configuration is no more known to be reachable.
    ``unsorted`` says that the rows of a trial were found not to be in the order of their dates.
    ``refused`` is an event that was refused and may have come later, ``assumed`` one that was
    missing and may be told later, each with its day as an ordinal. ``uncounted`` is the event of a
    subject that trial and subject should have had together, in which the trial took no part.
    """

    node: Node
    starts: tuple[date | None, ...] = ()
    time: date | datetime | None = None
    day: int = 0
    undecided: bool = False
    astray: bool = False
    overdue: bool = False
    unsorted: bool = False
    given: int = 0
    recorded: int = 0
    watched: int = 0
    off_step: int = 0
    last: object = None
    repeats: bool = False
    before: Move | None = None
    before_row: int | str = 0
    before_time: date | datetime | None = None
    past: Past | None = None
    refused: tuple[Told, int] | None = None
    assumed: tuple[Missing, int] | None = None
    uncounted: str = ""
    doubt: Doubt | None = None

    @property
    def configuration(self) -> Configuration:
        """The present configuration."""
        return self.node.configuration

    def at(self, time: date | datetime) -> None:
        """Sets the time of the last row."""
        self.time, self.day = time, time.toordinal()

    def split(self) -> Track:
        """Another track that has come the same way."""
        return Track(*(getattr(self, name) for name in _NAMES))


_NAMES = tuple(f.name for f in fields(Track) if f.name != "doubt")


class Side:
    """One machine's part in a replay: what it answers, and how time passes for it."""

    def __init__(self, bound: Bound, questions: Mapping[str, str]) -> None:
        self.bound, self.questions = bound, questions
        self.name = bound.machine.name
        self.fire = bound.compiled.fire
        self.dispensing = Dispensing(bound)
        self.nodes = Nodes(bound, self.dispensing)
        self.guesses = Guesses(bound)
        # events that have a weekday as an argument, and whether they need it
        self.on_weekdays = {
            e.name: p.default is None
            for e in bound.events
            for p in e.parameters
            if p.name == "weekday" and p.type.labels == WEEKDAYS
        }
        self.landmarks = [(m, bound.by_name[m.name].offset) for m in bound.machine.landmarks]

    def fresh(self) -> Track:
        """A case at its beginning."""
        return Track(self.nodes.node(self.bound.initial()), (None,) * len(self.landmarks))

    def after(
        self, track: Track, event: str, values: Mapping[str, int]
    ) -> Configuration | Unspecified | None:
        """The configuration after an event, the unspecified outcome, or None when refused."""
        if event == ELAPSE:
            return elapse(self.bound, track.configuration, values["days"])
        try:
            return self.fire[event](track.configuration, *values.values())
        except Undefined:
            if track.astray:
                # where the protocol never leads nothing is allowed
                return None
            # the reference step says where the spec is wrong
            step(self.bound, track.configuration, event, values)
            raise

    def move(self, track: Track, after: Configuration) -> None:
        """Takes over a configuration; landmarks that begin to run start on the track's day."""
        node = self.nodes.node(after)
        if after[0] != track.configuration[0] or node.within:
            track.overdue = False
        track.node = node
        if self.landmarks:
            day = None if track.time is None else day_of(track.time)
            track.starts = tuple(
                None if after[place] != RUNNING else start if start is not None else day
                for (_, place), start in zip(self.landmarks, track.starts, strict=True)
            )

    # ---- time

    def time(self, track: Track, row: Row, until: date | None = None) -> list[Deviation]:
        """Lets the time up to a row pass, or up to a day before it: clocks, landmarks, doses due,
        stays that are too long."""
        past, track.past = (track.node, track.time, track.given, track.overdue, track.watched), None
        moment = row.time if until is None else until
        if moment is None:
            return []
        if track.time is None:
            track.past = past
            track.at(moment)
            return []
        if earlier(moment, track.time):
            because = f"the row before it in this case is of {track.time.isoformat()}"
            expected = {"not_before": track.time.isoformat()}
            return [row_deviation(row, "out_of_order", "", because, expected)]
        today, day = day_of(track.time), day_of(moment)
        if today == day:
            if isinstance(moment, datetime):
                track.at(moment)
            return []
        track.past = past
        track.at(moment)
        found: list[Deviation] = []
        for when, name in self._landmarks_until(track, day):
            found += self.pass_days(track, row, (when - today).days, today)
            today = when
            found += self._landmark(track, row, name)
            if track.undecided:
                return found
        return found + self.pass_days(track, row, (day - today).days, today)

    def _landmarks_until(self, track: Track, day: date) -> list[tuple[date, str]]:
        due = []
        for (landmark, place), start in zip(self.landmarks, track.starts, strict=True):
            if start is not None and track.configuration[place] == RUNNING:
                when = landmark_date(start, landmark.months, landmark.days)
                if when is not None and when <= day:
                    due.append((when, landmark.name))
        return sorted(due, key=lambda found: found[0])

    def _landmark(self, track: Track, row: Row, name: str) -> list[Deviation]:
        """Raises a landmark on its day."""
        answer = step(self.bound, track.configuration, name, {})
        if isinstance(answer, Accepted):
            self.move(track, answer.configuration)
        elif isinstance(answer, Undecided):
            return [self.undecided(track, row, answer, {"event": name})]
        return []

    def undecided(
        self, track: Track, row: Row, answer: Undecided, observed: Mapping[str, object]
    ) -> Deviation:
        """The text does not say what happens: the track is not judged from here on."""
        track.undecided, track.before = True, None
        because = undecided(answer.ambiguity, self.questions)
        expected = {"answer": UNSPECIFIED, "ambiguity": answer.ambiguity}
        return row_deviation(row, UNSPECIFIED, answer.clause, because, expected, observed)

    def pass_days(
        self, track: Track, row: Row, days: int, start: date | None = None
    ) -> list[Deviation]:
        """Days pass; a stay that has become too long is reported once.

        Doses are judged where ``start``, the first of these days, is known.
        """
        if days <= 0:
            return []
        before = track.node
        later = self.nodes.later(before, days)
        found: list[Deviation] = []
        if start and track.watched & (later.between | (before.due & ~track.given)):
            found = self._missed(track, row, start, days)
        track.given, track.node = 0, later.node
        if later.node.within:
            track.overdue = False
            return found
        if track.overdue:
            return found
        track.overdue = True
        state = self.bound.machine.states[before.configuration[0]]
        text = str(state.within)
        why = condition_numbers(self.bound, text, track.configuration)
        because = f"the stay in {state.name} lasts too long: {text} is false{why}"
        expected = {"state": state.name, "within": text}
        return [*found, row_deviation(row, "overdue", state.within_clause, because, expected)]

    # ---- doses

    def _missed(self, track: Track, row: Row, start: date, days: int) -> list[Deviation]:
        """The doses that were due from ``start`` on and are not in the log, drug by drug.

        Of a drug that no row of the case records, this is said once.
        """
        missed: dict[str, _Missed] = {}
        node, given = track.node, track.given
        bits = self.dispensing.bits
        passed = 0
        while passed < days:
            following = self.nodes.later(node, 1).node
            # where no clock moves any more, all days are alike
            alike = following.configuration == node.configuration and passed > 0
            count = days - passed if alike else 1
            for dose in self.dispensing.today(node.configuration):
                if track.watched & bits[dose.drug] & ~given:
                    chosen = self.dispensing.chosen(node.configuration, dose)
                    found = missed.setdefault(dose.drug, _Missed(dose))
                    found.add(start + timedelta(passed), count, chosen)
            node, given, passed = following, 0, passed + count
        missed = {drug: found for drug, found in missed.items() if found.count}
        for drug in missed:
            if not track.recorded & bits[drug]:
                track.watched &= ~bits[drug]
        return [found.deviation(row) for found in missed.values()]

    def dispensed(
        self,
        track: Track,
        row: Row,
        told: Told,
        before: Configuration,
        *,
        accepted: bool,
        late: bool,
    ) -> list[Deviation]:
        """What the calendar says of a dose on its day; the machine has said the rest. Of a day
        that is past nobody knows what else was given."""
        if not told.bit or track.time is None:
            return []
        if not track.recorded:
            track.watched = self.dispensing.all
        track.watched |= told.bit
        track.recorded |= told.bit
        again = track.given & told.bit
        track.given |= 0 if late else told.bit
        regimen = self.dispensing.regimen(before, told.drug)
        if regimen is None or not accepted or late:
            return []
        clause, day = regimen.regimen.clause, day_of(row.time or track.time)
        if again:
            because = f"{told.drug} was already given on {day.isoformat()}"
            return [row_deviation(row, "extra_event", clause, because, {"doses_a_day": 1})]
        allowed = regimen.regimen.weekdays
        if not allowed or weekday(day) in allowed:
            return []
        named = ", ".join(allowed)
        because = f"{told.drug} is given on {named}; {day.isoformat()} is a {weekday(day)}"
        if regimen.clock is not None and keeps_step(regimen):
            # the day of the cycle is right: the cycle is off, with all that follow in step
            first = day - timedelta(before[regimen.clock.offset])
            if track.off_step and (first.toordinal() - track.off_step) % regimen.cycle == 0:
                return []
            track.off_step = first.toordinal()
            because += f", as its cycle began on a {weekday(first)}"
        expected = {"weekdays": list(allowed)}
        return [row_deviation(row, "wrongly_accepted", clause, because, expected)]


@dataclass(slots=True)
class _Missed:
    """Doses of one drug that are not in the log."""

    dose: Due
    count: int = 0
    first: date = date.min
    last: date = date.min
    listed: tuple[date, ...] = ()

    def add(self, start: date, days: int, weekdays: tuple[str, ...]) -> None:
        """So many days more, of which only these weekdays count."""
        week = [n for n in range(WEEK) if not weekdays or weekday(start + timedelta(n)) in weekdays]
        offsets = (w + n for w in range(0, days, WEEK) for n in week if w + n < days)
        room = islice(offsets, max(1, LISTED - len(self.listed)))
        listed = tuple(start + timedelta(n) for n in room)
        if listed:
            self.first = self.first if self.count else listed[0]
            self.count += sum((days - n + WEEK - 1) // WEEK for n in week if n < days)
            ends = (n + WEEK * ((days - n - 1) // WEEK) for n in week if n < days)
            self.last = start + timedelta(max(ends))
            self.listed = (*self.listed, *listed)[:LISTED]

    def deviation(self, row: Row) -> Deviation:
        """The row that reveals them."""
        when = f"on {self.first.isoformat()}"
        if self.count > 1:
            when = f"on {self.count} days from {self.first.isoformat()} to {self.last.isoformat()}"
        expected = {
            "event": "dose",
            "drug": self.dose.drug,
            "dose": self.dose.dose,
            "unit": self.dose.unit,
            "days": [day.isoformat() for day in self.listed],
        }
        because = f"{amount(self.dose)} was due {when} and is not in the log"
        return row_deviation(row, "missing_event", self.dose.clause, because, expected)


def row_deviation(
    row: Row,
    kind: str,
    clause: str,
    because: str,
    expected: Mapping[str, object],
    observed: Mapping[str, object] | None = None,
) -> Deviation:
    """A deviation that a row reveals."""
    seen = {"event": row.event} if observed is None else dict(observed)
    if row.time is not None:
        seen["time"] = row.time.isoformat()
    return Deviation(row.log, row.case, row.row, kind, clause, because, expected, seen, row.subject)
