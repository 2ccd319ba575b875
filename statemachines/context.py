"""Local contexts: what the rules of a state do, worked out once for each part they can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from ..spec.expression import FALSE, TRUE, Node
from ..spec.fold import fold
from .bound import Bound, BoundEvent
from .defined import defined
from .evaluate import Undefined
from .interval import total
from .offers import Issue, Offer, Outcome, cases
from .pack import Change, Layout, NotKnown, Reads

MAX_PARTS = 2_000
_STATE = Node("variable", "state")


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
    """What happens in one context. ``quiet`` are events that change nothing and read beyond it;
    ``asked`` is how many of them are accepted, by the bits that they tell apart."""

    moves: list[Move] = field(default_factory=list)
    edges: int = 0
    issues: list[Issue] = field(default_factory=list)
    false: list[tuple[str, int]] = field(default_factory=list)
    changes: set[Change] = field(default_factory=set)
    fired: set[int] = field(default_factory=set)
    ends: bool = False
    answered: bool = False
    quiet: list[Offer] = field(default_factory=list)
    asked: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class Watched:
    """One conjunct of a watched property: its test, what it reads, the local parts seen."""

    name: str
    node: Node
    test: Callable[[Sequence[int]], Any]
    reads: Reads
    defined: bool
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
        self.touching: dict[tuple[int, int], list[tuple[int, int]]] = {}
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
        tests = self.bound.compiled.predicates([part for _, part in parts])
        found = []
        for (name, part), test in zip(parts, tests, strict=True):
            reads = Reads(self.layout)
            reads.add(part)
            found.append(Watched(name, part, test, reads, defined(self.bound, part) == TRUE))
        return found

    def _offers(self) -> tuple[list[list[Offer]], list[Reads]]:
        """For each state the events to try; and for each state what their rules touch."""
        bound, compiled = self.bound, self.bound.compiled
        offers: list[list[Offer]] = []
        touched: list[Reads] = []
        for state in range(len(bound.states)):
            mine: list[Offer] = []
            reads = Reads(self.layout)
            for clock in bound.clocks:
                reads.fixed |= self.layout.masks[clock.offset]
            if state not in bound.final:
                for event in bound.events:
                    if not self._may_happen(state, event):
                        continue
                    tried = cases(bound, state, event)
                    for quiet in (False, True):
                        part = [c for c in tried if c.quiet == quiet]
                        if part:
                            offer = Offer(self.layout, compiled, state, event, part)
                            if not offer.quiet:
                                reads.merge(offer.reads)
                            mine.append(offer)
            offers.append(mine)
            touched.append(reads)
        return offers, touched

    def _may_happen(self, state: int, event: BoundEvent) -> bool:
        """Whether an event has to be tried in a state."""
        if defined(self.bound, event.asked) != TRUE:
            return True
        if not event.observation:
            return (state, event.name) in self.bound.rules_of
        possible = fold_at(event.possible, state)
        return possible != FALSE or defined(self.bound, event.possible) != TRUE

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
            # what holds in the whole of a state need not be looked at there
            found = [
                (i, w.reads.mask(values))
                for i, w in enumerate(self.watched)
                if fold_at(w.node, values[0]) != TRUE or not w.defined
            ]
            self.relevant[head] = found
        return found

    def concerned(self, head: int, touched: int) -> list[tuple[int, int]]:
        """Those of them that read what has changed."""
        found = self.touching.get((head, touched))
        if found is None:
            found = [(i, reads) for i, reads in self.watching(head) if reads & touched]
            self.touching[head, touched] = found
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
        for offer in self.offers[state]:
            if offer.quiet and offer.reads.fixed & ~mask:
                context.quiet.append(offer)
                continue
            outcome = offer.outcome(key, values)
            context.answered |= outcome.answered
            context.ends |= outcome.ends
            context.edges += outcome.edges
            context.issues += outcome.issues
            context.fired |= outcome.fired
            for delta, change in outcome.changes.items():
                moves.setdefault(delta, change)
        if state not in self.bound.final:
            if self.clocks:
                self.elapse(context, values, moves)
            if not context.quiet:
                context.issues += self.stuck(state, context.answered, bool(moves) or context.ends)
        else:
            context.ends = True
        for delta, change in moves.items():
            self.move(context, key, mask, values, delta, change)
        return context

    def stuck(self, state: int, answered: bool, goes_on: bool) -> list[Issue]:
        """What is wrong where nothing is answered, and where a run can't go on and has no end."""
        found = []
        if not answered:
            found.append(Issue("deadlock", self.bound.states[state]))
        if not goes_on and self.bound.final:
            found.append(Issue("termination", "final"))
        return found

    def ask(self, offer: Offer, packed: int) -> Outcome:
        """What comes of a quiet event in a whole configuration."""
        local = packed & (offer.reads.fixed | self.layout.masks[0])
        found = offer.known.get(local & offer.reads.fixed)
        if found is None:
            places = self.layout.places(offer.reads.fixed | self.layout.masks[0])
            found = offer.outcome(local, self.layout.partial(local, places))
        return found

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
        for place, _, _ in change:
            touched |= self.layout.masks[place]
        deferred = []
        concerned = self.concerned(base & self.head, touched)
        if concerned:
            after = values.copy()
            for place, _, new in change:
                after[place] = new
        for number, reads in concerned:
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


def fold_at(node: Node, state: int) -> Node:
    """The tree in one state, folded."""
    if node == _STATE:
        return Node("integer", state)
    if not node.args:
        return node
    return fold(Node(node.op, node.value, tuple(fold_at(a, state) for a in node.args)))


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
