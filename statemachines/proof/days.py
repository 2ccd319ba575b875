"""The first day on which something is met: the earliest over all runs, and the latest.

Day 1 is the day of the initial configuration, and every elapsed day adds one. The earliest day is
taken over all runs, overdue ones among them. The latest is taken over the runs in which no stay
becomes too long: a day passes only into a configuration that its state's ``within`` allows. Runs
that end without meeting the condition, or that can only go on by overstaying, have no such day; a
run that may wait for ever without meeting it is later than any day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, Protocol

from ..compile import Compiled
from ..evaluate import Configuration
from ..graph import components
from ..walk import MAX_NODES, Edge, Walk

Test = Callable[[Configuration], Any]
NEVER = "it is never reached"
TOO_MANY = "too many configurations to enumerate"
FOR_EVER = "days can pass for ever from here without it"


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day and a run that shows it; ``day`` is None when there is none, and ``problem`` says why.

    Among the runs that show it, one with the fewest events.
    """

    day: int | None
    run: Sequence[Edge] | None
    problem: str = ""


class Graph(Protocol):
    """Runs as a graph: what may follow at each node, ``elapse`` being the symbol of a day."""

    @property
    def elapse(self) -> int:
        """The symbol of a day."""

    def follow(self, node: int) -> Sequence[Edge]:
        """The edges that leave a node; the start is node 0."""

    def configuration(self, node: int) -> Configuration:
        """The configuration of a node."""


def earliest_day(graph: Graph, test: Test, limit: int = MAX_NODES) -> DayFound:
    """The first day on which a condition can be met; the search gives up after ``limit`` nodes."""
    best: dict[int, tuple[int, int]] = {0: (0, 0)}
    parents: dict[int, Edge] = {}
    done: set[int] = set()
    waiting = [(0, 0, 0)]  # days, events and a node
    while waiting:
        days, events, node = heappop(waiting)
        if node in done:
            continue
        done.add(node)
        if test(graph.configuration(node)):
            return DayFound(days + 1, _run(parents, node))
        if len(done) > limit:
            return DayFound(None, None, TOO_MANY)
        for symbol, target in graph.follow(node):
            passes = symbol == graph.elapse
            reached = days + passes, events + (not passes)
            if target not in done and (target not in best or reached < best[target]):
                best[target] = reached
                parents[target] = symbol, node
                heappush(waiting, (*reached, target))
    return DayFound(None, None, NEVER)


def latest_day(walk: Walk, test: Test) -> DayFound:
    """The last day on which a condition can be met for the first time."""
    found = _Before(walk, test)
    waits = found.waits()
    if waits is not None:
        return DayFound(None, waits, FOR_EVER)
    days = found.days()
    if 0 not in days:
        return DayFound(None, None, NEVER)
    return DayFound(days[0] + 1, found.longest(days))


class _Before:
    """The part of a graph that runs go through until a condition is met, nobody overstaying."""

    def __init__(self, walk: Walk, test: Test) -> None:
        self.walk = walk
        within = walk.bound.within
        tests = dict(zip(within, Compiled(walk.bound).predicates([*within.values()]), strict=True))
        self.edges: dict[int, list[Edge]] = {}
        self.goals: set[int] = set()
        self.parents: dict[int, Edge] = {}
        order = [0]
        seen = {0}
        for node in order:
            configuration = walk.configuration(node)
            if test(configuration):
                self.goals.add(node)
                continue
            timely = tests.get(configuration[0])
            self.edges[node] = []
            for symbol, target in walk.after[node]:
                if symbol == walk.elapse and timely and not timely(walk.configuration(target)):
                    continue
                self.edges[node].append((symbol, target))
                if target not in seen:
                    seen.add(target)
                    self.parents[target] = symbol, node
                    order.append(target)
        self.components = components({n: [t for _, t in e] for n, e in self.edges.items()})
        self.component = {n: i for i, nodes in enumerate(self.components) for n in nodes}

    def waits(self) -> list[Edge] | None:
        """A run with a cycle of days at its end, if there is one."""
        elapse = self.walk.elapse
        for node, edges in self.edges.items():
            for symbol, target in edges:
                if symbol == elapse and self.component.get(target) == self.component[node]:
                    return [*_run(self.parents, node), (symbol, target), *self.back(target, node)]
        return None

    def back(self, start: int, end: int) -> list[Edge]:
        """The shortest run from one node to another of the same component."""
        parents: dict[int, Edge] = {}
        todo = [start]
        for node in todo:
            if node == end:
                break
            for symbol, target in self.edges[node]:
                inside = self.component.get(target) == self.component[start]
                if inside and target not in parents and target != start:
                    parents[target] = symbol, node
                    todo.append(target)
        return _run(parents, end, start)

    def days(self) -> dict[int, int]:
        """By node, the most days from it until the condition is met; those that meet it at all."""
        days = dict.fromkeys(self.goals, 0)
        for nodes in self.components:
            reached = [
                days[target] + (symbol == self.walk.elapse)
                for node in nodes
                for symbol, target in self.edges[node]
                if target in days
            ]
            if reached:
                days |= dict.fromkeys(nodes, max(reached))
        return days

    def longest(self, days: dict[int, int]) -> list[Edge]:
        """A run that takes the most days, with the fewest events."""
        before: dict[int, list[int]] = {}
        for node in days:
            for _, target in self.keeping(node, days):
                before.setdefault(target, []).append(node)
        steps = dict.fromkeys(sorted(self.goals), 0)
        todo = list(steps)
        for node in todo:
            for earlier in before.get(node, ()):
                if earlier not in steps:
                    steps[earlier] = steps[node] + 1
                    todo.append(earlier)
        run: list[Edge] = []
        here = 0
        while here not in self.goals:
            run.append(next(e for e in self.keeping(here, days) if steps[e[1]] == steps[here] - 1))
            here = run[-1][1]
        return run

    def keeping(self, node: int, days: dict[int, int]) -> list[Edge]:
        """The edges of a node by which no day of the longest run is lost."""
        return [
            (symbol, target)
            for symbol, target in self.edges.get(node, ())
            if target in days and days[target] + (symbol == self.walk.elapse) == days[node]
        ]


def _run(parents: dict[int, Edge], node: int, start: int = 0) -> list[Edge]:
    edges: list[Edge] = []
    while node != start:
        symbol, before = parents[node]
        edges.append((symbol, node))
        node = before
    return edges[::-1]
