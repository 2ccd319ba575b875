"""Dates of logs: which comes first, and when a landmark falls."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

MONTHS = 12


def day_of(moment: date | datetime) -> date:
    """The date of a date or date-time."""
    return moment.date() if isinstance(moment, datetime) else moment


def earlier(one: date | datetime, other: date | datetime) -> bool:
    """Whether ``one`` is before ``other``; within a day only times of day can tell."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return day_of(one) < day_of(other)


def order_is_open(one: date | datetime | None, other: date | datetime | None) -> bool:
    """Whether two moments are of one day and nothing but the file says which came first."""
    if one is None or other is None or day_of(one) != day_of(other):
        return False
    return not (isinstance(one, datetime) and isinstance(other, datetime) and one != other)


def landmark_date(start: date, months: int, days: int) -> date | None:
    """The day so many months and days after; None beyond the calendar's end.

    Where the month has no such day, it is the month's last.

    >>> landmark_date(date(2023, 12, 31), 2, 0)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
    try:
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(start.day, last)) + timedelta(days)
    except (ValueError, OverflowError):
        return None
