"""Local contexts: what the rules of a state do, worked out once for each part they can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..spec.expression import Node
from ..spec.fold import fold
from ..spec.model import Unspecified
from .bound import Bound, BoundEvent, Rule
from .classes import argument_values
from .compile import Compiled
from .evaluate import Undefined
from .pack import Layout, NotKnown, Reads
from .step import ELAPSE

Change = tuple[tuple[int, int, int], ...]
MAX_PARTS = 2_000


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong in a context: kind, place (a state and event, a rule, a variable), event."""

    kind: str
    place: str
    event: str = ""
    arguments: tuple[int, ...] = ()
    detail: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Move:
    """Where a context's configurations go by one distinct change.

    ``key`` is the part of the new context that is known, ``enter`` the bits that join it from the
    rest, ``leave`` those that leave it; ``base`` is the old context after the change. ``deferred``
    are the watched properties to check on the whole configurations, with the bits they read.
    """

    key: int
    enter: int
    leave: int
    base: int
    deferred: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Context:
    """What happens in one context."""

    moves: list[Move] = field(default_factory=list)
    edges: int = 0
    issues: list[Issue] = field(default_factory=list)
    false: list[tuple[str, int]] = field(default_factory=list)
    changes: set[Change] = field(default_factory=set)
    fired: set[int] = field(default_factory=set)
    ends: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Watched:
    """One conjunct of a watched property: its test, what it reads, the local parts seen."""

    name: str
    test: Callable[[Sequence[int]], Any]
    reads: Reads
    masks: dict[int, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)


@dataclass(slots=True, eq=False, repr=False)
class _Offer:
    """An event as it is tried in one state."""

    event: BoundEvent
    possible: Callable[..., Any] | None
    values: list[tuple[int, ...]]
    rules: list[tuple[Rule, Callable[..., Any], Callable[..., Any]]]


