"""What the generators of the example logs share: rows of made-up patients, told by day, and what
should be said of some of them. Nothing of the package is imported."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

LOGS = Path(__file__).parents[1] / "examples" / "logs"

Row = dict[str, str]
Said = list[tuple[int, str, str, str]]
"""Row number, name of the subject or else the case, kind and clause of what should be said."""


class File(NamedTuple):
    """One example log."""

    name: str
    content: str
    said: Said


@dataclass
class Course:
    """The rows of one subject or of a trial by date, and what should be said of some: kind and
    clause. Days count from 0."""

    start: date
    rows: list[Row] = field(default_factory=list)
    said: list[tuple[Row, str, str]] = field(default_factory=list)

    def on(self, day: int) -> str:
        """The date of a day."""
        return (self.start + timedelta(day)).isoformat()

    def add(self, day: int, event: str, **cells: str) -> Row:
        """A row in its place by date, the last of its day."""
        row = {"time": self.on(day), "event": event, **cells}
        self.rows.insert(bisect_right(self.rows, row["time"], key=lambda r: r["time"]), row)
        return row

    def dose(self, day: int, drug: str, amount: str) -> Row:
        return self.add(day, "dose", drug=drug, amount=amount)

    def find(self, event: str, day: int, drug: str = "") -> Row:
        """The first row of an event on a day."""
        key = self.on(day), event, drug
        return next(r for r in self.rows if (r["time"], r["event"], r.get("drug", "")) == key)

    def first_of(self, day: int) -> Row:
        """The first row of a day."""
        return next(r for r in self.rows if r["time"] == self.on(day))

    def drop(self, row: Row) -> None:
        self.rows = [r for r in self.rows if r is not row]

    def before(self, row: Row, event: str, **cells: str) -> Row:
        """A row put in before another one of the same day."""
        place = next(i for i, r in enumerate(self.rows) if r is row)
        new = {"time": row["time"], "event": event, **cells}
        self.rows.insert(place, new)
        return new

    def expect(self, row: Row, kind: str, clause: str) -> None:
        self.said.append((row, kind, clause))

    def wrong(self, row: Row, clause: str) -> None:
        """The protocol does not allow what the row says."""
        self.expect(row, "wrongly_accepted", clause)


def merged(courses: Mapping[str, Course], case: str = "") -> list[Row]:
    """The rows of all, by date; of a study where ``case`` names the trial, whose own rows are those
    under ''."""
    rows = []
    for name, made in courses.items():
        for row in made.rows:
            row.update({"case": case, "subject": name} if case else {"case": name})
            rows.append(row)
    return sorted(rows, key=lambda row: row["time"])


def written(columns: Iterable[str], rows: list[Row]) -> str:
    """The rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def log_file(
    name: str, columns: Iterable[str], courses: Mapping[str, Course], case: str = ""
) -> File:
    """An example log of all courses: of a study where ``case`` names the trial."""
    rows = merged(courses, case)
    number = {id(row): i for i, row in enumerate(rows, 2)}
    said = sorted(
        (number[id(row)], who or case, kind, clause)
        for who, course in courses.items()
        for row, kind, clause in course.said
    )
    return File(name, written(columns, rows), said)


def write(files: Iterable[File]) -> None:
    """Writes example logs to where they are shipped."""
    for file in files:
        (LOGS / file.name).write_text(file.content, encoding="utf-8")
