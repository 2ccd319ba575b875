"""Event arguments as they come from logs, JSON and callers, read into stored integers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from ..spec.errors import SpecError
from ..spec.place import short
from ..spec.types import Type, shown, steps
from .bound import Bound, BoundEvent, as_int
from .evaluate import Configuration, Undefined, evaluate

TRUE_WORDS = ("true", "1", "yes")
FALSE_WORDS = ("false", "0", "no")
MAX_DAYS = 40_000
MAX_DIGITS = 25  # within what decimal arithmetic keeps exactly


def read_arguments(
    bound: Bound, event: str, given: Mapping[str, object], configuration: Configuration
) -> dict[str, int]:
    """The arguments of an event as stored integers.

    ``given`` holds texts, numbers or truth values by name; defaults are read in
    ``configuration``. `SpecError` for an unknown event, a missing or surplus argument, and a
    value that is not of the argument's kind or range; a float is refused for an exact quantity.
    """
    if event == "elapse":
        return _elapse(given)
    declared = find_event(bound, event)
    surplus = [name for name in given if name not in {p.name for p in declared.parameters}]
    if surplus:
        takes = ", ".join(p.name for p in declared.parameters) or "no arguments"
        raise SpecError(f"{event} has no argument {short(surplus[0])}", hint=f"it takes {takes}")
    values = {}
    for parameter in declared.parameters:
        if parameter.name in given and given[parameter.name] not in (None, ""):
            low, high = as_int(parameter.low), as_int(parameter.high)
            values[parameter.name] = read_value(
                given[parameter.name], parameter.name, parameter.type, low, high
            )
        elif parameter.default is not None:
            try:
                value = evaluate(bound, parameter.default, configuration, {})
            except Undefined as error:
                raise SpecError(f"the default of {parameter.name}: {error}") from None
            if not as_int(parameter.low) <= value <= as_int(parameter.high):
                default = shown(value, parameter.type)
                raise SpecError(f"{parameter.name} is {default} by default, outside its range")
            values[parameter.name] = value
        else:
            raise SpecError(f"{event} needs the argument {parameter.name!r}")
    return values


def find_event(bound: Bound, event: str) -> BoundEvent:
    """The declared event; an error that lists the events when there is none."""
    if event not in bound.event:
        known = ", ".join(e.name for e in bound.events)
        raise SpecError(f"unknown event {short(event)}", hint=f"events: {known}")
    return bound.event[event]


def _elapse(given: Mapping[str, object]) -> dict[str, int]:
    text = str(given.get("days", 1))
    plain = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    if set(given) - {"days"} or not plain or int(text) > MAX_DAYS:
        raise SpecError(f"elapse takes days, a whole number from 0 to {MAX_DAYS}")
    return {"days": int(text)}


def read_value(given: object, name: str, type: Type, low: int, high: int) -> int:
    """One value as a stored integer between two bounds; ``name`` is what errors call it."""
    if type.kind == "bool":
        return _truth(given, name)
    if type.kind == "label":
        assert type.labels is not None
        if given not in type.labels:
            raise SpecError(f"{name} = {short(given)} is not one of {', '.join(type.labels)}")
        return type.labels.index(str(given))
    value = _number(given, name, type)
    if not low <= value <= high:
        raise SpecError(f"{name} = {given} is outside {shown(low, type)}..{shown(high, type)}")
    return value


def _truth(given: object, name: str) -> int:
    word = str(given).strip().lower()
    if isinstance(given, float) or word not in TRUE_WORDS + FALSE_WORDS:
        raise SpecError(f"{name} = {short(given)} is not a truth value", hint="write true or false")
    return int(word in TRUE_WORDS)


def _number(given: object, name: str, type: Type) -> int:
    if isinstance(given, float):
        raise SpecError(
            f"{name} = {given!r} is a binary float", hint=f'pass the decimal as text: "{given}"'
        )
    if isinstance(given, bool) or not isinstance(given, int | str | Decimal):
        raise SpecError(f"{name} = {short(given)} is not a number")
    text = str(given).strip()
    if len(text) > MAX_DIGITS or not all(c in "+-.0123456789" for c in text):
        raise SpecError(f"{name} = {short(text, 40)} is not a plain decimal number")
    try:
        return steps(Decimal(text), type.step, type.unit)
    except InvalidOperation:
        raise SpecError(f"{name} = {text!r} is not a number") from None
    except SpecError as error:
        raise SpecError(f"{name}: {error.message}") from None
