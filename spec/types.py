"""The types of expressions, and the intervals their numbers lie in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .errors import SpecError


@dataclass(frozen=True, slots=True)
class Type:
    """What an expression is: ``bool``, ``label`` or ``number``.

    Numbers carry their interval in steps (None where it depends on a symbolic size), the step and
    unit of a quantity, and whether the highest value means "that or more". ``literal`` is set for
    a number or label written in the text, which takes the type of what it meets.
    """

    kind: str
    low: int | None = None
    high: int | None = None
    labels: tuple[str, ...] | None = None
    step: str = "1"
    unit: str = ""
    saturates: bool = False
    literal: Decimal | str | None = None

    def __str__(self) -> str:
        if self.kind == "number":
            return f"a number of {self.unit}" if self.unit else "a number"
        return {"bool": "a truth value", "label": "a label"}[self.kind]


BOOL = Type("bool", 0, 1)


def number(low: int | None, high: int | None, like: Type | None = None) -> Type:
    """A plain number in an interval, with the unit of ``like``."""
    if like is None:
        return Type("number", low, high)
    return Type("number", low, high, None, like.step, like.unit)


def steps(value: Decimal, step: str, unit: str) -> int:
    """A decimal as a whole number of steps.

    >>> steps(Decimal("7.5"), "2.5", "mg")
    3
    """
    # as fractions: dividing decimals would round
    above, below = value.as_integer_ratio()
    step_above, step_below = Decimal(step).as_integer_ratio()
    count, rest = divmod(above * step_below, below * step_above)
    if rest:
        raise SpecError(f"{value} is not a whole number of steps of {step} {unit}".rstrip())
    return count


def shown(value: int, type: Type) -> str | int | bool:
    """A stored integer as people and JSON see it: a label, a truth value, a decimal text.

    >>> shown(3, Type("number", 0, 4, None, "2.5", "mg"))
    '7.5'
    """
    if type.kind == "bool":
        return bool(value)
    if type.kind == "label":
        assert type.labels is not None
        return type.labels[value]
    if type.unit or type.step != "1":
        total = value * Decimal(type.step)
        return format(total.normalize() if total else Decimal(0), "f")
    return value
