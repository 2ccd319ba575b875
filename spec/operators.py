"""The operators of expressions: what they take, what they give, folded where they can be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from .coerce import Coercion
from .expression import FALSE, TRUE, Node, binder
from .fold import compare, fold
from .scope import Scope
from .types import BOOL, Type, number


class Operators(Coercion):
    """Resolves logic, arithmetic, choices, quantifiers and comparisons."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.bound: dict[str, Node] = {}

    def truth(self, node: Node) -> Node:
        """The core tree of a truth value."""
        result, type = self.visit(node)
        if type.kind != "bool":
            raise self.fail(f"a truth value is needed here, this is {type}", node)
        return result

    def member(self, node: Node) -> tuple[Node, Type]:
        """``x in (a, b)`` as comparisons."""
        parts = [
            self.comparison(Node("==", None, (node.args[0], a), a.at))[0] for a in node.args[1:]
        ]
        return fold(Node("or", None, tuple(parts), node.at)), BOOL

    def arithmetic(self, node: Node) -> tuple[Node, Type]:
        """A sum, difference, product or negation, with its interval."""
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
            constant = s.literal is not None or t.literal is not None
            if not constant and not {a.op, b.op} & {"integer", "size"}:
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
        """``x if c else y``; a constant test leaves one branch."""
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
        """all, any or sum: spelt out for a sized machine, kept for a symbolic size."""
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
        """A comparison of two values of one type."""
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
