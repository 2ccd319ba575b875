"""The ways in which a case may have gone on after a deviation.

A row that deviates leaves more than one answer to what the case is now: as if the row had not
happened, as if it had been allowed, as if a row before it were missing. The rows that follow are
judged along each of these ways, and the way with the fewest deviations is taken to be the one the
case went. What is reported is the least number of deviations, among the ways that are kept, that
explains the log so far.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime

from ..deviation import Deviation
from ..rows import Row
from .track import SOON, Track

MARGIN = 3
MAX_WAYS = 8
MAX_ROWS = 100


@dataclass(slots=True, eq=False)
class Way:
    """One way, and what deviates along it since the ways parted.

    ``late`` says that the present row comes out of order on it. ``until`` is a date that is wrong
    on it: a row of that date or later ends it.
    """

    track: Track
    told: tuple[Deviation, ...] = ()
    late: bool = False
    until: date | datetime | None = None

    def tell(self, *found: Deviation) -> None:
        """Adds deviations."""
        self.told += found

    def told_late(self) -> bool:
        """Whether it has been said that the present row comes out of order."""
        return bool(self.told) and self.told[-1].kind == "out_of_order" and self.late

    def awaits(self, row: Row) -> bool:
        """Whether a row's event is one that was missing before."""
        missing, day = self.track.assumed or (None, 0)
        return missing is not None and missing.name == row.event and self.track.day <= day + SOON

    def split(self) -> Way:
        """Another way that is the same so far."""
        return Way(self.track.split(), self.told, self.late, self.until)


@dataclass(slots=True, eq=False)
class Doubt:
    """The ways of a case, the best first.

    ``told`` counts the deviations reported since they parted, ``rows`` the rows.
    """

    ways: list[Way]
    told: int = 0
    rows: int = 0


def ways_of(track: Track) -> list[Way]:
    """The ways of a case; mostly one."""
    return [Way(track)] if track.doubt is None else track.doubt.ways


def settle(track: Track, ways: list[Way]) -> tuple[Track, list[Deviation]]:
    """The best of the ways after a row, and the deviations that are to be reported now.

    Of ways that have come together the first with the fewest deviations stays. Those with many
    more than the best are given up, and after a hundred rows all others are.
    """
    doubt = track.doubt
    if doubt is None and len(ways) == 1 and not ways[0].told:
        return ways[0].track, []
    told, rows = (doubt.told, doubt.rows + 1) if doubt else (0, 0)
    distinct: dict[Hashable, Way] = {}
    for way in ways:
        other = distinct.setdefault(_state(way.track), way)
        if len(way.told) < len(other.told):
            distinct[_state(way.track)] = way
    kept = sorted(distinct.values(), key=lambda way: len(way.told))
    best = kept[0]
    least = len(best.told)
    shown = list(best.told[told:])
    if shown:
        rows = 0
    if best.track.undecided or rows >= MAX_ROWS:
        kept = [best]
    kept = [
        way
        for way in kept
        if way is best or (len(way.told) <= least + MARGIN and not way.track.undecided)
    ]
    for way in kept:
        way.track.doubt = None
    if len(kept) > 1:
        best.track.doubt = Doubt(kept[:MAX_WAYS], least, rows)
    return best.track, shown


def _state(track: Track) -> Hashable:
    """All that the answers to further rows depend on."""
    return (
        track.configuration,
        track.starts,
        track.time,
        track.undecided,
        track.overdue,
        track.given,
        track.recorded,
        track.watched,
        track.off_step,
    )
