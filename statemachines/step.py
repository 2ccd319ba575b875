"""The reference step: one event in one configuration, answered and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..spec.errors import SpecError
from ..spec.model import Unspecified
from ..spec.types import Type, shown
from .bound import Bound, BoundEvent, Rule, as_int
from .evaluate import Configuration, Undefined, evaluate
from .explain import refusal

ELAPSE = "elapse"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event took place."""

    configuration: Configuration
    clause: str
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The event can't take place: why, and the clause that says so."""

    because: str
    clause: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """The text does not say: the id of the ambiguity."""

    ambiguity: str
    clause: str


Answer = Accepted | Refused | Undecided


class Defect(SpecError):
    """The specification itself is wrong here: a range left, an index outside, two rules at once."""


def step(
    bound: Bound, configuration: Configuration, event: str, arguments: Mapping[str, int]
) -> Answer:
    """What the machine answers; ``arguments`` are stored integers, from `read_arguments`."""
    if event == ELAPSE:
        return Accepted(elapse(bound, configuration, arguments.get("days", 1)), "", None)
    declared = bound.event[event]
    where = f"{bound.protocol} {bound.machine.name}: {event} in {describe(bound, configuration)}"
    try:
        if configuration[0] in bound.final:
            return refusal_answer(bound, configuration, declared, arguments)
        if declared.observation and not evaluate(
            bound, declared.possible, configuration, arguments
        ):
            return refusal_answer(bound, configuration, declared, arguments)
        enabled = [
            rule
            for rule in bound.rules_of.get((configuration[0], event), ())
            if evaluate(bound, rule.guard, configuration, arguments)
        ]
        if len(enabled) > 1:
            names = " and ".join(r.name for r in enabled)
            raise Defect(f"two rules apply: {names}", where=where)
        if not enabled:
            return refusal_answer(bound, configuration, declared, arguments)
        rule = enabled[0]
        if isinstance(rule.target, Unspecified):
            return Undecided(rule.target.ambiguity, rule.clause)
        return Accepted(fire(bound, rule, configuration, arguments), rule.clause, rule)
    except Undefined as error:
        raise Defect(str(error), where=where) from None


def fire(
    bound: Bound, rule: Rule, configuration: Configuration, arguments: Mapping[str, int]
) -> Configuration:
    """The configuration after the rule's effects, all read from the old one."""
    assert isinstance(rule.target, int)
    after = list(configuration)
    after[0] = rule.target
    written: set[int] = set()
    for effect in rule.effects:
        field = bound.by_name[effect.name]
        place = field.offset
        cell = effect.name
        if effect.index is not None:
            index = evaluate(bound, effect.index, configuration, arguments)
            cell = f"{effect.name}[{index}]"
            if not 1 <= index <= field.cells:
                raise Undefined(f"{cell} is outside 1..{field.cells}")
            place += index - 1
        if place in written:
            raise Undefined(f"{cell} is written twice by {rule.name}")
        written.add(place)
        value = evaluate(bound, effect.value, configuration, arguments)
        low, high = as_int(field.low), as_int(field.high)
        if not low <= value <= high:
            raise Undefined(f"{rule.name} gives {cell} the value {value}, outside {low}..{high}")
        after[place] = value
    return tuple(after)


def elapse(bound: Bound, configuration: Configuration, days: int) -> Configuration:
    """The configuration ``days`` days later; in a final state time stands still."""
    if not bound.clocks or configuration[0] in bound.final:
        return configuration
    after = list(configuration)
    for clock in bound.clocks:
        after[clock.offset] = min(after[clock.offset] + days, as_int(clock.high))
    return tuple(after)


def refusal_answer(
    bound: Bound, configuration: Configuration, event: BoundEvent, arguments: Mapping[str, int]
) -> Refused:
    """A refusal with the condition that failed and its numbers."""
    because, clause = refusal(bound, configuration, event, arguments)
    return Refused(because, clause)


def observe(bound: Bound, configuration: Configuration) -> dict[str, object]:
    """The configuration as people and JSON see it: state, values, arrays as lists."""
    seen: dict[str, object] = {"state": bound.states[configuration[0]]}
    for field in bound.fields:
        cells = configuration[field.offset : field.offset + field.cells]
        values = [shown(v, field.type) for v in cells]
        seen[field.name] = values[0] if field.size is None else values
    return seen


def describe(bound: Bound, configuration: Configuration) -> str:
    """The configuration in one line."""
    values = ", ".join(
        f"{k} = {v}" for k, v in observe(bound, configuration).items() if k != "state"
    )
    state = bound.states[configuration[0]]
    return f"{state} ({values})" if values else state


def show_arguments(event: BoundEvent, arguments: Mapping[str, int]) -> dict[str, object]:
    """Stored argument values as people and JSON see them."""
    types: dict[str, Type] = {p.name: p.type for p in event.parameters}
    return {name: shown(value, types[name]) for name, value in arguments.items()}
