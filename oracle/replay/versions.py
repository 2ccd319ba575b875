"""Logs judged under the versions of a protocol: each row under the one in force on its date.

With the first row of a trial's or a subject's own on or after an amendment's date, the days until
then pass for it under the old version, and it goes on under the new one from where it was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...spec.errors import SpecError
from ...statemachines.step import ELAPSE
from ..deviation import UNSPECIFIED, Counts, Deviation
from ..logs import Log
from ..rows import Row, RowReader
from .carried import carried
from .judge import Judge, LogCase
from .quick import Quick
from .track import Side, Track, row_deviation


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the protocol with its judge and reader; ``since`` is None for the first.

    ``argument`` is what the version was called by.
    """

    since: date | None
    judge: Judge
    reader: RowReader
    argument: str = ""


class Versions:
    """Judges the rows of logs in order, under one version of a protocol or several.

    The judges of several share their counts.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        self.versions = tuple(versions)
        self.dates = [v.since for v in versions if v.since is not None]
        self.first, self.reader = versions[0].judge, versions[0].reader
        # one version alone has short cuts
        self.quick = None if self.dates else Quick(self.first, self.reader)
        self.at: dict[tuple[str, str], int] = {}
        self.left = 0

    @property
    def counts(self) -> Counts:
        """What all judges count."""
        return self.first.counts

    @property
    def subjects(self) -> int:
        """How many subjects there are in all cases."""
        return sum(v.judge.subjects for v in self.versions)

    @property
    def skipped(self) -> int:
        """The rows of a machine that isn't judged."""
        return self.left if self.quick is None else self.reader.skipped

    def warnings(self, log: Log) -> list[str]:
        """One line for each column that means nothing in any version."""
        first, *others = [v.reader.warnings(log) for v in self.versions]
        return [warning for warning in first if all(warning in other for other in others)]

    def log(self, log: Log) -> Iterator[Deviation]:
        """The deviations of one log, as they come."""
        if self.quick is not None:
            yield from self.quick.log(log)
            return
        for version in self.versions:
            version.reader.begin(log)
        for record in log.records:
            rows = [v.reader.row(log.where, record) for v in self.versions]
            known = next((row for row in rows if row is not None), None)
            number = 0 if known is None else self._number(known)
            row = rows[number]
            if row is None:
                self.left += 1
            else:
                for who in self._taking_part(row):
                    yield from self._reach(row, who, number)
                yield from self.versions[number].judge.row(row)

    def finish(self, day: date) -> Iterator[Deviation]:
        """Lets time pass in every case up to a day: what is overdue or missing by then."""
        number = bisect_right(self.dates, day)
        for name, case in {n: c for v in self.versions for n, c in v.judge.cases.items()}.items():
            end = Row("", "end", name, "", day, {}, {})
            for who in list(case.tracks):
                yield from self._reach(end, who, number)
        yield from self.versions[number].judge.finish(day)

    def _number(self, row: Row) -> int:
        """The version in force for a row; what takes part never goes back to an earlier one."""
        now = [self.at.get((row.case, who), 0) for who in self._taking_part(row)]
        return max(*now, 0 if row.day is None else bisect_right(self.dates, row.day), 0)

    def _taking_part(self, row: Row) -> list[str]:
        """Whose time passes with a row: the trial's, a subject's, or that of all."""
        who = row.subject if self.first.study else ""
        if row.event == ELAPSE and not who:
            case = self._case(row.case)
            return list(case.tracks) if case else [""]
        trial = any(row.event in v.judge.main.bound.event for v in self.versions)
        return [*([""] if trial or not who else []), *([who] if who else [])]

    def _case(self, name: str) -> LogCase | None:
        """The case of that name, which the judges of all versions share."""
        return next((v.judge.cases[name] for v in self.versions if name in v.judge.cases), None)

    def _reach(self, row: Row, who: str, number: int) -> Iterator[Deviation]:
        """Carries a track to a version, if it was under an earlier one."""
        judges = [v.judge for v in self.versions]
        case = self._case(row.case)
        if case is not None:
            judges[number].cases[row.case] = case
        for index in range(self.at.get((row.case, who), 0), number):
            if case is not None and who in case.tracks:
                since = self.dates[index]
                until = Row(row.log, row.row, row.case, "", since, {}, {}, subject=who)
                yield from judges[index].until(case, who, until)
                yield from _carry(judges[index], judges[index + 1], case, until)
        self.at[row.case, who] = number


def _carry(old: Judge, new: Judge, case: LogCase, row: Row) -> list[Deviation]:
    """Hands a track over; one that can't go on is not judged any more, and reported if it lives."""
    who = row.subject
    track, before, after = case.tracks[who], old.side(who), new.side(who)
    begun = Track(after.fresh().node, (None,) * len(after.landmarks), track.time, track.day)
    case.tracks[who] = begun
    if track.undecided:
        begun.undecided = True
        return []
    try:
        configuration = carried(before.bound, after.bound, track.configuration)
    except SpecError as error:
        begun.undecided = True
        live = track.configuration[0] not in before.bound.final
        return new.count(case, [_stopped(new, row, error.message)] if live else [])
    begun.node = after.nodes.node(configuration)
    starts = dict(zip((m.name for m, _ in before.landmarks), track.starts, strict=True))
    begun.starts = tuple(starts.get(m.name) for m, _ in after.landmarks)
    begun.astray, begun.off_step = track.astray, track.off_step
    for name in ("given", "recorded", "watched"):
        setattr(begun, name, _drugs(getattr(track, name), before, after))
    return []


def _drugs(bits: int, old: Side, new: Side) -> int:
    """Drugs as the bits of another version."""
    known: Mapping[str, int] = new.dispensing.bits
    return sum(known.get(drug, 0) for drug, bit in old.dispensing.bits.items() if bits & bit)


def _stopped(new: Judge, row: Row, why: str) -> Deviation:
    since = str(row.day)
    because = f"{new.protocol.name} since {since} does not say how this goes on: {why}"
    expected = {"protocol": new.protocol.name, "since": since}
    return row_deviation(row, UNSPECIFIED, "", because, expected)
