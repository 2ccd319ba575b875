"""What becomes of a way on which a row's event took place, or did not."""

from __future__ import annotations

from collections.abc import Mapping

from ...statemachines.evaluate import Configuration
from ...statemachines.step import ELAPSE, Defect, describe, step
from ..deviation import Deviation
from ..observed import differing
from ..rows import Row
from .node import Move
from .parts import Part
from .track import row_deviation
from .ways import Way


def accept(part: Part, way: Way, row: Row, after: Configuration) -> None:
    """The event took place: moves the way, compares with the calendar and what the log shows."""
    side, track = part.side, way.track
    before = track.node
    if row.event == ELAPSE:
        track.before = None
        way.tell(*side.pass_days(track, row, part.values["days"]))
        return
    told, key = part.told(row.event), part.key(row.event)
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
    way.tell(*side.dispensed(track, row, told, here, accepted=True, late=way.late))
    if expected:
        way.tell(wrong_state(part, row, here, after, expected, observed))
        part.take_over(track)


def leave(part: Part, way: Way, row: Row) -> None:
    """The event did not take place; a dose was given all the same."""
    track, told = way.track, part.told(row.event)
    here = track.configuration
    part.side.dispensed(track, row, told, here, accepted=False, late=way.late)
    track.before = None


def as_shown(part: Part, ways: list[Way]) -> list[Way]:
    """The ways that the log's own account of the state leaves; else the first, set right."""
    fitting = [w for w in ways if not differing(w.track.configuration, part.observed)[0]]
    if not fitting:
        part.take_over(ways[0].track)
    return fitting or ways[:1]


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
