"""Weights under which every event adds the same: the graph is then layered and has no cycles."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, lcm

from .bound import Bound

Vector = tuple[int, ...]


class Rank:
    """A linear rank over states and variables; every change of configuration adds ``gain``."""

    def __init__(self, weights: Vector, gain: int) -> None:
        self.weights = weights
        self.gain = gain

    def fits(self, change: Vector) -> bool:
        """Whether a change adds exactly the gain."""
        return sum(w * c for w, c in zip(self.weights, change, strict=True)) == self.gain


def change_of(bound: Bound, before: Iterable[tuple[int, int, int]]) -> Vector:
    """The coordinates of a change: a column for each state, then one for each variable.

    ``before`` lists (place, old, new) of the places that change; the cells of an array share a
    column, so that one set of weights serves every size.
    """
    columns = [0] * (len(bound.states) + len(bound.fields))
    for place, old, new in before:
        if place == 0:
            columns[old] -= 1
            columns[new] += 1
            continue
        for i, field in enumerate(bound.fields):
            if field.offset <= place < field.offset + field.cells:
                columns[len(bound.states) + i] += new - old
    return tuple(columns)


def find_rank(changes: Iterable[Vector]) -> Rank | None:
    """Weights with the same weights·change for every change, by elimination; else None."""
    rows = [[*change, -1] for change in changes]
    if not rows:
        return None
    width = len(rows[0]) - 1
    pivots: dict[int, list[int]] = {}
    for row in rows:
        for column, pivot in pivots.items():
            if row[column]:
                row = _combine(row, pivot, column)
        column = next((i for i in range(width) if row[i]), width)
        if column == width:
            if row[width]:
                return None
            continue
        for other in list(pivots):
            if pivots[other][column]:
                pivots[other] = _combine(pivots[other], row, column)
        pivots[column] = row
    gain = lcm(*(abs(row[column]) for column, row in pivots.items()))
    weights = [0] * width
    for column, row in pivots.items():
        weights[column] = -row[width] * gain // row[column]
    return Rank(tuple(weights), gain)


def _combine(row: list[int], pivot: list[int], column: int) -> list[int]:
    """The row with the pivot's column cleared, in lowest terms."""
    a, b = pivot[column], row[column]
    mixed = [x * a - y * b for x, y in zip(row, pivot, strict=True)]
    shrink = gcd(*mixed) or 1
    return [x // shrink for x in mixed]