class Contexts:
    """All contexts of a machine, opened on demand."""

    def __init__(self, bound: Bound, watch: Mapping[str, Node]) -> None:
        self.bound = bound
        self.layout = Layout(bound)
        self.known: dict[int, Context] = {}
        self.masks: dict[int, int] = {}
        self.places: dict[int, list[int]] = {}
        self.relevant: dict[int, list[tuple[int, int]]] = {}
        self.watched = self._watched(watch)
        self.offers, self.reads = self._offers()
        self.clocks = [(c.offset, self.layout.highs[c.offset]) for c in bound.clocks]
        head = self.layout.masks[0]
        for reads in [*self.reads, *(w.reads for w in self.watched)]:
            head |= reads.head
        self.head = head
        self.head_places = self.layout.places(head)

    def _watched(self, watch: Mapping[str, Node]) -> list[Watched]:
        parts = [(name, part) for name, node in watch.items() for part in split(node)]
        tests = Compiled(self.bound).predicates([part for _, part in parts])
        found = []
        for (name, part), test in zip(parts, tests, strict=True):
            reads = Reads(self.layout)
            reads.add(part)
            found.append(Watched(name, test, reads))
        return found

    def _offers(self) -> tuple[list[list[_Offer]], list[Reads]]:
        """For each state the events to try; and for each state what their rules touch."""
        bound, compiled = self.bound, Compiled(self.bound)
        values = {e.name: argument_values(bound, e) for e in bound.events}
        offers: list[list[_Offer]] = []
        touched: list[Reads] = []
        for state in range(len(bound.states)):
            mine: list[_Offer] = []
            reads = Reads(self.layout)
            for clock in bound.clocks:
                reads.fixed |= self.layout.masks[clock.offset]
            if state not in bound.final:
                for event in bound.events:
                    rules = bound.rules_of.get((state, event.name), ())
                    if not rules and not event.observation:
                        continue
                    inner = Reads(self.layout, event)
                    if event.observation:
                        inner.add(event.possible)
                    for rule in rules:
                        _touch(inner, rule)
                    _merge(reads, inner)
                    possible = compiled.possible[event.name] if event.observation else None
                    listed = [(r, *compiled.rules[r.number]) for r in rules]
                    mine.append(_Offer(event, possible, values[event.name], listed))
            offers.append(mine)
            touched.append(reads)
        return offers, touched

    # ---- masks

    def mask(self, packed: int) -> int:
        """The bits that make up the context of a configuration."""
        head = packed & self.head
        mask = self.masks.get(head)
        if mask is None:
            values = self.layout.partial(head, self.head_places)
            reads = self.reads[values[0]]
            mask = self.masks[head] = self.head | reads.mask(values)
            self.places[head] = self.layout.places(mask)
        return mask

    def watching(self, head: int) -> list[tuple[int, int]]:
        """The watched conjuncts and the bits each reads, for one value of the head."""
        found = self.relevant.get(head)
        if found is None:
            values = self.layout.partial(head, self.head_places)
            found = [(i, w.reads.mask(values)) for i, w in enumerate(self.watched)]
            self.relevant[head] = found
        return found

    def holds(self, number: int, local: int, mask: int) -> bool:
        """Whether a watched conjunct holds, given the bits it reads."""
        watched = self.watched[number]
        try:
            return bool(watched.test(self.layout.partial(local, self.layout.places(mask))))
        except Undefined:
            return False

    def false_at(self, packed: int) -> list[str]:
        """The watched properties that fail in one whole configuration."""
        return [
            w.name
            for i, w in enumerate(self.watched)
            if not self.holds(i, packed, self.layout.everything)
        ]

    # ---- opening

    def open(self, key: int) -> Context:
        """Works out what happens in a context."""
        context = self.known[key] = Context()
        mask = self.mask(key)
        places = self.places[key & self.head]
        values = self.layout.partial(key, places)
        state = values[0]
        moves: dict[int, Change] = {}
        answered = False
        for offer in self.offers[state]:
            for arguments in offer.values:
                answered |= self.attempt(context, offer, values, arguments, moves)
        if state not in self.bound.final:
            if self.clocks:
                self.elapse(context, values, moves)
            name = self.bound.states[state]
            if not answered:
                context.issues.append(Issue("deadlock", name))
            if not moves and not context.ends and self.bound.final:
                context.issues.append(Issue("termination", "final"))
        else:
            context.ends = True
        for delta, change in moves.items():
            self.move(context, key, mask, values, delta, change)
        return context

    def attempt(
        self,
        context: Context,
        offer: _Offer,
        values: list[int],
        arguments: tuple[int, ...],
        moves: dict[int, Change],
    ) -> bool:
        """Tries one event with one choice of arguments; answers whether it can happen.

        A possible observation that no rule answers can happen all the same: what is wrong then is
        totality, or definedness where a guard has no value, and no deadlock besides.
        """
        event, state = offer.event, self.bound.states[values[0]]
        place = f"{state}/{event.name}"
        try:
            if offer.possible is not None and not offer.possible(values, *arguments):
                return False
        except Undefined as error:
            self.issue(context, "definedness", f"possible/{event.name}", event, arguments, error)
            return True
        hits = []
        unclear = False
        for entry in offer.rules:
            try:
                if entry[1](values, *arguments):
                    hits.append(entry)
            except Undefined as error:
                self.issue(context, "definedness", entry[0].name, event, arguments, error)
                unclear = True
        if not hits:
            if event.observation and not unclear:
                self.issue(context, "totality", place, event, arguments, "no rule answers it")
            return event.observation or unclear
        if len(hits) > 1:
            both = " and ".join(h[0].name for h in hits)
            self.issue(context, "determinism", place, event, arguments, f"{both} both apply")
        rule, _, writes = hits[0]
        context.fired.add(rule.number)
        if isinstance(rule.target, Unspecified):
            context.ends = True
            return True
        try:
            change = self.change(values, rule, writes(values, *arguments))
        except Undefined as error:
            self.issue(context, "definedness", rule.name, event, arguments, error)
            return True
        except _OutOfRange as error:
            self.issue(context, "range", error.field, event, arguments, error)
            return True
        context.edges += 1
        if change:
            moves.setdefault(self.delta(change), change)
        return True

    @staticmethod
    def issue(
        context: Context,
        kind: str,
        place: str,
        event: BoundEvent,
        arguments: tuple[int, ...],
        detail: object,
    ) -> None:
        context.issues.append(Issue(kind, place, event.name, arguments, str(detail)))

    def change(
        self, values: list[int], rule: Rule, writes: Sequence[tuple[int, int]]
    ) -> Change:
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
                    f.name
                    for f in self.bound.fields
                    if f.offset <= place < f.offset + f.cells
                )
                raise _OutOfRange(name, f"{rule.name} gives {name} the value {int(value)}")
            if value != values[place]:
                changed[place] = (place, values[place], int(value))
        return tuple(changed[p] for p in sorted(changed))

    def delta(self, change: Change) -> int:
        """The change as a number to add to a packed configuration."""
        shifts = self.layout.shifts
        return sum((new - old) << shifts[place] for place, old, new in change)

    def elapse(self, context: Context, values: list[int], moves: dict[int, Change]) -> None:
        """One day passes on every clock."""
        change = tuple(
            (place, values[place], values[place] + 1)
            for place, high in self.clocks
            if values[place] < high
        )
        context.edges += 1
        if change:
            moves.setdefault(self.delta(change), change)

    def move(
        self,
        context: Context,
        key: int,
        mask: int,
        values: list[int],
        delta: int,
        change: Change,
    ) -> None:
        """Adds where a change leads, checking the watched properties it can affect."""
        base = key + delta
        after_mask = self.mask(base)
        context.changes.add(change)
        touched = 0
        after = values.copy()
        for place, _, new in change:
            touched |= self.layout.masks[place]
            after[place] = new
        deferred = []
        for number, reads in self.watching(base & self.head):
            if not touched & reads:
                continue
            watched = self.watched[number]
            try:
                fine = watched.test(after)
            except NotKnown:
                deferred.append((number, reads))
                continue
            except Undefined:
                fine = False
            if not fine:
                context.false.append((watched.name, base))
        context.moves.append(
            Move(base & after_mask, after_mask & ~mask, base & ~after_mask, base, tuple(deferred))
        )


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


def _merge(into: Reads, other: Reads) -> None:
    """Adds an event's reads to a state's, with its arguments spelt out as alternatives."""
    into.fixed |= other.fixed
    into.head |= other.head
    for name, index in other.cells:
        for arguments in other.assignments(index):
            into.cells.add((name, _put(index, arguments)))


def _put(node: Node, arguments: Mapping[str, int]) -> Node:
    """The tree with its arguments replaced by values."""
    if node.op == "argument":
        return Node("integer", arguments[str(node.value)])
    if not node.args:
        return node
    return fold(Node(node.op, node.value, tuple(_put(a, arguments) for a in node.args)))


def split(node: Node) -> list[Node]:
    """The conjuncts of a property, looking through negated disjunctions and implications."""
    if node.op == "and":
        return [part for arg in node.args for part in split(arg)]
    if node.op == "not" and node.args[0].op == "or":
        return [p for arg in node.args[0].args for p in split(fold(Node("not", None, (arg,))))]
    if node.op == "or":
        for i, arg in enumerate(node.args):
            inner = split(arg)
            if 1 < len(inner) <= MAX_PARTS:
                others = (*node.args[:i], *node.args[i + 1 :])
                return [
                    p for part in inner for p in split(fold(Node("or", None, (*others, part))))
                ]
    return [node]
