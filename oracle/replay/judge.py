"""The judge of event logs, one row at a time.

A deviation leaves the case as it was, and judging goes on; where the log itself shows the state,
that is taken over. After an unspecified answer a machine's case is not judged any more, until a
row shows its whole configuration. In the log of a study every case is a trial with its subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ...spec.errors import SpecError
from ...spec.model import Protocol, Unspecified
from ...spec.place import short
from ...spec.study import SUBJECT, TRIAL
from ...statemachines.arguments import read_arguments
from ...statemachines.bound import Bound
from ...statemachines.evaluate import Configuration, Undefined
from ...statemachines.step import (
    ELAPSE,
    Accepted,
    Refused,
    Undecided,
    describe,
    show_arguments,
    step,
)
from ...statemachines.study import BoundStudy, Together, disagree, read_together, study_step
from ..answer import ACCEPTED, REFUSED
from ..dates import order_is_open
from ..deviation import UNSPECIFIED, Counts, Deviation
from ..observed import Place, differing, place, read_observed, taken_over
from ..rows import Row
from .node import Move
from .track import Found, Side, Track, row_deviation

MAX_TRACKS = 2_000_000


@dataclass(slots=True)
class LogCase:
    """One case of a log: its tracks by subject, the trial's (or the only one) under ''."""

    tracks: dict[str, Track] = field(default_factory=dict)
    deviates: bool = False
    was_undecided: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A machine that takes part in an event, with its arguments and what is seen after it."""

    side: Side
    track: Track
    values: Mapping[str, int] = field(default_factory=dict)
    observed: Mapping[Place, int] = field(default_factory=dict)


class Judge:
    """Judges the rows of logs in order: of one machine, or of a study with its subjects."""

    def __init__(self, protocol: Protocol, machines: Bound | BoundStudy) -> None:
        self.protocol = protocol
        self.study = machines if isinstance(machines, BoundStudy) else None
        bounds = (
            (machines.trial, machines.subject) if isinstance(machines, BoundStudy) else (machines,)
        )
        self.questions = {a.id: a.question for a in protocol.ambiguities}
        self.sides = tuple(Side(b, self.questions) for b in bounds)
        self.main = self.sides[0]
        self.cases: dict[str, LogCase] = {}
        self.tracks = 0
        self.subjects = 0
        self.counts = Counts()
        # events of the protocol's other machines, to say where a row belongs
        judged = {s.name for s in self.sides}
        self.others = {
            e.name: m.name for m in protocol.machines if m.name not in judged for e in m.events
        }

    def judge(self, rows: Iterable[Row]) -> Iterator[Deviation]:
        """The deviations of rows, as they come."""
        for row in rows:
            yield from self.row(row)

    def row(self, row: Row) -> list[Deviation]:
        """The deviations that one row reveals; mostly none."""
        self.counts.events += 1
        if row.problem:
            # a row that can't be read may name its case wrongly: it never opens one
            malformed = row_deviation(row, "malformed", "", row.problem, {})
            return self._count(self.cases.get(row.case), [malformed])
        case = self.case(row.case)
        parts = self._parts(case, row)
        if not parts:
            return self._count(case, self._unknown(case, row))
        found: list[Deviation] = []
        for part in parts:
            if not part.track.undecided:
                found += part.side.time(part.track, row)
        late = [d for d in found if d.kind == "out_of_order"]
        if len(late) > 1:
            found.remove(late[1])
        if row.observed or any(not p.track.undecided for p in parts):
            found += self._event(parts, row, late=bool(late))
        return self._count(case, found)

    def finish(self, day: date) -> Iterator[Deviation]:
        """Lets time pass in every case up to a day: what is overdue or missing by then."""
        for name, case in self.cases.items():
            for who, track in case.tracks.items():
                if track.time is None or track.undecided or day <= _day(track.time):
                    continue
                side = self._side(who)
                row = Row("", "end", name, "", day, {}, {}, subject=who)
                found = [d for d in side.time(track, row) if d.kind != "out_of_order"]
                yield from self._count(case, found)

    def case(self, name: str) -> LogCase:
        """The case of that name."""
        found = self.cases.get(name)
        if found is None:
            found = self.cases[name] = LogCase()
            self.counts.cases += 1
            self.track(found, "")
        return found

    def track(self, case: LogCase, who: str) -> Track:
        """The track of a subject, or of the trial; a new one is in the initial configuration."""
        found = case.tracks.get(who)
        if found is None:
            if self.tracks >= MAX_TRACKS:
                raise SpecError(f"more than {MAX_TRACKS} cases", hint="split the log by case")
            found = case.tracks[who] = self._side(who).fresh()
            self.tracks += 1
            self.subjects += who != ""
        return found

    def _side(self, who: str) -> Side:
        return self.sides[1] if who else self.main

    def _count(self, case: LogCase | None, found: list[Deviation]) -> list[Deviation]:
        for deviation in found:
            self.counts.deviation(deviation)
        if found and case is not None:
            if not case.deviates:
                case.deviates = True
                self.counts.deviating += 1
            if not case.was_undecided and any(d.kind == UNSPECIFIED for d in found):
                case.was_undecided = True
                self.counts.undecided += 1
        return found

    # ---- whose event it is

    def _parts(self, case: LogCase, row: Row) -> list[_Part]:
        """The machines that take part in a row's event; none when nobody knows it."""
        who = row.subject if self.study else ""
        if row.event == ELAPSE:
            if who:
                return [_Part(self._side(who), self.track(case, who))]
            return [_Part(self._side(name), track) for name, track in case.tracks.items()]
        parts = []
        if row.event in self.main.fire:
            parts.append(_Part(self.main, self.track(case, "")))
        if who and row.event in self.sides[1].fire:
            parts.append(_Part(self.sides[1], self.track(case, who)))
        return parts

    def _unknown(self, case: LogCase, row: Row) -> list[Deviation]:
        """An event that no machine has, or none that this row is of."""
        who = row.subject if self.study else ""
        side, track = self._side(who), self.track(case, who)
        if track.undecided:
            return []
        found = side.time(track, row)
        because = f"{self.protocol.name} {side.name} has no event {short(row.event)}"
        if self.study and not who and row.event in self.sides[1].fire:
            because += "; its machine subject has, and this row names no subject"
        elif other := self.others.get(row.event):
            because += f"; its machine {other} has"
        expected = {"events": list(dict.fromkeys(e for s in self.sides for e in s.fire))}
        found.append(row_deviation(row, "unknown_event", "", because, expected))
        track.last = None
        return found

    # ---- events

    def _event(self, parts: list[_Part], row: Row, *, late: bool) -> list[Deviation]:
        """The deviations of one known event; ``late`` when it is out of order, as reported."""
        live = [p for p in parts if not p.track.undecided]
        try:
            parts = self._read(parts, row)
        except SpecError as error:
            for part in parts:
                part.track.last = None
            return [row_deviation(row, "malformed", "", error.message, {})]
        for part in parts:
            if part.track.undecided:
                self._resume(part, row)
        parts = [p for p in parts if any(p.track is kept.track for kept in live)]
        if not parts:
            return []
        repeated = self._repeated(parts, row)
        afters = [p.side.after(p.track.configuration, row.event, p.values) for p in parts]
        refused = None in afters or self._disagree(parts, row) is not None
        if not refused and any(isinstance(a, Unspecified) for a in afters):
            return self._undecided(parts, row)
        if row.answer == REFUSED:
            return self._refusal(parts, row, refused=refused)
        if refused:
            return self._refused(parts, row, repeated=repeated, late=late)
        found: list[Deviation] = []
        for part, after in zip(parts, afters, strict=True):
            assert isinstance(after, tuple)
            found += self._accept(part, row, after, alone=len(parts) == 1)
        return found

    def _read(self, parts: list[_Part], row: Row) -> list[_Part]:
        """The parts with their arguments and what the log shows of each."""
        event, given = row.event, row.arguments
        if self.study is None or event == ELAPSE:
            read = [
                read_arguments(p.side.bound, event, given, p.track.configuration) for p in parts
            ]
        else:
            now = {p.side.name: None if p.track.undecided else p.track.configuration for p in parts}
            both = read_together(self.study, event, given, now.get(TRIAL), now.get(SUBJECT))
            read = [both[0] if p.side is self.main else both[1] for p in parts]
        observed: dict[str, dict[str, object]] = {}
        for name, value in row.observed.items():
            observed.setdefault(self._observes(parts, name).name, {})[name] = value
        return [
            _Part(p.side, p.track, values, _seen(p.side, observed.get(p.side.name)))
            for p, values in zip(parts, read, strict=True)
        ]

    def _observes(self, parts: list[_Part], name: str) -> Side:
        """The machine whose variable the log shows: the subject's where it takes part."""
        for part in reversed(parts):
            try:
                place(part.side.bound, name)
            except SpecError:
                continue
            return part.side
        return parts[-1].side

    def _repeated(self, parts: list[_Part], row: Row) -> bool:
        """Whether the row says again what the row before it said, of one and the same patient."""
        repeated = True
        told_apart = row.time is not None or row.subject != ""
        for part in parts:
            told = part.side.told(row.event, part.values)
            key = (told, row.time, row.answer, part.observed, row.subject)
            same = part.track.last == key
            part.track.last = key
            repeated = repeated and same and (told_apart or not part.track.repeats)
            part.track.repeats = same
        return repeated

    def _disagree(self, parts: list[_Part], row: Row) -> Refused | None:
        """Why trial and subject can't have a joint event together."""
        agreement = self.study.joint.get(row.event) if self.study else None
        if agreement is None or len(parts) == 1 or self.study is None:
            return None
        ours, theirs = (p.track.configuration for p in parts)
        return disagree(self.study, agreement, ours, theirs, row.event)

    def _answer(self, parts: list[_Part], row: Row) -> Accepted | Refused | Undecided | Together:
        """The reference's own answer, with its reason."""
        if len(parts) == 1:
            [part] = parts
            return step(part.side.bound, part.track.configuration, row.event, part.values)
        assert self.study is not None
        ours, theirs = parts
        return study_step(
            self.study,
            ours.track.configuration,
            theirs.track.configuration,
            row.event,
            (dict(ours.values), dict(theirs.values)),
        )

    def _accept(
        self, part: _Part, row: Row, after: Configuration, *, alone: bool
    ) -> list[Deviation]:
        """The event took place in one machine: moves it, and compares with what the log shows."""
        side, track = part.side, part.track
        before = track.node
        told = side.told(row.event, part.values)
        if row.event == ELAPSE:
            track.before = None
            return side.pass_days(track, row, part.values["days"])
        if alone:
            self._note_order(part, row, after)
        side.move(track, after)
        move = before.moves.get(told)
        if move is None:
            weekdays = side.dispensing.weekdays(before.configuration, told.drug)
            left = before.configuration[0] != after[0]
            move = Move(before, told, track.node, weekdays, left or track.node.within)
            if not before.timed and not track.node.timed:
                before.moves[told] = move
        track.before, track.before_row, track.before_time = move, row.row, row.time
        found = side.dispensed(track, row, told, before.configuration, accepted=True)
        expected, observed = differing(track.configuration, part.observed)
        if not expected:
            return found
        kind = "wrong_state" if "state" in expected else "wrong_value"
        answer = step(side.bound, before.configuration, row.event, part.values)
        there = describe(side.bound, track.configuration)
        side.move(track, taken_over(track.configuration, part.observed))
        because = f"after {row.event} the case is in {there}"
        return [*found, row_deviation(row, kind, answer.clause, because, expected, observed)]

    def _refused(
        self, parts: list[_Part], row: Row, *, repeated: bool, late: bool
    ) -> list[Deviation]:
        """The log says that something happened which the protocol refuses."""
        answer = self._answer(parts, row)
        assert isinstance(answer, Refused)
        because = answer.because
        first = parts[0]
        swapped = self._swapped(first, row) if len(parts) == 1 else None
        if swapped is not None:
            earlier = first.track.before_row
            because += f"; before row {earlier} of the same date it would be accepted"
            self.counts.order_matters(row, earlier, "in the other order both are accepted")
        kind = "extra_event" if repeated else "wrongly_accepted"
        last = parts[-1]
        state = last.side.bound.states[last.track.configuration[0]]
        for part in parts:
            told = part.side.told(row.event, part.values)
            here = part.track.configuration
            part.side.dispensed(part.track, row, told, here, accepted=False)
            if part.observed:
                part.side.move(part.track, taken_over(here, part.observed))
            part.track.before = None
        if late:
            # one row, one deviation: that it is out of order explains the refusal
            return []
        expected = {"answer": REFUSED, "state": state}
        observed = {"answer": ACCEPTED, **self._shown(parts, row)}
        return [row_deviation(row, kind, answer.clause, because, expected, observed)]

    def _refusal(self, parts: list[_Part], row: Row, *, refused: bool) -> list[Deviation]:
        """The log says that the system refused the event."""
        found: list[Deviation] = []
        if refused:
            for part in parts:
                expected, observed = differing(part.track.configuration, part.observed)
                if expected:
                    found.append(self._differs(part, row, expected, observed))
            return found
        last = parts[-1]
        answer = step(last.side.bound, last.track.configuration, row.event, last.values)
        assert isinstance(answer, Accepted)
        allowed = answer.rule.text if answer.rule is not None else "time passes in every state"
        state = last.side.bound.states[last.track.configuration[0]]
        there = describe(last.side.bound, last.track.configuration)
        because = f"{answer.clause or 'the protocol'} allows it in {there}"
        if allowed != "True":
            because += f": {allowed}"
        shown = {"answer": REFUSED, **self._shown(parts, row)}
        expected = {"answer": ACCEPTED, "state": state}
        return [row_deviation(row, "wrongly_refused", answer.clause, because, expected, shown)]

    def _differs(
        self, part: _Part, row: Row, expected: Mapping[str, object], observed: Mapping[str, object]
    ) -> Deviation:
        """After a refusal the log shows another configuration than the one that stays."""
        kind = "wrong_state" if "state" in expected else "wrong_value"
        side, track = part.side, part.track
        answer = step(side.bound, track.configuration, row.event, part.values)
        there = describe(side.bound, track.configuration)
        side.move(track, taken_over(track.configuration, part.observed))
        because = f"after {row.event} the case is in {there}"
        return row_deviation(row, kind, answer.clause, because, expected, observed)

    def _undecided(self, parts: list[_Part], row: Row) -> list[Deviation]:
        """The text does not say what happens: nobody who takes part is judged from here on."""
        answer = self._answer(parts, row)
        assert isinstance(answer, Undecided)
        shown = self._shown(parts, row)
        found = [p.side.undecided(p.track, row, answer, shown) for p in parts]
        return found[:1]

    def _resume(self, part: _Part, row: Row) -> None:
        """Goes on with a track once a row shows its whole configuration."""
        if len({p.offset for p in part.observed}) == part.side.bound.width:
            track = part.track
            track.undecided = False
            if row.time is not None:
                track.at(row.time)
            track.last, track.given, track.dispenses = None, 0, False
            part.side.move(track, taken_over(track.configuration, part.observed))

    # ---- order within a day

    def _swapped(self, part: _Part, row: Row) -> Configuration | None:
        """The configuration if this event had come before the last one of its date.

        None where that order isn't possible, or the log itself says which came first.
        """
        before = part.track.before
        if before is None or row.event == ELAPSE:
            return None
        if not order_is_open(part.track.before_time, row.time):
            return None
        fire = part.side.fire
        try:
            between = fire[row.event](before.before.configuration, *part.values.values())
            if not isinstance(between, tuple):
                return None
            after = fire[before.told.event](between, *before.told.values.values())
        except Undefined:
            return None
        return after if isinstance(after, tuple) else None

    def _note_order(self, part: _Part, row: Row, after: Configuration) -> None:
        """Notes two rows of one date whose order nothing but the file gives, where it matters."""
        before = part.track.before
        swapped = self._swapped(part, row)
        matters = swapped is not None and swapped != after
        if matters and swapped is not None:
            because = (
                f"both orders are accepted: {describe(part.side.bound, after)}, "
                f"or {describe(part.side.bound, swapped)}"
            )
            self.counts.order_matters(row, part.track.before_row, because)
        elif before is not None and order_is_open(part.track.before_time, row.time):
            before.settled.add(part.side.told(row.event, part.values))

    def _shown(self, parts: list[_Part], row: Row) -> dict[str, object]:
        """The event as a log or JSON shows it."""
        if row.event == ELAPSE:
            return {"event": ELAPSE, "arguments": dict(parts[0].values)}
        arguments: dict[str, object] = {}
        for part in parts:
            arguments |= show_arguments(part.side.bound.event[row.event], part.values)
        return {"event": row.event, "arguments": arguments}


def _seen(side: Side, observed: Mapping[str, object] | None) -> dict[Place, int]:
    return read_observed(side.bound, observed) if observed else {}


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


__all__ = ["Found", "Judge", "LogCase"]
