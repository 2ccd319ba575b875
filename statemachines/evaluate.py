"""The value of a core tree in a configuration: the plain reading, used to explain and to check."""

from __future__ import annotations

from collections.abc import Mapping

from ..spec.expression import Node
from ..spec.fold import COMPARE
from .bound import Bound, as_int
from .functions import call

Configuration = tuple[int, ...]
BROKEN = "which its contract does not allow"


class Undefined(Exception):
    """An index outside its array or table, or a function breaking its contract."""


class Broken(Undefined):
    """A function breaking its contract, on which proofs rely."""


def evaluate(
    bound: Bound, node: Node, configuration: Configuration, arguments: Mapping[str, int]
) -> int:
    """The integer value; truth values are 0 and 1. ``and``, ``or`` and ``if`` stop early."""
    op = node.op
    if op in ("integer", "truth"):
        return int(node.value or 0)
    name = str(node.value)
    if op == "variable":
        if name == "state":
            return configuration[0]
        return configuration[bound.by_name[name].offset]
    if op == "argument":
        return arguments[name]

    def value(inner: Node) -> int:
        return evaluate(bound, inner, configuration, arguments)

    args = node.args
    if op == "cell":
        field, index = bound.by_name[name], value(args[0])
        if not 1 <= index <= field.cells:
            raise Undefined(f"{name}[{index}] is outside 1..{field.cells}")
        return configuration[field.offset + index - 1]
    if op == "table":
        table, index = bound.tables[name], value(args[0])
        if not 1 <= index <= len(table):
            raise Undefined(f"{name}[{index}] is outside 1..{len(table)}")
        return table[index - 1]
    if op == "and":
        return int(all(value(a) for a in args))
    if op == "or":
        return int(any(value(a) for a in args))
    if op == "not":
        return 1 - value(args[0])
    if op == "if":
        return value(args[1] if value(args[0]) else args[2])
    if op == "call":
        return _call(bound, node, configuration, arguments)
    values = [value(a) for a in args]
    if op in COMPARE:
        return int(COMPARE[op](*values))
    if op == "negative":
        return -values[0]
    if op in ("min", "max"):
        return min(values) if op == "min" else max(values)
    if op == "+":
        return sum(values)
    return values[0] - values[1] if op == "-" else values[0] * values[1]


def _call(
    bound: Bound, node: Node, configuration: Configuration, arguments: Mapping[str, int]
) -> int:
    name = str(node.value)
    values: list[int | tuple[int, ...]] = []
    for arg in node.args:
        if arg.op == "array":
            field = bound.by_name[str(arg.value)]
            values.append(configuration[field.offset : field.offset + field.cells])
        else:
            values.append(evaluate(bound, arg, configuration, arguments))
    result = call(name, tuple(values))
    contract = bound.functions[name]
    low, high = as_int(contract.low), as_int(contract.high)
    if not low <= result <= high or not evaluate(
        bound, contract.ensures, configuration, {"result": result}
    ):
        raise Broken(f"{name} answers {result}, {BROKEN}")
    return result
