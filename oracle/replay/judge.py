"""The judge of event logs, one row at a time.

Every row is judged along the ways in which its case may have gone on: mostly one, more after a
deviation, until the rows that follow decide. Where the log itself shows the state, that is taken
over. After an unspecified answer a machine's case is not judged any more, until a row shows its
whole configuration. In the log of a study every case is a trial with its subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.place import short
from ...statemachines.bound import Bound
from ...statemachines.step import ELAPSE
from ...statemachines.study import BoundStudy
from ..dates import day_of
from ..deviation import UNSPECIFIED, Counts, Deviation
from ..rows import Row
from .event import Events
from .parts import Part
from .track import Side, Track, row_deviation
from .ways import settle, ways_of

MAX_TRACKS = 2_000_000


@dataclass(slots=True)
class LogCase:
    """One case of a log: its tracks by subject, the trial's (or the only one) under ''."""

    tracks: dict[str, Track] = field(default_factory=dict)
    deviates: bool = False
    was_undecided: bool = False


class Judge:
    """Judges the rows of logs in order: of one machine, or of a study with its subjects.

    With ``follow`` a case is followed along what may have happened after a deviation; without, a
    refused event has not happened, whatever the log goes on to say.
    """

    def __init__(
        self,
        protocol: Protocol,
        machines: Bound | BoundStudy,
        *,
        follow: bool = True,
        counts: Counts | None = None,
    ) -> None:
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
        self.counts = Counts() if counts is None else counts
        self.events = Events(self.study, self.counts, follow=follow)
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
            return self.count(self.cases.get(row.case), [malformed])
        case = self.case(row.case)
        parts = self._parts(case, row)
        if parts:
            self.events.judge(parts, row)
        else:
            parts = self._unknown(case, row)
        return self._settled(case, parts)

    def finish(self, day: date) -> Iterator[Deviation]:
        """Lets time pass in every case up to a day: what is overdue or missing by then."""
        for name, case in self.cases.items():
            for who in list(case.tracks):
                yield from self.until(case, who, Row("", "end", name, "", day, {}, {}, subject=who))

    def until(self, case: LogCase, who: str, row: Row) -> list[Deviation]:
        """Lets time pass up to a row in one track alone."""
        track, day = case.tracks[who], row.day
        if track.time is None or day is None or track.undecided or day <= day_of(track.time):
            return []
        part = self._part(case, who)
        self.events.times([part], row)
        return self._settled(case, [part])

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
            found = case.tracks[who] = self.side(who).fresh()
            self.tracks += 1
            self.subjects += who != ""
        return found

    def side(self, who: str) -> Side:
        """The machine of a subject, or of the trial."""
        return self.sides[1] if who else self.main

    def _part(self, case: LogCase, who: str) -> Part:
        track = self.track(case, who)
        return Part(self.side(who), who, track, ways_of(track))

    def _settled(self, case: LogCase, parts: list[Part]) -> list[Deviation]:
        """What is reported of the parts of a row; each goes on along its best way."""
        found: list[Deviation] = []
        for part in parts:
            track, shown = settle(part.origin, part.ways)
            case.tracks[part.who] = track
            # what trial and subject say together is said once
            found += [d for d in shown if all(d is not other for other in found)]
        return self.count(case, found)

    def count(self, case: LogCase | None, found: list[Deviation]) -> list[Deviation]:
        """Counts the deviations of a case."""
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

    def _parts(self, case: LogCase, row: Row) -> list[Part]:
        """The machines that take part in a row's event; none when nobody knows it."""
        who = row.subject if self.study else ""
        if row.event == ELAPSE:
            return [self._part(case, name) for name in ([who] if who else list(case.tracks))]
        parts = []
        if row.event in self.main.fire:
            parts.append(self._part(case, ""))
        if who and row.event in self.sides[1].fire:
            parts.append(self._part(case, who))
        return parts

    def _unknown(self, case: LogCase, row: Row) -> list[Part]:
        """An event that no machine has, or none that this row is of."""
        who = row.subject if self.study else ""
        part = self._part(case, who)
        if part.track.undecided:
            return []
        self.events.times([part], row)
        because = f"{self.protocol.name} {part.side.name} has no event {short(row.event)}"
        if self.study and not who and row.event in self.sides[1].fire:
            because += "; its machine subject has, and this row names no subject"
        elif other := self.others.get(row.event):
            because += f"; its machine {other} has"
        expected = {"events": list(dict.fromkeys(e for s in self.sides for e in s.fire))}
        for way in part.ways:
            way.tell(row_deviation(row, "unknown_event", "", because, expected))
            way.track.last = None
        return [part]


__all__ = ["Judge", "LogCase"]
