"""Plain breadth-first search with the tree-walk: what enumeration has to find, by other means."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from trialspec.spec.expression import Node
from trialspec.spec.model import Unspecified
from trialspec.statemachines.bound import Bound, Rule, as_int
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.evaluate import Configuration, Undefined, evaluate
from trialspec.statemachines.step import elapse


@dataclass
class Found:
    """Everything reachable; issues and violations with the depth at which they are met first."""

    depths: dict[Configuration, int] = field(default_factory=dict)
    after: dict[Configuration, list[Configuration]] = field(default_factory=dict)
    issues: dict[tuple[str, str], int] = field(default_factory=dict)
    violations: dict[str, int] = field(default_factory=dict)
    fired: set[int] = field(default_factory=set)
    ends: set[Configuration] = field(default_factory=set)
    transitions: int = 0
    complete: bool = True

    def stuck(self) -> bool:
        """Whether some configuration can't end."""
        before: dict[Configuration, list[Configuration]] = {}
        for a, targets in self.after.items():
            for b in targets:
                before.setdefault(b, []).append(a)
        good, todo = set(self.ends), list(self.ends)
        while todo:
            for a in before.get(todo.pop(), ()):
                if a not in good:
                    good.add(a)
                    todo.append(a)
        return len(good) < len(self.depths)

    def longest(self) -> int | None:
        """The length of the longest run without self-loops; None when there are cycles."""
        length: dict[Configuration, int] = {}
        open_: set[Configuration] = set()

        def visit(c: Configuration) -> int | None:
            if c in open_:
                return None
            if c not in length:
                open_.add(c)
                best = 0
                for d in set(self.after[c]) - {c}:
                    below = visit(d)
                    if below is None:
                        return None
                    best = max(best, below + 1)
                open_.discard(c)
                length[c] = best
            return length[c]

        return visit(next(iter(self.depths)))


class Search:
    """One search; ``limit`` is the most configurations that are looked at."""

    def __init__(self, bound: Bound, watch: Mapping[str, Node], limit: int) -> None:
        self.bound, self.watch, self.limit = bound, watch, limit
        self.values = {e.name: argument_values(bound, e) for e in bound.events}
        self.found = Found()

    def run(self) -> Found:
        found, start = self.found, self.bound.initial()
        found.depths[start] = 0
        todo = deque([start])
        while todo:
            here = todo.popleft()
            if len(found.depths) > self.limit:
                found.complete = False
                return found
            for name, node in self.watch.items():
                if not self.holds(node, here):
                    found.violations.setdefault(name, found.depths[here])
            found.after[here] = self.successors(here)
            for target in found.after[here]:
                if target not in found.depths:
                    found.depths[target] = found.depths[here] + 1
                    todo.append(target)
        return found

    def holds(self, node: Node, here: Configuration) -> bool:
        try:
            return bool(evaluate(self.bound, node, here, {}))
        except Undefined:
            return False

    def note(self, kind: str, place: str, here: Configuration) -> None:
        self.found.issues.setdefault((kind, place), self.found.depths[here])

    def successors(self, here: Configuration) -> list[Configuration]:
        bound, found = self.bound, self.found
        if here[0] in bound.final:
            found.ends.add(here)
            return []
        after: list[Configuration] = []
        answered = False
        for event in bound.events:
            for values in self.values[event.name]:
                names = [p.name for p in event.parameters]
                arguments = dict(zip(names, values, strict=True))
                target, happens = self.attempt(here, event.name, arguments)
                answered |= happens
                if target is not None:
                    found.transitions += 1
                    after.append(target)
        if bound.clocks:
            found.transitions += 1
            after.append(elapse(bound, here, 1))
        if not answered:
            self.note("deadlock", bound.states[here[0]], here)
        if set(after) <= {here} and here not in found.ends and bound.final:
            self.note("termination", "final", here)
        return after

    def attempt(
        self, here: Configuration, name: str, arguments: Mapping[str, int]
    ) -> tuple[Configuration | None, bool]:
        """The configuration after an event, if any, and whether the event can happen at all."""
        bound, event = self.bound, self.bound.event[name]
        try:
            if event.observation and not evaluate(bound, event.possible, here, arguments):
                return None, False
        except Undefined:
            self.note("definedness", f"possible/{name}", here)
            return None, True
        hits: list[Rule] = []
        unclear = False
        for rule in bound.rules_of.get((here[0], name), ()):
            try:
                if evaluate(bound, rule.guard, here, arguments):
                    hits.append(rule)
            except Undefined:
                unclear = True
                self.note("definedness", rule.name, here)
        place = f"{bound.states[here[0]]}/{name}"
        if not hits:
            if event.observation and not unclear:
                self.note("totality", place, here)
            return None, event.observation or unclear
        if len(hits) > 1:
            self.note("determinism", place, here)
        self.found.fired.add(hits[0].number)
        if isinstance(hits[0].target, Unspecified):
            self.found.ends.add(here)
            return None, True
        return self.after(here, hits[0], arguments), True

    def after(
        self, here: Configuration, rule: Rule, arguments: Mapping[str, int]
    ) -> Configuration | None:
        bound = self.bound
        assert isinstance(rule.target, int)
        writes = []
        for effect in rule.effects:
            field_ = bound.by_name[effect.name]
            cell = 1
            try:
                if effect.index is not None:
                    cell = evaluate(bound, effect.index, here, arguments)
                value = evaluate(bound, effect.value, here, arguments)
            except Undefined:
                cell, value = 0, 0
            if not 1 <= cell <= field_.cells:
                self.note("definedness", rule.name, here)
                return None
            writes.append((field_, field_.offset + cell - 1, value))
        target = [rule.target, *here[1:]]
        for i, (field_, place, value) in enumerate(writes):
            if place in [p for _, p, _ in writes[:i]]:
                self.note("definedness", rule.name, here)
                return None
            if not as_int(field_.low) <= value <= as_int(field_.high):
                self.note("range", field_.name, here)
                return None
            target[place] = value
        return tuple(target)


def search(bound: Bound, watch: Mapping[str, Node] | None = None, limit: int = 600) -> Found:
    """Everything reachable, unless there are more than ``limit`` configurations."""
    return Search(bound, watch or {}, limit).run()
