"""The interval a core tree's number lies in: which run-time checks can be left out."""

from __future__ import annotations

from ..spec.expression import Node
from .bound import Bound, Parameter, as_int

Interval = tuple[int, int]


def interval(bound: Bound, node: Node, parameters: dict[str, Parameter]) -> Interval:
    """Lowest and highest value of a tree over every configuration within the declared ranges."""
    op, name = node.op, str(node.value)
    if op in ("integer", "truth"):
        return as_int(node), as_int(node)
    if op == "variable":
        if name == "state":
            return 0, len(bound.states) - 1
        return as_int(bound.by_name[name].low), as_int(bound.by_name[name].high)
    if op == "cell":
        return as_int(bound.by_name[name].low), as_int(bound.by_name[name].high)
    if op == "argument":
        return as_int(parameters[name].low), as_int(parameters[name].high)
    if op == "table":
        return min(bound.tables[name]), max(bound.tables[name])
    if op == "call":
        return as_int(bound.functions[name].low), as_int(bound.functions[name].high)
    if op == "if":
        a, b = (interval(bound, n, parameters) for n in node.args[1:])
        return min(a[0], b[0]), max(a[1], b[1])
    if op in ("+", "-", "*", "negative", "min", "max"):
        parts = [interval(bound, n, parameters) for n in node.args]
        return _arithmetic(op, parts)
    return 0, 1


def total(bound: Bound, node: Node, parameters: dict[str, Parameter]) -> bool:
    """Whether a tree has a value in every configuration: no call, and every index inside."""
    for part in node.walk():
        if part.op == "call":
            return False
        if part.op in ("cell", "table"):
            name = str(part.value)
            size = bound.by_name[name].cells if part.op == "cell" else len(bound.tables[name])
            low, high = interval(bound, part.args[0], parameters)
            if low < 1 or high > size:
                return False
    return True


def _arithmetic(op: str, parts: list[Interval]) -> Interval:
    (low, high) = parts[0]
    if op == "negative":
        return -high, -low
    if op == "+":
        return sum(p[0] for p in parts), sum(p[1] for p in parts)
    (other_low, other_high) = parts[1]
    if op == "-":
        return low - other_high, high - other_low
    if op == "min":
        return min(low, other_low), min(high, other_high)
    if op == "max":
        return max(low, other_low), max(high, other_high)
    ends = [x * y for x in (low, high) for y in (other_low, other_high)]
    return min(ends), max(ends)
