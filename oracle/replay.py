"""Judging event logs: every row against what the protocol allows at that moment of its case.

A deviation leaves the case as it was, and judging goes on; where the log itself shows the state,
that is taken over. After an unspecified answer the case is not judged any more, until a row shows
the whole configuration. What is kept for a case has a fixed size, so that logs can be streams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ..spec.errors import SpecError
from ..spec.model import Protocol, Unspecified
from ..spec.place import short
from ..statemachines.arguments import read_arguments
from ..statemachines.bound import Bound
from ..statemachines.compile import Compiled
from ..statemachines.evaluate import Configuration, Undefined, evaluate
from ..statemachines.explain import condition_numbers
from ..statemachines.rules import RUNNING
from ..statemachines.step import (
    ELAPSE,
    Accepted,
    Refused,
    Undecided,
    describe,
    elapse,
    show_arguments,
    step,
)
from .answer import ACCEPTED, REFUSED, undecided
from .dates import day_of, earlier, landmark_date, order_is_open
from .deviation import UNSPECIFIED, Counts, Deviation
from .observed import Place, differing, read_observed, taken_over
from .rows import Row

MAX_CASES = 2_000_000
Found = Configuration | Unspecified | None


@dataclass(frozen=True, slots=True)
class _Before:
    """The last accepted event of a case, and the configuration it met."""

    configuration: Configuration
    event: str
    values: Mapping[str, int]
    row: Row


@dataclass(slots=True)
class _Case:
    """What is kept of a case between its rows."""

    configuration: Configuration
    starts: list[date | None]
    time: date | datetime | None = None
    deviates: bool = False
    undecided: bool = False
    was_undecided: bool = False
    overdue: bool = False
    last: tuple[object, ...] | None = None
    repeats: bool = False
    before: _Before | None = None


@dataclass(frozen=True, slots=True)
class _Event:
    """A row whose event and values have been read."""

    row: Row
    values: Mapping[str, int]
    observed: Mapping[Place, int] = field(default_factory=dict)


class Judge:
    """Judges the rows of one machine's logs, one at a time and in order."""

    def __init__(self, protocol: Protocol, bound: Bound) -> None:
        self.bound = bound
        self.fire = Compiled(bound).fire
        self.questions = {a.id: a.question for a in protocol.ambiguities}
        self.landmarks = [(m, bound.by_name[m.name].offset) for m in bound.machine.landmarks]
        self.cases: dict[str, _Case] = {}
        self.counts = Counts()
        # events of the protocol's other machines, to say where a row belongs
        self.others = {e.name: m.name for m in protocol.machines for e in m.events}

    def judge(self, rows: Iterable[Row]) -> Iterator[Deviation]:
        """The deviations of rows, as they come."""
        for row in rows:
            yield from self.row(row)

    def row(self, row: Row) -> list[Deviation]:
        """The deviations that one row reveals; mostly none."""
        self.counts.events += 1
        if row.problem:
            # a row that can't be read may name its case wrongly: it never opens one
            found = [_malformed(row, row.problem)]
            return self._count(self.cases.get(row.case), found)
        case = self.case(row.case)
        if row.event not in self.fire and row.event != ELAPSE:
            if case.undecided:
                return []
            found = self._time(case, row)
            because = (
                f"{self.bound.protocol} {self.bound.machine.name} has no event {short(row.event)}"
                + (f"; its machine {other} has" if (other := self.others.get(row.event)) else "")
            )
            expected = {"events": list(self.fire)}
            found.append(_deviation(row, "unknown_event", "", because, expected))
            case.last = None
            return self._count(case, found)
        found = [] if case.undecided else self._time(case, row)
        if not case.undecided or row.observed:
            found += self._event(case, row, bool(found) and found[-1].kind == "out_of_order")
        return self._count(case, found)

    def case(self, name: str) -> _Case:
        """The case of that name; a new one is in the initial configuration."""
        found = self.cases.get(name)
        if found is None:
            if len(self.cases) >= MAX_CASES:
                raise SpecError(f"more than {MAX_CASES} cases", hint="split the log by case")
            found = _Case(self.bound.initial(), [None] * len(self.landmarks))
            self.cases[name] = found
            self.counts.cases += 1
        return found

    def _count(self, case: _Case | None, found: list[Deviation]) -> list[Deviation]:
        for deviation in found:
            self.counts.deviation(deviation)
        if found and case is not None:
            if not case.deviates:
                case.deviates = True
                self.counts.deviating += 1
            if case.undecided and not case.was_undecided:
                case.was_undecided = True
                self.counts.undecided += 1
        return found

    # ---- time

    def _time(self, case: _Case, row: Row) -> list[Deviation]:
        """Lets the time up to a row pass: clocks, landmarks, and stays that last too long."""
        if row.time is None:
            return []
        if case.time is None:
            case.time = row.time
            return []
        if earlier(row.time, case.time):
            because = f"the row before it in this case is of {case.time.isoformat()}"
            expected = {"not_before": case.time.isoformat()}
            return [_deviation(row, "out_of_order", "", because, expected)]
        today, day = day_of(case.time), day_of(row.time)
        found: list[Deviation] = []
        if today == day:
            if isinstance(row.time, datetime):
                case.time = row.time
            return found
        case.time, case.before = row.time, None
        for when, name in self._landmarks_until(case, day):
            found += self._pass(case, row, today, when)
            today = when
            found += self._landmark(case, row, name)
            if case.undecided:
                return found
        return found + self._pass(case, row, today, day)

    def _landmarks_until(self, case: _Case, day: date) -> list[tuple[date, str]]:
        due = []
        for (landmark, place), start in zip(self.landmarks, case.starts, strict=True):
            if start is not None and case.configuration[place] == RUNNING:
                when = landmark_date(start, landmark.months, landmark.days)
                if when is not None and when <= day:
                    due.append((when, landmark.name))
        return sorted(due, key=lambda found: found[0])

    def _landmark(self, case: _Case, row: Row, name: str) -> list[Deviation]:
        """Raises a landmark on its day."""
        answer = step(self.bound, case.configuration, name, {})
        if isinstance(answer, Accepted):
            self._move(case, answer.configuration)
        elif isinstance(answer, Undecided):
            return [self._undecided(case, row, answer, {"event": name})]
        return []

    def _pass(self, case: _Case, row: Row, start: date, end: date) -> list[Deviation]:
        """Days pass; a stay that has become too long is reported once."""
        before = case.configuration
        case.configuration = elapse(self.bound, before, (end - start).days)
        within = self.bound.within.get(before[0])
        if within is None or evaluate(self.bound, within, case.configuration, {}):
            case.overdue = False
            return []
        if case.overdue:
            return []
        case.overdue = True
        state = self.bound.machine.states[before[0]]
        text = str(state.within)
        why = condition_numbers(self.bound, text, case.configuration)
        return [
            _deviation(
                row,
                "overdue",
                state.within_clause,
                f"the stay in {state.name} lasts too long: {text} is false{why}",
                {"state": state.name, "within": text},
            )
        ]

    # ---- events

    def _event(self, case: _Case, row: Row, late: bool) -> list[Deviation]:
        """The deviations of one known event; ``late`` when it is out of order, as reported."""
        configuration = case.configuration
        try:
            values = read_arguments(self.bound, row.event, row.arguments, configuration)
            observed = read_observed(self.bound, row.observed) if row.observed else {}
        except SpecError as error:
            case.last = None
            return [_malformed(row, error.message)]
        event = _Event(row, values, observed)
        if case.undecided:
            return self._resume(case, event)
        key = (row.event, values, row.time, row.answer, observed, row.subject)
        same, case.last = case.last == key, key
        # where equal rows have been accepted one after another, they stand for different patients
        told_apart = row.time is not None or row.subject != ""
        repeated = same and (told_apart or not case.repeats)
        after = self._after(configuration, row.event, values)
        if isinstance(after, Unspecified):
            answer = step(self.bound, configuration, row.event, values)
            assert isinstance(answer, Undecided)
            return [self._undecided(case, row, answer, self._shown(event))]
        if row.answer == REFUSED:
            return self._refusal(case, event, after)
        if after is None:
            return self._refused(case, event, repeated, late)
        self._note_order(case, event, after)
        self._move(case, after)
        case.repeats = same
        case.before = None
        if row.event != ELAPSE:
            case.before = _Before(configuration, row.event, values, row)
        return self._compare(case, event, configuration)

    def _after(self, configuration: Configuration, event: str, values: Mapping[str, int]) -> Found:
        """The configuration after an event, the unspecified outcome, or None when refused."""
        if event == ELAPSE:
            return elapse(self.bound, configuration, values["days"])
        try:
            return self.fire[event](configuration, *values.values())
        except Undefined:
            # the reference step says where the spec is wrong
            step(self.bound, configuration, event, values)
            raise

    def _move(self, case: _Case, after: Configuration) -> None:
        """Takes over a configuration; landmarks that begin to run start on the case's day."""
        if after[0] != case.configuration[0]:
            case.overdue = False
        case.configuration = after
        day = None if case.time is None else day_of(case.time)
        for i, (_, place) in enumerate(self.landmarks):
            if after[place] != RUNNING:
                case.starts[i] = None
            elif case.starts[i] is None:
                case.starts[i] = day
        within = self.bound.within.get(after[0])
        if case.overdue and within is not None and evaluate(self.bound, within, after, {}):
            case.overdue = False

    def _refused(self, case: _Case, event: _Event, repeated: bool, late: bool) -> list[Deviation]:
        """The log says that something happened which the protocol refuses."""
        answer = step(self.bound, case.configuration, event.row.event, event.values)
        assert isinstance(answer, Refused)
        because = answer.because
        before = case.before
        if before is not None and self._swapped(case, event) is not None:
            because += f"; before row {before.row.row} of the same date it would be accepted"
            self.counts.order_matters(
                event.row, before.row.row, "in the other order both are accepted"
            )
        kind = "extra_event" if repeated else "wrongly_accepted"
        state = self.bound.states[case.configuration[0]]
        if event.observed:
            self._move(case, taken_over(case.configuration, event.observed))
        case.before = None
        if late:
            # one row, one deviation: that it is out of order explains the refusal
            return []
        expected = {"answer": REFUSED, "state": state}
        observed = {"answer": ACCEPTED, **self._shown(event)}
        return [_deviation(event.row, kind, answer.clause, because, expected, observed)]

    def _refusal(self, case: _Case, event: _Event, after: Found) -> list[Deviation]:
        """The log says that the system refused the event."""
        if after is None:
            return self._compare(case, event, case.configuration)
        answer = step(self.bound, case.configuration, event.row.event, event.values)
        assert isinstance(answer, Accepted)
        allowed = answer.rule.text if answer.rule is not None else "time passes in every state"
        expected = {"answer": ACCEPTED, "state": self.bound.states[case.configuration[0]]}
        observed = {"answer": REFUSED, **self._shown(event)}
        there = describe(self.bound, case.configuration)
        because = f"{answer.clause or 'the protocol'} allows it in {there}"
        if allowed != "True":
            because += f": {allowed}"
        return [
            _deviation(event.row, "wrongly_refused", answer.clause, because, expected, observed)
        ]

    def _compare(self, case: _Case, event: _Event, before: Configuration) -> list[Deviation]:
        """Compares with what the log shows after the event, and takes that over."""
        expected, observed = differing(case.configuration, event.observed)
        if not expected:
            return []
        kind = "wrong_state" if "state" in expected else "wrong_value"
        answer = step(self.bound, before, event.row.event, event.values)
        clause = answer.clause
        there = describe(self.bound, case.configuration)
        self._move(case, taken_over(case.configuration, event.observed))
        because = f"after {event.row.event} the case is in {there}"
        return [_deviation(event.row, kind, clause, because, expected, observed)]

    def _undecided(
        self, case: _Case, row: Row, answer: Undecided, observed: Mapping[str, object]
    ) -> Deviation:
        """The text does not say what happens: the case is not judged from here on."""
        case.undecided, case.before = True, None
        because = undecided(answer.ambiguity, self.questions)
        expected = {"answer": UNSPECIFIED, "ambiguity": answer.ambiguity}
        return _deviation(row, UNSPECIFIED, answer.clause, because, expected, observed)

    def _resume(self, case: _Case, event: _Event) -> list[Deviation]:
        """Goes on with a case once a row shows its whole configuration."""
        if len({p.offset for p in event.observed}) == self.bound.width:
            case.undecided = False
            case.time = event.row.time or case.time
            case.last = None
            self._move(case, taken_over(case.configuration, event.observed))
        return []

    # ---- order within a day

    def _swapped(self, case: _Case, event: _Event) -> Configuration | None:
        """The configuration if this event had come before the last one of its date.

        None where that order isn't possible, or the log itself says which came first.
        """
        before = case.before
        if before is None or event.row.event == ELAPSE:
            return None
        if not order_is_open(before.row.time, event.row.time):
            return None
        try:
            between = self.fire[event.row.event](before.configuration, *event.values.values())
            if not isinstance(between, tuple):
                return None
            after = self.fire[before.event](between, *before.values.values())
        except Undefined:
            return None
        return after if isinstance(after, tuple) else None

    def _note_order(self, case: _Case, event: _Event, after: Configuration) -> None:
        """Notes two rows of one date whose order nothing but the file gives, where it matters."""
        swapped = self._swapped(case, event)
        if swapped is not None and swapped != after:
            assert case.before is not None
            because = (
                f"both orders are accepted: {describe(self.bound, after)}, "
                f"or {describe(self.bound, swapped)}"
            )
            self.counts.order_matters(event.row, case.before.row.row, because)

    def _shown(self, event: _Event) -> dict[str, object]:
        """The event as a log or JSON shows it."""
        name, values = event.row.event, event.values
        shown = dict(values) if name == ELAPSE else None
        arguments = shown or show_arguments(self.bound.event[name], values)
        return {"event": name, "arguments": arguments}


def _deviation(
    row: Row,
    kind: str,
    clause: str,
    because: str,
    expected: Mapping[str, object],
    observed: Mapping[str, object] | None = None,
) -> Deviation:
    seen = {"event": row.event} if observed is None else dict(observed)
    if row.time is not None:
        seen["time"] = row.time.isoformat()
    return Deviation(row.log, row.case, row.row, kind, clause, because, expected, seen)


def _malformed(row: Row, problem: str) -> Deviation:
    return _deviation(row, "malformed", "", problem, {})
