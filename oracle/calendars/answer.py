"""Calendars in the shape of ``trialspec/calendar/1``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...statemachines.bound import Bound
from .amounts import is_number
from .course import Course
from .entries import Day, Dose, Period, Total
from .plan import Plan, Section

Json = dict[str, Any]
Questions = Mapping[str, str]


def plan_json(plan: Plan, bound: Bound, questions: Questions) -> Json:
    """A plan: its situations, and of each cycle the days and totals, which name the situation."""
    days: list[Json] = []
    totals: list[Json] = []
    for section in plan.sections:
        about = {"situation": section.situation, "states": list(section.states)}
        days += [{**about, **_day(day)} for day in section.days]
        totals += [{**about, "cycle_days": section.cycle, **_planned(t)} for t in section.totals]
    return {
        "protocol": bound.protocol,
        "machine": bound.machine.name,
        "readings": dict(bound.readings),
        "narrowed": list(plan.narrowed),
        "start": None if plan.start is None else plan.start.isoformat(),
        "situations": [_situation(section) for section in plan.sections],
        "days": days,
        "totals": totals,
        "unspecified": [
            {
                "situation": entry.situation,
                "drug": entry.drug,
                "clause": entry.clause,
                "ambiguity": entry.ambiguity,
                "question": questions.get(entry.ambiguity, ""),
            }
            for entry in plan.open
        ],
        "exact": plan.sheet.exact,
        "left_out": plan.sheet.left_out,
    }


def course_json(course: Course, bound: Bound, questions: Questions) -> Json:
    """A course: its days with what was due and given, totals by cycle and in all."""
    return {
        "protocol": bound.protocol,
        "machine": bound.machine.name,
        "readings": dict(bound.readings),
        "case": course.case,
        "days": [_of_course(day) for day in course.days],
        "totals": [_summed(total) for total in course.totals],
        "ahead": {"days": course.ahead.days, "because": course.ahead.because},
        "history": {
            "events": course.events,
            "records_doses": course.records_doses,
            "ended": None if course.ended is None else course.ended.as_json(),
            "deviations": [deviation.as_json() for deviation in course.deviations],
        },
        "unspecified": [
            {
                "drug": entry.drug,
                "clause": entry.clause,
                "ambiguity": entry.ambiguity,
                "question": questions.get(entry.ambiguity, ""),
            }
            for entry in course.open
        ],
        "notes": list(course.notes),
    }


# ---- a plan


def _situation(section: Section) -> Json:
    return {
        "situation": section.situation,
        "places": [
            {
                "state": place.state,
                "when": [{"text": c.text, "clause": c.clause} for c in place.conditions],
            }
            for place in section.places
        ],
        "cycle_days": section.cycle,
        "clock": section.clock or None,
        "begins": section.begins or None,
    }


def _day(day: Day) -> Json:
    """A day with its date and weekday, as far as they are known."""
    found: Json = {"day": day.day}
    if day.date is not None:
        found["date"] = day.date.isoformat()
    if day.weekday:
        found["weekday"] = day.weekday
    return found | {"doses": [_dose(dose) for dose in day.doses]}


def _dose(dose: Dose) -> Json:
    one = is_number(dose.dose)
    found: Json = {
        "drug": dose.drug,
        "dose": dose.dose if one else None,
        "unit": dose.unit,
        "clause": dose.clause,
    }
    if not one:
        # a range, or the expression that gives the amount
        found["amounts"] = dose.dose
    if dose.when:
        found["when"] = dose.when
    if dose.weekdays:
        found["weekdays"] = list(dose.weekdays)
    return found


def _planned(total: Total) -> Json:
    found = _sum(total)
    if total.when:
        found["when"] = total.when
    return found | {"varies": total.varies}


def _sum(total: Total) -> Json:
    """A sum; null where there is none."""
    return {
        "drug": total.drug,
        "unit": total.unit,
        "doses": total.doses,
        "total": total.total or None,
    }


# ---- a course


def _of_course(day: Day) -> Json:
    found = _day(day)
    doses = [
        entry | _in_cycle(day, dose.period)
        for entry, dose in zip(found["doses"], day.doses, strict=True)
    ]
    given = [{"drug": g.drug, "amount": g.amount, "row": g.row} for g in day.given]
    return found | {"state": day.state, "ahead": day.ahead, "doses": doses, "given": given}


def _in_cycle(day: Day, period: Period | None) -> Json:
    if period is None or period.cycle is None:
        return {}
    return {"cycle": period.cycle, "cycle_day": day.day - period.first + 1}


def _summed(total: Total) -> Json:
    period = total.period
    return {
        "cycle": None if period is None else period.cycle,
        "state": None if period is None else period.state,
        "first": total.first,
        "last": total.last,
        **_sum(total),
        "ahead": {"doses": total.ahead, "total": total.ahead_total or None},
        "given": None
        if total.given is None
        else {"doses": total.given, "total": total.given_total or None},
    }
