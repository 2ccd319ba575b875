"""When a tree has a value at all: every index it evaluates lies inside its array or table."""

from __future__ import annotations

from ..spec.expression import FALSE, TRUE, Node
from ..spec.fold import fold
from .bound import Bound


def defined(bound: Bound, node: Node) -> Node:
    """The condition under which ``node`` is defined; ``and``, ``or`` and ``if`` stop early.

    The instances of all and any are each required to be defined, whatever the others are.
    """
    op, args = node.op, node.args
    if op in ("and", "or"):
        stop = op == "or"
        result = TRUE
        for arg in reversed(args):
            goes_on = fold(Node("not", None, (arg,))) if stop else arg
            skips = fold(Node("not", None, (goes_on,)))
            rest = TRUE if result == TRUE else fold(Node("or", None, (skips, result)))
            result = _both(defined(bound, arg), rest)
        return result
    if op == "if":
        test, then, other = args
        a, b = defined(bound, then), defined(bound, other)
        branches = TRUE if a == b == TRUE else fold(Node("if", None, (test, a, b)))
        return _both(defined(bound, test), branches)
    if op in ("all", "any", "sum"):
        body = defined(bound, args[0])
        return TRUE if body == TRUE else Node("all", node.value, (body,))
    result = TRUE
    for arg in args:
        result = _both(result, defined(bound, arg))
    if op == "cell":
        size = bound.by_name[str(node.value)].size
        assert size is not None
        return _both(result, _inside(args[0], size))
    if op == "table":
        return _both(result, _inside(args[0], Node("integer", len(bound.tables[str(node.value)]))))
    return result


def _inside(index: Node, size: Node) -> Node:
    low = fold(Node("<=", None, (Node("integer", 1), index)))
    high = TRUE if index == size else fold(Node("<=", None, (index, size)))
    return _both(low, high)


def _both(a: Node, b: Node) -> Node:
    if FALSE in (a, b):
        return FALSE
    return fold(Node("and", None, (a, b)))
