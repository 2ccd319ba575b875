"""The quick way through logs: what has been judged before is looked up.

A row that tells what an earlier one told, in a configuration where it was accepted before, needs
no second judgement. Everything else, and everything that could deviate, goes to the judge; so the
answers are the judge's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import repeat
from typing import Any

from ...spec.calendar import WEEKDAYS
from ...spec.errors import SpecError
from ...spec.study import SUBJECT
from ...statemachines.step import ELAPSE
from ..answer import ACCEPTED
from ..dates import earlier, order_is_open
from ..deviation import Deviation
from ..json_lines import Block, empty, read_line
from ..lines import Lines, Record
from ..logs import Log, Table
from ..rows import Row, RowReader, read_time, row_number
from .judge import Judge
from .known import Entry, Known
from .parts import Part, read
from .template import Rest, Template, learn
from .track import Past
from .ways import Way

MAX_TIMES = 100_000
MAX_TEMPLATES = 8
MAX_LEARNT = 200
NOTHING: Entry = ()
Taken = tuple[str, str, str, str, Entry | None]
"""Case, subject, time, row number, and what is known of the rest of the row."""


class Quick:
    """A judge with its reader, and the rows they have seen."""

    def __init__(self, judge: Judge, reader: RowReader) -> None:
        self.judge, self.reader = judge, reader
        self.times: dict[str, tuple[date, int]] = {}
        self.keys, self.apart = reader.keys()
        self.templates: list[tuple[Template, Known]] = []
        self.learnt = 0
        self.of_subject = judge.main.name == SUBJECT

    def log(self, log: Log) -> Iterator[Deviation]:
        """The deviations of one log."""
        if not self.apart:
            yield from self.judge.judge(self.reader.rows(log))
            return
        self.reader.begin(log)
        before = self._seen()
        if log.blocks is not None and log.lines is not None:
            for block in log.blocks:
                yield from self._block(log.where, log.lines, block)
            if self._seen() == before:
                raise empty(log.where)
        elif log.tables is not None:
            form = _Form(self.reader, self.keys, log.names or ())
            for table in log.tables:
                yield from self._table(log.where, table, form)

    def _seen(self) -> int:
        return self.judge.counts.events + self.reader.skipped

    # ---- JSON Lines

    def _block(self, where: str, lines: Lines, block: Block) -> Iterator[Deviation]:
        text = block.text()
        if text is None:
            for raw in lines.of(block.first, block.content):
                yield from self._judged(where, read_line(lines, raw))[1]
            return

        def judged(place: int) -> list[Deviation]:
            lines.number = block.first + place - 1
            line = lines.take(block.line(place))
            record = read_line(lines, line)
            row, found = self._judged(where, record)
            if row is not None and record is not None and not row.problem:
                self._remember(line.removesuffix("\n"), record, row)
            return found

        count = text.count("\n") + 1
        yield from self._rows(block.first, self._taken(text, count), count, judged)

    def _taken(self, text: str, count: int) -> Iterator[Taken]:
        """The lines of a text taken apart: all by one template, or each by the first that fits."""
        for template, known in self.templates[:1]:
            found = template.lines(text, count)
            if found is not None:
                keys, rests = found
                return zip(*keys, map(known.get, rests), strict=False)
        return self._line_by_line(text)

    def _line_by_line(self, text: str) -> Iterator[Taken]:
        for line in text.split("\n"):
            for template, known in self.templates:
                found = template.line(line)
                if found is not None:
                    case, who, time, number, rest = found
                    yield case, who, time, number, known.get(rest)
                    break
            else:
                yield "", "", "", "", None

    def _remember(self, line: str, record: Record, row: Row) -> None:
        """What a line tells is known from then on, under the first template that fits it."""
        own = tuple(str(record.cells.get(key, "")) for key in self.keys)
        for template, known in self.templates:
            taken = template.line(line)
            if taken is not None:
                if taken[-1] not in known:
                    known.keep(taken[-1], self._entry(row) if own == taken[:-1] else NOTHING)
                if own == taken[:-1]:
                    return
                break
        if self.learnt < MAX_LEARNT:
            dropped = record.cells.keys() - self.reader.used()
            made = learn(line, self.keys, dropped)
            if made is not None and all(t.pattern != made.pattern for t, _ in self.templates):
                self.learnt += 1
                # the oldest goes; those that take out more are tried first
                self.templates = [*self.templates, (made, Known())][-MAX_TEMPLATES:]
                self.templates.sort(key=lambda t: t[0].places.count(-1))

    # ---- tables

    def _table(self, where: str, table: Table, form: _Form) -> Iterator[Deviation]:
        cells = table.columns()
        if cells is None:
            for place in range(len(table)):
                yield from self._judged(where, table.record(place))[1]
            return
        rests = form.rests(cells)

        def judged(place: int) -> list[Deviation]:
            row, found = self._judged(where, table.record(place))
            rest = tuple(cells[i][place] for i in form.told)
            if row is not None and not row.problem and rest not in form.known:
                form.known.keep(rest, self._entry(row))
            return found

        taken = zip(*form.keys(cells), map(form.known.get, rests), strict=False)
        yield from self._rows(table.first, taken, len(table), judged)

    # ---- rows

    def _judged(self, where: str, record: Record | None) -> tuple[Row | None, list[Deviation]]:
        """One row, by the judge."""
        row = None if record is None else self.reader.row(where, record)
        return row, [] if row is None else self.judge.row(row)

    def _rows(
        self,
        first: int,
        taken: Iterator[Taken],
        count: int,
        judged: Callable[[int], list[Deviation]],
    ) -> Iterator[Deviation]:
        rows = enumerate(taken)
        start = 0
        while start < count:
            place = self._run(first, rows, count)
            if place > start:
                self.judge.counts.events += place - start
                self.reader.checked()
            if place < count:
                yield from judged(place)
            start = place + 1

    def _run(self, first: int, rows: Iterator[tuple[int, Taken]], count: int) -> int:
        """Goes on to the place of the first row that needs the judge."""
        times, cases = self.times, self.judge.cases
        of_subject, subjects_seen = self.of_subject, self.reader.subjects
        for place, (case, who, time, number, entry) in rows:
            if not entry:
                return place
            told, key, observed, subjects, joint = entry
            if who:
                if not subjects_seen:
                    # from here on rows without a subject are the trial's
                    return place
                if of_subject:
                    case = f"{case}/{who}" if case else who
            elif of_subject and subjects_seen:
                return place
            found = cases.get(case)
            if found is None or (not who if subjects else joint and who):
                return place
            track = found.tracks.get(who if subjects else "")
            if track is None or track.doubt is not None:
                return place
            if track.undecided:
                if observed:
                    return place
                continue
            moment, day = None, 0
            if time:
                stamp = times.get(time) or self._moment(time)
                if stamp is None:
                    return place
                moment, day = stamp
            node, given, before, timely = track.node, track.given, track.before, True
            past: Past | None = None
            days = 0
            if moment is None:
                pass
            elif track.time is None:
                past = (node, None, given, track.overdue, track.watched)
            else:
                days = day - track.day
                if days:
                    later = node.later.get(days)
                    if later is None or node.timed:
                        return place
                    if track.watched & (later.between | (node.due & ~given)):
                        return place
                    past = (node, track.time, given, track.overdue, track.watched)
                    node, timely = later.node, later.node.within
                    if not timely and not track.overdue:
                        return place
                    given, before = 0, None
                elif moment is not track.time and earlier(moment, track.time):
                    return place
            move = node.moves.get(key)
            if move is None:
                return place
            if (
                before is not None
                and told not in before.settled
                and order_is_open(track.before_time, moment)
            ):
                return place
            bit = told.bit
            if bit and (track.time is not None or moment is not None):
                if moment is None or given & bit or not track.recorded & bit:
                    return place
                if move.weekdays and WEEKDAYS[(day + 6) % 7] not in move.weekdays:
                    return place
                given |= bit
            last = (told.key, moment, ACCEPTED, observed, who)
            # only rows without date and subject ask whether they are repeated
            track.repeats = moment is None and track.last == last
            track.last = last
            track.node, track.given, track.before, track.past = move.after, given, move, past
            track.before_row = row_number(number, first + place)
            track.before_time = moment
            if moment is not None and (days or track.time is None or type(moment) is datetime):
                track.time, track.day = moment, day
            if move.timely or (days and timely):
                track.overdue = False
        return count

    def _moment(self, text: str) -> tuple[date, int] | None:
        """A time and its day as an ordinal; None where the reader has to say what is wrong."""
        moment, problem = read_time(text)
        if moment is None or problem:
            return None
        found = (moment, moment.toordinal())
        if type(moment) is date:
            # times of day hardly ever come again
            if len(self.times) >= MAX_TIMES:
                self.times.clear()
            self.times[text] = found
        return found

    def _entry(self, row: Row) -> Entry:
        """What a row tells, if that depends on nothing but the row."""
        judge = self.judge
        if row.problem or row.answer != ACCEPTED or row.event == ELAPSE:
            return NOTHING
        in_trial = row.event in judge.main.fire
        in_subject = judge.study is not None and row.event in judge.sides[1].fire
        if not in_trial and not in_subject:
            return NOTHING
        if in_trial and in_subject and row.subject:
            return NOTHING
        side = judge.main if in_trial else judge.sides[1]
        if row.event in side.on_weekdays and row.arguments.get("weekday", "") != "":
            return NOTHING
        for p in side.bound.event[row.event].parameters:
            # a default that depends on the configuration says something else each time
            constant = p.default is not None and p.default.op in ("integer", "truth")
            if p.name not in row.arguments and not constant:
                return NOTHING
        track = side.fresh()
        part = Part(side, "", track, [Way(track)])
        try:
            read(judge.study, [part], row)
        except SpecError:
            return NOTHING
        told, key = part.told(row.event), part.key(row.event)
        return told, key, part.observed, not in_trial, in_trial and in_subject


class _Form:
    """Which columns of a log with a header say what, and what its rows tell."""

    def __init__(self, reader: RowReader, keys: Sequence[str], names: Sequence[str]) -> None:
        self.places = [names.index(key) if key in names else -1 for key in keys]
        used = reader.used().difference(keys)
        self.told = [i for i, name in enumerate(names) if name in used]
        self.known = Known()

    def keys(self, cells: list[Sequence[Any]]) -> list[Iterable[str]]:
        """Case, subject, time and number of each row."""
        return [repeat("") if p < 0 else _texts(cells[p]) for p in self.places]

    def rests(self, cells: list[Sequence[Any]]) -> Iterable[Rest]:
        """What tells what each row tells."""
        return zip(*(cells[i] for i in self.told), strict=True)


def _texts(column: Sequence[Any]) -> Iterable[str]:
    """Cells as texts; what is neither text, whole number nor time is left to the reader."""
    if set(map(type, column)) == {str}:
        return map(str.strip, column)
    return map(_text, column)


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip() if type(value) in (str, int) else ""
