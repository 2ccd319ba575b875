"""The quotient of a machine under what another can see of it.

Two configurations fall into one block when the same is seen of both and they are branching
bisimilar: whatever visible step one can take, the other can take after steps that change nothing
of its block, and both are in one block again afterwards; the same for an invisible step into
another block. Every other event and a day's passing are invisible. What is seen of a
configuration includes which visible events it accepts right now, so that a block says exactly
what any of its members accepts.

The quotient has the same runs as the machine, up to invisible steps within a block: the same
sequences of blocks and visible events, and what can still be reached is the same from every
member of a block. It says nothing about how many days a stay in a block lasts, nor that it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from .evaluate import Configuration
from .graph import components
from .walk import Walk

INTERNAL = -1
Step = tuple[int, int]
"""A visible label's number, or `INTERNAL`; and the block it leads to, or an `outcome`."""


def outcome(number: int) -> int:
    """How an unspecified outcome stands for a block: below zero."""
    return -1 - number


@dataclass(frozen=True, eq=False)
class Quotient:
    """Blocks of a machine's configurations, numbered as they are first reached; 0 is the start.

    ``steps`` are those of each block, the internal ones to other blocks alone; ``members`` are the
    nodes of ``walk`` in each block, the nearest to the start first. ``labels`` are what visible
    steps are called and ``outcomes`` the ambiguities of unspecified ones.
    """

    walk: Walk = field(repr=False)
    labels: tuple[Hashable, ...]
    outcomes: tuple[str, ...]
    block_of: tuple[int, ...] = field(repr=False)
    steps: tuple[frozenset[Step], ...]
    seen: tuple[Hashable, ...]
    members: tuple[tuple[int, ...], ...] = field(repr=False)

    @property
    def size(self) -> int:
        """How many blocks there are."""
        return len(self.steps)


def quotient(
    walk: Walk,
    label: Callable[[str, tuple[int, ...]], Hashable | None],
    see: Callable[[Configuration], Hashable],
) -> Quotient:
    """The coarsest quotient under what is seen.

    ``label`` names a visible event with its arguments and is None for others; ``see`` is what is
    seen of a configuration besides the events it accepts. ``walk`` must have kept the visible
    events that change nothing.
    """
    return _Refinement(walk, label, see).result()


class _Refinement:
    """Splits blocks by what their members can do until nothing tells two members apart."""

    def __init__(
        self,
        walk: Walk,
        label: Callable[[str, tuple[int, ...]], Hashable | None],
        see: Callable[[Configuration], Hashable],
    ) -> None:
        self.walk = walk
        self.labels: dict[Hashable, int] = {}
        named = [label(event, arguments) for event, arguments in walk.symbols]
        self.of_symbol = [
            INTERNAL if name is None else self.labels.setdefault(name, len(self.labels))
            for name in named
        ]
        self.outcomes: dict[str, int] = {}
        self.visible, self.internal = self._edges()
        self.colours = self._colours(see)
        self.groups = components(
            {
                node: [t for t in targets if self.colours[t] == self.colours[node]]
                for node, targets in enumerate(self.internal)
            }
        )
        self.group_of = {n: g for g, nodes in enumerate(self.groups) for n in nodes}

    def _edges(self) -> tuple[list[set[Step]], list[set[int]]]:
        """By node, its visible steps and where its invisible ones lead."""
        walk, of_symbol = self.walk, self.of_symbol
        visible: list[set[Step]] = []
        internal: list[set[int]] = []
        for node, edges in enumerate(walk.after):
            shown, hidden = set(), set()
            for symbol, target in edges:
                name = of_symbol[symbol]
                if name >= 0:
                    shown.add((name, target))
                elif target != node:
                    hidden.add(target)
            for symbol, ambiguity in walk.undecided.get(node, ()):
                if of_symbol[symbol] >= 0:
                    number = self.outcomes.setdefault(ambiguity, len(self.outcomes))
                    shown.add((of_symbol[symbol], outcome(number)))
            visible.append(shown)
            internal.append(hidden)
        return visible, internal

    def _colours(self, see: Callable[[Configuration], Hashable]) -> list[int]:
        """By node, a number for what is seen of it and the visible events it accepts."""
        self.sights: dict[Hashable, int] = {}
        return [
            self.sights.setdefault(
                (see(configuration), frozenset(name for name, _ in self.visible[node])),
                len(self.sights),
            )
            for node, (configuration, _) in enumerate(self.walk.nodes)
        ]

    def result(self) -> Quotient:
        """Refines to the end; blocks are then numbered in the order of their nearest members."""
        # what lies on an invisible cycle of one colour can always do the same: one group
        group_of = self.group_of
        shown = [self._grouped(nodes) for nodes in self.groups]
        hidden = [
            {group_of[t] for n in nodes for t in self.internal[n]} - {g}
            for g, nodes in enumerate(self.groups)
        ]
        block = [self.colours[nodes[0]] for nodes in self.groups]
        count = len(set(block))
        while True:
            able = _abilities(block, shown, hidden)
            numbers: dict[Hashable, int] = {}
            block = [
                numbers.setdefault((old, frozenset(steps)), len(numbers))
                for old, steps in zip(block, able, strict=True)
            ]
            if len(numbers) == count:
                break
            count = len(numbers)
        return self._numbered(block)

    def _grouped(self, nodes: Iterable[int]) -> set[Step]:
        return {
            (name, self.group_of[t] if t >= 0 else t) for n in nodes for name, t in self.visible[n]
        }

    def _numbered(self, block: list[int]) -> Quotient:
        walk = self.walk
        order: dict[int, int] = {}
        block_of = tuple(
            order.setdefault(block[self.group_of[n]], len(order)) for n in range(len(walk.nodes))
        )
        members: list[list[int]] = [[] for _ in order]
        steps: list[set[Step]] = [set() for _ in order]
        for node, here in enumerate(block_of):
            members[here].append(node)
            steps[here] |= {(n, block_of[t] if t >= 0 else t) for n, t in self.visible[node]}
            steps[here] |= {(INTERNAL, block_of[t]) for t in self.internal[node]}
            steps[here].discard((INTERNAL, here))
        sights = list(self.sights)
        return Quotient(
            walk,
            tuple(self.labels),
            tuple(self.outcomes),
            block_of,
            tuple(map(frozenset, steps)),
            tuple(sights[self.colours[nodes[0]]] for nodes in members),
            tuple(map(tuple, members)),
        )


