"""The example logs of everolimus-cll, told in plain Python from the text; nothing of the package is
imported. ``python tests/everolimus_logs.py`` writes them into examples/logs.

Every patient is made up. Deviations are planted one by one, each with what should be said of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

LOGS = Path(__file__).parents[1] / "examples" / "logs"
MONDAY = date(2012, 1, 2)
DAYS = (0, 2, 4)  # of a week: Monday, Wednesday, Friday
COLUMNS = (
    *("case", "subject", "time", "event"),
    *("level", "phase", "drug", "amount", "clinical_cr"),
)
EVEROLIMUS, ALEMTUZUMAB = "everolimus", "alemtuzumab"

Row = dict[str, str]
Said = tuple[Row, str, str]


@dataclass
class Patient:
    """One patient's rows, and what should be said of some of them: kind and clause."""

    start: date
    level: int = 1
    phase: int = 1
    rows: list[Row] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add(0, "enrol", level=str(self.level), phase=str(self.phase))

    def on(self, day: int) -> str:
        return (self.start + timedelta(day)).isoformat()

    def add(self, day: int, event: str, **cells: str) -> Row:
        """A row in its place by date, the last of its day; days count from 0."""
        row = {"time": self.on(day), "event": event, **cells}
        after = sum(r["time"] <= row["time"] for r in self.rows)
        self.rows.insert(after, row)
        return row

    def dose(self, day: int, drug: str, amount: int = 0) -> Row:
        given = amount or (self.level if drug == EVEROLIMUS else 30)
        return self.add(day, "dose", drug=drug, amount=str(given))

    def find(self, event: str, day: int, drug: str = "") -> Row:
        """The row of an event on a day."""
        key = self.on(day), event, drug
        return next(r for r in self.rows if (r["time"], r["event"], r.get("drug", "")) == key)

    def drop(self, row: Row) -> None:
        self.rows = [r for r in self.rows if r is not row]

    def expect(self, row: Row, kind: str, clause: str) -> None:
        self.said.append((row, kind, clause))

    def wrong(self, row: Row, clause: str) -> None:
        self.expect(row, "wrongly_accepted", clause)


def patient(
    start: date,
    *,
    phase: int = 1,
    days: int = 63,
    end: str = "complete",
    remission: bool | None = None,
    visits: tuple[int, ...] = (),
) -> Patient:
    """Both drugs three times a week until ``days`` are over, then ``end`` and the follow-up."""
    made = Patient(start, 1, phase)
    for day in range(days):
        if day % 7 in DAYS:
            made.dose(day, EVEROLIMUS)
            if day < 49:
                made.dose(day, ALEMTUZUMAB)
    made.add(days, end)
    if remission is not None:
        made.add(days + 28, "assess", clinical_cr=str(remission).lower())
        if phase == 2:
            made.add(days + 28, "ct")
            made.add(days + 29, "ihc")
            if remission:
                made.add(days + 30, "mrd_test")
    for day in visits:
        made.add(days + day, "follow_up_visit")
    return made


def weeks(count: int) -> date:
    """The start so many weeks after the first patient's."""
    return MONDAY + timedelta(weeks=count)


# treatment that begins on a Monday and lasts 63 days ends on one; five years later, leap days in
FIVE_YEARS = (date(2017, 3, 5) - date(2012, 3, 5)).days


def clean() -> dict[str, Patient]:
    """Three patients in phase I, six in phase II, at the one dose level that was studied."""
    made = {
        "E01": patient(weeks(0), remission=True, visits=(90, 400, FIVE_YEARS)),
        "E02": patient(weeks(0), days=26, end="toxicity", visits=(30,)),
        "E03": patient(weeks(1), remission=False, visits=(90,)),
        "E04": patient(weeks(14), phase=2, remission=True, visits=(90, 180)),
        "E05": patient(weeks(14), phase=2, remission=False),
        "E06": patient(weeks(15), phase=2, days=33, end="progression", remission=False),
        "E07": patient(weeks(16), phase=2, days=40, end="death"),
        "E08": patient(weeks(16), phase=2, remission=True),
        "E09": patient(weeks(17), phase=2, days=12, end="withdraw_consent"),
    }
    # a missed dose is made up on another day of its week, another is left out
    made["E03"].drop(made["E03"].find("dose", 9, EVEROLIMUS))
    made["E03"].dose(10, EVEROLIMUS)
    made["E05"].drop(made["E05"].find("dose", 44, ALEMTUZUMAB))
    made["E05"].add(120, "chart_progression")
    made["E05"].add(150, "next_treatment")
    made["E08"].add(200, "lost")
    return made


