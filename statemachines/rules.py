"""Transitions as rules: guards put together, and the outcomes of gaps that are left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from ..spec.errors import SpecError
from ..spec.expression import (
    FALSE,
    Node,
    conjuncts,
    disjunction,
    negation,
    parse,
    parse_effects,
)
from ..spec.fold import fold
from ..spec.model import (
    SILENT,
    UNSPECIFIED,
    Ambiguity,
    Landmark,
    Machine,
    Protocol,
    Transition,
    Unspecified,
)
from ..spec.resolve import Resolver
from ..spec.scope import Assignment, Scope
from .bound import BoundEvent, Part, Rule

WAITING, RUNNING, PASSED = 0, 1, 2


class Rules:
    """Makes the rules of one machine under its readings.

    ``slugs`` are the readings as guards see them; ``scope_under`` is the scope under others.
    """

    def __init__(
        self,
        protocol: Protocol,
        machine: Machine,
        readings: Mapping[str, str],
        slugs: Mapping[str, str],
        scope_under: Callable[[Mapping[str, str]], Scope],
    ) -> None:
        self.protocol, self.machine = protocol, machine
        self.states = tuple(s.name for s in machine.states)
        self.readings, self.slugs = readings, slugs
        self.scope_under = scope_under
        self.scope = scope_under(slugs)
        self.mentioned: dict[int, set[str]] = {}

    def of(self, number_: int, state: str, event: BoundEvent) -> list[Rule]:
        """The rules of one state and event, the generated outcomes of open gaps last."""
        mine = [t for t in self.machine.transitions if state in t.sources and t.event == event.name]
        landmark = next((m for m in self.machine.landmarks if m.name == event.name), None)
        covered = any(t.when == "otherwise" for t in mine)
        if landmark and not covered and not self.machine.states[number_].final:
            mine.append(Transition("", state, event.name, None, "otherwise"))
        types = {p.name: p.type for p in event.parameters}
        resolver = Resolver(self.scope.with_arguments(types, number_))
        guards: list[Node] = []
        rules: list[Rule] = []
        otherwise = [t for t in mine if t.when == "otherwise"]
        if len(otherwise) > 1:
            raise SpecError(
                f"two rules for {event.name!r} in {state!r} say otherwise",
                where=f"machine {self.machine.name}: {otherwise[1].clause}",
            )
        for t in [t for t in mine if t.when != "otherwise"] + otherwise:
            parts = self._parts(t, resolver)
            if t.when == "otherwise":
                for node in conjuncts(fold(negation(disjunction(guards)))):
                    parts.append(Part(t.clause, "otherwise", node))
            guard = fold(Node("and", None, tuple(p.node for p in parts)))
            guards.append(guard)
            if guard == FALSE:
                continue
            rules.append(self._rule(t, number_, event, guard, tuple(parts), resolver))
        return rules + self._unspecified(number_, event, mine, guards)

    def _parts(self, t: Transition, resolver: Resolver) -> list[Part]:
        where = _place(t)
        parts = [
            Part(r.clause, r.condition, resolver.condition(r.condition, f"{where}: {r.clause}"))
            for r in t.requires
        ]
        if t.when != "otherwise":
            for conjunct in conjuncts(parse(t.when)):
                text = str(conjunct)
                parts.append(Part(t.clause, text, resolver.condition(text, where)))
        return parts

    def _rule(
        self,
        t: Transition,
        source: int,
        event: BoundEvent,
        guard: Node,
        parts: tuple[Part, ...],
        resolver: Resolver,
    ) -> Rule:
        effects = [resolver.effect(e, _place(t)) for e in parse_effects(t.then)]
        if not isinstance(t.target, Unspecified):
            for m in self.machine.landmarks:
                effects += _landmark_effects(m, event.name)
        _once(effects, _place(t))
        target: int | Unspecified
        if isinstance(t.target, Unspecified):
            target = t.target
            if effects:
                raise SpecError("an unspecified outcome has no effects", where=_place(t))
        else:
            target = source if t.target is None else self.states.index(t.target)
        text = f"{t.when}" + (f" / {t.then}" if t.then else "")
        return Rule(0, "", t.clause, source, event.name, target, guard, parts, tuple(effects), text)

    def _unspecified(
        self, source: int, event: BoundEvent, mine: list[Transition], guards: list[Node]
    ) -> list[Rule]:
        """The rules that answer unspecified wherever a reading of an open gap would act."""
        gaps = [a for a in self.protocol.ambiguities if self.readings.get(a.id) == UNSPECIFIED]
        made: list[Rule] = []
        taken = list(guards)
        for gap in gaps:
            situations = []
            for t in mine:
                if id(t) not in self.mentioned:
                    self.mentioned[id(t)] = self._named(t)
                named = self.mentioned[id(t)]
                if gap.name not in named or t.when == "otherwise":
                    continue
                others = [g for g in gaps if g is not gap and g.name in named]
                for choice in product(gap.readings, *([*g.readings, SILENT] for g in others)):
                    acting, idle = (
                        self._guard_under(t, source, event, (gap, *others), slugs)
                        for slugs in (choice, (SILENT, *choice[1:]))
                    )
                    # what happens without a rule for this gap too is not decided by it
                    if acting != idle:
                        situations.append(fold(Node("and", None, (acting, fold(negation(idle))))))
            situation = fold(disjunction(situations))
            if situation == FALSE:
                continue
            free = fold(negation(fold(disjunction(taken))))
            guard = fold(Node("and", None, (free, situation)))
            taken.append(situation)
            part = Part(gap.id, f"a reading of {gap.id} decides here", guard)
            outcome = Unspecified(gap.id)
            made.append(
                Rule(0, "", gap.id, source, event.name, outcome, guard, (part,), (), part.text)
            )
        return made

    def _guard_under(
        self,
        t: Transition,
        source: int,
        event: BoundEvent,
        gaps: tuple[Ambiguity, ...],
        choice: tuple[str, ...],
    ) -> Node:
        """A transition's guard with these readings of these gaps."""
        slugs = dict(self.slugs)
        slugs.update(zip((g.id for g in gaps), choice, strict=True))
        types = {p.name: p.type for p in event.parameters}
        scope = self.scope_under(slugs).with_arguments(types, source)
        parts = self._parts(t, Resolver(scope))
        return fold(Node("and", None, tuple(p.node for p in parts)))

    def _named(self, t: Transition) -> set[str]:
        """The names a guard mentions, through definitions as well."""
        names: set[str] = set()
        todo = [t.when, *(r.condition for r in t.requires)]
        while todo:
            for node in parse(todo.pop()).walk():
                name = str(node.value)
                if node.op == "name" and name not in names:
                    names.add(name)
                    if name in self.machine.definitions:
                        todo.append(self.machine.definitions[name])
        return names


def _landmark_effects(landmark: Landmark, event: str) -> list[Assignment]:
    """What an event does to a landmark: its ``after`` starts it, the landmark itself passes it."""
    value = Node("variable", landmark.name)
    if event in landmark.starts:
        waiting = Node("==", None, (value, Node("integer", WAITING)))
        start = Node("if", None, (waiting, Node("integer", RUNNING), value))
        return [Assignment(landmark.name, None, start, None)]
    if event == landmark.name:
        return [Assignment(landmark.name, None, Node("integer", PASSED), None)]
    return []


def _once(effects: list[Assignment], where: str) -> None:
    """Refuses two effects on one variable, or on one cell with the same index."""
    seen: set[tuple[str, Node | None]] = set()
    for effect in effects:
        key = (effect.name, effect.index)
        if key in seen:
            cell = effect.name if effect.index is None else f"{effect.name}[{effect.index.value}]"
            raise SpecError(
                f"{cell} is written twice by one rule", where=where, hint="effects are simultaneous"
            )
        seen.add(key)


def _place(t: Transition) -> str:
    return f"{t.clause or 'built-in'} ({', '.join(t.sources)} on {t.event})"
