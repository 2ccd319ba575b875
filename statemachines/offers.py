"""What an event does in a state: tried once for each part of the configuration that it can see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..spec.expression import FALSE, TRUE
from ..spec.model import Unspecified
from .bound import Bound, BoundEvent, Rule
from .classes import argument_values
from .compile import Compiled, Write
from .defined import defined
from .evaluate import Undefined
from .pack import Change, Layout, Reads

CompiledRule = tuple[Rule, Callable[..., Any], Callable[..., Sequence[Write]]]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong in a context: kind, place (a state and event, a rule, a variable), event."""

    kind: str
    place: str
    event: str = ""
    arguments: tuple[int, ...] = ()
    detail: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Outcome:
    """What comes of an event, over all its arguments.

    ``changes`` maps what is added to a packed configuration to the places that change.
    """

    answered: bool = False
    ends: bool = False
    edges: int = 0
    issues: list[Issue] = field(default_factory=list)
    changes: dict[int, Change] = field(default_factory=dict)
    fired: set[int] = field(default_factory=set)

    def issue(
        self, kind: str, place: str, event: BoundEvent, arguments: tuple[int, ...], detail: object
    ) -> None:
        """Notes something wrong."""
        self.issues.append(Issue(kind, place, event.name, arguments, str(detail)))


@dataclass(frozen=True, slots=True)
class Case:
    """Arguments that no rule tells apart: the first of them, how many, and the rules that remain.

    ``quiet`` says that none of these rules changes anything.
    """

    arguments: tuple[int, ...]
    count: int
    rules: tuple[Rule, ...]
    quiet: bool


def cases(bound: Bound, state: int, event: BoundEvent) -> list[Case]:
    """The arguments of an event in a state, those put together that mean the same there."""
    rules, put = bound.rules_of.get((state, event.name), ()), bound.substituted
    sure = all(defined(bound, c) == TRUE for c in (event.possible, event.asked))
    whole = {r.number: _always_defined(bound, r) for r in rules}
    found: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    remain: dict[tuple[object, ...], tuple[Rule, ...]] = {}
    for arguments in argument_values(bound, event):
        given = event.given(arguments)
        meaning: list[object] = [put(event.possible, given)]
        live = []
        for rule in rules:
            guard = put(rule.guard, given)
            if guard == FALSE and whole[rule.number]:
                continue
            live.append(rule)
            meaning += [rule.number, guard]
            for effect in rule.effects:
                meaning.append(put(effect.value, given))
                meaning.append(effect.index and put(effect.index, given))
        if not sure or not all(whole[r.number] for r in live):
            # whether something is defined can depend on what folding has dropped
            meaning.append(arguments)
        key = tuple(meaning)
        found.setdefault(key, []).append(arguments)
        remain[key] = tuple(live)
    return [
        Case(alike[0], len(alike), remain[key], all(_idle(r, state) for r in remain[key]))
        for key, alike in found.items()
    ]


def _always_defined(bound: Bound, rule: Rule) -> bool:
    """Whether its guard and the values of its effects are defined whatever the configuration."""
    return all(defined(bound, n) == TRUE for n in (rule.guard, *(e.value for e in rule.effects)))


def _idle(rule: Rule, state: int) -> bool:
    return not rule.effects and (rule.target == state or isinstance(rule.target, Unspecified))