def wrong() -> dict[str, Patient]:
    """The same trial, with one thing wrong in each patient, and a patient more."""
    made = clean()

    # after five years
    c = made["E01"]
    c.wrong(c.add(63 + FIVE_YEARS + 1, "follow_up_visit"), "EVE-16")

    # a dose after unacceptable toxicity
    c = made["E02"]
    c.wrong(c.dose(28, EVEROLIMUS), "EVE-13")

    # a fourth dose in a week, and flow cytometry, which is for phase II
    c = made["E03"]
    c.wrong(c.dose(19, EVEROLIMUS), "EVE-13")
    c.wrong(c.add(100, "mrd_test"), "EVE-04")

    # the dose of another level, and alemtuzumab in an eighth week
    c = made["E04"]
    row = c.find("dose", 21, EVEROLIMUS)
    row["amount"] = "2"
    c.wrong(row, "EVE-13")
    c.wrong(c.dose(49, ALEMTUZUMAB), "EVE-14")

    # flow cytometry without a remission
    c = made["E05"]
    c.wrong(c.add(92, "mrd_test"), "EVE-04")

    # two doses on one day
    c = made["E06"]
    c.expect(c.dose(14, ALEMTUZUMAB), "extra_event", "EVE-14")

    # everolimus in a tenth week; completed before that
    c = made["E08"]
    c.drop(c.find("complete", 63))
    c.wrong(c.dose(63, EVEROLIMUS), "EVE-13")
    c.add(64, "complete")

    # alemtuzumab begins two days late, and goes on from there
    c = made["E10"] = patient(weeks(18), phase=2, days=5, end="progression")
    c.drop(c.find("dose", 0, ALEMTUZUMAB))
    c.wrong(c.find("dose", 2, ALEMTUZUMAB), "EVE-14")

    # enrolled in phase I when that is over
    c = made["E11"] = Patient(weeks(19), 1, 1)
    c.wrong(c.find("enrol", 0), "EVE-12")

    # at another level than the maximum tolerated dose
    c = made["E12"] = Patient(weeks(19), 2, 2)
    c.wrong(c.find("enrol", 0), "EVE-03")
    return made


TRIAL = "EVE"
DECLARED = {"time": weeks(13).isoformat(), "event": "declare_mtd", "level": "1"}


def merged(patients: dict[str, Patient]) -> list[Row]:
    """The rows of the trial and of all patients, by date."""
    rows = [DECLARED | {"case": TRIAL}]
    for name, made in patients.items():
        for row in made.rows:
            row.update({"case": TRIAL, "subject": name})
            rows.append(row)
    return sorted(rows, key=lambda row: row["time"])


def written(rows: list[Row]) -> str:
    """The rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def expected(patients: dict[str, Patient], rows: list[Row]) -> list[tuple[int, str, str, str]]:
    """Row number, name, kind and clause of what should be said, by row."""
    number = {id(row): i for i, row in enumerate(rows, 2)}
    return sorted(
        (number[id(row)], name, kind, clause)
        for name, made in patients.items()
        for row, kind, clause in made.said
    )


def files() -> Iterator[tuple[str, str, list[tuple[int, str, str, str]]]]:
    """Name, content and what should be said of each log."""
    for name, patients in (
        ("everolimus-study-clean.csv", clean()),
        ("everolimus-study-deviations.csv", wrong()),
    ):
        rows = merged(patients)
        yield name, written(rows), expected(patients, rows)


if __name__ == "__main__":
    for name, content, _ in files():
        (LOGS / name).write_text(content, encoding="utf-8")
