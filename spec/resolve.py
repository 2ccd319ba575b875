"""What an expression means in its machine: names found, types checked, literals made integers.

The result is a core tree over integers and truth values alone, with the operators integer, truth,
variable, cell, argument, bound, size, table, array, call, not, and, or, comparisons, ``+ - *``,
negative, if, min, max, and, where a size is symbolic, all, any, sum. It is folded: constants,
definitions and readings are gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches

from .errors import SpecError
from .expression import BUILTINS, FALSE, MAX_DEPTH, TRUE, Effect, Node, binder, parse
from .fold import compare, fold
from .model import Constant, Function
from .types import BOOL, Type, number, steps

MAX_NODES = 20_000
MAX_NESTED_DEFINITIONS = 40


@dataclass(frozen=True)
class Scope:
    """Everything a name can mean, and which constants are left symbolic."""

    variables: Mapping[str, Type]
    arrays: Mapping[str, tuple[Type, str]]  # element type, name of the size
    constants: Mapping[str, Constant]
    definitions: Mapping[str, str]
    readings: Mapping[str, tuple[str, tuple[str, ...]]]  # name in guards -> slug, choices
    functions: Mapping[str, tuple[Function, Type]]
    symbolic: frozenset[str] = frozenset()
    arguments: Mapping[str, Type] = field(default_factory=dict)
    state: int | None = None

    def with_arguments(self, arguments: Mapping[str, Type], state: int | None = None) -> Scope:
        """The scope inside the rules of one event, and of one source state where that is known."""
        return replace(self, arguments=arguments, state=state)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A resolved effect. ``added`` is set when it adds to what the variable holds."""

    name: str
    index: Node | None
    value: Node
    added: Node | None


