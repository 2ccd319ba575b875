"""Shortest traces in a space that has been enumerated: along its contexts, not its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .evaluate import Configuration
from .explore import Space
from .trace import MAX_SEARCHED, Runs, Trace

Goals = Mapping[str, Callable[[Configuration], Any]]


def shortest(space: Space, goals: Goals, limit: int = MAX_SEARCHED) -> dict[str, Trace]:
    """For each goal the shortest trace to a configuration that meets it, where there is one.

    The same traces as `Runs.find` gives, and much sooner: what follows in a context is known. In
    a machine with landmarks, whose traces depend on dates, such a trace gets the days of waiting
    that its landmarks need; where it can't have them, and where a space is not complete, runs are
    searched event by event.
    """
    runs = Runs(space.bound)
    if not space.complete:
        return runs.find(goals, limit)
    found = _along_contexts(space, goals, limit, runs)
    if not runs.landmarks:
        return found
    dated: dict[str, Trace] = {}
    for name, trace in found.items():
        waited = runs.dated(trace)
        if waited is not None and (not waited or goals[name](waited[-1].configuration)):
            dated[name] = waited
    # what no run at all meets, no dated one does
    rest = {name: goals[name] for name in found if name not in dated}
    return dated | (runs.find(rest, limit) if rest else {})


def _along_contexts(space: Space, goals: Goals, limit: int, runs: Runs) -> dict[str, Trace]:
    """The traces by what follows in each context, landmarks at any time after their start."""
    table = space.table
    assert table is not None
    unpack = table.layout.unpack
    start = table.layout.pack(space.bound.initial())
    parents: dict[int, int] = {start: start}
    open_goals = dict(goals)
    found: dict[str, Trace] = {}
    changes: dict[int, list[int]] = {}
    layer = [start]
    while layer and open_goals and len(parents) < limit:
        for packed in layer:
            configuration = unpack(packed)
            for name in [n for n, goal in open_goals.items() if goal(configuration)]:
                path = [configuration]
                before = packed
                while before != start:
                    before = parents[before]
                    path.append(unpack(before))
                found[name] = runs.along(path[::-1])
                del open_goals[name]
            if not open_goals:
                break
        after: list[int] = []
        for packed in layer:
            key = packed & table.mask(packed)
            if key not in changes:
                # in order of declaration, a day's passing last
                changes[key] = [move.base - key for move in table.known[key].moves]
            for change in changes[key]:
                target = packed + change
                if target not in parents:
                    parents[target] = packed
                    after.append(target)
        layer = after
    return found
