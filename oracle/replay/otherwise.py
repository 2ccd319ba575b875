"""What a track would be had an event come on another day, or not at all."""

from __future__ import annotations

from datetime import timedelta

from ...statemachines.bound import as_int
from ...statemachines.evaluate import Configuration
from ...statemachines.step import elapse
from ..dates import day_of
from ..deviation import Deviation
from ..rows import Row
from .node import Move
from .track import SOON, Side, Track


def dated_back(side: Side, track: Track, row: Row) -> list[tuple[Track, list[Deviation]]]:
    """What the track is before a row if the one before it was of an earlier day: of the row's,
    of the day of the row before that, or of one between; each with what deviates on the way."""
    if track.past is None or row.time is None:
        return []
    before = track.before if track.before_time == track.time else None
    first, last = track.past[1], day_of(row.time)
    days = [last]
    if first is not None:
        start = day_of(first)
        days += [start + timedelta(n) for n in range(min(SOON, (last - start).days))]
    made = []
    for day in days:
        back = track.split()
        back.node, back.time, back.given, back.overdue, back.watched = track.past
        back.day = 0 if back.time is None else back.time.toordinal()
        back.before = None
        found = [] if first is not None and day == day_of(first) else side.time(back, row, day)
        _again(side, back, before)
        made.append((back, found + side.time(back, row)))
    return made


def _again(side: Side, track: Track, move: Move | None) -> None:
    """Puts an event where it belongs, if it is accepted there."""
    if move is not None:
        after = side.after(track, move.told.event, move.told.values)
        if isinstance(after, tuple):
            side.move(track, after)
            track.given |= move.told.bit


def undone(side: Side, track: Track, row: Row) -> Configuration | None:
    """What the configuration would be if the last event, which changed the state, had not
    happened."""
    move, since = track.before, track.before_time
    if move is None or move.before.timed:
        return None
    before, after = move.before.configuration, move.after.configuration
    if before[0] == after[0] or after[0] != track.configuration[0]:
        return None
    if row.time is None or since is None or day_of(row.time) == day_of(since):
        return before
    return elapse(side.bound, before, (day_of(row.time) - day_of(since)).days)


def set_late(side: Side, before: Configuration, after: Configuration, days: int) -> Configuration:
    """``after``, had the event come so many days ago: the clocks it set have gone on since."""
    found = list(after)
    for clock in side.bound.clocks:
        if after[clock.offset] != before[clock.offset]:
            found[clock.offset] = min(after[clock.offset] + days, as_int(clock.high))
    return tuple(found)
