"""Values brought to one type: literals take the unit or the labels of what they meet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from .errors import SpecError
from .expression import Node
from .scope import Scope
from .types import Type, number, steps


class Coercion(ABC):
    """The part of resolving that knows types and errors, and no operators."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.open: list[str] = []
        self.text = ""
        self.where = ""

    @abstractmethod
    def visit(self, node: Node) -> tuple[Node, Type]:
        """The core tree and the type of a node."""

    # ---- errors

    def fail(self, message: str, node: Node, hint: str = "") -> SpecError:
        """An error at a node, with the text it stands in."""
        if self.open:
            where = f"{self.where}, in definition {self.open[-1]}"
            text = self.scope.definitions[self.open[-1]]
            return SpecError(message, where=where, text=text, column=node.at, hint=hint)
        return SpecError(message, where=self.where, text=self.text, column=node.at, hint=hint)

    def unknown(self, name: str, node: Node, what: str = "name") -> SpecError:
        """An error for a name that means nothing here, with the nearest that does."""
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
