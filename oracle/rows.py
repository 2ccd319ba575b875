"""The rows of a log in the terms of a protocol: case, event, time, arguments, observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..spec.errors import SpecError
from ..spec.model import Protocol
from ..spec.place import short
from ..spec.study import SUBJECT
from ..statemachines.bound import Bound
from ..statemachines.step import ELAPSE
from ..statemachines.study import BoundStudy
from .column_values import check_values
from .columns import Columns
from .lines import Cell, Record
from .logs import Log
from .observed import place

STANDARD = ("case", "event", "time", "row", "subject")
KEYS = ("case", "subject", "time", "row")
ANSWERS = ("accepted", "refused")
MAX_ROW_DIGITS = 15
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a log. ``problem`` says why it can't be judged.

    ``row`` is the file's row number, or what its own column ``row`` says. ``answer`` is what the
    logged system did: ``accepted``, or ``refused`` when the log records refusals too. ``observed``
    is what the log says of state and variables after the event.
    """

    log: str
    row: int | str
    case: str
    event: str
    time: date | datetime | None
    arguments: Mapping[str, Cell]
    observed: Mapping[str, Cell]
    answer: str = "accepted"
    problem: str = ""
    subject: str = ""

    @property
    def day(self) -> date | None:
        """The date alone."""
        return self.time.date() if isinstance(self.time, datetime) else self.time


