"""One mistake at a time in the log of a small study, each with what should be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import plerixafor_logs as made
from example_logs import Course, Row, merged
from plerixafor_logs import MONDAY, course
from trialspec.oracle.replay import Judge
from trialspec.oracle.rows import Row as LogRow
from trialspec.spec.protocols.plerixafor_cll import PROTOCOL
from trialspec.statemachines.study import compose

Found = tuple[str, str, str]
"""The name of a row, the kind and the clause of what is said of it."""
STUDY = compose(PROTOCOL)
COLUMNS = ("row", *made.STUDY)
START, STAGE_2 = MONDAY, 28


def courses() -> dict[str, Course]:
    """Three subjects at the first level, one at the second."""
    return {
        "P1": course(START, 1, cycles=7, last=7),
        "P2": course(START, 1, cycles=2, last=9),
        "P3": course(START + timedelta(7), 1, cycles=2, last=3),
        "P4": course(START + timedelta(42), 2, cycles=2, last=3),
    }


class Log:
    """The rows of a study, each named by its subject, day, event and drug."""

    def __init__(self, told: dict[str, Course] | None = None) -> None:
        self.rows = merged(told or courses(), "T")
        for row in self.rows:
            row["row"] = name(row["subject"], day_of(row), row["event"], row.get("drug", ""))

    def place(self, named: str) -> int:
        return next(i for i, row in enumerate(self.rows) if row["row"] == named)

    def cells(self, named: str, **cells: str) -> None:
        self.rows[self.place(named)].update(cells)

    def missing(self, named: str) -> None:
        del self.rows[self.place(named)]

    def doubled(self, named: str) -> None:
        place = self.place(named)
        self.rows.insert(place + 1, {**self.rows[place], "row": "again"})

    def dated(self, named: str, days: int) -> None:
        """With another date, and where that belongs: first of the day before, last of the next."""
        row = self.rows.pop(self.place(named))
        when = row["time"]
        row["time"] = (date.fromisoformat(when) + timedelta(days)).isoformat()
        place = sum(r["time"] < row["time"] or r["time"] == row["time"] > when for r in self.rows)
        self.rows.insert(place, row)

    def in_place(self, named: str, days: int) -> None:
        """With another date, and still where it was."""
        row = self.rows[self.place(named)]
        row["time"] = (date.fromisoformat(row["time"]) + timedelta(days)).isoformat()

    def told_later(self, named: str, days: int) -> None:
        """With its own date, and further down."""
        row = self.rows.pop(self.place(named))
        later = (date.fromisoformat(row["time"]) + timedelta(days)).isoformat()
        self.rows.insert(sum(r["time"] < later for r in self.rows), row)


def day_of(row: Row) -> int:
    return (date.fromisoformat(row["time"]) - START).days


def name(who: str, day: int, event: str, drug: str = "") -> str:
    return f"{who} {day} {drug or event}"


def judged(rows: list[Row], *, follow: bool = True) -> list[Found]:
    judge = Judge(PROTOCOL, STUDY, follow=follow)
    return [(str(d.row), d.kind, d.clause) for d in judge.judge(map(as_row, rows))]


def as_row(row: Row) -> LogRow:
    arguments = {n: row[n] for n in (*made.ARGUMENTS, *made.CHOICE) if row.get(n)}
    when = date.fromisoformat(row["time"])
    return LogRow("", row["row"], "T", row["event"], when, arguments, {}, subject=row["subject"])


@dataclass(frozen=True)
class Mistake:
    """One mistake in a log, and what is said of it."""

    make: Callable[[Log], None]
    said: tuple[Found, ...]


ACCEPTED = "wrongly_accepted"
PLX, LEN, RTX = "plerixafor", "lenalidomide", "rituximab"
C2, C5 = STAGE_2 + 28, STAGE_2 + 4 * 28


def one_report() -> dict[str, Mistake]:
    """Each is one mistake and one report."""
    found: dict[str, Mistake] = {}

    def one(title: str, make: Callable[[Log], None], row: str, kind: str, clause: str) -> None:
        found[title] = Mistake(make, ((row, kind, clause),))

    start, raised, cycle = "P1 28 start_combination", "P1 14 raise", f"P1 {C2} start_cycle"
    assessed, told = f"P1 {C5} assess", f"P1 {C2} evaluate"
    # a missing row is reported where it is first missed
    shows = (
        (start, f"P1 28 {PLX}", "PLX-06c"),
        (raised, f"P1 14 {LEN}", "PLX-04"),
        (cycle, f"P1 {C2} {PLX}", "PLX-12"),
        (assessed, f"P1 {C5} start_cycle", "PLX-14"),
    )
    for row, missed, clause in (*shows, (f"P2 {C2} evaluate", "P4 70 start_combination", "PLX-07")):
        one(f"missing {row}", partial(Log.missing, named=row), missed, ACCEPTED, clause)
    for row, missed, clause in (
        (f"P1 30 {PLX}", f"P1 31 {LEN}", "PLX-08"),
        (f"P1 20 {LEN}", f"P1 21 {LEN}", "PLX-13"),
        (f"P1 {C5} {RTX}", f"P1 {C5 + 1} {LEN}", "PLX-17"),
    ):
        one(f"missing {row}", partial(Log.missing, named=row), missed, "missing_event", clause)
    for row, clause in (
        (start, "PLX-06a"),
        (raised, "PLX-05"),
        (cycle, "PLX-12"),
        (assessed, "PLX-14"),
        (told, "PLX-07"),
        (f"P1 30 {PLX}", "PLX-08"),
    ):
        one(f"doubled {row}", partial(Log.doubled, named=row), "again", "extra_event", clause)
    # a day early: too early for the protocol, and the log goes on from the right day
    for row, clause in (
        (raised, "PLX-04"),
        (cycle, "PLX-12"),
        (assessed, "PLX-14"),
        (told, "PLX-07"),
    ):
        one(f"early {row}", partial(Log.dated, named=row, days=-1), row, ACCEPTED, clause)
    # the weekday that the row names is not that of its date, which explains the rest
    one(f"early {start}", partial(Log.dated, named=start, days=-1), start, "wrong_value", "")
    # a day late: it is missed where it should have been, and the late row says nothing new
    for row, missed, clause in shows:
        one(f"late {row}", partial(Log.dated, named=row, days=1), missed, ACCEPTED, clause)
    for row in (start, raised, cycle, assessed, told):
        far = partial(Log.in_place, named=row, days=-30)
        one(f"a month back {row}", far, row, "out_of_order", "")
    for row, amount, clause in (
        (f"P1 30 {PLX}", "0.32", "PLX-08"),
        (f"P1 30 {LEN}", "7.5", "PLX-05"),
        (f"P1 {C5} {RTX}", "500", "PLX-17"),
    ):
        make = partial(Log.cells, named=row, amount=amount)
        one(f"amount {row}", make, row, ACCEPTED, clause)
    # somebody else's end: the subject goes on, and the first row that shows it is reported
    for end in ("P3 66 progression", "P2 65 progression"):
        make = partial(Log.cells, named=end, subject="P1")
        one(f"subject {end}", make, next_row(end, "P1"), ACCEPTED, "PLX-13")
    make = partial(Log.cells, named=f"P2 {C2} evaluate", subject="P4")
    one("subject evaluate", make, f"P2 {C2} evaluate", ACCEPTED, "PLX-07")
    make = partial(Log.told_later, named=f"P2 {C2} evaluate", days=3)
    one("told late", make, f"P2 {C2} evaluate", "out_of_order", "")
    return found


def more_reports() -> dict[str, Mistake]:
    """Each is one mistake, and has to be more than one report."""
    start, raised, cycle = "P1 28 start_combination", "P1 14 raise", f"P1 {C2} start_cycle"
    dose, next_dose = f"P1 30 {PLX}", f"P1 31 {LEN}"
    found = {
        # two days of the calendar are wrong, and each may be a real dose too many or too few
        "a dose a day early": Mistake(
            partial(Log.dated, named=dose, days=-1),
            ((dose, ACCEPTED, "PLX-12"), (next_dose, "missing_event", "PLX-08")),
        ),
        "a dose a day late": Mistake(
            partial(Log.dated, named=dose, days=1),
            ((next_dose, "missing_event", "PLX-08"), (dose, ACCEPTED, "PLX-12")),
        ),
        # a stream can't wait: what is missed is said at once; that the row is out of order, later
        "a dose told late": Mistake(
            partial(Log.told_later, named=dose, days=3),
            ((next_dose, "missing_event", "PLX-08"), (dose, "out_of_order", "")),
        ),
        "an evaluation told when its place was taken": Mistake(
            partial(Log.told_later, named=f"P2 {C2} evaluate", days=30),
            (
                ("P4 70 start_combination", ACCEPTED, "PLX-07"),
                (f"P2 {C2} evaluate", "out_of_order", ""),
            ),
        ),
        # on the day between, which the log passes over, a dose was due and the cycle was over
        "a cycle a day late, with rows of its own day after it": Mistake(
            partial(Log.in_place, named=cycle, days=1),
            (
                (cycle, "missing_event", "PLX-13"),
                (cycle, "overdue", "PLX-12"),
                (f"P1 {C2} {PLX}", "out_of_order", ""),
            ),
        ),
        # out of order in the trial, where another subject's came before; too early in its own case
        "the first cycle a day early, in its place": Mistake(
            partial(Log.in_place, named="P2 28 start_combination", days=-1),
            (
                ("P2 28 start_combination", "out_of_order", ""),
                ("P2 28 start_combination", "wrong_value", ""),
            ),
        ),
        # the courses of two subjects are wrong
        "a row of another subject": Mistake(
            partial(Log.cells, named=raised, subject="P2"),
            ((f"P1 14 {LEN}", ACCEPTED, "PLX-04"), ("P2 14 raise", "extra_event", "PLX-05")),
        ),
        "a dose of another subject": Mistake(
            partial(Log.cells, named=dose, subject="P2"),
            (
                (f"P2 30 {PLX}", "extra_event", "PLX-08"),
                (next_dose, "missing_event", "PLX-08"),
            ),
        ),
        # two intervals are too short by the day on which the first dose is missing
        "the first dose is missing": Mistake(
            partial(Log.missing, named=f"P1 0 {LEN}"),
            (("P1 7 raise", ACCEPTED, "PLX-04"), (start, ACCEPTED, "PLX-06c")),
        ),
    }
    for row, missed, clause in (
        (start, f"P1 28 {PLX}", "PLX-06c"),
        (raised, f"P1 14 {LEN}", "PLX-04"),
        (cycle, f"P1 {C2} {PLX}", "PLX-12"),
    ):
        found[f"told late {row}"] = Mistake(
            partial(Log.told_later, named=row, days=3),
            ((missed, ACCEPTED, clause), (row, "out_of_order", "")),
        )
    return found


def next_row(after: str, who: str) -> str:
    """The next row of a subject after another row."""
    rows = Log().rows
    place = next(i for i, row in enumerate(rows) if row["row"] == after)
    return next(row["row"] for row in rows[place:] if row["subject"] == who)
