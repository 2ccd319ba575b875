"""A row that says that something happened which the protocol refuses."""

from __future__ import annotations

from ...spec.calendar import DOSE
from ...statemachines.evaluate import Configuration
from ...statemachines.step import Refused
from ..answer import ACCEPTED, REFUSED
from ..deviation import Deviation
from .accepted import accept, as_shown, leave
from .asked import Asked
from .guess import Missing
from .order import swapped
from .otherwise import undone
from .parts import Part, answer, shown
from .track import SOON, Found, row_deviation
from .ways import Way


class Refusal:
    """Why a row is refused, and the ways in which the case may have gone on."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.row = asked, asked.row
        self.follow = asked.follow and not asked.repeated
        self.said: Deviation | None = None

    def ways(self, part: Part, way: Way, mine: Found) -> list[Way]:
        """What becomes of one way of a part that refuses the row, or that can't have it together
        with the other part (then ``mine`` is what it would answer alone)."""
        if self.follow and mine is None and self._explained(part, way):
            return as_shown(part, [way])
        row, track, guesses = self.row, way.track, part.side.guesses
        here, first = track.configuration, way is part.ways[0]
        guessing = self.follow and first and mine is None and not way.late
        dated = row.time is not None
        missing = guesses.missing(here, row.event, part.values, dated=dated) if guessing else ()
        spared = self._without_last(part, way) if guessing else None
        ways = [way]
        # that the date of the row is wrong has been said, and may explain the refusal
        if self.follow and first and self.asked.misdated:
            ways.append(way.split())
        if not way.late and not self.asked.late:
            way.tell(self._deviation(part, way, missing[0].event if missing else ""))
        given = track.given
        for other in ways:
            leave(part, other, row)
            if self.follow and mine is None and dated:
                told = part.side.nodes.told(row.event, part.said)
                other.track.refused = told, track.day
        if not self.follow:
            return as_shown(part, ways)
        others = [self._after_missing(part, way, found) for found in missing]
        if spared is not None:
            others.append(part.other(way, spared))
        if track.given != given and mine is None:
            # the dose was not given to this subject
            others.append(way.split())
            others[-1].track.given = given
        allowed = guesses.allowed(here, row.event, part.values) if mine is None else mine
        if isinstance(allowed, tuple) and allowed != here:
            likely = part.other(way, allowed, astray=True)
            ways = [likely, *ways] if mine is None else [*ways, likely]
        if first:
            return as_shown(part, ways + others)
        # nothing was said of a late row: that it has not happened is as likely
        return as_shown(part, ways if way.late else ways[:1])

    # ---- what explains a refusal

    def _explained(self, part: Part, way: Way) -> bool:
        """Whether something that was reported before explains this row too."""
        row, track, after = self.row, way.track, part.side.guesses.after
        if way.awaits(row) and track.assumed is not None:
            # the missing event, told after all; with its own date it may not be possible
            missing = track.assumed[0]
            if after(missing.before, row.event, part.said) in (None, missing.between):
                track.assumed = track.before = None
                return True
        told, day = track.refused or (None, 0)
        if told is None or told.event == DOSE or track.day > day + SOON:
            return False
        between = after(track.configuration, told.event, told.values)
        found = None if between is None else after(between, row.event, part.values)
        if between is None or found is None:
            return False
        track.refused = None
        part.side.move(track, between)
        accept(part, way, row, found)
        return True

    def _without_last(self, part: Part, way: Way) -> Configuration | None:
        """The configuration after the row had the last event not happened: of an event that the
        state knows nothing of."""
        if part.side.bound.rules_of.get((way.track.configuration[0], self.row.event)):
            return None
        before = undone(part.side, way.track, self.row)
        if before is None:
            return None
        return part.side.guesses.after(before, self.row.event, part.values)

    def _after_missing(self, part: Part, way: Way, missing: Missing) -> Way:
        other = part.other(way, missing.after)
        if self.row.time is not None:
            other.track.assumed = missing, way.track.day
        study = self.asked.study
        if study is not None and missing.name in study.joint and part.who:
            other.track.uncounted = missing.name
        return other

    # ---- what is said

    def _deviation(self, part: Part, way: Way, missing: str) -> Deviation:
        """The refusal with its reason; trial and subject that refuse one row say it together."""
        asked, row = self.asked, self.row
        first = way is part.ways[0]
        if first and self.said is not None:
            return self.said
        here = asked.here(part, way.track)
        found = answer(asked.study, asked.parts, row, here, astray=way.track.astray)
        assert isinstance(found, Refused)
        because = found.because
        alone = len(asked.parts) == len(part.ways) == 1
        if alone and swapped(part, row) is not None:
            earlier = part.track.before_row
            because += f"; before row {earlier} of the same date it would be accepted"
            asked.counts.order_matters(row, earlier, "in the other order both are accepted")
        elif missing and not asked.repeated:
            because += f"; after {missing} it would be accepted"
        last = asked.parts[-1]
        expected = {"answer": REFUSED, "state": last.side.bound.states[here[-1][0]]}
        observed = {"answer": ACCEPTED, **shown(asked.parts, row)}
        kind = "extra_event" if asked.repeated else "wrongly_accepted"
        made = row_deviation(row, kind, found.clause, because, expected, observed)
        if first:
            self.said = made
        return made
