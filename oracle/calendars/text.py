"""Calendars as text for people: days by drugs, then what they sum to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...diagrams.text import plain
from ...spec.notice import NOTICE
from .course import Course
from .entries import Day, Dose, Period
from .plan import Plan, Section

NOTHING = "-"
FEW = 5
"""Amounts of one dose that fit into a cell; of more, the ends are shown."""
LONG = 4_000
VARIES = "if the dose stays the same"


def plan_lines(plan: Plan, questions: Mapping[str, str]) -> list[str]:
    """A plan: a table for each cycle, its sums, and what the text leaves open."""
    sheet = plan.sheet
    where = f" where {' and '.join(plan.narrowed)}" if plan.narrowed else ""
    lines = [plain(f"{sheet.protocol} {sheet.machine}: what is due on each day{where}"), NOTICE]
    lines.append(plain(f"readings: {sheet.readings}", LONG))
    lines += plan.remarks
    for section in plan.sections:
        lines += ["", *_section(section)]
    lines.append("")
    open_ = dict.fromkeys((o.drug, o.clause, o.ambiguity) for o in plan.open)
    lines += [_unstated(*entry, questions) for entry in open_]
    if sheet.without and not plan.narrowed:
        lines.append(plain(f"no drug is due in: {', '.join(sheet.without)}", LONG))
    for title, entries in (("constants", sheet.constants), ("words", sheet.definitions)):
        if entries:
            told = "; ".join(f"{e.name} = {e.text}" for e in entries)
            lines.append(plain(f"{title}: {told}", LONG))
    return lines if lines[-1] else lines[:-1]


def _unstated(drug: str, clause: str, ambiguity: str, questions: Mapping[str, str]) -> str:
    question = f": {questions[ambiguity]}" if questions.get(ambiguity) else ""
    return plain(f"no schedule of {drug} is stated [{clause}], {ambiguity}{question}")


def _section(section: Section) -> list[str]:
    lines = [plain(text) for text in section.conditions]
    if section.every_day:
        lines.append(f"  every day; {section.cycle} days are shown")
    else:
        begins = f"; day 1 is a {section.begins}" if section.begins else ""
        lines.append(f"  a cycle of {section.cycle} days{begins}")
    drugs = _drugs(section.days)
    dated = section.days[0].date is not None
    apart = dated or section.begins != ""
    header = ["day", *_when("date", "weekday", dated, apart)]
    rows = [[*header, *(f"{drug} {unit}".rstrip() for drug, unit in drugs)]]
    for first, last in _runs(section.days, apart=apart):
        day = str(first.day) if first is last else f"{first.day}-{last.day}"
        cells = [day, *_when(str(first.date), first.weekday, dated, apart)]
        rows.append([*cells, *(_planned(first.doses, drug) for drug in drugs)])
    lines += [f"  {line}" for line in aligned(rows)]
    lines.append(
        f"  total of {section.cycle} days:" if section.every_day else "  total of a cycle:"
    )
    rows = [
        [t.drug, _count(t.doses), _amount(t.total, t.unit), t.when, VARIES if t.varies else ""]
        for t in section.totals
    ]
    lines += [f"    {line}" for line in aligned(rows)]
    cited: dict[str, dict[str, None]] = {}
    for day_ in section.days:
        for dose in day_.doses:
            cited.setdefault(dose.drug, {})[dose.clause] = None
    told = "; ".join(f"{drug} [{', '.join(clauses)}]" for drug, clauses in cited.items())
    return [*lines, f"  {plain(told, LONG)}"]


def _when(date: str, weekday: str, dated: bool, apart: bool) -> list[str]:
    return [*([date] if dated else []), *([weekday] if apart else [])]


def _amount(total: str, unit: str) -> str:
    return f"{total} {unit}".rstrip() if total else ""


def _drugs(days: Iterable[Day]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((dose.drug, dose.unit) for day in days for dose in day.doses))


def _runs(days: Sequence[Day], *, apart: bool) -> list[tuple[Day, Day]]:
    """The first and last of days that are alike, or each day by itself."""
    found: list[tuple[Day, Day]] = []
    for day in days:
        if found and not apart and found[-1][0].doses == day.doses:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found


def _planned(doses: Iterable[Dose], drug: tuple[str, str]) -> str:
    """What a cell says of a drug: its amounts, and the weekdays that choose among the days."""
    here = [dose for dose in doses if (dose.drug, dose.unit) == drug]
    if not here:
        return NOTHING
    amounts = list(dict.fromkeys(dose.dose for dose in here))
    shown = " / ".join(amounts) if len(amounts) <= FEW else f"{amounts[0]} to {amounts[-1]}"
    weekdays = here[0].weekdays
    return f"{shown} if {' or '.join(weekdays)}" if weekdays else shown


# ---- a course


def course_lines(
    course: Course, heading: str, readings: str, questions: Mapping[str, str]
) -> list[str]:
    """A course: its days up to the last of the history, those after it, and the sums."""
    lines = [plain(heading), NOTICE, plain(f"readings: {readings}", LONG)]
    for found in course.deviations:
        clause = f", {found.clause}" if found.clause else ""
        lines.append(plain(f"row {found.row}: {found.kind}{clause}: {found.because}"))
    lines += map(plain, course.notes)
    days = course.days
    past = sum(not day.ahead for day in days)
    drugs = _drugs(days)
    known = {drug for drug, _ in drugs}
    recorded = dict.fromkeys(g.drug for day in days for g in day.given)
    drugs += [(drug, "") for drug in recorded if drug not in known]
    header = ["day", *_when("date", "weekday", course.dated, course.dated), "state", "cycle"]
    rows = [[*header, *(f"{drug} {unit}".rstrip() for drug, unit in drugs)]]
    for day in days:
        cells = [str(day.day), *_when(str(day.date), day.weekday, course.dated, course.dated)]
        # of the last day nobody knows yet what will be given
        asked = course.records_doses and day.day < past
        cells += [day.state, _cycle(day), *(_cell(day, drug, asked=asked) for drug in drugs)]
        rows.append(cells)
    table = aligned(rows)
    lines += ["", *table[: past + 1]]
    if course.ended is not None:
        lines.append(f"from row {course.ended.row} on nothing is known")
    elif past < len(days):
        why = f", {course.ahead.because}" if course.ahead.because else ""
        lines.append(f"if nothing else happens and what is due is given{why}:")
        lines += table[past + 1 :]
    elif course.ahead.because:
        lines.append(f"no days after it: {course.ahead.because}")
    lines += ["", *_sums(course)]
    lines += [_unstated(o.drug, o.clause, o.ambiguity, questions) for o in course.open]
    return lines if lines[-1] else lines[:-1]


def _cycle(day: Day) -> str:
    """``C2D8``; where drugs count their days apart, each."""
    return ", ".join(label(day, p) for p in day.periods if p.cycle is not None)


def label(day: Day, period: Period) -> str:
    """The day in its cycle: ``C2D8``; without a cycle the day of the stay in the state."""
    number = day.day - period.first + 1
    return f"D{number}" if period.cycle is None else f"C{period.cycle}D{number}"


def _cell(day: Day, drug: tuple[str, str], *, asked: bool) -> str:
    """What is due of a drug and what was given; ``asked`` says that nothing is to be told."""
    due = [dose for dose in day.doses if (dose.drug, dose.unit) == drug]
    given = [entry.amount for entry in day.given if entry.drug == drug[0]]
    shown = _planned(due, drug)
    if not given:
        return f"{shown}, not given" if due and asked else shown
    if given == [dose.dose for dose in due]:
        return f"{shown}, given"
    return f"{shown}, given {' and '.join(given)}"


def _sums(course: Course) -> list[str]:
    rows = [["total of", "days", "drug", "due", "", "of it ahead"]]
    rows[0] += ["given", ""] if course.records_doses else []
    for t in course.totals:
        name = "all" if t.period is None else t.period.name
        ahead = (_amount(t.ahead_total, t.unit) or _count(t.ahead)) if t.ahead else NOTHING
        row = [name, f"{t.first}-{t.last}", t.drug, _count(t.doses), _amount(t.total, t.unit)]
        row.append(ahead)
        if course.records_doses:
            row += ["" if t.given is None else _count(t.given), _amount(t.given_total, t.unit)]
        rows.append(row)
    return aligned(rows) if course.totals else []


def _count(doses: int | None) -> str:
    if doses is None:
        return "by weekday"
    return f"{doses} dose{'' if doses == 1 else 's'}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines whose columns stand under each other.

    >>> aligned([["a", "bb"], ["ccc", "d"]])
    ['a    bb', 'ccc  d']
    """
    shown = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
