"""The table as SMT-LIB text: one symbolic reading for queries and certificates alike.

Arrays are uninterpreted functions, quantifiers over the levels are instantiated at the index terms
that occur (for what is assumed) or at a fresh level (for what is to be shown), so that every text
is quantifier-free and any SMT-LIB solver can take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

from ..spec.expression import Node, binder
from ..spec.scope import Assignment
from .bound import Bound, BoundEvent, Field, Rule

LOGIC = "QF_UFLIA"


class Unsupported(Exception):
    """A tree that the symbolic reading can't express; what needs it stays unproved."""


@dataclass(frozen=True)
class Frame:
    """How names read: before or after a rule, inside a quantifier, with the event's arguments."""

    scalars: Mapping[str, str]
    arrays: Mapping[str, str]
    after: bool = False
    bound_names: Mapping[str, str] = field(default_factory=dict)

    def binding(self, name: str, term: str) -> Frame:
        """The frame with a bound name standing for a term."""
        return Frame(self.scalars, self.arrays, self.after, {**self.bound_names, name: term})


def quoted(name: str) -> str:
    """A name as an SMT-LIB symbol."""
    return f"|{name}|"


def number(value: int) -> str:
    """An integer literal."""
    return str(value) if value >= 0 else f"(- {-value})"


def conjunction(parts: list[str]) -> str:
    """``and`` of texts."""
    kept = [p for p in parts if p != "true"]
    if not kept:
        return "true"
    return kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})"


