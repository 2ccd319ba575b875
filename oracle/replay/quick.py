"""The quick way through JSON Lines: what has been judged before is looked up.

A row that tells what an earlier one told, in a configuration where it was accepted before, needs
no second judgement. Everything else, and everything that could deviate, goes to the judge; so the
answers are the judge's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ...spec.calendar import WEEKDAYS
from ...spec.errors import SpecError
from ...spec.study import SUBJECT
from ...statemachines.arguments import read_arguments
from ...statemachines.step import ELAPSE
from ..answer import ACCEPTED
from ..dates import earlier, order_is_open
from ..deviation import Deviation
from ..json_lines import Block, read_line, records
from ..lines import Lines, Record
from ..logs import Log
from ..rows import MAX_ROW_DIGITS, Row, RowReader, read_time
from .judge import Judge
from .node import Told
from .template import Rest, Taken, Template, learn

MAX_KNOWN = 100_000
MAX_TEMPLATES = 8
NOTHING: dict[Any, Any] = {}
NOT_TAKEN: Taken = ("", "", "", "", None)
Known = tuple[Told, bool, bool]
"""What a row tells, whether it is a subject's, and whether trial and subject share the event."""


class Quick:
    """A judge with its reader, and the rows they have seen."""

    def __init__(self, judge: Judge, reader: RowReader) -> None:
        self.judge, self.reader = judge, reader
        self.known: dict[Rest | None, Known | None] = {}
        self.times: dict[str, tuple[date, int]] = {}
        keys = ("case", "subject", "time", "row")
        columns = reader.columns
        # values of these that are mapped, or constant, are left to the reader
        self.usable = not any(k in columns.values or k in columns.constants for k in keys)
        self.keys = tuple(map(reader.source, keys))
        self.templates: list[Template] = []
        self.of_subject = judge.main.name == SUBJECT

    def log(self, log: Log) -> Iterator[Deviation]:
        """The deviations of one log."""
        if log.blocks is None or log.lines is None or not self.usable:
            yield from self.judge.judge(self.reader.rows(log))
            return
        self.reader.begin(log)
        for block in log.blocks:
            text = block.text()
            if text is None:
                for record in records(log.lines, block):
                    row = self.reader.row(log.where, record)
                    if row is not None:
                        yield from self.judge.row(row)
            else:
                yield from self._block(log.where, log.lines, block, text)

    def _block(self, where: str, lines: Lines, block: Block, text: str) -> Iterator[Deviation]:
        count = text.count("\n") + 1
        taken = next((t for t in (t.lines(text, count) for t in self.templates[:1]) if t), None)
        rows = enumerate(self._line_by_line(text) if taken is None else taken)
        start = 0
        while start < count:
            place, found = self._run(block.first, rows, count)
            self.judge.counts.events += place - start
            if found is not None:
                yield from self._judged(where, lines, block, place, found)
            start = place + 1

    def _line_by_line(self, text: str) -> Iterator[Taken]:
        for line in text.split("\n"):
            for template in self.templates:
                found = template.line(line)
                if found is not None:
                    yield found
                    break
            else:
                yield NOT_TAKEN

    def _run(
        self, first: int, rows: Iterator[tuple[int, Taken]], count: int
    ) -> tuple[int, Taken | None]:
        """Goes on to the first row that needs the judge; answers its place and the row."""
        known, times, cases = self.known, self.times, self.judge.cases
        of_subject = self.of_subject
        for place, taken in rows:
            case, who, time, number, rest = taken
            entry = known.get(rest)
            if entry is None:
                return place, taken
            told, subjects, joint = entry
            if of_subject:
                if who:
                    case = f"{case}/{who}"
                elif self.reader.subjects:
                    return place, taken
            found = cases.get(case)
            if found is None or (not who if subjects else joint and who):
                return place, taken
            track = found.tracks.get(who if subjects else "")
            if track is None:
                return place, taken
            if track.undecided:
                continue
            moment, day = None, 0
            if time:
                stamp = times.get(time) or self._moment(time)
                if stamp is None:
                    return place, taken
                moment, day = stamp
            node, given, before, timely = track.node, track.given, track.before, True
            days = 0
            if moment is not None and track.time is not None:
                days = day - track.day
                if days:
                    later = node.later.get(days)
                    if later is None or node.timed:
                        return place, taken
                    if track.dispenses and (later.between or node.due & ~given):
                        return place, taken
                    node, timely = later.node, later.node.within
                    if not timely and not track.overdue:
                        return place, taken
                    given, before = 0, None
                elif moment is not track.time and earlier(moment, track.time):
                    return place, taken
            move = node.moves.get(told)
            if move is None:
                return place, taken
            if (
                before is not None
                and told not in before.settled
                and order_is_open(track.before_time, moment)
            ):
                return place, taken
            bit = told.bit
            if bit and track.time is not None:
                if moment is None or given & bit:
                    return place, taken
                if move.weekdays and WEEKDAYS[(day + 6) % 7] not in move.weekdays:
                    return place, taken
            if bit and moment is not None:
                if track.time is None:
                    return place, taken
                given |= bit
                track.dispenses = True
            last = (told, moment, ACCEPTED, NOTHING, who)
            # only rows without date and subject ask whether they are repeated
            track.repeats = moment is None and track.last == last
            track.last = last
            track.node, track.given, track.before = move.after, given, move
            track.before_row = _number(number) if number else first + place
            track.before_time = moment
            if moment is not None and (days or track.time is None or type(moment) is datetime):
                track.time, track.day = moment, day
            if move.timely or (days and timely):
                track.overdue = False
        return count, None

    def _moment(self, text: str) -> tuple[date, int] | None:
        """A time and its day as an ordinal; None where the reader has to say what is wrong."""
        moment, problem = read_time(text)
        if moment is None or problem:
            return None
        found = (moment, moment.toordinal())
        if type(moment) is date:
            # times of day hardly ever come again
            if len(self.times) >= MAX_KNOWN:
                self.times.clear()
            self.times[text] = found
        return found

    def _judged(
        self, where: str, lines: Lines, block: Block, place: int, taken: Taken
    ) -> list[Deviation]:
        """One row, by the judge; what it tells is known from then on."""
        lines.number = block.first + place - 1
        text = lines.take(block.line(place))
        record = read_line(lines, text)
        row = None if record is None else self.reader.row(where, record)
        if row is None or record is None:
            return []
        found = self.judge.row(row)
        rest = taken[-1]
        if rest is None or self._own(record) != taken[:-1]:
            self._learn(text.removesuffix("\n"))
        if rest is not None and rest not in self.known:
            if len(self.known) >= MAX_KNOWN:
                self.known.clear()
            usual = self._own(record) == taken[:-1]
            self.known[rest] = self._knowledge(row) if usual else None
        return found

    def _own(self, record: Record) -> tuple[str, ...]:
        """The case, subject, time and number that a record has, as texts."""
        return tuple(str(record.cells.get(key, "")) for key in self.keys)

    def _learn(self, line: str) -> None:
        """A template for lines like this one; those that take out more are tried first."""
        made = learn(line, self.keys) if len(self.templates) < MAX_TEMPLATES else None
        if made is not None and all(t.pattern != made.pattern for t in self.templates):
            self.templates.append(made)
            self.templates.sort(key=lambda t: t.places.count(-1))

    def _knowledge(self, row: Row) -> Known | None:
        """What a row tells, if that depends on nothing but the row."""
        judge = self.judge
        if row.problem or row.observed or row.answer != ACCEPTED or row.event == ELAPSE:
            return None
        in_trial = row.event in judge.main.fire
        in_subject = judge.study is not None and row.event in judge.sides[1].fire
        if not in_trial and not in_subject:
            return None
        if in_trial and in_subject and row.subject:
            return None
        side = judge.main if in_trial else judge.sides[1]
        bound = side.bound
        for p in bound.event[row.event].parameters:
            # a default that depends on the configuration says something else each time
            constant = p.default is not None and p.default.op in ("integer", "truth")
            if p.name not in row.arguments and not constant:
                return None
        try:
            values = read_arguments(bound, row.event, row.arguments, bound.initial())
        except SpecError:
            return None
        return side.told(row.event, values), not in_trial, in_trial and in_subject


def _number(text: str) -> int | str:
    """A row number of the log's own."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_ROW_DIGITS else text
