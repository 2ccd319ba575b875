"""Guards and definitions with the readings put in, so that a chart shows only what they leave.

This works on the texts as written: names of constants and definitions stay, only choices between
readings are gone. ``treated[level] < (pair if IBR_A01 == 'pair' else cohort)`` becomes
``treated[level] < cohort`` under the other reading of IBR-A01.
"""

from __future__ import annotations

from ..spec.expression import (
    FALSE,
    TRUE,
    Effect,
    Node,
    binder,
    negation,
    parse,
    parse_effects,
    replace_args,
)
from ..spec.fold import COMPARE, fold
from ..spec.scope import Scope
from .chart import Entry

LITERALS = ("integer", "truth", "label", "decimal")
NOTHING: frozenset[str] = frozenset()


class Simplifier:
    """Simplifies the texts of one scope; definitions that are a value or a constant are put in."""

    def __init__(self, scope: Scope) -> None:
        self.readings = {name: Node("label", slug) for name, (slug, _) in scope.readings.items()}
        self.texts = scope.definitions
        self.definitions: dict[str, Node] = {}
        self.used: set[str] = set()

    def use(self, node: Node) -> None:
        """Marks the definitions that a shown text names, and those that these name in turn."""
        todo = [node]
        while todo:
            for part in todo.pop().walk():
                name = str(part.value)
                if part.op == "name" and name in self.texts and name not in self.used:
                    self.used.add(name)
                    todo.append(self.definition(name))

    def condition(self, text: str) -> Node:
        """A guard, or any other expression, simplified."""
        return self.visit(parse(text), NOTHING)

    def effects(self, text: str) -> tuple[Effect, ...]:
        """The assignments of an effect text, without those that change nothing."""
        made = (self._effect(e) for e in parse_effects(text))
        return tuple(e for e in made if e is not None)

    def definition(self, name: str) -> Node:
        """What a definition comes down to under the readings."""
        if name not in self.definitions:
            self.definitions[name] = self.visit(parse(self.texts[name]), NOTHING)
        return self.definitions[name]

    def entries(self) -> tuple[Entry, ...]:
        """The definitions in use, for the legend."""
        return tuple(Entry(n, str(self.definition(n))) for n in self.texts if n in self.used)

    def _effect(self, effect: Effect) -> Effect | None:
        target, value = effect.target, effect.value
        if value.op in ("+", "-") and value.args[0] == target:
            # not folded as a sum: "a += b" stays written so
            added = self.visit(value.args[1], NOTHING)
            if added == Node("integer", 0):
                return None
            return Effect(target, Node(value.op, None, (target, added), value.at))
        simple = self.visit(value, NOTHING)
        return None if simple == target else Effect(target, simple)

    def visit(self, node: Node, hidden: frozenset[str]) -> Node:
        """The simplified tree; ``hidden`` are names bound by an all, any or sum around it."""
        if node.op == "name":
            return self._name(node, hidden)
        if node.op in ("all", "any", "sum"):
            hidden = hidden | {binder(node)[0]}
        args = tuple(self.visit(a, hidden) for a in node.args)
        node = replace_args(node, args)
        if node.op in ("and", "or", "if"):
            return fold(node)
        if node.op == "not":
            return fold(node) if args[0].op == "truth" else negation(args[0])
        if node.op in ("+", "-"):
            return _sum(node)
        if node.op == "call" and node.value == "implies":
            return _implies(node)
        if node.op == "in":
            return _member(node)
        if node.op in COMPARE:
            return _comparison(node)
        return node

    def _name(self, node: Node, hidden: frozenset[str]) -> Node:
        name = str(node.value)
        if name in hidden:
            return node
        if name in self.readings:
            return self.readings[name]
        if name in self.texts:
            found = self.definition(name)
            # another definition's name says less than this one's; a constant's says more
            plain = found.op == "name" and str(found.value) not in self.texts
            return found if plain or found.op in LITERALS else node
        return node


def _sum(node: Node) -> Node:
    left, right = node.args
    if right == Node("integer", 0):
        return left
    return right if node.op == "+" and left == Node("integer", 0) else node


def _implies(node: Node) -> Node:
    test, then = node.args
    if test == TRUE:
        return then
    if test == FALSE or then == TRUE:
        return TRUE
    return negation(test) if then == FALSE else node


def _member(node: Node) -> Node:
    value, items = node.args[0], node.args[1:]
    if value.op != "label" or any(i.op != "label" for i in items):
        return node
    return TRUE if value in items else FALSE


def _comparison(node: Node) -> Node:
    left, right = node.args
    if left.op == right.op == "label" and node.op in ("==", "!="):
        return TRUE if (left == right) == (node.op == "==") else FALSE
    if left.op == right.op and left.op in ("integer", "truth"):
        return fold(node)
    return node