class Offer:
    """One event in one state, with what it reads and what came of it so far.

    ``quiet`` says that it changes nothing, whatever the configuration, and reads no array: what it
    reads then moves nobody.
    """

    def __init__(
        self, layout: Layout, compiled: Compiled, state: int, event: BoundEvent, tried: list[Case]
    ) -> None:
        self.layout, self.bound = layout, layout.bound
        self.state, self.event = state, event
        self.cases = [
            (c.arguments, c.count, [(r, *compiled.rules[r.number]) for r in c.rules]) for c in tried
        ]
        self.possible = compiled.possible[event.name] if event.observation else None
        self.reads = Reads(layout, event)
        if event.observation:
            self.reads.add(event.possible)
        self.asked: Callable[..., Any] | None = None
        if defined(self.bound, event.asked) != TRUE:
            (self.asked,) = compiled.predicates([event.asked], event)
            self.reads.add(event.asked)
        for rule in {r.number: r for c in tried for r in c.rules}.values():
            _touch(self.reads, rule)
        self.indexed = bool(self.reads.cells)
        self.quiet = not self.indexed and all(c.quiet for c in tried)
        self.masks: dict[int, int] = {}
        self.known: dict[int, Outcome] = {}

    def outcome(self, key: int, values: list[Any]) -> Outcome:
        """What comes of the event where these values are known; ``key`` packs them."""
        mask = self.reads.fixed
        if self.indexed:
            head = key & self.reads.head
            if head not in self.masks:
                self.masks[head] = self.reads.head | self.reads.mask(values)
            mask = self.masks[head]
        found = self.known.get(key & mask)
        if found is None:
            found = self.known[key & mask] = Outcome()
            for arguments, count, rules in self.cases:
                edges = found.edges
                found.answered |= self.attempt(found, values, arguments, rules)
                found.edges += (found.edges - edges) * (count - 1)
        return found

    def attempt(
        self,
        outcome: Outcome,
        values: list[Any],
        arguments: tuple[int, ...],
        rules: list[CompiledRule],
    ) -> bool:
        """Tries one event with one choice of arguments; answers whether it can happen.

        A possible observation that no rule answers can happen all the same: what is wrong then is
        totality, or definedness where a guard has no value, and no deadlock besides.
        """
        event, state = self.event, self.bound.states[self.state]
        place = f"{state}/{event.name}"
        try:
            if self.asked is not None:
                self.asked(values, *arguments)
        except Undefined as error:
            outcome.issue("definedness", f"asked/{event.name}", event, arguments, error)
        try:
            if self.possible is not None and not self.possible(values, *arguments):
                return False
        except Undefined as error:
            outcome.issue("definedness", f"possible/{event.name}", event, arguments, error)
            return True
        hits = []
        unclear = False
        for entry in rules:
            try:
                if entry[1](values, *arguments):
                    hits.append(entry)
            except Undefined as error:
                outcome.issue("definedness", entry[0].name, event, arguments, error)
                unclear = True
        if not hits:
            if event.observation and not unclear:
                outcome.issue("totality", place, event, arguments, "no rule answers it")
            return event.observation or unclear
        if len(hits) > 1:
            both = " and ".join(h[0].name for h in hits)
            outcome.issue("determinism", place, event, arguments, f"{both} both apply")
        rule, _, writes = hits[0]
        outcome.fired.add(rule.number)
        if isinstance(rule.target, Unspecified):
            outcome.ends = True
            return True
        try:
            change = self.change(values, rule, writes(values, *arguments))
        except Undefined as error:
            outcome.issue("definedness", rule.name, event, arguments, error)
            return True
        except _OutOfRange as error:
            outcome.issue("range", error.field, event, arguments, error)
            return True
        outcome.edges += 1
        if change:
            outcome.changes.setdefault(self.layout.delta(change), change)
        return True

    def change(self, values: list[int], rule: Rule, writes: Sequence[tuple[int, int]]) -> Change:
        """The places a rule changes, with old and new values, in order of place."""
        lows, highs = self.layout.lows, self.layout.highs
        changed: dict[int, tuple[int, int, int]] = {}
        written = set()
        target = rule.target
        assert isinstance(target, int)
        if target != values[0]:
            changed[0] = (0, values[0], target)
        for place, value in writes:
            if place in written:
                raise Undefined(f"{rule.name} writes one cell twice")
            written.add(place)
            if not lows[place] <= value <= highs[place]:
                name = next(
                    f.name for f in self.bound.fields if f.offset <= place < f.offset + f.cells
                )
                raise _OutOfRange(name, f"{rule.name} gives {name} the value {int(value)}")
            if value != values[place]:
                changed[place] = (place, values[place], int(value))
        return tuple(changed[p] for p in sorted(changed))


class _OutOfRange(Exception):
    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def _touch(reads: Reads, rule: Rule) -> None:
    """Adds what a rule reads and writes."""
    reads.add(rule.guard)
    for effect in rule.effects:
        reads.add(effect.value)
        if effect.index is None:
            reads.fixed |= reads.variable(effect.name)
        else:
            reads.add(effect.index)
            reads.cell(effect.name, effect.index)
