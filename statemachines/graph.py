"""Graphs of numbered nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def components(after: Mapping[int, Collection[int]]) -> list[list[int]]:
    """The strongly connected components, each after all others that can be reached from it.

    Edges that lead out of the mapping are left aside. The algorithm is Tarjan's.

    >>> components({1: [2], 2: [3, 1], 3: [4]})
    [[3], [2, 1]]
    """
    low: dict[int, int] = {}
    number: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    found: list[list[int]] = []
    for root, first in after.items():
        if root in number:
            continue
        number[root] = low[root] = len(number)
        stack.append(root)
        waiting.add(root)
        todo = [(root, iter(first))]
        while todo:
            node, targets = todo[-1]
            for target in targets:
                if target not in number:
                    if target not in after:
                        continue
                    number[target] = low[target] = len(number)
                    stack.append(target)
                    waiting.add(target)
                    todo.append((target, iter(after[target])))
                    break
                if target in waiting and number[target] < low[node]:
                    low[node] = number[target]
            else:
                todo.pop()
                if todo:
                    before = todo[-1][0]
                    low[before] = min(low[before], low[node])
                if low[node] == number[node]:
                    component: list[int] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        waiting.discard(component[-1])
                    found.append(component)
    return found


def leading_to(after: Sequence[Collection[int]], goals: Collection[int]) -> set[int]:
    """The nodes from which one of ``goals`` can be reached, those themselves included.

    >>> sorted(leading_to([[1], [2], [], [2]], [1]))
    [0, 1]
    """
    before: list[list[int]] = [[] for _ in after]
    for node, targets in enumerate(after):
        for target in targets:
            before[target].append(node)
    found = set(goals)
    todo = list(goals)
    while todo:
        for node in before[todo.pop()]:
            if node not in found:
                found.add(node)
                todo.append(node)
    return found
