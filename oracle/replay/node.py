"""Configurations that logs meet, each made once, with what is known to follow from it.

Logs say the same things over and over: the same dose, the same day later. What was worked out once
is kept here, and reading a log becomes mostly looking things up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...statemachines.bound import Bound
from ...statemachines.evaluate import Configuration, evaluate
from ...statemachines.rules import RUNNING
from ...statemachines.step import elapse
from .dispensing import Dispensing

MAX_NODES = 100_000
MAX_FOLLOWING = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a row tells, its case and time aside: one event with its arguments."""

    event: str
    values: Mapping[str, int]
    drug: str = ""
    bit: int = 0


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
    settled: set[Told] = field(default_factory=set)


class Later(NamedTuple):
    """The node some days later, and the drugs due on the days between."""

    node: Node
    between: int


@dataclass(slots=True, eq=False)
class Node:
    """One configuration: whether its stay is within its time, and the drugs due today.

    ``timed`` says that a landmark is running, so that what follows depends on its date.
    """

    configuration: Configuration
    within: bool
    timed: bool
    due: int
    moves: dict[Told, Move] = field(default_factory=dict)
    later: dict[int, Later] = field(default_factory=dict)


class Nodes:
    """The nodes of one machine. When there are too many, they are forgotten and made anew."""

    def __init__(self, bound: Bound, dispensing: Dispensing) -> None:
        self.bound, self.dispensing = bound, dispensing
        self.landmarks = [bound.by_name[m.name].offset for m in bound.machine.landmarks]
        self.made: dict[Configuration, Node] = {}

    def node(self, configuration: Configuration) -> Node:
        """The node of a configuration."""
        found = self.made.get(configuration)
        if found is None:
            if len(self.made) >= MAX_NODES:
                self.made.clear()
            within = self.bound.within.get(configuration[0])
            found = self.made[configuration] = Node(
                configuration,
                within is None or bool(evaluate(self.bound, within, configuration, {})),
                any(configuration[place] == RUNNING for place in self.landmarks),
                self.dispensing.due(configuration),
            )
        return found

    def later(self, node: Node, days: int) -> Later:
        """The node so many days later, at least one; days between are 1 to ``days`` - 1."""
        found = node.later.get(days)
        if found is None:
            between, today = 0, node
            if self.dispensing.judged:
                for _ in range(days - 1):
                    following = self.node(elapse(self.bound, today.configuration, 1))
                    between |= following.due
                    if following is today:
                        break
                    today = following
            found = Later(self.node(elapse(self.bound, node.configuration, days)), between)
            if len(node.later) < MAX_FOLLOWING:
                node.later[days] = found
        return found
