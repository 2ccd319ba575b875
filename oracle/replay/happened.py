"""A row that says that its event took place, judged on all of its parts."""

from __future__ import annotations

from ...spec.model import Unspecified
from ..dates import day_of
from ..observed import differing
from .accepted import accept, as_shown, leave
from .asked import Asked
from .order import note_order
from .otherwise import set_late
from .parts import Part, apart
from .refused import Refusal
from .track import Found
from .ways import Way


class Happened:
    """Judges one row along every way of its parts."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.row = asked, asked.row
        self.refusal = Refusal(asked)
        # the joint event of this subject in which the trial took no part
        known = len(asked.parts) == 1 or not isinstance(asked.afters[1], tuple)
        self.uncounted = "" if known or not asked.follow else asked.parts[1].track.uncounted

    def judge(self) -> None:
        """Every part goes on along the ways that the row leaves."""
        found: list[tuple[Part, list[Way]]] = []
        # the others have to know what those say who refuse the row
        refusing_first = sorted(self.asked.answers(), key=lambda asked: asked[1] is not None)
        for part, _ in refusing_first:
            best = part.track.configuration
            found.append((part, [w for way in part.ways for w in self._along(part, way)]))
            part.read_in(best)
        for part, ways in found:
            part.ways = ways

    def _along(self, part: Part, way: Way) -> list[Way]:
        """What becomes of one way."""
        asked, row, track = self.asked, self.row, way.track
        part.read_in(track.configuration)
        mine = part.side.after(track, row.event, part.values)
        others = asked.others(part)
        ours = part is asked.parts[0]
        if ours and self.uncounted and not isinstance(mine, Unspecified):
            return self._of_uncounted(part, way, mine)
        if mine is None or (ours and apart(asked.study, row, asked.here(part, track)) is not None):
            return self.refusal.ways(part, way, mine)
        if isinstance(mine, Unspecified):
            # the best way decides, or the other machine refuses the event anyway
            return [way] if way is part.ways[0] else []
        if None in others or (asked.apart is not None and not ours):
            return self._refused_elsewhere(part, way, mine)
        if others:
            track.uncounted = ""
        before = track.configuration
        if len(asked.parts) == len(part.ways) == 1 and row.event in part.side.fire:
            note_order(part, row, mine, asked.counts)
        accept(part, way, row, mine)
        if way.late and asked.follow and row.time is not None and track.time is not None:
            days = (day_of(track.time) - day_of(row.time)).days
            dated = set_late(part.side, before, track.configuration, days)
            if dated != track.configuration:
                return [part.other(way, dated), way]
        return [way]

    def _refused_elsewhere(self, part: Part, way: Way, mine: Found) -> list[Way]:
        """This machine accepts what the other one refuses."""
        left = way.split()
        leave(part, left, self.row)
        if not self.asked.follow or self.asked.repeated:
            return as_shown(part, [left])
        assert isinstance(mine, tuple)
        if not part.who and self.refusal.said is not None:
            # the log says that it happened: that the trial knows nothing of it is less likely
            left.tell(self.refusal.said)
        way.track.uncounted = self.row.event if part.who else ""
        accept(part, way, self.row, mine)
        fits = not differing(left.track.configuration, part.observed)[0]
        return [way, left] if fits else [way]

    def _of_uncounted(self, part: Part, way: Way, mine: Found) -> list[Way]:
        """A later event of a subject whose first the trial refused, or the log doesn't have: the
        trial may have had both, or neither, or this one alone."""
        row, here = self.row, way.track.configuration
        left = way.split()
        leave(part, left, row)
        guessed = part.side.guesses.missing(here, row.event, part.values, self.uncounted)
        others = [part.other(way, found.after) for found in guessed]
        if isinstance(mine, tuple):
            accept(part, way, row, mine)
            return as_shown(part, [way, left, *others])
        return as_shown(part, [left, *others])
