"""A row that says that its event took place, judged on all of its parts."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.model import Unspecified
from ...statemachines.evaluate import Configuration, Undefined
from ...statemachines.step import ELAPSE, Defect, Refused, describe, step
from ...statemachines.study import BoundStudy
from ..answer import ACCEPTED, REFUSED
from ..dates import day_of, order_is_open
from ..deviation import Counts, Deviation
from ..observed import differing
from ..rows import Row
from .node import Move
from .parts import Part, answer, apart, shown
from .track import Found, Track, row_deviation
from .ways import Way


class Happened:
    """One row, the answers of its parts' best ways, and why those are apart if they are.

    With ``follow`` a deviation parts the ways; without, a refused event leaves the case as it was.
    """

    def __init__(
        self,
        study: BoundStudy | None,
        counts: Counts,
        parts: list[Part],
        row: Row,
        afters: list[Found],
        *,
        repeated: bool,
        follow: bool,
    ) -> None:
        self.study, self.counts, self.parts, self.row = study, counts, parts, row
        self.afters, self.repeated, self.follow = afters, repeated, follow
        # the best ways' configurations before the row
        self.best = [p.track.configuration for p in parts]
        self.apart = apart(study, row, self.best)
        self.said: Deviation | None = None

    def ways(self, part: Part) -> list[Way]:
        """The ways of a part after the row."""
        made: list[Way] = []
        for way in part.ways:
            made += self._along(part, way)
        return made

    def _along(self, part: Part, way: Way) -> list[Way]:
        """What becomes of one way."""
        row, track = self.row, way.track
        mine = part.side.after(track, row.event, part.values)
        others = [a for p, a in zip(self.parts, self.afters, strict=True) if p is not part]
        ours = part is self.parts[0]
        if mine is None or (ours and apart(self.study, row, self._here(part, track)) is not None):
            return self._refused(part, way, mine)
        if isinstance(mine, Unspecified):
            # the best way decides, or the other machine refuses the event anyway
            return [way] if way is part.ways[0] else []
        if None in others or (self.apart is not None and not ours):
            return self._refused_elsewhere(part, way, mine)
        before = track.configuration
        alone = len(self.parts) == 1 and len(part.ways) == 1
        way.tell(*self._accept(part, way, mine, alone=alone))
        if way.late and self.follow and row.time is not None and track.time is not None:
            days = (day_of(track.time) - day_of(row.time)).days
            dated = part.side.late(before, track.configuration, days)
            if dated != track.configuration:
                return [part.other(way, dated), way]
        return [way]

    def _here(self, part: Part, track: Track) -> list[Configuration]:
        """The configurations before the row, with one part's from its own way."""
        pairs = zip(self.parts, self.best, strict=True)
        return [track.configuration if p is part else here for p, here in pairs]

    # ---- accepted

    def _accept(
        self, part: Part, way: Way, after: Configuration, *, alone: bool
    ) -> list[Deviation]:
        """The event took place in one machine: moves it, and compares with what the log shows."""
        row, side, track = self.row, part.side, way.track
        before = track.node
        if row.event == ELAPSE:
            track.before = None
            return side.pass_days(track, row, part.values["days"])
        told, key = part.told(row.event), part.key(row.event)
        if alone:
            self._note_order(part, after)
        move = before.moves.get(key)
        side.move(track, after)
        expected, observed = differing(after, part.observed)
        if move is None:
            weekdays = side.dispensing.weekdays(before.configuration, told.drug)
            left = before.configuration[0] != after[0]
            move = Move(before, told, track.node, weekdays, left or track.node.within)
            if not expected and not before.timed and not track.node.timed:
                before.moves[key] = move
                side.nodes.keep()
        track.before, track.before_row, track.before_time = move, row.row, row.time
        here = before.configuration
        found = side.dispensed(track, row, told, here, accepted=True, late=way.late)
        if expected:
            found.append(wrong_state(part, row, here, after, expected, observed))
            part.take_over(track)
        return found

    def _refused_elsewhere(self, part: Part, way: Way, mine: Configuration) -> list[Way]:
        """This machine accepts what the other one refuses."""
        left = way.split()
        self._leave(part, left)
        if not self.follow:
            self._as_shown(part, [left])
            return [left]
        way.tell(*self._accept(part, way, mine, alone=False))
        fits = not differing(left.track.configuration, part.observed)[0]
        return [way, left] if fits else [way]

    # ---- refused

    def _leave(self, part: Part, way: Way) -> None:
        """The event did not take place in one machine; a dose was given all the same."""
        track, told = way.track, part.told(self.row.event)
        here = track.configuration
        part.side.dispensed(track, self.row, told, here, accepted=False, late=way.late)
        track.before = None

    def _as_shown(self, part: Part, ways: list[Way]) -> list[Way]:
        """The ways that the log's own account of the state leaves; else the first, set right."""
        fitting = [w for w in ways if not differing(w.track.configuration, part.observed)[0]]
        if not fitting:
            part.take_over(ways[0].track)
        return fitting or ways[:1]

    def _refused(self, part: Part, way: Way, mine: Found) -> list[Way]:
        """The log says that something happened which the protocol refuses."""
        event, values, guesses = self.row.event, part.values, part.side.guesses
        here = way.track.configuration
        first = way is part.ways[0]
        follow = self.follow and not self.repeated
        missing = (
            guesses.missing(here, event, values)
            if follow and first and mine is None and not way.late
            else ()
        )
        if not way.late:
            # else: one row, one deviation, which explains the refusal
            way.tell(self._deviation(part, way, missing[0].event if missing else ""))
        self._leave(part, way)
        ways = [way]
        if follow:
            allowed = guesses.allowed(here, event, values) if mine is None else mine
            if isinstance(allowed, tuple) and allowed != here:
                other = part.other(way, allowed, astray=True)
                ways = [other, way] if mine is None else [way, other]
        ways = ways if first else ways[:1]
        return self._as_shown(part, ways + [part.other(way, m.after) for m in missing])

    def _deviation(self, part: Part, way: Way, missing: str) -> Deviation:
        """The refusal with its reason; trial and subject that refuse one row say it together."""
        first = way is part.ways[0]
        if first and self.said is not None:
            return self.said
        here = self._here(part, way.track)
        found = answer(self.study, self.parts, self.row, here)
        assert isinstance(found, Refused)
        because = found.because
        swapped = self._swapped(part) if len(self.parts) == len(part.ways) == 1 else None
        if swapped is not None:
            earlier = part.track.before_row
            because += f"; before row {earlier} of the same date it would be accepted"
            self.counts.order_matters(self.row, earlier, "in the other order both are accepted")
        elif missing and not self.repeated:
            because += f"; after {missing} it would be accepted"
        last = self.parts[-1]
        expected = {"answer": REFUSED, "state": last.side.bound.states[here[-1][0]]}
        observed = {"answer": ACCEPTED, **shown(self.parts, self.row)}
        kind = "extra_event" if self.repeated else "wrongly_accepted"
        made = row_deviation(self.row, kind, found.clause, because, expected, observed)
        if first:
            self.said = made
        return made

    # ---- order within a day

    def _swapped(self, part: Part) -> Configuration | None:
        """The configuration if this event had come before the last one of its date.

        None where that order isn't possible, or the log itself says which came first.
        """
        before, row = part.track.before, self.row
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

    def _note_order(self, part: Part, after: Configuration) -> None:
        """Notes two rows of one date whose order nothing but the file gives, where it matters."""
        before, row = part.track.before, self.row
        swapped = self._swapped(part)
        matters = swapped is not None and swapped != after
        if matters and swapped is not None:
            because = (
                f"both orders are accepted: {describe(part.side.bound, after)}, "
                f"or {describe(part.side.bound, swapped)}"
            )
            self.counts.order_matters(row, part.track.before_row, because)
        elif before is not None and order_is_open(part.track.before_time, row.time):
            part.side.nodes.settle(before, part.told(row.event))


def wrong_state(
    part: Part,
    row: Row,
    before: Configuration,
    after: Configuration,
    expected: Mapping[str, object],
    observed: Mapping[str, object],
) -> Deviation:
    """The log shows another state or value than ``after``, which follows from ``before``."""
    kind = "wrong_state" if "state" in expected else "wrong_value"
    because = f"after {row.event} the case is in {describe(part.side.bound, after)}"
    try:
        clause = step(part.side.bound, before, row.event, part.values).clause
    except Defect:
        clause = ""
    return row_deviation(row, kind, clause, because, expected, observed)
