"""Writes the example logs of antimag-lenalidomide, and says what is planted in them.

A whole trial: twelve patients of part 1 and one who is replaced, one after the other, then eight at
the selected dose; the first patient goes on for over 24 months. Nothing of the package is imported.
``python tests/antimag_logs.py`` writes the files.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

LOGS = Path(__file__).parent.parent / "examples" / "logs"
FIRST = date(2020, 1, 6)
MILLIGRAMS = {1: "10", 2: "15", 3: "25"}
COLUMNS = (
    *("case", "subject", "time", "event", "drug", "amount"),
    *("level", "dlt", "cycle", "edta", "red_top", "investigator", "alive"),
)
Row = dict[str, str]
Said = list[tuple[int, str, str, str]]

# level and toxicity, in the order in which the design asks for them; P04 leaves early
PART_1 = (
    ("P01", 1, False),
    ("P02", 2, False),
    ("P03", 3, True),
    ("P04", 2, None),
    ("P05", 2, False),
    ("P06", 3, False),
    ("P07", 2, False),
    ("P08", 3, False),
    ("P09", 3, False),
    ("P10", 3, True),
    ("P11", 2, True),
    ("P12", 2, False),
    ("P13", 3, False),
)
PART_2 = tuple(f"E{number:02d}" for number in range(1, 9))
# days between one patient and the next
APART = 30


class Log:
    """Rows with their day."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Row]] = []

    def add(self, subject: str, day: int, event: str, **given: str) -> None:
        """One row."""
        when = (FIRST + timedelta(days=day)).isoformat()
        row = {"case": "MAG", "subject": subject, "time": when, "event": event, **given}
        self.rows.append((day, row))

    def blood(self, subject: str, day: int, cycle: int) -> None:
        """Both tubes."""
        self.add(subject, day, "draw", cycle=str(cycle), edta="10", red_top="6")

    def doses(self, subject: str, day: int, level: int, first: int = 0, days: int = 28) -> None:
        """The doses of a cycle that begins on ``day``, on some of its days."""
        for k in range(first, days):
            if k < 21:
                amount = MILLIGRAMS[level]
                self.add(subject, day + k, "dose", drug="lenalidomide", amount=amount)
            if k % 7 == 0:
                self.add(subject, day + k, "dose", drug="dexamethasone", amount="20")

    def text(self) -> str:
        """The file."""
        made = io.StringIO()
        writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for _, row in sorted(self.rows, key=lambda r: r[0]))
        return made.getvalue()


def clean() -> Log:
    """The trial."""
    log = Log()
    for number, (name, level, toxic) in enumerate(PART_1):
        day = number * APART
        log.add(name, day, "enrol", level=str(level))
        log.blood(name, day, 0)
        log.add(name, day, "start", level=str(level))
        if toxic is None:
            log.doses(name, day, level, days=5)
            log.add(name, day + 5, "withdraw")
            log.add(name, day + 5, "not_evaluable")
        elif toxic:
            log.doses(name, day, level, days=10)
            log.add(name, day + 10, "dlt")
            log.add(name, day + 10, "evaluate", dlt="true")
            # a lower dose from the next cycle on
            log.add(name, day + 26, "reduce", level=str(level - 1))
            log.add(name, day + 28, "start_cycle")
            log.doses(name, day + 28, level - 1)
            log.add(name, day + 56, "other_therapy")
        else:
            log.doses(name, day, level)
            log.blood(name, day + 28, 1)
            log.add(name, day + 28, "evaluate", dlt="false")
            if name == "P01":
                on_for_long(log, day)
            else:
                log.add(name, day + 28, "progression")
                log.add(name, day + 90, "chart_survival", alive="true")
    end = (len(PART_1) - 1) * APART + 28
    log.add("", end, "select")
    for number, name in enumerate(PART_2):
        day = end + 1 + number
        log.add(name, day, "enrol_expansion", level="3")
        log.blood(name, day, 0)
        log.add(name, day, "start", level="3")
        log.doses(name, day, 3)
        log.add(name, day + 28, "illness", investigator="true")
    log.add("", end + 60, "close")
    return log


def on_for_long(log: Log, day: int) -> None:
    """28 cycles of the first patient, with 24 months in the 27th."""
    for cycle in range(2, 29):
        begins = day + 28 * (cycle - 1)
        if cycle == 28:
            log.add("P01", begins, "continue_after_24")
        log.add("P01", begins, "start_cycle")
        log.doses("P01", begins, 1)
        if cycle in (2, 3, 6, 9, 12):
            log.blood("P01", begins + 28, cycle)
    log.add("P01", day + 28 * 28, "withdraw")


def deviations() -> tuple[Log, Said]:
    """The same trial with something wrong at seven places, and what is to be said of each."""
    log = clean()
    planted: list[tuple[Row, str, str, str]] = []

    def row(subject: str, event: str, day: int, drug: str = "") -> Row:
        return next(
            r
            for d, r in log.rows
            if d == day
            and (r["subject"], r["event"]) == (subject, event)
            and r.get("drug", "") == drug
        )

    def wrong(found: Row, clause: str, kind: str = "wrongly_accepted") -> None:
        planted.append((found, found["subject"] or "MAG", kind, clause))

    # a dose of another level
    high = row("P02", "dose", APART + 3, "lenalidomide")
    high["amount"] = "25"
    wrong(high, "MAG-04")
    # lenalidomide in the week without it
    log.add("P05", 4 * APART + 21, "dose", drug="lenalidomide", amount="15")
    wrong(log.rows[-1][1], "MAG-04")
    # twice the dose of dexamethasone
    late = row("P06", "dose", 5 * APART + 7, "dexamethasone")
    late["amount"] = "40"
    wrong(late, "MAG-05")
    # too little blood
    little = row("P07", "draw", 6 * APART + 28)
    little["edta"] = "8"
    wrong(little, "MAG-27")
    # blood after cycle 18, which only part 2 has
    log.blood("P01", 28 * 18, 18)
    wrong(log.rows[-1][1], "MAG-28")
    # a cycle after month 24 without the decision
    decision = row("P01", "continue_after_24", 28 * 27)
    log.rows = [(d, r) for d, r in log.rows if r is not decision]
    wrong(row("P01", "start_cycle", 28 * 27), "MAG-16")
    # a ninth patient of part 2
    log.add("E09", (len(PART_1) - 1) * APART + 28 + 20, "enrol_expansion", level="3")
    wrong(log.rows[-1][1], "MAG-14")
    lines = [r for _, r in sorted(log.rows, key=lambda r: r[0])]
    places = {id(r): number for number, r in enumerate(lines, 2)}
    return log, sorted((places[id(r)], *said) for r, *said in planted)


def files() -> list[tuple[str, str, Said]]:
    """Name, content and what is to be found."""
    log, said = deviations()
    return [
        ("antimag-study-clean.csv", clean().text(), []),
        ("antimag-study-deviations.csv", log.text(), said),
    ]


if __name__ == "__main__":
    for name, content, _ in files():
        (LOGS / name).write_text(content, encoding="utf-8")
