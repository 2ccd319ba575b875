"""What is kept of one machine's case between its rows, and one machine's part in judging it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...spec.model import Unspecified
from ...statemachines.bound import Bound
from ...statemachines.calendar import Due
from ...statemachines.compile import Compiled
from ...statemachines.evaluate import Configuration, Undefined
from ...statemachines.explain import condition_numbers
from ...statemachines.rules import RUNNING
from ...statemachines.step import ELAPSE, Accepted, Undecided, elapse, step
from ..answer import undecided
from ..dates import day_of, earlier, landmark_date
from ..deviation import UNSPECIFIED, Deviation
from ..rows import Row
from .dispensing import Dispensing, amount, weekday
from .node import Move, Node, Nodes, Told

Found = Configuration | Unspecified | None


@dataclass(slots=True, eq=False)
class Track:
    """One machine's case: of a fixed size, so that logs can be streams.

    ``day`` is the time's day as an ordinal. ``given`` are the drugs dispensed today as bits;
    ``dispenses`` says that the log records doses at all. ``last`` is what the row before told,
    ``repeats`` that it was the same as its own predecessor; ``before`` is the last event accepted
    today, of the row ``before_row``.
    """

    node: Node
    starts: list[date | None]
    time: date | datetime | None = None
    day: int = 0
    undecided: bool = False
    overdue: bool = False
    dispenses: bool = False
    given: int = 0
    last: object = None
    repeats: bool = False
    before: Move | None = None
    before_row: int | str = 0
    before_time: date | datetime | None = None

    @property
    def configuration(self) -> Configuration:
        """The present configuration."""
        return self.node.configuration

    def at(self, time: date | datetime) -> None:
        """Sets the time of the last row."""
        self.time, self.day = time, time.toordinal()


class Side:
    """One machine's part in a replay: what it answers, and how time passes for it."""

    def __init__(self, bound: Bound, questions: Mapping[str, str]) -> None:
        self.bound, self.questions = bound, questions
        self.name = bound.machine.name
        self.fire = Compiled(bound).fire
        self.dispensing = Dispensing(bound)
        self.nodes = Nodes(bound, self.dispensing)
        self.landmarks = [(m, bound.by_name[m.name].offset) for m in bound.machine.landmarks]
        self.known: dict[tuple[object, ...], Told] = {}

    def fresh(self) -> Track:
        """A case at its beginning."""
        return Track(self.nodes.node(self.bound.initial()), [None] * len(self.landmarks))

    def told(self, event: str, values: Mapping[str, int]) -> Told:
        """What a row tells; equal rows tell the same."""
        key = (event, *values.items())
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= 100_000:
                self.known.clear()
            drug = self.dispensing.drug(event, values)
            found = self.known[key] = Told(event, values, drug, self.dispensing.bits.get(drug, 0))
        return found

    def after(self, configuration: Configuration, event: str, values: Mapping[str, int]) -> Found:
        """The configuration after an event, the unspecified outcome, or None when refused."""
        if event == ELAPSE:
            return elapse(self.bound, configuration, values["days"])
        try:
            return self.fire[event](configuration, *values.values())
        except Undefined:
            # the reference step says where the spec is wrong
            step(self.bound, configuration, event, values)
            raise

    def move(self, track: Track, after: Configuration) -> None:
        """Takes over a configuration; landmarks that begin to run start on the track's day."""
        node = self.nodes.node(after)
        if after[0] != track.configuration[0] or node.within:
            track.overdue = False
        track.node = node
        day = None if track.time is None else day_of(track.time)
        for i, (_, place) in enumerate(self.landmarks):
            if after[place] != RUNNING:
                track.starts[i] = None
            elif track.starts[i] is None:
                track.starts[i] = day

    # ---- time

    def time(self, track: Track, row: Row) -> list[Deviation]:
        """Lets the time up to a row pass: clocks, landmarks, doses due, stays that are too long."""
        if row.time is None:
            return []
        if track.time is None:
            track.at(row.time)
            return []
        if earlier(row.time, track.time):
            because = f"the row before it in this case is of {track.time.isoformat()}"
            expected = {"not_before": track.time.isoformat()}
            return [row_deviation(row, "out_of_order", "", because, expected)]
        today, day = day_of(track.time), day_of(row.time)
        if today == day:
            if isinstance(row.time, datetime):
                track.at(row.time)
            return []
        track.at(row.time)
        track.before = None
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
        if start and track.dispenses and (later.between | (before.due & ~track.given)):
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
        """The doses that were due from ``start`` on and are not in the log, drug by drug."""
        missed: dict[str, list[tuple[date, Due]]] = {}
        node, given = track.node, track.given
        for n in range(days):
            for dose in self.dispensing.missing(node.configuration, given):
                missed.setdefault(dose.drug, []).append((start + timedelta(n), dose))
            node, given = self.nodes.later(node, 1).node, 0
        found = []
        for drug, doses in missed.items():
            (first, dose), (last, _) = doses[0], doses[-1]
            when = f"on {first.isoformat()}"
            if len(doses) > 1:
                when = f"on {len(doses)} days from {first.isoformat()} to {last.isoformat()}"
            expected = {
                "event": "dose",
                "drug": drug,
                "dose": dose.dose,
                "unit": dose.unit,
                "days": [day.isoformat() for day, _ in doses[:40]],
            }
            because = f"{amount(dose)} was due {when} and is not in the log"
            found.append(row_deviation(row, "missing_event", dose.clause, because, expected))
        return found

    def dispensed(
        self, track: Track, row: Row, told: Told, before: Configuration, *, accepted: bool
    ) -> list[Deviation]:
        """What the calendar says of a dose on its day; the machine has said the rest."""
        if not told.bit or track.time is None:
            return []
        track.dispenses = True
        regimen = self.dispensing.regimen(before, told.drug)
        again = track.given & told.bit
        track.given |= told.bit
        if regimen is None or not accepted:
            return []
        clause, day = regimen.regimen.clause, day_of(track.time)
        if again:
            because = f"{told.drug} was already given on {day.isoformat()}"
            return [row_deviation(row, "extra_event", clause, because, {"doses_a_day": 1})]
        allowed = regimen.regimen.weekdays
        if allowed and weekday(day) not in allowed:
            because = (
                f"{told.drug} is given on {', '.join(allowed)}; {day.isoformat()} is a "
                f"{weekday(day)}"
            )
            expected = {"weekdays": list(allowed)}
            return [row_deviation(row, "wrongly_accepted", clause, because, expected)]
        return []


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