class Encoder:
    """Writes the trees of one bound machine, sized or with a symbolic size."""

    def __init__(self, bound: Bound, in_range: frozenset[str] = frozenset()) -> None:
        self.bound = bound
        self.in_range = in_range  # the variables whose ranges may be taken for granted
        self.before = Frame(
            {"state": quoted("state")}
            | {f.name: quoted(f.name) for f in bound.fields if f.size is None},
            {f.name: quoted(f.name) for f in bound.fields if f.size is not None},
        )
        self.calls: dict[str, tuple[str, Node, Frame]] = {}
        self.sum_places: dict[str, int] = {}
        self.sums: dict[tuple[int, bool], Node] = {}
        self.fresh: list[str] = []
        self.used = 0
        self.assuming = False
        self.witnesses = 0
        self.declared: frozenset[str] = frozenset()

    def declare(self) -> None:
        """Notes that everything used so far has been declared."""
        sums = {quoted(f"sum {p}" + ("'" if after else "")) for p, after in self.sums}
        calls = {name for name, _, _ in self.calls.values()}
        self.declared = frozenset([*self.fresh, *sums, *calls])

    def fork(self) -> Encoder:
        """An encoder that goes on from here without changing this one."""
        other = copy(self)
        other.calls, other.sums = dict(self.calls), dict(self.sums)
        other.sum_places, other.fresh = dict(self.sum_places), list(self.fresh)
        return other

    # ---- declarations

    def sort(self, f: Field) -> str:
        """The sort of a variable's values."""
        return "Bool" if f.is_flag else "Int"

    def declarations(self) -> list[str]:
        """The machine's symbols."""
        lines = [f"(set-logic {LOGIC})"]
        lines += [f"; state {i} is {name}" for i, name in enumerate(self.bound.states)]
        if self.bound.symbolic is not None:
            size = quoted(self.bound.symbolic)
            lines += [f"(declare-const {size} Int)", f"(assert (<= 1 {size}))"]
        lines.append("(declare-const |state| Int)")
        lines.append(f"(assert (and (<= 0 |state|) (< |state| {len(self.bound.states)})))")
        for f in self.bound.fields:
            if f.size is None:
                lines.append(f"(declare-const {quoted(f.name)} {self.sort(f)})")
            else:
                lines.append(f"(declare-fun {quoted(f.name)} (Int) {self.sort(f)})")
        return lines

    def parameters(self, event: BoundEvent) -> list[str]:
        """The arguments of an event as constants within their ranges."""
        lines = []
        for p in event.parameters:
            name = quoted(f"event.{p.name}")
            if p.type.kind == "bool":
                lines.append(f"(declare-const {name} Bool)")
                continue
            low, high = self.term(p.low, self.before), self.term(p.high, self.before)
            lines.append(f"(declare-const {name} Int)")
            lines.append(f"(assert (and (<= {low} {name}) (<= {name} {high})))")
        return lines

    def skolem(self) -> str:
        """A level about which nothing else is known.

        Goals are tried one at a time and share theirs; each assumption has one of its own.
        """
        if self.assuming:
            name = quoted(f"witness!{self.witnesses}")
            self.witnesses += 1
        else:
            name = quoted(f"level!{self.used}")
            self.used += 1
        if name not in self.fresh:
            self.fresh.append(name)
        return name

    # ---- terms

    def term(self, node: Node, frame: Frame) -> str:
        """A tree without quantifiers as a term."""
        op, name, args = node.op, str(node.value), node.args
        if op == "integer":
            return number(int(node.value or 0))
        if op == "truth":
            return "true" if node.value else "false"
        if op == "variable":
            return frame.scalars[name]
        if op == "argument":
            return quoted(f"event.{name}")
        if op == "bound":
            return frame.bound_names[name]
        if op == "size":
            return quoted(name)
        if op == "symbol":
            return name
        if op == "cell":
            return f"({frame.arrays[name]} {self.term(args[0], frame)})"
        if op == "table":
            return self.table(name, self.term(args[0], frame))
        if op == "call":
            return self.call(node, frame)
        if op == "sum":
            return self.sum(node, frame)
        if op in ("all", "any"):
            raise Unsupported("a quantifier inside a term")
        parts = [self.term(a, frame) for a in args]
        if op == "if":
            return f"(ite {parts[0]} {parts[1]} {parts[2]})"
        if op in ("min", "max"):
            less = "<=" if op == "min" else ">="
            return f"(ite ({less} {parts[0]} {parts[1]}) {parts[0]} {parts[1]})"
        if op == "!=":
            return f"(not (= {parts[0]} {parts[1]}))"
        symbol = {"==": "=", "negative": "-"}.get(op, op)
        return f"({symbol} {' '.join(parts)})"

    def table(self, name: str, index: str) -> str:
        """A constant table as nested choices; its last value stands for every other index."""
        *first, last = self.bound.tables[name]
        text = number(last)
        for i, value in reversed(list(enumerate(first, 1))):
            text = f"(ite (= {index} {i}) {number(value)} {text})"
        return text

    def call(self, node: Node, frame: Frame) -> str:
        """A function's value: a constant of which only the contract is known."""
        parts = [
            frame.arrays[str(a.value)] if a.op == "array" else self.term(a, frame)
            for a in node.args
        ]
        key = f"{node.value}({', '.join(parts)})" + ("'" if frame.after else "")
        self.calls.setdefault(key, (quoted(f"value of {key.replace('|', '')}"), node, frame))
        return self.calls[key][0]

    def sum(self, node: Node, frame: Frame) -> str:
        """A sum over a symbolic number of levels: a constant, tied to what a rule changes."""
        place = self.sum_places.setdefault(str(node), len(self.sum_places))
        self.sums[place, frame.after] = node
        return quoted(f"sum {place}" + ("'" if frame.after else ""))

    # ---- formulas

    def formula(self, node: Node, frame: Frame, holds: bool, terms: list[str]) -> str:
        """A formula that is to be asserted true (``holds``) or false.

        Universal statements on the asserted side are instantiated at ``terms``; existential ones
        get a fresh level.
        """
        op = node.op
        if op in ("and", "or"):
            parts = [self.formula(a, frame, holds, terms) for a in node.args]
            return f"({op} {' '.join(parts)})"
        if op == "not":
            return f"(not {self.formula(node.args[0], frame, not holds, terms)})"
        if op in ("all", "any"):
            name, domain = binder(node)
            universal = (op == "all") == holds
            instances = terms if universal else [self.skolem()]
            parts = []
            for term in instances:
                inside = f"(and (<= 1 {term}) (<= {term} {quoted(domain)}))"
                body = self.formula(node.args[0], frame.binding(name, term), holds, terms)
                connective = "=>" if op == "all" else "and"
                parts.append(f"({connective} {inside} {body})")
            if not parts:
                return "true" if op == "all" else "false"
            joined = " ".join(parts)
            return joined if len(parts) == 1 else f"({'and' if op == 'all' else 'or'} {joined})"
        if op == "if" and _quantified(node):
            test, then, other = node.args
            if _quantified(test):
                raise Unsupported("a quantifier in the test of a choice")
            a, b = (self.formula(n, frame, holds, terms) for n in (then, other))
            return f"(ite {self.term(test, frame)} {a} {b})"
        return self.term(node, frame)

    def range(self, f: Field, frame: Frame, terms: list[str]) -> str:
        """That a variable lies in its range, an array at the given levels."""
        if f.is_flag:
            return "true"
        low, high = self.term(f.low, frame), self.term(f.high, frame)
        if f.size is None:
            value = frame.scalars[f.name]
            return f"(and (<= {low} {value}) (<= {value} {high}))"
        size = self.term(f.size, frame)
        parts = []
        for term in self.levels(f, terms):
            value = f"({frame.arrays[f.name]} {term})"
            inside = f"(and (<= 1 {term}) (<= {term} {size}))"
            parts.append(f"(=> {inside} (and (<= {low} {value}) (<= {value} {high})))")
        return conjunction(parts)

    def levels(self, f: Field, terms: list[str]) -> list[str]:
        """The levels at which an array is described: all of a sized one, else the terms."""
        assert f.size is not None
        if f.size.op == "integer":
            return [str(k) for k in range(1, int(f.size.value or 0) + 1)]
        return terms

    # ---- rules

    def after(self, effects: tuple[Assignment, ...], target: int | None) -> tuple[Frame, list[str]]:
        """The frame after a rule, and the definitions of what it changes.

        What is changed in a way that can't be expressed may have any value afterwards.
        """
        scalars, arrays = dict(self.before.scalars), dict(self.before.arrays)
        lines = []
        if target is not None:
            scalars["state"] = str(target)
        written: dict[str, list[Assignment]] = {}
        for effect in effects:
            written.setdefault(effect.name, []).append(effect)
        for name, assignments in written.items():
            f = self.bound.by_name[name]
            primed = quoted(f"{name}'")
            if f.size is None:
                scalars[name] = primed
                try:
                    value = self.term(assignments[0].value, self.before)
                    lines.append(f"(define-fun {primed} () {self.sort(f)} {value})")
                except Unsupported:
                    lines.append(f"(declare-const {primed} {self.sort(f)})")
                continue
            arrays[name] = primed
            text = f"({quoted(name)} k)"
            try:
                for a in reversed(assignments):
                    assert a.index is not None
                    index, value = self.term(a.index, self.before), self.term(a.value, self.before)
                    text = f"(ite (= k {index}) {value} {text})"
                lines.append(f"(define-fun {primed} ((k Int)) {self.sort(f)} {text})")
            except Unsupported:
                lines.append(f"(declare-fun {primed} (Int) {self.sort(f)})")
        return Frame(scalars, arrays, True), lines

    def index_terms(self, nodes: list[Node], frame: Frame, skolem: str) -> list[str]:
        """The levels at which trees look into arrays; bound names read as the fresh level."""
        found: dict[str, None] = {}
        for node in nodes:
            names = {binder(n)[0]: skolem for n in node.walk() if n.op in ("all", "any", "sum")}
            inner = Frame(frame.scalars, frame.arrays, frame.after, names)
            for part in node.walk():
                if part.op == "cell" and not _quantified(part):
                    try:
                        found[self.term(part.args[0], inner)] = None
                    except (KeyError, Unsupported):
                        continue
        return list(found)


def elapse_effects(bound: Bound) -> tuple[Assignment, ...]:
    """One day on every clock, as a rule's effects."""
    effects = []
    for clock in bound.clocks:
        old = Node("variable", clock.name)
        day_later = Node("+", None, (old, Node("integer", 1)))
        effects.append(
            Assignment(clock.name, None, Node("min", None, (day_later, clock.high)), None)
        )
    return tuple(effects)


def target_of(rule: Rule) -> int | None:
    """The state a rule leads to; None for an unspecified outcome."""
    return rule.target if isinstance(rule.target, int) else None


def _quantified(node: Node) -> bool:
    return any(n.op in ("all", "any") for n in node.walk())
