"""Calendars for calendar programs: iCalendar (RFC 5545), one all-day event for each dose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256

from ...diagrams.text import plain
from ...spec.errors import SpecError
from ...spec.notice import NOTICE
from .course import Course
from .entries import Day, Dose
from .plan import Plan
from .text import LONG, label

PRODID = "-//trialspec//spec-check calendar//EN"


def plan_ics(plan: Plan) -> bytes:
    """A dated plan of one cycle; `SpecError` for a plan without dates, or with more than one
    cycle or amount."""
    section = plan.dated()
    sheet = plan.sheet
    name = f"{sheet.protocol} {' or '.join(section.states)}"
    assert plan.start is not None
    told = (*section.conditions, *plan.narrowed, plan.start.isoformat())
    scope = (sheet.protocol, sheet.machine, "plan", *told)
    return _written(name, scope, section.days, plan.start, sheet.readings)


def course_ics(course: Course, protocol: str, machine: str, readings: str) -> bytes:
    """A course with dates. Written again from a longer history of the case, events that are still
    there keep their identity, so that a calendar program replaces them.

    `SpecError` without dates, without doses, and without the name of a case: a calendar program
    would take the events of two nameless cases for one another's.
    """
    if not course.dated:
        raise SpecError(
            "an ICS file needs dates", hint="give that of the first day: --start 2024-03-04"
        )
    if not course.case:
        raise SpecError("an ICS file needs a case", hint="name it in a column case of the log")
    if not any(day.doses for day in course.days):
        raise SpecError("no dose is due on any day: there is nothing to write")
    last = [day.date for day in course.days if day.date and not day.ahead][-1]
    scope = (protocol, machine, "case", course.case)
    return _written(f"{protocol} {course.case}", scope, course.days, last, readings)


def _written(
    name: str, scope: tuple[str, ...], days: Iterable[Day], stamp: date, readings: str
) -> bytes:
    """The file. Its stamp is a day of the calendar and no clock's: the same input gives the same
    bytes."""
    from icalendar import Calendar, Event, vText

    made = Calendar()
    made.add("prodid", PRODID)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    # the names of RFC 7986, and those that older programs read
    for key in ("name", "x-wr-calname"):
        made.add(key, vText(plain(name)))
    for key in ("description", "x-wr-caldesc"):
        made.add(key, vText(plain(f"{NOTICE} Readings: {readings}.", LONG)))
    at = datetime(stamp.year, stamp.month, stamp.day, tzinfo=UTC)
    for day in days:
        seen: Counter[str] = Counter()
        for dose in day.doses:
            seen[dose.drug] += 1
            parts = (*scope, str(day.date), dose.drug, str(seen[dose.drug]))
            event = Event()
            event.add("uid", f"{sha256(repr(parts).encode()).hexdigest()[:32]}@trialspec")
            event.add("dtstamp", at)
            event.add("dtstart", day.date)
            event.add("summary", plain(dose.text))
            event.add("description", f"{plain(f'{name}, {_about(day, dose)}')}\n{NOTICE}")
            event.add("transp", "TRANSPARENT")
            made.add_component(event)
    return bytes(made.to_ical())


def _about(day: Day, dose: Dose) -> str:
    """Where a dose stands, what asks for it, and what was given."""
    cycle = f"day {day.day}" if dose.period is None else label(day, dose.period)
    state = f"{day.state}, " if day.state else ""
    given = " and ".join(g.amount for g in day.given if g.drug == dose.drug)
    return f"{state}{cycle} [{dose.clause}]" + (f"; given: {given}" if given else "")
