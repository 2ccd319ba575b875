"""Constant folding of core trees."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .expression import FALSE, TRUE, Node

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def compare(op: str, a: int | Decimal, b: int | Decimal) -> bool:
    """``a op b`` for one of the six comparisons."""
    return COMPARE[op](a, b)


def fold(node: Node, tables: Mapping[str, tuple[int, ...]] | None = None) -> Node:
    """The node, or its value when its operands are constants; trivial operands are dropped."""
    op, args = node.op, node.args
    if op in ("and", "or"):
        return _connective(node)
    if op == "not":
        inner = args[0]
        if inner.op == "truth":
            return FALSE if inner.value else TRUE
        if inner.op == "not":
            return inner.args[0]
        return (
            Node(_OPPOSITE[inner.op], None, inner.args, node.at) if inner.op in _OPPOSITE else node
        )
    if op == "if":
        if args[0].op == "truth":
            return args[1] if args[0].value else args[2]
        return args[1] if args[1] == args[2] else node
    if op == "+":
        return _sum(node)
    if not all(a.op in ("integer", "truth") for a in args):
        return node
    values = [int(a.value or 0) for a in args]
    if op in COMPARE:
        return TRUE if COMPARE[op](*values) else FALSE
    if op == "table" and tables is not None:
        table = tables[str(node.value)]
        if 1 <= values[0] <= len(table):
            return Node("integer", table[values[0] - 1], (), node.at)
    if op in _NUMBERS:
        return Node("integer", _NUMBERS[op](*values), (), node.at)
    return node


_NUMBERS: dict[str, Callable[..., int]] = {
    "-": operator.sub,
    "*": operator.mul,
    "negative": operator.neg,
    "min": min,
    "max": max,
}


def _sum(node: Node) -> Node:
    """A flat sum with its constants added up, last."""
    parts: list[Node] = []
    constant = 0
    for arg in node.args:
        for part in arg.args if arg.op == "+" else (arg,):
            if part.op == "integer":
                constant += int(part.value or 0)
            else:
                parts.append(part)
    if constant or not parts:
        parts.append(Node("integer", constant, (), node.at))
    return parts[0] if len(parts) == 1 else Node("+", None, tuple(parts), node.at)


def _connective(node: Node) -> Node:
    op = node.op
    neutral, absorbing = (TRUE, FALSE) if op == "and" else (FALSE, TRUE)
    parts: list[Node] = []
    for arg in node.args:
        for part in arg.args if arg.op == op else (arg,):
            if part == absorbing:
                return absorbing
            if part != neutral and part not in parts:
                parts.append(part)
    if not parts:
        return neutral
    return parts[0] if len(parts) == 1 else Node(op, None, tuple(parts), node.at)


def substitute(node: Node, arguments: Mapping[str, Node]) -> Node:
    """The folded tree with arguments replaced by trees; those that are not given stay."""
    if node.op == "argument":
        return arguments.get(str(node.value), node)
    args = tuple([substitute(a, arguments) for a in node.args])
    # most of a tree mentions no argument: what is the same need not be folded again
    if all(map(operator.is_, args, node.args)):
        return node
    return fold(Node(node.op, node.value, args))


class Substitution:
    """`substitute` for many choices of arguments, one after another.

    A part of a tree that mentions some of the arguments, and not all, is worked out once for each
    choice of those.
    """

    def __init__(self) -> None:
        # nodes are kept with what is known of them, so that no other gets the same id
        self._mentioned: dict[int, tuple[Node, tuple[str, ...]]] = {}
        self._known: dict[tuple[int, tuple[Node | None, ...]], Node] = {}

    def __call__(self, node: Node, arguments: Mapping[str, Node]) -> Node:
        """The folded tree with arguments replaced by trees; those that are not given stay."""
        if node.op == "argument":
            return arguments.get(str(node.value), node)
        names = self.mentioned(node)
        if not names:
            return node
        key = id(node), tuple([arguments.get(n) for n in names])
        found = self._known.get(key)
        if found is None:
            found = fold(Node(node.op, node.value, tuple([self(a, arguments) for a in node.args])))
            if len(names) < len(arguments):
                self._known[key] = found
        return found

    def mentioned(self, node: Node) -> tuple[str, ...]:
        """The arguments in a tree."""
        found = self._mentioned.get(id(node))
        if found is None:
            names = {str(node.value)} if node.op == "argument" else set()
            found = node, tuple(sorted(names.union(*map(self.mentioned, node.args))))
            self._mentioned[id(node)] = found
        return found[1]
