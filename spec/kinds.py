"""Kinds of values, and variables of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .canonical import canonical, tuples
from .errors import SpecError

Text = str | int
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or False."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two constant expressions, both included."""

    low: Text
    high: Text

    def __post_init__(self) -> None:
        canonical(self, "low", "lower bound")
        canonical(self, "high", "upper bound")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a fixed list of labels."""

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        tuples(self, "values")


@dataclass(frozen=True, slots=True)
class Exact:
    """An exact decimal: a whole number of ``step``s between ``low`` and ``high``, in ``unit``."""

    low: str
    high: str
    step: str
    unit: str

    def __post_init__(self) -> None:
        for name in ("low", "high", "step"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise SpecError(
                    f"the {name} of a quantity must be a decimal written as text, not "
                    f"{type(value).__name__} {value!r}",
                    where=f"quantity in {self.unit}",
                    hint=f'write "{value}"',
                )
            plain = _DECIMAL.fullmatch(value)
            if not plain or (name == "step" and Decimal(value) <= 0):
                raise SpecError(
                    f"the {name} of a quantity is {value[:40]!r}, which is not a "
                    f"{'positive ' if name == 'step' else ''}decimal",
                    where=f"quantity in {self.unit}",
                    hint="write it plainly, like 7.5",
                )


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days since a reset, counted to ``horizon`` and held there ("horizon or more")."""

    horizon: Text

    def __post_init__(self) -> None:
        canonical(self, "horizon", "horizon")


Kind = Boolean | Whole | OneOf | Exact | Days
Bool = Boolean()


# ---- variables


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, or with ``per`` one for each level 1..K of that constant.

    Without ``initial`` it starts at its lowest value: 0 days, False, the first label.
    """

    name: str
    kind: Kind
    initial: Text | None = None
    per: str | None = None
    saturates: bool = False
    meaning: str = ""

    def __post_init__(self) -> None:
        if self.initial is None:
            object.__setattr__(self, "initial", _lowest(self.kind))
        canonical(self, "initial", f"variable {self.name}")


def _lowest(kind: Kind) -> Text:
    match kind:
        case Whole(low, _) | Exact(low, _, _, _):
            return low
        case OneOf(values):
            return repr(values[0]) if values else "''"
        case Boolean():
            return "False"
        case Days():
            return 0


def Count(
    name: str,
    low: Text,
    high: Text,
    initial: Text | None = None,
    *,
    per: str | None = None,
    saturates: bool = False,
    meaning: str = "",
) -> Variable:
    """A bounded whole number; when it saturates, its highest value means "that or more"."""
    return Variable(name, Whole(low, high), initial, per, saturates, meaning)


def Flag(
    name: str, initial: bool = False, *, per: str | None = None, meaning: str = ""
) -> Variable:
    """True or False."""
    return Variable(name, Bool, str(initial), per, False, meaning)


def Category(
    name: str,
    values: tuple[str, ...],
    initial: str | None = None,
    *,
    per: str | None = None,
    meaning: str = "",
) -> Variable:
    """One of a list of labels; the first when ``initial`` is not given."""
    start = None if initial is None else repr(initial)
    return Variable(name, OneOf(values), start, per, False, meaning)


def Quantity(
    name: str,
    low: str,
    high: str,
    step: str,
    unit: str,
    initial: str | None = None,
    *,
    per: str | None = None,
    meaning: str = "",
) -> Variable:
    """An exact decimal amount, an integer number of steps inside."""
    return Variable(name, Exact(low, high, step, unit), initial, per, False, meaning)


def Clock(name: str, horizon: Text, *, meaning: str = "") -> Variable:
    """Days since it was last set to 0; every ``elapse`` advances it."""
    return Variable(name, Days(horizon), None, None, True, meaning)
