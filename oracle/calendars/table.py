"""Calendars as CSV: one row a dose, then one a sum, then notes; a column says which it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from ...spec.notice import NOTICE
from .course import Course
from .entries import Day, Dose, Period, Total
from .plan import Plan
from .text import VARIES

COLUMNS = (
    "kind",
    "situation",
    "state",
    "cycle",
    "cycle_day",
    "day",
    "date",
    "weekday",
    "drug",
    "dose",
    "unit",
    "clause",
    "when",
    "given",
    "ahead",
    "doses",
    "total",
    "note",
)
DOSE, RECORD, TOTAL, NOTE = "dose", "record", "total", "note"
# a spreadsheet takes a cell that begins with one of these for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cells = Mapping[str, object]


def plan_csv(plan: Plan) -> str:
    """A plan as CSV."""
    rows: list[Cells] = []
    about: Cells
    for section in plan.sections:
        about = {"situation": section.situation, "state": " or ".join(section.conditions)}
        for day in section.days:
            for dose in day.doses:
                rows.append({**about, **_day(day), **_dose(dose), "cycle_day": day.day})
        for total in section.totals:
            rows.append({**about, **_total(total), "note": VARIES if total.varies else ""})
    for entry in plan.open:
        told = f"no schedule of {entry.drug} is stated: {entry.ambiguity}"
        rows.append({"kind": NOTE, "drug": entry.drug, "clause": entry.clause, "note": told})
    rows += [{"kind": NOTE, "note": text} for text in plan.remarks]
    return written(rows, plan.sheet.readings)


def course_csv(course: Course, readings: str) -> str:
    """A course as CSV."""
    rows: list[Cells] = []
    for day in course.days:
        about: Cells = {**_day(day), "state": day.state, "ahead": _flag(day.ahead)}
        drugs = [dose.drug for dose in day.doses]
        for dose in day.doses:
            given = " and ".join(g.amount for g in day.given if g.drug == dose.drug)
            rows.append({**about, **_dose(dose), **_period(day, dose.period), "given": given})
        rows += [
            {**about, **_period(day, g.period), "kind": RECORD, "drug": g.drug, "given": g.amount}
            for g in day.given
            if g.drug not in drugs
        ]
    for total in course.totals:
        cycle = "" if total.period is None else total.period.cycle or ""
        state = "" if total.period is None else total.period.state
        rows.append({**_total(total), "cycle": cycle, "state": state, "given": total.given_total})
    for deviation in course.deviations:
        told = f"row {deviation.row}: {deviation.kind}: {deviation.because}"
        rows.append({"kind": NOTE, "clause": deviation.clause, "note": told})
    rows += [{"kind": NOTE, "note": note} for note in course.notes]
    for entry in course.open:
        told = f"no schedule of {entry.drug} is stated: {entry.ambiguity}"
        rows.append({"kind": NOTE, "drug": entry.drug, "clause": entry.clause, "note": told})
    return written(rows, readings)


def written(rows: Iterable[Cells], readings: str) -> str:
    """Rows under the header, after them the readings and the notice."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for text in (f"readings: {readings}", NOTICE):
        rows = [*rows, {"kind": NOTE, "note": text}]
    for row in rows:
        writer.writerow([safe(str(row.get(name, ""))) for name in COLUMNS])
    return out.getvalue()


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line.

    >>> safe("=1+1"), safe("7.5")
    ("'=1+1", '7.5')
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    return f"'{shown}" if text.startswith(FORMULA) else shown


def _day(day: Day) -> Cells:
    return {"day": day.day, "date": day.date or "", "weekday": day.weekday}


def _period(day: Day, period: Period | None) -> Cells:
    if period is None:
        return {}
    return {"cycle": period.cycle or "", "cycle_day": day.day - period.first + 1}


def _dose(dose: Dose) -> Cells:
    only = f"on {', '.join(dose.weekdays)} alone" if dose.weekdays else ""
    return {
        "kind": DOSE,
        "drug": dose.drug,
        "dose": dose.dose,
        "unit": dose.unit,
        "clause": dose.clause,
        "when": dose.when,
        "note": only,
    }


def _total(total: Total) -> Cells:
    return {
        "kind": TOTAL,
        "drug": total.drug,
        "unit": total.unit,
        "when": total.when,
        "doses": "" if total.doses is None else total.doses,
        "total": total.total,
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