def _abilities(
    block: Sequence[int], shown: Sequence[set[Step]], hidden: Sequence[set[int]]
) -> list[set[Step]]:
    """By group, the steps it can take, at once or after invisible steps within its block.

    Groups come after those that they lead to within a block.
    """
    able: list[set[Step]] = []
    for group, here in enumerate(block):
        mine = {(name, block[t] if t >= 0 else t) for name, t in shown[group]}
        for target in hidden[group]:
            if block[target] == here:
                mine |= able[target]
            else:
                mine.add((INTERNAL, block[target]))
        able.append(mine)
    return able


# ---- the check, which knows nothing of how the blocks were found


class NotSimulated(AssertionError):
    """A quotient doesn't have the runs of its machine: a defect of this program."""


def check(
    found: Quotient,
    label: Callable[[str, tuple[int, ...]], Hashable | None],
    see: Callable[[Configuration], Hashable],
) -> int:
    """Checks a quotient against the machine's own steps; answers how many steps were matched.

    Every step of every reachable configuration has its step in the quotient, every member of a
    block is seen alike and accepts the same visible events, and every step of a block can be taken
    by each of its members after steps within the block. `NotSimulated` if not.
    """
    walk, block_of = found.walk, found.block_of
    numbers = {name: i for i, name in enumerate(found.labels)}
    named = [label(event, arguments) for event, arguments in walk.symbols]
    of_symbol = [INTERNAL if name is None else numbers[name] for name in named]
    outcomes = {ambiguity: outcome(i) for i, ambiguity in enumerate(found.outcomes)}
    if block_of[0] != 0:
        raise NotSimulated("the start is not in the first block")
    matched = 0
    # what a node can do, and who does so by an invisible step within the block
    able: list[set[Step]] = []
    before: dict[int, list[int]] = {}
    for node, (configuration, _) in enumerate(walk.nodes):
        here = block_of[node]
        mine: set[Step] = set()
        for symbol, target in walk.after[node]:
            there = block_of[target]
            matched += 1
            if of_symbol[symbol] >= 0 or there != here:
                mine.add((of_symbol[symbol], there))
            elif target != node:
                before.setdefault(target, []).append(node)
        for symbol, ambiguity in walk.undecided.get(node, ()):
            if of_symbol[symbol] >= 0:
                mine.add((of_symbol[symbol], outcomes[ambiguity]))
        if not mine <= found.steps[here]:
            raise NotSimulated(f"a step of {configuration} is not one of its block {here}")
        accepted = frozenset(name for name, _ in mine if name >= 0)
        if (see(configuration), accepted) != found.seen[here]:
            raise NotSimulated(f"{configuration} is not seen as its block {here}")
        able.append(mine)
    todo = [n for n, mine in enumerate(able) if mine]
    while todo:
        node = todo.pop()
        for earlier in before.get(node, ()):
            if not able[node] <= able[earlier]:
                able[earlier] |= able[node]
                todo.append(earlier)
    for node, mine in enumerate(able):
        if mine != found.steps[block_of[node]]:
            raise NotSimulated(f"a step of block {block_of[node]} is not one of all its members")
    return matched
