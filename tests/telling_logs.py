"""Event logs judged by the re-tellings, in plain Python; nothing of the package is imported.

A row that the protocol refuses has not happened, and the case is judged on as it was: what
``replay --no-follow`` does. Days pass by the dates of the rows: doses that were due and are not in
the log, and stays that are too long, are said of the row that reveals them. A row that goes back in
time is taken to be of the day of the row before it; that it is refused then is not said.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from types import ModuleType
from typing import Any

from retold import WEEKDAYS, Cell, Events, Person

Row = Mapping[str, str]
Found = tuple[int, str]
"""The place of a row in its log, from 0, and the kind of what is said of it."""

STANDARD = ("case", "subject", "time", "event", "row")
LATE, OVERDUE, MISSING, TWICE = "out_of_order", "overdue", "missing_event", "extra_event"
REFUSED, UNDECIDED = "wrongly_accepted", "unspecified"
MALFORMED, UNKNOWN, WRONG_VALUE = "malformed", "unknown_event", "wrong_value"
CYCLE = 28


@dataclass
class Track:
    """One machine's part of a case.

    Of drugs, ``given`` are those of today, ``recorded`` those that the case has had at all,
    ``watched`` those that can be missing. ``since`` is the day on which an anniversary began to be
    awaited, ``off_step`` that on which a cycle began that was said to be off its weekdays. ``late``
    says that the present row goes back in time; ``unsorted``, of a trial, that such rows need not
    be said any more.
    """

    teller: Any
    events: Events
    day: date | None = None
    given: frozenset[str] = frozenset()
    recorded: frozenset[str] = frozenset()
    watched: frozenset[str] = frozenset()
    since: date | None = None
    off_step: date | None = None
    last: object = None
    late: bool = False
    overdue: bool = False
    undecided: bool = False
    unsorted: bool = False

    def until(self, day: date) -> list[str]:
        """Lets the days up to one pass, and says what was wrong with them."""
        before = self.day or day
        self.late = day < before
        if self.late:
            return [LATE]
        self.day = day
        passed = day > before and isinstance(self.teller, Person)
        return self.days(before, day) if passed else []

    def days(self, today: date, day: date) -> list[str]:
        """The days of a subject, one by one where doses are watched."""
        said: list[str] = []
        missed: set[str] = set()
        come = self.anniversary()
        while today < day and not self.undecided:
            step = (min(day, come or day) - today).days
            if self.watched and not self.teller.over():
                missed |= (self.watched & self.teller.due().keys()) - self.given
                step = 1
            self.given = frozenset()
            self.teller.apply("elapse", {"days": step})
            today += timedelta(step)
            if today == come:
                self.undecided = self.teller.apply(self.teller.awaits()[0], {}) == UNDECIDED
                said += [UNDECIDED] * self.undecided
                self.since = come = None
        said = [MISSING] * len(missed) + said
        self.watched -= missed - self.recorded
        too_long = self.teller.too_long()
        if too_long and not self.overdue and not self.undecided:
            said.append(OVERDUE)
        self.overdue = too_long
        return said

    def anniversary(self) -> date | None:
        """The day on which what the case awaits will come."""
        if self.since is None:
            return None
        _, months, days = self.teller.awaits()
        year, month = divmod(self.since.year * 12 + self.since.month - 1 + months, 12)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.since.day, last)) + timedelta(days)

    def happened(self, teller: Any) -> None:
        """An event was accepted: ``teller`` knows of it."""
        if self.overdue:
            left = self.teller.known()["state"] != teller.known()["state"]
            self.overdue = not left and teller.too_long()
        self.teller = teller
        if isinstance(teller, Person):
            self.since = None if teller.awaits() is None else self.since or self.day

    def dispensed(self, drug: str, before: Any, accepted: bool) -> list[str]:
        """What the calendar says of a dose; ``before`` is the teller before it."""
        assert self.day is not None
        if drug not in before.scheduled:
            return []
        again = drug in self.given
        if not self.recorded:
            self.watched = frozenset(before.scheduled)
        self.watched |= {drug}
        self.recorded |= {drug}
        if self.late:
            return []
        self.given |= {drug}
        if not accepted:
            return []
        if again:
            return [TWICE]
        allowed = before.weekdays(drug)
        if not allowed or WEEKDAYS[self.day.weekday()] in allowed:
            return []
        first = self.day - timedelta(before.day - 1)
        if self.off_step is not None and (first - self.off_step).days % CYCLE == 0:
            return []
        self.off_step = first
        return [REFUSED]


class Telling:
    """The re-telling of one case: of a trial, of a subject, or of a trial with its subjects."""

    def __init__(self, told: ModuleType, machine: str) -> None:
        self.told, self.study = told, machine == "study"
        self.tracks: dict[str, Track] = {}
        self.subject_alone = machine == "subject"

    def copy(self) -> Telling:
        """An independent copy."""
        other = copy(self)
        other.tracks = {who: copy(track) for who, track in self.tracks.items()}
        for track in other.tracks.values():
            track.teller = track.teller.copy()
        return other

    def track(self, who: str) -> Track:
        """The track of a subject, or of the only machine or the trial."""
        if who not in self.tracks:
            told = self.told
            subject = self.subject_alone or who
            self.tracks[who] = (
                Track(told.Subject(), told.SUBJECT) if subject else Track(told.Trial(), told.TRIAL)
            )
        return self.tracks[who]

    def row(self, row: Row) -> list[str]:
        """What is said of one row, kind by kind."""
        event, day = row["event"], date.fromisoformat(row["time"])
        who = row.get("subject", "") if self.study else ""
        main = self.track("")
        parts = [main] if event in main.events else []
        if who and event in self.told.SUBJECT:
            parts.append(self.track(who))
        known = bool(parts)
        parts = [t for t in parts or [self.track(who)] if not t.undecided]
        said = [track.until(day) for track in parts]
        if len(parts) == 2:
            self.late_once(*parts, *said)
        judged = [t for t in parts if not t.undecided]
        told = [kind for kinds in said for kind in kinds]
        if not judged:
            return told
        if not known:
            judged[0].last = None
            return [*told, UNKNOWN]
        given = self.read(judged, row, day)
        if given is None:
            for track in judged:
                track.last = None
            return [*told, MALFORMED]
        last = next(s for t, s in zip(parts, said, strict=True) if t is judged[-1])
        return told + self.judged(judged, given, row, day, LATE in last)

    def late_once(self, trial: Track, subject: Track, ours: list[str], theirs: list[str]) -> None:
        """That a row is out of order is said of the trial, once where only the trial minds."""
        if not trial.late:
            return
        if subject.late:
            theirs.remove(LATE)
        elif trial.unsorted:
            ours.remove(LATE)
        trial.unsorted = trial.unsorted or not subject.late

    # ---- what a row says

    def read(self, parts: list[Track], row: Row, day: date) -> list[dict[str, object]] | None:
        """The arguments of the row for each part; None where they can't be read."""
        event = row["event"]
        texts = {n: text for n, text in row.items() if n not in STANDARD and text}
        tables = (self.told.TRIAL, self.told.SUBJECT) if self.study else (parts[0].events,)
        if not texts.keys() <= {name for table in tables for name in table.get(event, ())}:
            return None
        for track in parts:
            if "weekday" not in texts and needs_weekday(track.events[event]):
                texts["weekday"] = WEEKDAYS[day.weekday()]
        for track in reversed(parts):
            for name, cell in track.events[event].items():
                default = cell.left_out(track.teller)
                if name not in texts and default is not None:
                    texts[name] = default
        found = []
        for track in parts:
            cells = track.events[event]
            read = {name: cell.read(texts.get(name, "")) for name, cell in cells.items()}
            if None in read.values():
                return None
            found.append(read)
        return found

    def judged(
        self,
        parts: list[Track],
        given: list[dict[str, object]],
        row: Row,
        day: date,
        late: bool,
    ) -> list[str]:
        """What is said of what the row says."""
        event, said, repeated = row["event"], [], True
        for track, arguments in zip(parts, given, strict=True):
            right = WEEKDAYS[day.weekday()]
            misdated = row.get("weekday") and arguments.get("weekday") != right
            if not late and misdated and names_weekdays(track.events[event]):
                arguments["weekday"] = right
                said.append(WRONG_VALUE)
            key = (event, *arguments.values(), day, row.get("subject", ""))
            repeated = repeated and key == track.last
            track.last = key
        asked = [track.teller.copy() for track in parts]
        words = [t.apply(event, dict(a)) for t, a in zip(asked, given, strict=True)]
        refusing = [t for t, word in zip(parts, words, strict=True) if word == "refused"]
        if len(parts) == 2 and not self.agree(event, *parts) and parts[0] not in refusing:
            refusing.append(parts[0])
        if not refusing and UNDECIDED in words:
            for track in parts:
                track.undecided = True
            return [*said, UNDECIDED]
        if refusing and not late and not all(track.late for track in refusing):
            said.append(TWICE if repeated else REFUSED)
        for track, teller, arguments in zip(parts, asked, given, strict=True):
            before = track.teller
            if not refusing:
                track.happened(teller)
            if event == "dose":
                said += track.dispensed(str(arguments["drug"]), before, not refusing)
        return said

    def agree(self, event: str, trial: Track, subject: Track) -> bool:
        """Whether the event can be one of this subject in this trial."""
        agree = getattr(self.told, "agree", None)
        return agree is None or bool(agree(event, trial.teller, subject.teller))


def tell(told: ModuleType, machine: str, rows: Iterable[Row]) -> list[Found]:
    """Everything that is said of the rows of one case."""
    case = Telling(told, machine)
    return [(place, kind) for place, row in enumerate(rows) for kind in case.row(row)]


def names_weekdays(cells: Mapping[str, Cell]) -> bool:
    """Whether an event has the day of the week of its date as an argument."""
    return "weekday" in cells and cells["weekday"].some == WEEKDAYS


def needs_weekday(cells: Mapping[str, Cell]) -> bool:
    """Whether it can't be left out."""
    return names_weekdays(cells) and cells["weekday"].default is None
