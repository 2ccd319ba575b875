"""Shortest traces in a space that has been enumerated: along its contexts, not its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .evaluate import Configuration
from .explore import Space
from .rules import PASSED
from .trace import MAX_SEARCHED, Runs, Trace, length

Goals = Mapping[str, Callable[[Configuration], Any]]


def shortest(space: Space, goals: Goals, limit: int = MAX_SEARCHED) -> dict[str, Trace]:
    """For each goal the shortest trace to a configuration that meets it, where there is one.

    The same traces as `Runs.find` gives, and much sooner: what follows in a context is known. In
    a machine with landmarks, whose traces depend on dates, such a trace gets the days of waiting
    that its landmarks need, unless a trace without any of them is shorter; where it can't have
    them, and where a space is not complete, runs are searched event by event.
    """
    runs = Runs(space.bound)
    if not space.complete:
        return runs.find(goals, limit)
    found = _along_contexts(space, goals, limit, runs)
    if not runs.landmarks:
        return found
    dated = _waited(runs, found, goals)
    names = {name for _, name, _, _ in runs.landmarks}
    late = {n for n in found if n not in dated or any(s.event in names for s in dated[n])}
    if late:
        barred = {name: goals[name] for name in late}
        sooner = _waited(runs, _along_contexts(space, barred, limit, runs, True), goals)
        for name, trace in sooner.items():
            if name not in dated or length(trace) < length(dated[name]):
                dated[name] = trace
    # what no run at all meets, no dated one does
    rest = {name: goals[name] for name in found if name not in dated}
    return dated | (runs.find(rest, limit) if rest else {})


def _waited(runs: Runs, found: Mapping[str, Trace], goals: Goals) -> dict[str, Trace]:
    """The traces with days of waiting, those of them that still meet their goals."""
    waited = {name: runs.dated(trace) for name, trace in found.items()}
    return {
        name: trace
        for name, trace in waited.items()
        if trace is not None and (not trace or goals[name](trace[-1].configuration))
    }


def _along_contexts(
    space: Space, goals: Goals, limit: int, runs: Runs, barred: bool = False
) -> dict[str, Trace]:
    """The traces by what follows in each context, landmarks at any time after their start.

    Where they are ``barred``, they never come.
    """
    table = space.table
    assert table is not None
    unpack = table.layout.unpack
    start = table.layout.pack(space.bound.initial())
    parents: dict[int, int] = {start: start}
    open_goals = dict(goals)
    found: dict[str, Trace] = {}
    changes: dict[int, list[int]] = {}
    layer = [start]
    places = [place for place, _, _, _ in runs.landmarks] if barred else []
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
                if target not in parents and not (places and _came(unpack(target), places)):
                    parents[target] = packed
                    after.append(target)
        layer = after
    return found


def _came(configuration: Configuration, places: Sequence[int]) -> bool:
    return any(configuration[place] == PASSED for place in places)
