"""Local contexts: what the rules of a state do, worked out once for each part they can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from ..spec.expression import Node
from ..spec.fold import fold
from .bound import Bound
from .compile import Compiled
from .evaluate import Undefined
from .interval import total
from .offers import Issue, Offer
from .pack import Change, Layout, NotKnown, Reads

MAX_PARTS = 2_000


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
        parts = [(name, part) for name, node in watch.items() for part in split(self.bound, node)]
        tests = Compiled(self.bound).predicates([part for _, part in parts])
        found = []
        for (name, part), test in zip(parts, tests, strict=True):
            reads = Reads(self.layout)
            reads.add(part)
            found.append(Watched(name, test, reads))
        return found

    def _offers(self) -> tuple[list[list[Offer]], list[Reads]]:
        """For each state the events to try; and for each state what their rules touch."""
        bound, compiled = self.bound, Compiled(self.bound)
        offers: list[list[Offer]] = []
        touched: list[Reads] = []
        for state in range(len(bound.states)):
            mine: list[Offer] = []
            reads = Reads(self.layout)
            for clock in bound.clocks:
                reads.fixed |= self.layout.masks[clock.offset]
            if state not in bound.final:
                for event in bound.events:
                    if event.observation or (state, event.name) in bound.rules_of:
                        offer = Offer(self.layout, compiled, state, event)
                        reads.merge(offer.reads)
                        mine.append(offer)
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
            outcome = offer.outcome(key, values)
            answered |= outcome.answered
            context.ends |= outcome.ends
            context.edges += outcome.edges
            context.issues += outcome.issues
            context.fired |= outcome.fired
            for delta, change in outcome.changes.items():
                moves.setdefault(delta, change)
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

    def elapse(self, context: Context, values: list[int], moves: dict[int, Change]) -> None:
        """One day passes on every clock."""
        change = tuple(
            (place, values[place], values[place] + 1)
            for place, high in self.clocks
            if values[place] < high
        )
        context.edges += 1
        if change:
            moves.setdefault(self.layout.delta(change), change)

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
                # a flag that is not known comes back as it is: only its truth value is asked
                fine = bool(watched.test(after))
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


def split(bound: Bound, node: Node) -> list[Node]:
    """The conjuncts of a property, looking through negated disjunctions and implications.

    A disjunction is only looked through where every part of it always has a value: each conjunct
    is evaluated by itself, without what would have stopped the evaluation before it.
    """
    if node.op == "and":
        return [part for arg in node.args for part in split(bound, arg)]
    if node.op == "not" and node.args[0].op == "or":
        denied = [fold(Node("not", None, (arg,))) for arg in node.args[0].args]
        return [part for arg in denied for part in split(bound, arg)]
    if node.op == "or" and total(bound, node, {}):
        inner = [split(bound, arg) for arg in node.args]
        if 1 < prod(map(len, inner)) <= MAX_PARTS:
            return [fold(Node("or", None, chosen)) for chosen in product(*inner)]
    return [node]