class RowReader:
    """Turns the records of logs into rows for one machine, or for a study.

    ``one_case`` is for a history, which needs no column ``case``. ``skipped`` counts the rows that
    belong to another machine of the protocol than the one that is judged, which only a log with a
    column ``subject`` has. ``counts_header`` says that some log's header is its first row.
    """

    def __init__(
        self,
        protocol: Protocol,
        machines: Bound | BoundStudy,
        columns: Columns,
        *,
        one_case: bool = False,
    ) -> None:
        self.columns, self.one_case = columns, one_case
        self.skipped = 0
        self.counts_header = False
        self._unchecked, self.subjects = True, False
        self.study = isinstance(machines, BoundStudy)
        bounds = (
            (machines.trial, machines.subject) if isinstance(machines, BoundStudy) else (machines,)
        )
        mine = {b.machine.name for b in bounds}
        others = [m for m in protocol.machines if m.name not in mine]
        events = [e for b in bounds for e in b.events]
        self.other_events = {e.name for m in others for e in m.events} - {e.name for e in events}
        self.of_subject = mine == {SUBJECT}
        self.takes: dict[str, frozenset[str]] = {ELAPSE: frozenset(["days"])}
        for e in events:
            names = frozenset(p.name for p in e.parameters)
            self.takes[e.name] = self.takes.get(e.name, frozenset()) | names
        # of an event that machines share, what the others alone are told
        self.others_take: dict[str, set[str]] = {}
        for shared in (e for m in others for e in m.events if e.name in self.takes):
            theirs = {a.name for a in shared.arguments} - self.takes[shared.name]
            self.others_take.setdefault(shared.name, set()).update(theirs)
        self.arguments = tuple(dict.fromkeys(p.name for e in events for p in e.parameters))
        if "days" not in self.arguments:
            self.arguments += ("days",)
        self.observed = dict(columns.observed)
        if "state" not in self.arguments:
            self.observed.setdefault("state", "state")
        known = {*STANDARD, "answer", *self.arguments}
        for name in (*columns.names, *columns.values, *columns.constants):
            if name not in known | set(self.observed):
                judged = " and ".join(b.machine.name for b in bounds)
                raise SpecError(
                    f"{short(name)} is no column for {protocol.name} {judged}",
                    where="--columns",
                    hint=f"columns: {', '.join(sorted(known))}",
                )
        for name in self.observed:
            _observable(bounds, name)
        check_values(protocol, bounds, columns, ANSWERS)

    def source(self, name: str) -> str:
        """The log's column for one of ours."""
        return self.columns.names.get(name, name)

    def warnings(self, log: Log) -> list[str]:
        """One line for each column that means nothing for this machine: it is ignored.

        `SpecError` when the log has no case or event column, which explains more.
        """
        if log.names is not None:
            self._need(log.names, log.where)
        used = self.used()
        extra = [n for n in log.names or () if n and n not in used]
        return [f"{log.where}: column {short(n)} means nothing here; ignored" for n in extra]

    def used(self) -> frozenset[str]:
        """The log's columns that mean something."""
        ours = (*STANDARD, "answer", *self.arguments)
        return frozenset([*(self.source(n) for n in ours), *self.observed.values()])

    def keys(self) -> tuple[tuple[str, ...], bool]:
        """The log's columns for case, subject, time and row number, and whether they say that and
        nothing else."""
        keys = tuple(map(self.source, KEYS))
        ours = [self.source(n) for n in ("event", "answer", *self.arguments)]
        others = {*ours, *self.observed.values()}
        made = {*self.columns.values, *self.columns.constants}
        return keys, len({*keys}) == len(keys) and not others & {*keys} and not made & {*KEYS}

    def rows(self, log: Log) -> Iterator[Row]:
        """The rows of one log, in its order; `SpecError` when it has no case or event column."""
        self.begin(log)
        for record in log.records:
            row = self.row(log.where, record)
            if row is not None:
                yield row

    def begin(self, log: Log) -> None:
        """Gets ready for the records of a log, which `row` then takes one by one."""
        self._unchecked = log.names is None
        if log.names is not None:
            self._need(log.names, log.where)
        names = log.names or ()
        self.subjects = self.source("subject") in names
        self.counts_header |= log.header and self.source("row") not in names

    def checked(self) -> None:
        """Some row of the log had a case and an event."""
        self._unchecked = False

    def row(self, where: str, record: Record) -> Row | None:
        """The row of a record; None when it belongs to a machine that isn't judged."""
        if self._unchecked and not record.problem:
            self._need(record.cells, f"{where}: line {record.number}")
            self._unchecked = False
        self.subjects = self.subjects or self.source("subject") in record.cells
        found = self._row(where, record, self.subjects)
        if found is None:
            self.skipped += 1
        return found

    def _need(self, names: Iterable[str], where: str) -> None:
        names = list(names)
        for name in ("event",) if self.one_case else ("case", "event"):
            theirs = self.source(name)
            if theirs in names or name in self.columns.constants:
                continue
            shown = ", ".join(short(n, 40) for n in names[:12])
            near = [n for n in names if n.lower() == theirs.lower()]
            hint = f"columns: {shown}; --columns FILE maps other names"
            if near:
                hint = f"it has {short(near[0])}; names are case-sensitive, and --columns maps them"
            elif len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
                hint = 'other separators than a comma: write delimiter = ";" in a --columns file'
            raise SpecError(f"the log has no column {theirs!r}", where=where, hint=hint)

    def _cell(self, record: Record, name: str) -> Cell | None:
        value = record.cells.get(self.source(name))
        if value is None:
            return self.columns.constants.get(name)
        return self._ours(name, value)

    def _ours(self, name: str, value: Cell) -> Cell:
        table = self.columns.values.get(name)
        return value if table is None else table.get(_text(value), value)

    def _row(self, where: str, record: Record, study: bool) -> Row | None:
        """The row; None when it belongs to another machine of a study."""
        event = _text(self._cell(record, "event"))
        case = _text(self._cell(record, "case"))
        who = _text(self._cell(record, "subject"))
        if study and (event in self.other_events or (self.of_subject and event and not who)):
            return None
        if self.of_subject and who:
            case = f"{case}/{who}" if case else who
        time, problem = read_time(self._cell(record, "time"))
        answer = _text(self._cell(record, "answer")) or ANSWERS[0]
        if record.problem:
            problem = record.problem
        elif not case and not self.one_case:
            problem = "the case is missing"
        elif not event:
            problem = "the event is missing"
        elif max(len(case), len(event), len(who)) > MAX_NAME:
            problem = f"a case, subject or event of more than {MAX_NAME} characters"
        elif answer not in ANSWERS:
            problem = f"answer = {short(answer)} is not accepted or refused"
        return Row(
            where,
            self._number(record),
            case[:MAX_NAME],
            event[:MAX_NAME],
            time,
            self._arguments(event, record, study),
            {
                ours: self._ours(ours, record.cells[theirs])
                for ours, theirs in self.observed.items()
                if theirs in record.cells
            },
            answer,
            problem,
            who[:MAX_NAME],
        )

    def _arguments(self, event: str, record: Record, study: bool) -> dict[str, Cell]:
        """The argument cells; a constant counts only for events that take it, and in the log of a
        study another machine's arguments are no concern of this one."""
        found = {}
        others = self.others_take.get(event, ()) if study else ()
        for name in self.arguments:
            value = record.cells.get(self.source(name))
            if name in others:
                continue
            if value is not None:
                found[name] = self._ours(name, value)
            elif name in self.columns.constants and name in self.takes.get(event, ()):
                found[name] = self.columns.constants[name]
        return found

    def _number(self, record: Record) -> int | str:
        return row_number(_text(self._cell(record, "row")), record.number)


def _observable(bounds: Sequence[Bound], name: str) -> None:
    """An error unless one of the machines has what the log shows."""
    problem: SpecError | None = None
    for bound in bounds:
        try:
            place(bound, name)
        except SpecError as error:
            problem = problem or error
        else:
            return
    if problem is not None:
        raise problem


def _text(value: Cell | None) -> str:
    return "" if value is None else str(value).strip()


def row_number(own: str, number: int) -> int | str:
    """What a row is reported under: what the log says, else its place in the file."""
    if not own:
        return number
    own = own.strip()
    if own.isascii() and own.isdigit() and len(own) <= MAX_ROW_DIGITS:
        return int(own)
    return own[:MAX_NAME] or number


def read_time(value: Cell | None) -> tuple[date | datetime | None, str]:
    """An ISO date or date-time, without its zone: a day is a day where the log was written."""
    if value is None or isinstance(value, datetime):
        return (None if value is None else value.replace(tzinfo=None)), ""
    if isinstance(value, date):
        return value, ""
    text = str(value).strip()
    try:
        if "T" in text or " " in text or ":" in text:
            return datetime.fromisoformat(text).replace(tzinfo=None), ""
        return date.fromisoformat(text), ""
    except ValueError:
        return None, f"time = {short(text, 40)} is not an ISO date such as 2024-03-01"
