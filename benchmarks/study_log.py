"""Made-up logs of plerixafor-cll studies of any length: trials with subjects, each dose a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

DAYS = (1, 3, 5, 8, 10, 12, 15, 17, 19)
DOSES = ("0.24", "0.32", "0.42", "0.54")
COHORTS = (1, 2, 3, 4, 4)
MONDAY = date(2018, 1, 1)
Row = dict[str, object]


def write(path: Path, rows: int) -> int:
    """Writes whole trials until there are at least so many rows; answers how many there are."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for number in range(1_000_000):
            for row in trial(f"T{number:05}"):
                file.write(json.dumps(row) + "\n")
                written += 1
            if written >= rows:
                return written
    return written


def trial(name: str) -> list[Row]:
    """One trial without toxicity, fifteen subjects on four levels, by date."""
    rows: list[tuple[date, Row]] = []
    start = MONDAY
    for cohort, level in enumerate(COHORTS):
        for k in range(3):
            subject = f"{name}-{3 * cohort + k + 1:02}"
            for day, row in _subject(start, level):
                told = {"case": name, "subject": subject, "time": day.isoformat(), **row}
                rows.append((day, told))
        start += timedelta(weeks=9)
    return [row for _, row in sorted(rows, key=lambda r: r[0])]


def _subject(start: date, level: int) -> Iterator[tuple[date, Row]]:
    def dose(drug: str, amount: str) -> Row:
        return {"event": "dose", "drug": drug, "amount": amount}

    amount = "5"
    for n in range(28):
        if n in (7, 14):
            amount = {"5": "7.5", "7.5": "10"}[amount]
            yield start + timedelta(n), {"event": "raise", "tolerated": True}
        yield start + timedelta(n), dose("lenalidomide", amount)
    combined = start + timedelta(28)
    for cycle in range(12):
        first = combined + timedelta(28 * cycle)
        if cycle == 0:
            entry = {"wbc": "41.5", "weekday": "Mon", "level": level}
            yield first, {"event": "start_combination", **entry}
        if cycle == 1:
            yield first, {"event": "evaluate", "dlt": False}
        if cycle == 4:
            yield first, {"event": "assess", "response": "PR"}
        if cycle > 0:
            yield first, {"event": "start_cycle"}
        if cycle >= 4:
            yield first, dose("rituximab", "375")
        for n in range(28):
            if n + 1 in DAYS:
                yield first + timedelta(n), dose("plerixafor", DOSES[level - 1])
            yield first + timedelta(n), dose("lenalidomide", "10")
    last = combined + timedelta(28 * 12)
    yield last, {"event": "stop_combination"}
    yield last, dose("lenalidomide", "10")
    yield last + timedelta(1), {"event": "progression"}
