"""The argument values that enumeration tries: all of them, or one for each class told apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from ..spec.errors import SpecError
from ..spec.expression import Node
from ..spec.fold import COMPARE
from .bound import Bound, BoundEvent, Parameter, as_int

FEW = 64
MOST = 4096


def argument_values(bound: Bound, event: BoundEvent) -> list[tuple[int, ...]]:
    """Every combination of argument values to try, in order, false and low values first.

    A number that is only compared with constants is represented by the values at, next to and
    between its cut points; any other use takes all its values.
    """
    choices = [_values(bound, event, p) for p in event.parameters]
    total = 1
    for values in choices:
        total *= len(values)
    if total > MOST:
        raise SpecError(
            f"event {event.name} has {total} combinations of argument values; "
            f"at most {MOST} are enumerated",
            hint="narrow the ranges of its arguments",
        )
    return list(product(*choices))


def _values(bound: Bound, event: BoundEvent, parameter: Parameter) -> list[int]:
    low, high = as_int(parameter.low), as_int(parameter.high)
    if high - low < FEW:
        return list(range(low, high + 1))
    cuts: set[int] = set()
    for node in _trees(bound, event):
        for part in node.walk():
            cut = _cut(part, parameter.name)
            if cut is not None:
                cuts.add(cut)
        if _used_otherwise(node, parameter.name):
            return list(range(low, high + 1))
    near = {low, high} | {c + d for c in cuts for d in (-1, 0, 1)}
    return sorted(v for v in near if low <= v <= high)


def _trees(bound: Bound, event: BoundEvent) -> Iterator[Node]:
    yield event.possible
    yield event.asked
    for rule in bound.rules:
        if rule.event == event.name:
            yield rule.guard
            for effect in rule.effects:
                yield effect.value
                if effect.index is not None:
                    yield effect.index


def _cut(node: Node, name: str) -> int | None:
    """The constant that an argument is compared with by this operator, if it is one."""
    if node.op not in COMPARE:
        return None
    left, right = node.args
    if left.op == "integer":
        left, right = right, left
    if left == Node("argument", name) and right.op == "integer":
        return as_int(right)
    return None


def _used_otherwise(node: Node, name: str) -> bool:
    """Whether an argument is used in any way but a comparison with a constant."""
    if _cut(node, name) is not None:
        return False
    if node == Node("argument", name):
        return True
    return any(_used_otherwise(a, name) for a in node.args)
