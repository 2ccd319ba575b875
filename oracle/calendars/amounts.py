"""Sums of amounts, exact: decimals in, one decimal text out."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation, localcontext

DIGITS = 100  # more than any sum of doses can have
LEVEL = "level"


def can_be_summed(unit: str) -> bool:
    """Whether amounts of a unit add up; dose levels are names of doses, so they don't.

    >>> can_be_summed("mg/kg"), can_be_summed("dose level")
    (True, False)
    """
    return not unit.endswith(LEVEL)


def total(amounts: Iterable[str]) -> str:
    """The sum of decimal texts, without trailing zeros; empty where one is no number.

    >>> total(["7.5", "2.5", "0.24"]), total([]), total(["1 to 3"])
    ('10.24', '0', '')
    """
    with localcontext(prec=DIGITS):
        try:
            found = sum(map(Decimal, amounts), Decimal(0))
        except InvalidOperation:
            return ""
        return format(found.normalize() if found else Decimal(0), "f")


def times(amount: str, count: int) -> str:
    """So many doses of one amount.

    >>> times("0.24", 9), times("2.5", 4), times("5 to 100", 2)
    ('2.16', '10', '')
    """
    with localcontext(prec=DIGITS):
        try:
            found = Decimal(amount) * count
        except InvalidOperation:
            return ""
        return format(found.normalize() if found else Decimal(0), "f")


def is_number(text: str) -> bool:
    """Whether a dose is one amount: no range, and no expression as it is written.

    >>> is_number("0.24"), is_number("5 to 100"), is_number("len_dose")
    (True, False, False)
    """
    return text.replace(".", "", 1).isdecimal()
