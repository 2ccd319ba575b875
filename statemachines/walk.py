"""Every run of a sized machine as one graph, for what is asked about runs and not about states.

Nodes are configurations, numbered in the order of a breadth-first search that takes events in
order of declaration and the passing of a day last, so that the first run found to a node is the
shortest, and the first among the shortest. In a machine with landmarks a node also knows the days
since each one's start, and no run contradicts its own dates; in a graph that is not dated a
landmark comes at any time after its start, so that it has every run and others besides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ..spec.model import Unspecified
from .automaton import Symbol
from .bound import Bound, as_int
from .compile import Fire
from .evaluate import Configuration, Undefined
from .step import ELAPSE
from .trace import Runs, Timed, Trace, TraceStep, may_apply, merge_days

MAX_NODES = 1_000_000
MAX_EDGES = 5_000_000  # an edge takes some hundred bytes, more than its share of a node
Edge = tuple[int, int]  # the symbol's number, and the node it leads to
Move = tuple[int, Fire, tuple[int, ...]]


class Walk:
    """The graph of a machine.

    ``after[node]`` lists the accepted events as (symbol, node), a day's passing last;
    ``undecided[node]`` those with an unspecified outcome as (symbol, ambiguity). ``parents[node]``
    is the last edge of the shortest run that leads there, ``depths[node]`` the length of that run.
    ``complete`` is False beyond ``limit`` nodes or `MAX_EDGES` edges. Events that never change
    anything are left out, but for those named in ``keep``, and so are those named in ``without``.
    A graph made ``lazily`` grows as it is visited. Unless ``dated``, nodes know no days.
    """

    def __init__(
        self,
        bound: Bound,
        keep: Collection[str] = (),
        limit: int = MAX_NODES,
        *,
        without: Collection[str] = (),
        lazily: bool = False,
        dated: bool = True,
    ) -> None:
        self.bound = bound
        self.runs = Runs(bound)
        self.symbols = [Symbol(e, a) for e, listed in self.runs.values for a in listed]
        self.elapse = len(self.symbols)
        self.symbols.append(Symbol(ELAPSE, (1,)))
        self.keep, self.without, self.limit = keep, without, limit
        self.dated = dated or not self.runs.landmarks
        self.nodes: list[Timed] = [(bound.initial(), (-1,) * len(self.runs.landmarks))]
        self.parents: list[Edge] = [(-1, -1)]
        self.depths = [0]
        self.after: list[tuple[Edge, ...]] = []
        self.undecided: dict[int, tuple[tuple[int, str], ...]] = {}
        self.complete = True
        self._moves: dict[int, list[Move]] = {}
        self._numbers = {self.nodes[0]: 0}
        self._edges = 0
        if not lazily:
            for _ in self.visit():
                pass

    def visit(self) -> Iterator[int]:
        """The nodes in order; what follows a node is found when the next one is asked for."""
        successors = self._dated if self.runs.landmarks and self.dated else self._plain
        node = 0
        while node < len(self.nodes):
            yield node
            if node == len(self.after):
                self._expand(successors(node))
            node += 1
        self._numbers.clear()

    def configuration(self, node: int) -> Configuration:
        """The configuration of a node."""
        return self.nodes[node][0]

    def follow(self, node: int) -> Sequence[Edge]:
        """The edges that leave a node."""
        return self.after[node]

    def _follow(self, state: int) -> list[Move]:
        """The events that may change something in a state, and those to keep."""
        found = self._moves.get(state)
        if found is None:
            symbols = self.symbols
            found = [
                move
                for move, idle in moves(self.bound, self.runs.fire, symbols[:-1], state)
                if (not idle or symbols[move[0]].event in self.keep)
                and symbols[move[0]].event not in self.without
            ]
            self._moves[state] = found
        return found

    def _expand(self, successors: Iterable[tuple[int, Timed]]) -> None:
        numbers, nodes = self._numbers, self.nodes
        here = len(self.after)
        edges = []
        for symbol, target in successors:
            number = numbers.get(target)
            if number is None:
                number = numbers[target] = len(nodes)
                nodes.append(target)
                self.parents.append((symbol, here))
                self.depths.append(self.depths[here] + 1)
            edges.append((symbol, number))
        self.after.append(tuple(edges))
        self._edges += len(edges)
        if len(nodes) > self.limit or self._edges > MAX_EDGES:
            self.complete = False
            self.after += [()] * (len(nodes) - len(self.after))

    def _plain(self, node: int) -> Iterable[tuple[int, Timed]]:
        """What can follow where no landmark has a date."""
        configuration, days = self.nodes[node]
        found: list[tuple[int, Timed]] = []
        unspecified: list[tuple[int, str]] = []
        for number, fire, arguments in self._follow(configuration[0]):
            try:
                result = fire(configuration, *arguments)
            except Undefined:
                continue
            if result is None:
                continue
            if isinstance(result, Unspecified):
                unspecified.append((number, result.ambiguity))
            else:
                found.append((number, (result, days)))
        if unspecified:
            self.undecided[node] = tuple(unspecified)
        if configuration[0] not in self.bound.final:
            found.append((self.elapse, (self.later(configuration), days)))
        return found

    def _dated(self, node: int) -> Iterable[tuple[int, Timed]]:
        """The same with landmarks, which come on their own days alone."""
        configuration, days = self.nodes[node]
        found = []
        for symbol, (after, _) in self._plain(node):
            if symbol != self.elapse:
                timed = self.runs.timed(after, days, self.symbols[symbol].event)
                if timed is not None:
                    found.append((symbol, timed))
        later = self.runs.day(configuration, days)
        return found if later is None else [*found, (self.elapse, later)]

    def later(self, configuration: Configuration) -> Configuration:
        """The configuration one day later."""
        values = list(configuration)
        for clock in self.bound.clocks:
            if values[clock.offset] < as_int(clock.high):
                values[clock.offset] += 1
        return tuple(values)

    # ---- runs

    def path(self, node: int) -> list[Edge]:
        """The edges of the shortest run to a node."""
        edges: list[Edge] = []
        while node:
            symbol, before = self.parents[node]
            edges.append((symbol, node))
            node = before
        return edges[::-1]

    def trace(self, edges: Sequence[Edge], start: int = 0) -> Trace:
        """A run along edges, as people see it."""
        steps: list[TraceStep] = []
        here = self.configuration(start)
        for symbol, node in edges:
            event, arguments = self.symbols[symbol]
            there = self.configuration(node)
            steps.append(self.runs.trace_step(here, event, arguments, there))
            here = there
        return merge_days(steps)


def moves(
    bound: Bound, fire: Mapping[str, Fire], symbols: Sequence[Symbol], state: int
) -> list[tuple[Move, bool]]:
    """The symbols that a rule of the state may answer, whatever the configuration.

    Each with whether all such rules are idle: they accept and change nothing.
    """
    found = []
    for number, (event, arguments) in enumerate(symbols):
        listed = bound.rules_of.get((state, event), ())
        rules = [r for r in listed if may_apply(bound, r, arguments)]
        if rules:
            idle = all(r.target == state and not r.effects for r in rules)
            found.append(((number, fire[event], arguments), idle))
    return found
