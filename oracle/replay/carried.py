"""A case's configuration carried from one version of a machine to the next, by its names."""

from __future__ import annotations

from dataclasses import dataclass

from ...spec.errors import SpecError
from ...spec.types import Type, shown
from ...statemachines.arguments import read_value
from ...statemachines.bound import Bound, as_int
from ...statemachines.evaluate import Configuration


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a configuration, with what it can be; ``counts`` up to its highest and on."""

    stored: int
    initial: int
    type: Type
    low: int
    high: int
    counts: bool


def carried(old: Bound, new: Bound, configuration: Configuration) -> Configuration:
    """The configuration of the new machine with the state and the values of the old one.

    What only the new one has starts at its initial value, what only the old one has is forgotten.
    `SpecError` where there is no such state, or a value can't be carried over exactly.
    """
    state = old.states[configuration[0]]
    if state not in new.states:
        raise SpecError(f"there is no state {state} in it")
    before, after = _values(old, configuration), _values(new, new.initial())
    made = [new.states.index(state)]
    for name, place in after.items():
        known = before.get(name)
        made.append(place.initial if known is None else _carry(name, known, place))
    for name, known in before.items():
        array = name.partition("[")[0]
        if name not in after and array in new.by_name and known.stored != known.initial:
            raise SpecError(f"{name} is {shown(known.stored, known.type)}, and it has no {name}")
    return tuple(made)


def _values(bound: Bound, configuration: Configuration) -> dict[str, _Value]:
    """By name, cells as ``treated[1]``, in the order of the configuration."""
    initial = bound.initial()
    found = {}
    for field in bound.fields:
        for cell in range(field.cells):
            place = field.offset + cell
            found[field.name if field.size is None else f"{field.name}[{cell + 1}]"] = _Value(
                configuration[place],
                initial[place],
                field.type,
                as_int(field.low),
                as_int(field.high),
                field.clock or field.type.saturates,
            )
    return found


def _carry(name: str, old: _Value, new: _Value) -> int:
    if (old.type.kind, old.type.unit) != (new.type.kind, new.type.unit):
        raise SpecError(f"{name} is another kind of value in it")
    value = shown(old.stored, old.type)
    if old.counts and old.stored == old.high and new.high > old.high:
        raise SpecError(f"{name} is {value} or more, and it counts to {shown(new.high, new.type)}")
    if new.counts and old.stored > new.high and old.type.step == new.type.step:
        return new.high
    try:
        return read_value(value, name, new.type, new.low, new.high)
    except SpecError as error:
        raise SpecError(error.message) from None
