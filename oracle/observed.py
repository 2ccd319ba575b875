"""What a log or a system shows of a configuration, compared with the configuration itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..spec.errors import SpecError
from ..spec.place import short
from ..spec.types import Type, shown
from ..statemachines.arguments import read_value
from ..statemachines.bound import Bound, as_int
from ..statemachines.evaluate import Configuration

_CELL = re.compile(r"([a-z_][a-z0-9_]*)(?:\[([1-9][0-9]{0,5})\])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an observed value sits in a configuration, and what it can be."""

    name: str
    offset: int
    type: Type
    low: int
    high: int


def place(bound: Bound, name: str) -> Place:
    """The place of ``state``, of a variable, or of one cell of an array: ``treated[1]``."""
    found = _CELL.fullmatch(name)
    variable, index = found.groups() if found else (name, None)
    if variable == "state" and index is None:
        labels = Type("label", 0, len(bound.states) - 1, bound.states)
        return Place(name, 0, labels, 0, len(bound.states) - 1)
    field = bound.by_name.get(variable)
    if field is None:
        raise SpecError(
            f"{bound.machine.name} has no variable {short(variable)}",
            hint=f"observable: {', '.join(['state', *bound.by_name])}",
        )
    if (field.size is None) != (index is None):
        hint = "an array is observed cell by cell: treated[1]" if index is None else ""
        raise SpecError(f"{short(name)} is no single value", hint=hint)
    at = 1 if index is None else int(index)
    if at > field.cells:
        raise SpecError(f"{name} is outside 1..{field.cells}")
    return Place(name, field.offset + at - 1, field.type, as_int(field.low), as_int(field.high))


def read_observed(bound: Bound, observed: Mapping[str, object]) -> dict[Place, int]:
    """Observed texts as stored integers; `SpecError` for one that can't be a value."""
    values = {}
    for name, given in observed.items():
        at = place(bound, name)
        values[at] = read_value(given, name, at.type, at.low, at.high)
    return values


def differing(
    configuration: Configuration, observed: Mapping[Place, int]
) -> tuple[dict[str, object], dict[str, object]]:
    """What was expected and what was observed, at the places where they differ."""
    wrong = [(p, value) for p, value in observed.items() if configuration[p.offset] != value]
    expected: dict[str, object] = {p.name: shown(configuration[p.offset], p.type) for p, _ in wrong}
    return expected, {p.name: shown(value, p.type) for p, value in wrong}


def taken_over(configuration: Configuration, observed: Mapping[Place, int]) -> Configuration:
    """The configuration with what was observed put in."""
    after = list(configuration)
    for at, value in observed.items():
        after[at.offset] = value
    return tuple(after)
