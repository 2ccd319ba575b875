"""A second, independent reading of a protocol: its texts themselves, evaluated with Python values.

It shares nothing with the package but the parser: no resolving, folding, integers or offsets.
Numbers are exact fractions, labels texts, and a configuration is what `observe` shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from trialspec.spec.expression import Node, binder, parse, parse_effects
from trialspec.spec.fold import COMPARE
from trialspec.spec.model import (
    SILENT,
    UNSPECIFIED,
    Days,
    Exact,
    OneOf,
    Protocol,
    Transition,
    Unspecified,
    Variable,
    Whole,
)
from trialspec.statemachines.functions import implementation


class Meaningless(Exception):
    """An index outside, a range left, a cell written twice, or two rules at once."""


class Plain:
    """One machine with its own constants, under the default readings."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.machine = protocol.machines[0]
        self.constants = dict(self.machine.constants)
        self.slugs = {a.id: a.choice(a.default) for a in protocol.ambiguities if a.choices}
        landmarks = [
            Variable(m.name, OneOf(("waiting", "running", "passed")), "'waiting'")
            for m in self.machine.landmarks
        ]
        self.variables = {v.name: v for v in (*self.machine.variables, *landmarks)}
        self.final = {s.name for s in self.machine.states if s.final}

    # ---- expressions

    def names(self, slugs: Mapping[str, str]) -> dict[str, Any]:
        readings = {
            a.name: SILENT if slugs[a.id] == UNSPECIFIED else slugs[a.id]
            for a in self.protocol.ambiguities
            if a.id in slugs
        }
        return {**self.constants, **readings}

    def value(self, node: Node, names: Mapping[str, Any], bound: Mapping[str, int]) -> Any:
        """The value of an expression, its operators in order from the left."""
        op, args = node.op, node.args
        if op in ("integer", "decimal"):
            return Fraction(str(node.value))
        if op in ("truth", "label"):
            return node.value
        if op == "argument":
            return names[f"event.{node.value}"]
        if op == "name":
            return self.named(str(node.value), names, bound)
        if op in ("all", "any", "sum"):
            name, domain = binder(node)
            found: Any = Fraction(0)
            for k in range(1, self.constants[domain] + 1):
                inner = {**bound, name: k}
                taken = len(args) == 1 or self.value(args[1], names, inner)
                here = self.value(args[0], names, inner) if taken else None
                if op == "sum" and taken:
                    found += _number(here)
                if op == "all" and taken and not here:
                    return False
                if op == "any" and taken and here:
                    return True
            return found if op == "sum" else op == "all"
        if op == "if":
            return self.value(args[1 if self.value(args[0], names, bound) else 2], names, bound)
        if op in ("and", "or"):
            for arg in args:
                if bool(self.value(arg, names, bound)) == (op == "or"):
                    return op == "or"
            return op == "and"
        if op == "call" and node.value == "implies":
            return not self.value(args[0], names, bound) or self.value(args[1], names, bound)
        if op == "call" and node.value not in ("min", "max"):
            given = [
                tuple(int(v) for v in names[str(a.value)])
                if a.op == "name" and isinstance(names.get(str(a.value)), list)
                else int(self.value(a, names, bound))
                for a in args
            ]
            return Fraction(implementation(str(node.value))(*given))
        if op == "in":
            first = self.value(args[0], names, bound)
            return any(first == self.value(a, names, bound) for a in args[1:])
        values = [self.value(a, names, bound) for a in args]
        if op == "index":
            whole = names[str(node.value)]
            if not 1 <= values[0] <= len(whole):
                raise Meaningless(f"{node} is outside")
            return whole[int(values[0]) - 1]
        if op == "not":
            return not values[0]
        if op in COMPARE:
            return COMPARE[op](*values)
        numbers = [_number(v) for v in values]
        if op == "negative":
            return -numbers[0]
        if op == "call":
            return min(numbers) if node.value == "min" else max(numbers)
        a, b = numbers
        return a + b if op == "+" else a - b if op == "-" else a * b

    def named(self, name: str, names: Mapping[str, Any], bound: Mapping[str, int]) -> Any:
        if name in bound:
            return Fraction(bound[name])
        if name in self.machine.definitions:
            return self.value(parse(self.machine.definitions[name]), names, {})
        found = names[name] if name in names else names[f"event.{name}"]
        return Fraction(found) if type(found) is int else found

    # ---- steps

    def step(
        self, now: Mapping[str, Any], event: str, arguments: Mapping[str, Any]
    ) -> tuple[str, Any]:
        """``("accepted", after)``, ``("refused", None)`` or ``("unspecified", id)``.

        ``now`` is a configuration as `observe` shows it; so is what comes after.
        """
        state = now["state"]
        if state in self.final:
            return "refused", None
        declared = next((e for e in self.machine.events if e.name == event), None)
        names = {
            **self.names(self.slugs),
            **{n: self.read(n, v) for n, v in now.items()},
            **{f"event.{n}": _exact(v) for n, v in arguments.items()},
        }
        if declared is None:
            if now[event] != "running":
                return "refused", None
        elif declared.observation and not self.value(parse(declared.possible), names, {}):
            return "refused", None
        rules = [t for t in self.machine.transitions if state in t.sources and t.event == event]
        if declared is None and not any(t.when == "otherwise" for t in rules):
            rules.append(Transition("", state, event, None, "otherwise"))
        hits = [t for t in rules if t.when != "otherwise" and self.guard(t, names)]
        last = [t for t in rules if t.when == "otherwise" and self.guard(t, names)]
        hits = hits or last
        gap = self.gap(rules, names)
        if len(hits) > 1:
            raise Meaningless("two rules")
        if not hits:
            return ("unspecified", gap) if gap else ("refused", None)
        if isinstance(hits[0].target, Unspecified):
            return "unspecified", hits[0].target.ambiguity
        return "accepted", self.after(hits[0], now, names)

    def guard(self, t: Transition, names: Mapping[str, Any]) -> bool:
        if not all(self.value(parse(r.condition), names, {}) for r in t.requires):
            return False
        return t.when == "otherwise" or bool(self.value(parse(t.when), names, {}))

    def gap(self, rules: list[Transition], names: Mapping[str, Any]) -> str | None:
        """The first open gap of which some reading would act here."""
        gaps = [a for a in self.protocol.ambiguities if self.slugs.get(a.id) == UNSPECIFIED]
        for gap in gaps:
            for t in rules:
                texts = [t.when, *(r.condition for r in t.requires)]
                mentioned = self.mentioned(texts)
                if t.when == "otherwise" or gap.name not in mentioned:
                    continue
                others = [g for g in gaps if g is not gap and g.name in mentioned]
                for slugs in product(gap.readings, *([*g.readings, SILENT] for g in others)):
                    chosen = dict(zip((g.name for g in (gap, *others)), slugs, strict=True))
                    if self.guard(t, {**names, **chosen}):
                        return gap.id
        return None

    def mentioned(self, texts: list[str]) -> set[str]:
        found: set[str] = set()
        for text in texts:
            for node in parse(text).walk():
                name = str(node.value)
                if node.op == "name" and name not in found:
                    found.add(name)
                    if name in self.machine.definitions:
                        found |= self.mentioned([self.machine.definitions[name]])
        return found

    def after(
        self, t: Transition, now: Mapping[str, Any], names: Mapping[str, Any]
    ) -> dict[str, Any]:
        later = {n: list(v) if isinstance(v, list) else v for n, v in now.items()}
        later["state"] = now["state"] if t.target is None else t.target
        written = set()
        for effect in parse_effects(t.then):
            name = str(effect.target.value)
            variable = self.variables[name]
            new = self.fitted(variable, self.value(effect.value, names, {}))
            cell = None
            if effect.target.op == "index":
                cell = int(self.value(effect.target.args[0], names, {}))
                if not 1 <= cell <= len(later[name]):
                    raise Meaningless(f"{name}[{cell}]")
                later[name][cell - 1] = self.shown(variable, new)
            else:
                later[name] = self.shown(variable, new)
            if (name, cell) in written:
                raise Meaningless(f"{name} twice")
            written.add((name, cell))
        for m in self.machine.landmarks:
            if t.event in m.starts and now[m.name] == "waiting":
                later[m.name] = "running"
            if t.event == m.name:
                later[m.name] = "passed"
        return later

    def elapse(self, now: Mapping[str, Any]) -> dict[str, Any]:
        later = dict(now)
        if now["state"] not in self.final:
            for v in self.variables.values():
                if isinstance(v.kind, Days):
                    later[v.name] = min(later[v.name] + 1, self.bounds(v)[1])
        return later

    # ---- values

    def bounds(self, v: Variable) -> tuple[Any, Any]:
        if isinstance(v.kind, Exact):
            return Fraction(v.kind.low), Fraction(v.kind.high)
        low, high = (v.kind.low, v.kind.high) if isinstance(v.kind, Whole) else (0, v.kind.horizon)  # type: ignore[union-attr]
        return tuple(int(self.value(parse(str(t)), self.constants, {})) for t in (low, high))  # type: ignore[return-value]

    def fitted(self, v: Variable, value: Any) -> Any:
        if not isinstance(v.kind, Whole | Days | Exact):
            return value
        low, high = self.bounds(v)
        if v.saturates and value > high:
            value = high
        if not low <= value <= high:
            raise Meaningless(f"{v.name} = {value}")
        return value

    def read(self, name: str, value: Any) -> Any:
        if name == "state":
            return value
        if isinstance(value, list):
            return [self.read(name, v) for v in value]
        return Fraction(value) if isinstance(self.variables[name].kind, Exact) else _exact(value)

    def shown(self, v: Variable, value: Any) -> Any:
        if isinstance(v.kind, Exact):
            return format(float(value), "g")
        return int(value) if isinstance(v.kind, Whole | Days) else value


def _exact(value: Any) -> Any:
    return Fraction(value) if type(value) is int else value


def _number(value: Any) -> Any:
    return Fraction(int(value)) if isinstance(value, bool) else value