class Resolver:
    """Resolves the texts of one scope; definitions are resolved once and shared."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.bound: dict[str, Node] = {}
        self.open: list[str] = []
        self.made = 0
        self.depth = 0
        self.text = ""
        self.where = ""

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

    # ---- errors

    def fail(self, message: str, node: Node, hint: str = "") -> SpecError:
        if self.open:
            where = f"{self.where}, in definition {self.open[-1]}"
            text = self.scope.definitions[self.open[-1]]
            return SpecError(message, where=where, text=text, column=node.at, hint=hint)
        return SpecError(message, where=self.where, text=self.text, column=node.at, hint=hint)

    def unknown(self, name: str, node: Node, what: str = "name") -> SpecError:
        scope = self.scope
        known = sorted({*scope.variables, *scope.arrays, *scope.constants, *scope.definitions})
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)[:300]}"
        if what == "variable" and name in (*scope.constants, *scope.definitions):
            hint = "only variables can be assigned"
        if what == "variable" and name == "state":
            hint = "the next state is the transition's target"
        return self.fail(f"unknown {what} {name!r}", node, hint)

    # ---- types

    def fit(self, node: Node, type: Type, like: Type) -> Node:
        """The node as a value of another type; literals take its unit or its labels."""
        if like.kind == "label" and type.kind == "label":
            assert like.labels is not None
            if node.op == "label":
                if node.value not in like.labels:
                    raise self.fail(
                        f"{node.value!r} is not one of {', '.join(like.labels)[:300]}", node
                    )
                return Node("integer", like.labels.index(str(node.value)), (), node.at)
            if type.labels != like.labels:
                raise self.fail("two different sets of labels", node)
            return node
        if like.kind != type.kind:
            raise self.fail(f"{like} is needed here, this is {type}", node)
        if like.kind != "number":
            return node
        if isinstance(type.literal, Decimal):
            try:
                return Node("integer", steps(type.literal, like.step, like.unit), (), node.at)
            except SpecError as error:
                raise self.fail(error.message, node) from None
        if (type.step, type.unit) != (like.step, like.unit):
            raise self.fail(
                f"{type} in steps of {type.step} where {like} in steps of {like.step} is needed",
                node,
            )
        if type.saturates and not like.saturates:
            raise self.fail("this value means 'or more'; it can only be compared", node)
        return node

    def _whole(self, node: Node, type: Type) -> Node:
        """A literal as a plain whole number."""
        if isinstance(type.literal, Decimal):
            return self.fit(node, type, number(None, None))
        return node

    def pair(self, left: Node, right: Node) -> tuple[Node, Type, Node, Type]:
        """Two operands brought to one type, whichever of them is a literal."""
        a, s = self.visit(left)
        b, t = self.visit(right)
        if (s.kind == "bool" and t.kind == "number") or (s.kind == "number" and t.kind == "bool"):
            # True counts as 1 in arithmetic, but a flag is compared with truth values only
            return a, s, b, t
        if s.literal is not None and t.literal is None:
            a = self.fit(a, s, replace(t, saturates=False))
            s = replace(t, low=_literal(a), high=_literal(a), saturates=False)
        elif t.literal is not None and s.literal is None:
            b = self.fit(b, t, replace(s, saturates=False))
            t = replace(s, low=_literal(b), high=_literal(b), saturates=False)
        elif s.literal is None and t.literal is None:
            self.fit(b, replace(t, saturates=False), replace(s, saturates=False))
        elif s.kind != t.kind:
            raise self.fail(f"{s} and {t} don't go together", right)
        return a, s, b, t

    def numeric(self, node: Node, type: Type) -> tuple[Node, Type]:
        """An operand of arithmetic; a truth value counts as 0 or 1."""
        if type.kind == "bool":
            return Node(
                "if", None, (node, Node("integer", 1), Node("integer", 0)), node.at
            ), number(0, 1)
        if type.kind != "number":
            raise self.fail(f"arithmetic needs numbers, this is {type}", node)
        if type.saturates:
            raise self.fail("this value means 'or more'; it can only be compared", node)
        return node, type

    # ---- the tree

    def visit(self, node: Node) -> tuple[Node, Type]:
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

    def truth(self, node: Node) -> Node:
        result, type = self.visit(node)
        if type.kind != "bool":
            raise self.fail(f"a truth value is needed here, this is {type}", node)
        return result

    def name(self, node: Node) -> tuple[Node, Type]:
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
        name = str(node.value)
        if name not in self.scope.arguments:
            have = ", ".join(self.scope.arguments) or "none"
            raise self.fail(f"the event has no argument {name!r}", node, f"its arguments: {have}")
        return Node("argument", name, (), node.at), self.scope.arguments[name]

    def constant(self, node: Node, value: Constant) -> tuple[Node, Type]:
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
        if name in self.open:
            raise self.fail(f"definition {name} refers to itself", node)
        if len(self.open) >= MAX_NESTED_DEFINITIONS:
            raise self.fail(f"definitions nested more than {MAX_NESTED_DEFINITIONS} deep", node)
        self.open.append(name)
        hidden, self.bound = self.bound, {}
        try:
            inner, type = self.visit(parse(self.scope.definitions[name]))
        finally:
            self.bound = hidden
            self.open.pop()
        return inner, type

    def _index(self, node: Node) -> Node:
        index, type = self.visit(node)
        if type.kind != "number" or type.unit:
            raise self.fail(f"an index must be a whole number, this is {type}", node)
        if type.saturates:
            raise self.fail("this value means 'or more'; it can't be an index", node)
        return self._whole(index, type)

    def index(self, node: Node) -> tuple[Node, Type]:
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

    def member(self, node: Node) -> tuple[Node, Type]:
        parts = [
            self.comparison(Node("==", None, (node.args[0], a), a.at))[0] for a in node.args[1:]
        ]
        return fold(Node("or", None, tuple(parts), node.at)), BOOL

    def arithmetic(self, node: Node) -> tuple[Node, Type]:
        if node.op == "negative":
            inner, type = self.numeric(*self.visit(node.args[0]))
            low, high = _negated(type)
            literal = -type.literal if isinstance(type.literal, Decimal) else None
            result = replace(number(low, high, type), literal=literal)
            if inner.op == "decimal":
                return Node("decimal", str(literal), (), node.at), result
            return fold(Node("negative", None, (inner,), node.at)), result
        if node.op == "*":
            a, s = self.numeric(*self.visit(node.args[0]))
            b, t = self.numeric(*self.visit(node.args[1]))
            if s.literal is None and t.literal is None and a.op != "integer" and b.op != "integer":
                if a.op != "size" and b.op != "size":
                    raise self.fail("only multiplication by a constant is in the language", node)
            like = s if t.literal is not None or t.unit == "" else t
            product = self._same(number(*_product(s, t), like), s, t, "*")
            if product.literal is not None:
                return self._literal_node(product, node), product
            a, b = self._plain(a, s), self._plain(b, t)
            return fold(Node("*", None, (a, b), node.at)), product
        a, s, b, t = self.pair(*node.args)
        a, s = self.numeric(a, s)
        b, t = self.numeric(b, t)
        like = t if s.literal is not None else s
        if node.op == "+":
            low, high = _sum(s.low, t.low), _sum(s.high, t.high)
        else:
            n = _negated(t)
            low, high = _sum(s.low, n[0]), _sum(s.high, n[1])
        result = self._same(number(low, high, like), s, t, node.op)
        if result.literal is not None:
            return self._literal_node(result, node), result
        return fold(Node(node.op, None, (a, b), node.at)), result

    @staticmethod
    def _literal_node(type: Type, node: Node) -> Node:
        """The node of a number worked out from literals."""
        assert isinstance(type.literal, Decimal)
        if type.literal != int(type.literal):
            return Node("decimal", str(type.literal), (), node.at)
        return Node("integer", int(type.literal), (), node.at)

    def _plain(self, node: Node, type: Type) -> Node:
        return self._whole(node, type) if type.literal is not None else node

    @staticmethod
    def _same(result: Type, s: Type, t: Type, op: str) -> Type:
        """Two literals make a literal."""
        if isinstance(s.literal, Decimal) and isinstance(t.literal, Decimal):
            a, b = s.literal, t.literal
            return replace(result, literal=a + b if op == "+" else a - b if op == "-" else a * b)
        return result

    def choice(self, node: Node) -> tuple[Node, Type]:
        test = self.truth(node.args[0])
        if test.op == "truth":
            return self.visit(node.args[1] if test.value else node.args[2])
        a, s, b, t = self.pair(node.args[1], node.args[2])
        if s.kind != t.kind:
            raise self.fail(f"{s} and {t} don't go together", node)
        if s.saturates or t.saturates:
            raise self.fail("a value that means 'or more' can only be compared", node)
        if s.kind == "label" and s.literal is not None and t.literal is not None:
            raise self.fail("a choice between two labels: compare inside the branches", node)
        low = None if s.low is None or t.low is None else min(s.low, t.low)
        high = None if s.high is None or t.high is None else max(s.high, t.high)
        type = replace(t if s.literal is not None else s, low=low, high=high, literal=None)
        if type.kind == "number" and s.literal is not None and t.literal is not None:
            a, b, type = self._whole(a, s), self._whole(b, t), number(low, high)
        return fold(Node("if", None, (test, a, b), node.at)), type

    def quantifier(self, node: Node) -> tuple[Node, Type]:
        name, domain = binder(node)
        scope = self.scope
        if name in self.bound or name in scope.variables or name in scope.constants:
            raise self.fail(f"{name} already means something here", node)
        if domain in scope.symbolic:
            self.bound[name] = Node("bound", name)
            body, type = self.body(node)
            del self.bound[name]
            if body.op == "truth":
                return body, BOOL
            result = number(None, None, type) if node.op == "sum" else BOOL
            return Node(node.op, f"{name} in {domain}", (body,), node.at), result
        size = scope.constants.get(domain)
        if not isinstance(size, int) or isinstance(size, bool):
            raise self.fail(f"{domain!r} is not a whole-number constant to range over", node)
        parts, low, high = [], 0, 0
        type = number(0, 0)
        for k in range(1, size + 1):
            self.bound[name] = Node("integer", k)
            part, type = self.body(node)
            parts.append(part)
            low += type.low or 0
            high += type.high or 0
        self.bound.pop(name, None)
        if node.op == "sum":
            return fold(Node("+", None, tuple(parts), node.at)), number(low, high, type)
        return fold(Node("and" if node.op == "all" else "or", None, tuple(parts), node.at)), BOOL

    def body(self, node: Node) -> tuple[Node, Type]:
        """The body under its filter, for one value of the bound name."""
        test = self.truth(node.args[1]) if len(node.args) > 1 else TRUE
        if test == FALSE:
            return (
                (Node("integer", 0), number(0, 0))
                if node.op == "sum"
                else ((TRUE, BOOL) if node.op == "all" else (FALSE, BOOL))
            )
        inner, type = self.visit(node.args[0])
        if node.op == "sum":
            inner, type = self.numeric(inner, type)
            inner = self._plain(inner, type)
            if test != TRUE:
                inner = fold(Node("if", None, (test, inner, Node("integer", 0)), node.at))
                type = number(min(0, type.low or 0), max(0, type.high or 0), type)
            return inner, type
        if type.kind != "bool":
            raise self.fail(f"{node.op} needs truth values, this is {type}", node)
        if node.op == "all":
            return fold(Node("or", None, (fold(Node("not", None, (test,))), inner), node.at)), BOOL
        return fold(Node("and", None, (test, inner), node.at)), BOOL

    def comparison(self, node: Node) -> tuple[Node, Type]:
        op = node.op
        a, s, b, t = self.pair(*node.args)
        if s.kind != t.kind:
            raise self.fail(f"{s} is compared with {t}", node)
        if s.kind == "label":
            if op not in ("==", "!="):
                raise self.fail("labels have no order: compare with == or !=", node)
            for left, right in ((s, t), (t, s)):
                if left.labels and right.literal is not None and right.literal not in left.labels:
                    raise self.fail(
                        f"{right.literal!r} is not one of {', '.join(left.labels)[:300]}", node
                    )
            if s.literal is not None and t.literal is not None:
                return (TRUE if (s.literal == t.literal) == (op == "==") else FALSE), BOOL
        if s.kind == "bool" and op not in ("==", "!="):
            raise self.fail("truth values have no order: compare with == or !=", node)
        if isinstance(s.literal, Decimal) and isinstance(t.literal, Decimal):
            return (TRUE if compare(op, s.literal, t.literal) else FALSE), BOOL
        if s.saturates or t.saturates:
            self.saturation(node, op, s, t)
        return fold(Node(op, None, (a, b), node.at)), BOOL

    def saturation(self, node: Node, op: str, s: Type, t: Type) -> None:
        """Refuses comparisons that "horizon or more" can't answer."""
        if s.saturates and t.saturates:
            raise self.fail("two values that mean 'or more' can't be compared", node)
        if t.saturates:
            op = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
            s, t = t, s
        if t.high is None or s.high is None:
            return
        limit = s.high if op in ("<", ">=") else s.high - 1
        if t.high > limit:
            raise self.fail(
                f"this value is counted to {s.high} and then means 'or more': "
                f"{op} {t.high} can't be answered",
                node,
                "raise its horizon",
            )


def _literal(node: Node) -> int | None:
    return int(node.value) if node.op == "integer" and node.value is not None else None


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _negated(type: Type) -> tuple[int | None, int | None]:
    low = None if type.high is None else -type.high
    high = None if type.low is None else -type.low
    return low, high


def _product(s: Type, t: Type) -> tuple[int | None, int | None]:
    if s.low is None or s.high is None or t.low is None or t.high is None:
        return None, None
    ends = [x * y for x in (s.low, s.high) for y in (t.low, t.high)]
    return min(ends), max(ends)
