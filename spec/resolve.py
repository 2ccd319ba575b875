"""What an expression means in its machine: names found, types checked, literals made integers.

The result is a core tree over integers and truth values alone, with the operators integer, truth,
variable, cell, argument, bound, size, table, array, call, not, and, or, comparisons, ``+ - *``,
negative, if, min, max, and, where a size is symbolic, all, any, sum. It is folded: constants,
definitions and readings are gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from .expression import BUILTINS, MAX_DEPTH, Effect, Node, parse
from .fold import fold
from .model import Constant
from .operators import Operators
from .scope import Assignment, Scope
from .types import BOOL, Type, number

MAX_NODES = 20_000
MAX_NESTED_DEFINITIONS = 40


@dataclass(frozen=True, slots=True)
class Defined:
    """What a definition stands for, to be used again where that nests no deeper."""

    node: Node
    type: Type
    made: int
    depth: int
    nested: int


class Resolver(Operators):
    """Resolves the texts of one scope."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.made = 0
        self.depth = 0
        self.defined: dict[str, Defined] = {}

    # ---- entry points

    def condition(self, text: str, where: str) -> Node:
        """A guard or property: must be a truth value."""
        self._begin(text, where)
        node, type = self.visit(parse(text, where))
        if type.kind != "bool":
            raise self.fail(f"a condition must be a truth value, this is {type}", node)
        return self._exact(node)

    def value(self, text: str, where: str, like: Type) -> Node:
        """An expression that must fit a type, as an initial value does."""
        self._begin(text, where)
        node, type = self.visit(parse(text, where))
        return self._exact(self.fit(node, type, like))

    def term(self, text: str, where: str) -> tuple[Node, Type]:
        """An expression of any type, with its type."""
        self._begin(text, where)
        node, type = self.visit(parse(text, where))
        if type.kind == "number":
            node = self._whole(node, type)
        return self._exact(node), type

    def number(self, text: str, where: str) -> tuple[Node, Type]:
        """A numeric expression with its type."""
        self._begin(text, where)
        node, type = self.visit(parse(text, where))
        if type.kind != "number":
            raise self.fail(f"a number is needed here, this is {type}", node)
        return self._exact(self._whole(node, type)), type

    def effect(self, effect: Effect, where: str) -> Assignment:
        """An assignment, its value fitted to the variable's type."""
        self._begin(str(effect), where)
        target = effect.target
        name = str(target.value)
        index = None
        if target.op == "index":
            if name not in self.scope.arrays:
                raise self.fail(f"{name!r} is not an array that can be assigned", target)
            type = self.scope.arrays[name][0]
            index = self._index(target.args[0])
        else:
            if name not in self.scope.variables or name == "state":
                raise self.unknown(name, target, "variable")
            type = self.scope.variables[name]
        value = effect.value
        if value.op in ("+", "-") and value.args[0] == target and type.kind == "number":
            node, other = self.visit(value.args[1])
            if other.kind == "bool":
                node, other = self.numeric(node, other)
            added = self._exact(self.fit(node, other, number(None, None, type)))
            if value.op == "-":
                added = fold(Node("negative", None, (added,), value.at))
            if type.saturates and (added.op != "integer" or int(added.value or 0) < 0):
                raise self.fail(f"{name} saturates: only a whole number can be added to it", value)
            if type.saturates and type.high is None:
                raise self.fail(f"{name} saturates: its highest value must be a number", value)
            if value.op == "-" and type.saturates:
                raise self.fail(f"subtracting from {name} loses what 'or more' means", value)
            old = Node("variable", name) if index is None else Node("cell", name, (index,))
            total = fold(Node("+", None, (old, added), value.at))
            if type.saturates:
                top = Node("integer", type.high)
                total = Node("min", None, (total, top), value.at)
            return Assignment(name, index, total, added)
        node, other = self.visit(value)
        if other.saturates and (other.high != type.high or not type.saturates):
            raise self.fail(f"{name} can't hold a value that means 'or more'", value)
        fitted = self._exact(self.fit(node, replace(other, saturates=False), type))
        return Assignment(name, index, fitted, None)

    def _begin(self, text: str, where: str) -> None:
        self.text, self.where, self.made = text, where, 0

    def _exact(self, node: Node) -> Node:
        """The tree, in which no decimal may be left that met no quantity to take its step from."""
        for part in node.walk():
            if part.op in ("decimal", "label"):
                raise self.fail(f"{part} has nothing to be compared or combined with", part)
        return node

    # ---- the tree

    def visit(self, node: Node) -> tuple[Node, Type]:
        """The core tree and the type of a node."""
        self.made += 1
        if self.made > MAX_NODES:
            raise self.fail(f"more than {MAX_NODES} operators once definitions are put in", node)
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep once definitions are put in", node)
        self.depth += 1
        try:
            return self._visit(node)
        finally:
            self.depth -= 1

    def _visit(self, node: Node) -> tuple[Node, Type]:
        op = node.op
        if op == "integer":
            value = int(node.value or 0)
            return node, Type("number", value, value, literal=Decimal(value))
        if op == "decimal":
            return node, Type("number", literal=Decimal(str(node.value)))
        if op == "truth":
            return node, BOOL
        if op == "label":
            return node, Type("label", literal=str(node.value))
        if op == "name":
            return self.name(node)
        if op == "argument":
            return self.argument(node)
        if op == "index":
            return self.index(node)
        if op == "call":
            return self.call(node)
        if op in ("not", "and", "or"):
            args = tuple(self.truth(a) for a in node.args)
            return fold(Node(op, None, args, node.at)), BOOL
        if op == "in":
            return self.member(node)
        if op in ("+", "-", "*", "negative"):
            return self.arithmetic(node)
        if op == "if":
            return self.choice(node)
        if op in ("all", "any", "sum"):
            return self.quantifier(node)
        return self.comparison(node)

    def name(self, node: Node) -> tuple[Node, Type]:
        """A name: bound, variable, argument, definition, size, constant or reading."""
        name, scope = str(node.value), self.scope
        if name in self.bound:
            inner = self.bound[name]
            if inner.op == "integer":
                value = int(inner.value or 0)
                return replace(inner, at=node.at), number(value, value)
            return replace(inner, at=node.at), number(1, None)
        if name == "state" and scope.state is not None:
            return Node("integer", scope.state, (), node.at), scope.variables[name]
        if name in scope.variables:
            return Node("variable", name, (), node.at), scope.variables[name]
        if name in scope.arguments:
            return self.argument(node)
        if name in scope.definitions:
            return self.definition(node, name)
        if name in scope.symbolic:
            return Node("size", name, (), node.at), number(1, None)
        if name in scope.constants:
            return self.constant(node, scope.constants[name])
        if name in scope.readings:
            slug, _ = scope.readings[name]
            return Node("label", slug, (), node.at), Type(
                "label", labels=scope.readings[name][1], literal=slug
            )
        if name in scope.arrays:
            raise self.fail(
                f"{name} is an array: name[level], or sum/all/any over its levels", node
            )
        raise self.unknown(name, node)

    def argument(self, node: Node) -> tuple[Node, Type]:
        """An argument of the event."""
        name = str(node.value)
        if name not in self.scope.arguments:
            have = ", ".join(self.scope.arguments) or "none"
            raise self.fail(f"the event has no argument {name!r}", node, f"its arguments: {have}")
        return Node("argument", name, (), node.at), self.scope.arguments[name]

    def constant(self, node: Node, value: Constant) -> tuple[Node, Type]:
        """A constant's value, still a literal."""
        if isinstance(value, bool):
            return Node("truth", value, (), node.at), BOOL
        if isinstance(value, int):
            inner = Node("integer", value, (), node.at)
            return inner, Type("number", value, value, literal=Decimal(value))
        if isinstance(value, Decimal):
            return Node("decimal", str(value), (), node.at), Type("number", literal=value)
        if isinstance(value, str):
            return Node("label", value, (), node.at), Type("label", literal=value)
        raise self.fail(f"{node.value} is a table: write {node.value}[number]", node)

    def definition(self, node: Node, name: str) -> tuple[Node, Type]:
        """What a definition stands for, in its own scope."""
        if name in self.open:
            raise self.fail(f"definition {name} refers to itself", node)
        if len(self.open) >= MAX_NESTED_DEFINITIONS:
            raise self.fail(f"definitions nested more than {MAX_NESTED_DEFINITIONS} deep", node)
        known = self.defined.get(name)
        if (
            known is not None
            and self.depth <= known.depth
            and len(self.open) <= known.nested
            and self.made + known.made <= MAX_NODES
        ):
            self.made += known.made
            return known.node, known.type
        before = self.made
        self.open.append(name)
        hidden, self.bound = self.bound, {}
        try:
            inner, type = self.visit(parse(self.scope.definitions[name]))
        finally:
            self.bound = hidden
            self.open.pop()
        made = self.made - before
        self.defined[name] = Defined(inner, type, made, self.depth, len(self.open))
        return inner, type

    def _index(self, node: Node) -> Node:
        index, type = self.visit(node)
        if type.kind != "number" or type.unit:
            raise self.fail(f"an index must be a whole number, this is {type}", node)
        if type.saturates:
            raise self.fail("this value means 'or more'; it can't be an index", node)
        return self._whole(index, type)

    def index(self, node: Node) -> tuple[Node, Type]:
        """A cell of an array, or an entry of a table."""
        name, scope = str(node.value), self.scope
        index = self._index(node.args[0])
        if name in scope.arrays:
            return Node("cell", name, (index,), node.at), scope.arrays[name][0]
        table = scope.constants.get(name)
        if isinstance(table, tuple):
            if not table:
                raise self.fail(f"the table {name} is empty", node)
            if any(isinstance(v, Decimal) for v in table):
                raise self.fail("tables of decimals can't be used in guards", node)
            values = [int(v) for v in table]
            inner = fold(Node("table", name, (index,), node.at), {name: tuple(values)})
            return inner, number(min(values), max(values))
        if name in scope.variables or name in scope.constants or name in scope.definitions:
            raise self.fail(f"{name} is not an array or a table", node)
        raise self.unknown(name, node, "array")

    def call(self, node: Node) -> tuple[Node, Type]:
        """A built-in or a declared function."""
        name = str(node.value)
        if name == "implies":
            first, then = (self.truth(a) for a in node.args)
            return fold(Node("or", None, (fold(Node("not", None, (first,))), then), node.at)), BOOL
        if name in BUILTINS:
            a, s, b, t = self.pair(*node.args)
            a, s = self.numeric(a, s)
            b, t = self.numeric(b, t)
            chosen = min if name == "min" else max
            if isinstance(s.literal, Decimal) and isinstance(t.literal, Decimal):
                return (a, s) if chosen(s.literal, t.literal) == s.literal else (b, t)
            low = None if s.low is None or t.low is None else chosen(s.low, t.low)
            high = None if s.high is None or t.high is None else chosen(s.high, t.high)
            return fold(Node(name, None, (a, b), node.at)), number(low, high, s)
        if name not in self.scope.functions:
            known = ", ".join((*BUILTINS, *self.scope.functions))
            raise self.fail(f"unknown function {name!r}", node, f"known: {known}")
        function, result = self.scope.functions[name]
        if len(node.args) != len(function.parameters):
            raise self.fail(f"{name} takes {len(function.parameters)} values", node)
        args = []
        for arg, kind in zip(node.args, function.parameters, strict=True):
            if kind is None:
                if arg.op != "name" or arg.value not in self.scope.arrays:
                    raise self.fail(f"{name} needs a whole array here", arg)
                args.append(Node("array", arg.value, (), arg.at))
                continue
            inner, type = self.visit(arg)
            if type.saturates:
                raise self.fail("this value means 'or more'; it can only be compared", arg)
            args.append(self._whole(inner, type))
        return Node("call", name, tuple(args), node.at), result
