"""What can still be reached from everywhere: the end of the trial, and how many steps away."""

from __future__ import annotations

from dataclasses import dataclass

from .evaluate import Configuration
from .explore import Space

MAX_EDGES_KEPT = 3_000_000


@dataclass(frozen=True)
class Ending:
    """Whether every configuration can still end; ``stuck`` is one that can't.

    ``steps`` is the greatest number of changes of configuration in any run, None when runs can go
    on for ever. ``known`` is False when the space was too large to tell.
    """

    known: bool
    stuck: Configuration | None
    steps: int | None


def ending(space: Space) -> Ending:
    """Judges the ends of a completely enumerated space.

    In a layered space every run goes one layer further at each change, so that it ends unless it
    stops before a final state; else the graph itself is searched.
    """
    table = space.table
    assert table is not None
    broken = space.issues.get(("termination", "final"))
    if broken is not None:
        return Ending(True, broken.configuration, None)
    if not space.complete:
        return Ending(False, None, None)
    if space.ranked:
        return Ending(True, None, space.depth)
    if space.transitions > MAX_EDGES_KEPT:
        return Ending(False, None, None)
    after, ends = _graph(space)
    steps = _longest(after)
    # runs that can't go on for ever end where nothing follows
    if steps is not None and set(ends).issuperset(n for n, targets in after.items() if not targets):
        return Ending(True, None, steps)
    stuck = _stuck(after, ends)
    where = None if stuck is None else table.layout.unpack(stuck)
    return Ending(True, where, steps if where is None else None)


def _graph(space: Space) -> tuple[dict[int, list[int]], list[int]]:
    """The successors of every configuration, and the configurations where a run may end."""
    table = space.table
    assert table is not None
    after: dict[int, list[int]] = {}
    ends: list[int] = []
    for key, rests in space.groups.items():
        context = table.known[key]
        deltas = [move.base - key for move in context.moves]
        for rest in rests:
            whole = key | rest
            after[whole] = [whole + delta for delta in deltas]
        if context.ends:
            ends += [key | rest for rest in rests]
        elif context.quiet:
            wholes = [key | rest for rest in rests]
            ends += [w for w in wholes if any(table.ask(o, w).ends for o in context.quiet)]
    return after, ends


def _stuck(after: dict[int, list[int]], ends: list[int]) -> int | None:
    """The first configuration found from which no end can be reached."""
    before: dict[int, list[int]] = {}
    for node, targets in after.items():
        for target in targets:
            before.setdefault(target, []).append(node)
    good = set(ends)
    todo = list(ends)
    while todo:
        for node in before.get(todo.pop(), ()):
            if node not in good:
                good.add(node)
                todo.append(node)
    return next((node for node in after if node not in good), None)


def _longest(after: dict[int, list[int]]) -> int | None:
    """The longest path, or None when there is a cycle."""
    waiting = dict.fromkeys(after, 0)
    for targets in after.values():
        for target in targets:
            waiting[target] += 1
    # a node is free once all before it are: those freed together have paths of one length to them
    free = [node for node, count in waiting.items() if not count]
    length, done = -1, 0
    while free:
        length += 1
        done += len(free)
        freed = []
        for node in free:
            for target in after[node]:
                waiting[target] -= 1
                if not waiting[target]:
                    freed.append(target)
        free = freed
    return length if done == len(after) else None
