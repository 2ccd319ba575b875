"""What a system shows beside what it should show: exact, and only what both sides have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...spec.place import short
from ..adapters.trouble import AdapterError

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_CELL = re.compile(r"([a-z_][a-z0-9_]*)\[([1-9][0-9]{0,5})\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``expected`` and ``observed`` hold the variables that differ, by name.

    ``shown`` are the expected variables that the system shows, ``ignored`` the other things it
    shows.
    """

    expected: Mapping[str, object]
    observed: Mapping[str, object]
    shown: frozenset[str]
    ignored: frozenset[str]


def compare(
    expected: Mapping[str, object],
    observed: Mapping[str, Any],
    saturates: Mapping[str, int] | None = None,
) -> Comparison:
    """Compares by name; one cell of an array may be shown alone, as ``treated[1]``.

    ``saturates`` has the values that mean "that or more": a system may count on from there.
    `AdapterError` for a value of another kind: a truth value is true or false, a number is a
    number or a decimal text, a label is a text, an array a list.

    >>> compare({"state": "open", "dose": "7.5"}, {"dose": Decimal("7.50")}).observed
    {}
    """
    differ: dict[str, object] = {}
    values: dict[str, object] = {}
    shown, ignored = set(), set()
    for name, given in observed.items():
        variable, wanted = name, expected.get(name)
        if wanted is None:
            variable, wanted = _cell(name, expected)
            if wanted is None:
                ignored.add(name[:100])
                continue
        shown.add(variable)
        if not same(name, wanted, given, (saturates or {}).get(variable)):
            differ[name], values[name] = wanted, given
    return Comparison(differ, values, frozenset(shown), frozenset(ignored))


def _cell(name: str, expected: Mapping[str, object]) -> tuple[str, object]:
    """The array and the expected value of ``treated[1]``; None where there is none such."""
    found = _CELL.fullmatch(name)
    cells = expected.get(found[1]) if found else None
    if found is None or not isinstance(cells, list) or int(found[2]) > len(cells):
        return name, None
    return found[1], cells[int(found[2]) - 1]


def same(name: str, expected: object, given: Any, most: int | None = None) -> bool:
    """Whether a system's value is the expected one; ``name`` is what errors call it.

    An expected ``most`` means "that or more".
    """
    if isinstance(expected, bool):
        if not isinstance(given, bool):
            raise _wrong(name, given, "true or false")
        return given is expected
    if isinstance(expected, list):
        if not isinstance(given, list):
            raise _wrong(name, given, "a list")
        pairs = zip(expected, given, strict=False)
        cells = [same(f"{name}[{i}]", e, g, most) for i, (e, g) in enumerate(pairs, 1)]
        return all(cells) and len(expected) == len(given)
    number = _number(given)
    if isinstance(expected, int):
        if number is None:
            raise _wrong(name, given, "a number")
        return number >= most if expected == most and most is not None else number == expected
    wanted = _number(expected)
    if not isinstance(given, str) and (number is None or wanted is None):
        raise _wrong(name, given, "a text" if wanted is None else "a number")
    return given == expected if number is None or wanted is None else number == wanted


def _number(value: Any) -> int | Decimal | None:
    """The number that a value is, or that its text writes."""
    if isinstance(value, str):
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    return None if isinstance(value, bool) or not isinstance(value, int | Decimal) else value


def _wrong(name: str, given: Any, wanted: str) -> AdapterError:
    hint = "; leave out what can't be shown" if given is None else ""
    return AdapterError(
        "wrong_type", f"{name[:100]} is {wanted}, the system shows {short(given)}{hint}"
    )
