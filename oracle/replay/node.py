"""Configurations that logs meet, each made once, with what is known to follow from it.

Logs say the same things over and over: the same dose, the same day later. What was worked out once
is kept here, and reading a log becomes mostly looking things up. What is kept is limited: beyond
that it is forgotten and worked out anew, so that a log without end needs no memory without end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...statemachines.bound import Bound
from ...statemachines.evaluate import Configuration, evaluate
from ...statemachines.rules import RUNNING
from ...statemachines.step import elapse
from .dispensing import Dispensing

MAX_NODES = 50_000
MAX_KEPT = 200_000
MAX_TOLD = 50_000


class Told:
    """What a row tells, its case and time aside: one event with its arguments.

    Two that tell the same have equal ``key``.
    """

    __slots__ = ("bit", "drug", "event", "key", "values")

    def __init__(self, event: str, values: Mapping[str, int], drug: str = "", bit: int = 0) -> None:
        self.event, self.values, self.drug, self.bit = event, values, drug, bit
        self.key: tuple[Any, ...] = (event, *values.values())


@dataclass(slots=True, eq=False)
class Move:
    """An event that was accepted in ``before``; ``weekdays`` are those it is limited to.

    ``timely`` says that no stay is too long after it. ``settled`` are the events that came next on
    the same day where the other order is not possible or makes no difference.
    """

    before: Node
    told: Told
    after: Node
    weekdays: tuple[str, ...]
    timely: bool
    settled: set[Told] | tuple[()] = ()


class Later(NamedTuple):
    """The node some days later, and the drugs due on the days between."""

    node: Node
    between: int


@dataclass(slots=True, eq=False)
class Node:
    """One configuration: whether its stay is within its time, and the drugs due today.

    ``timed`` says that a landmark is running, so that what follows depends on its date. ``moves``
    are the events accepted in it, by what their rows tell and show.
    """

    configuration: Configuration
    within: bool
    timed: bool
    due: int
    moves: dict[object, Move]
    later: dict[int, Later]


class Nodes:
    """The nodes of one machine; those still in use stay valid when the rest is forgotten."""

    def __init__(self, bound: Bound, dispensing: Dispensing) -> None:
        self.bound, self.dispensing = bound, dispensing
        self.landmarks = [bound.by_name[m.name].offset for m in bound.machine.landmarks]
        self.made: dict[Configuration, Node] = {}
        self.known: dict[tuple[Any, ...], Told] = {}
        self.kept = 0

    def told(self, event: str, values: Mapping[str, int]) -> Told:
        """What a row tells; rows that tell the same mostly share it."""
        key = (event, *values.values())
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= MAX_TOLD:
                self.known.clear()
            drug = self.dispensing.drug(event, values)
            found = self.known[key] = Told(event, values, drug, self.dispensing.bits.get(drug, 0))
        return found

    def node(self, configuration: Configuration) -> Node:
        """The node of a configuration."""
        found = self.made.get(configuration)
        if found is None:
            if len(self.made) >= MAX_NODES:
                self.forget()
            within = self.bound.within.get(configuration[0])
            found = self.made[configuration] = Node(
                configuration,
                within is None or bool(evaluate(self.bound, within, configuration, {})),
                any(configuration[place] == RUNNING for place in self.landmarks),
                self.dispensing.due(configuration),
                {},
                {},
            )
        return found

    def keep(self) -> None:
        """Counts one more thing that is kept of some node."""
        self.kept += 1
        if self.kept > MAX_KEPT:
            self.forget()

    def forget(self) -> None:
        """Forgets what follows from the nodes, and the nodes that nobody uses."""
        for node in self.made.values():
            node.moves.clear()
            node.later.clear()
        self.made.clear()
        self.kept = 0

    def settle(self, move: Move, told: Told) -> None:
        """Remembers that the order of two events of one day is settled."""
        if not move.settled:
            move.settled = set()
        assert isinstance(move.settled, set)
        move.settled.add(told)
        self.keep()

    def later(self, node: Node, days: int) -> Later:
        """The node so many days later, at least one; days between are 1 to ``days`` - 1."""
        found = node.later.get(days)
        if found is None:
            between, today = 0, node
            if self.dispensing.judged:
                for _ in range(days - 1):
                    following = self.node(elapse(self.bound, today.configuration, 1))
                    between |= following.due
                    if following.configuration == today.configuration:
                        break
                    today = following
            found = Later(self.node(elapse(self.bound, node.configuration, days)), between)
            self.keep()
            node.later[days] = found
        return found
