"""Two rows of one date, of which nothing but the file says which came first."""

from __future__ import annotations

from ...statemachines.evaluate import Configuration, Undefined
from ...statemachines.step import ELAPSE, describe
from ..dates import order_is_open
from ..deviation import Counts
from ..rows import Row
from .parts import Part


def swapped(part: Part, row: Row) -> Configuration | None:
    """The configuration if this event had come before the last one of its date.

    None where that order isn't possible, or the log itself says which came first.
    """
    before = part.track.before
    if before is None or row.event == ELAPSE:
        return None
    if not order_is_open(part.track.before_time, row.time):
        return None
    fire = part.side.fire
    try:
        between = fire[row.event](before.before.configuration, *part.values.values())
        if not isinstance(between, tuple):
            return None
        after = fire[before.told.event](between, *before.told.values.values())
    except Undefined:
        return None
    return after if isinstance(after, tuple) else None


def note_order(part: Part, row: Row, after: Configuration, counts: Counts) -> None:
    """Notes that the order of two rows of one date matters, where it does."""
    before, other = part.track.before, swapped(part, row)
    if other is not None and other != after:
        because = (
            f"both orders are accepted: {describe(part.side.bound, after)}, "
            f"or {describe(part.side.bound, other)}"
        )
        counts.order_matters(row, part.track.before_row, because)
    elif before is not None and order_is_open(part.track.before_time, row.time):
        part.side.nodes.settle(before, part.told(row.event))
