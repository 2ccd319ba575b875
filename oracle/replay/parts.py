"""The machines that take part in a row's event, and the row in their terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ...spec.calendar import WEEKDAYS
from ...spec.errors import SpecError
from ...spec.study import SUBJECT, TRIAL
from ...statemachines.arguments import read_arguments
from ...statemachines.bound import Parameter, as_int
from ...statemachines.evaluate import Configuration, Undefined, evaluate
from ...statemachines.step import ELAPSE, Answer, Defect, Refused, show_arguments, step
from ...statemachines.study import BoundStudy, Together, disagree, read_together, study_step
from ..dates import day_of
from ..observed import Place, place, read_observed, taken_over
from ..rows import Row
from .dispensing import weekday
from .node import Told
from .track import Side, Track
from .ways import Way

Key = Told | tuple[Told, tuple[tuple[int, int], ...]]


@dataclass(slots=True, eq=False)
class Part:
    """A machine that takes part in an event: the ways of its case, the best first.

    ``origin`` is the track before the row; ``values`` are the arguments that are judged, ``said``
    those that the row has. ``left_out`` are arguments that the row hasn't: on each of several ways
    their default is that way's.
    """

    side: Side
    who: str
    origin: Track
    ways: list[Way]
    values: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[str, int] = field(default_factory=dict)
    observed: Mapping[Place, int] = field(default_factory=dict)
    left_out: tuple[Parameter, ...] = ()

    @property
    def track(self) -> Track:
        """The best way's track."""
        return self.ways[0].track

    def told(self, event: str) -> Told:
        """What the row tells."""
        return self.side.nodes.told(event, self.values)

    def read_in(self, here: Configuration) -> None:
        """Takes the arguments that the row leaves out as they are in a configuration; one that has
        no meaning there stays as it is."""
        bound = self.side.bound
        for p in self.left_out:
            assert p.default is not None
            with suppress(Undefined):
                value = evaluate(bound, p.default, here, {})
                if as_int(p.low) <= value <= as_int(p.high):
                    self.values = {**self.values, p.name: value}
                    self.said = {**self.said, p.name: value}

    def key(self, event: str) -> Key:
        """What the row tells and shows, under which moves are kept."""
        told = self.told(event)
        if not self.observed:
            return told
        return told, tuple(sorted((p.offset, value) for p, value in self.observed.items()))

    def other(self, way: Way, after: Configuration, *, astray: bool = False) -> Way:
        """Another way, on which the case is now in ``after``."""
        other = way.split()
        other.track.before = other.track.refused = None
        other.track.astray = other.track.astray or astray
        self.side.move(other.track, after)
        return other

    def take_over(self, track: Track) -> None:
        """Goes on from what the log shows."""
        track.astray = True
        self.side.move(track, taken_over(track.configuration, self.observed))


def read(study: BoundStudy | None, parts: list[Part], row: Row) -> None:
    """Gives the parts their arguments and what the log shows of each; `SpecError` where that can't
    be read."""
    event, given = row.event, _with_weekday(parts, row)
    if study is None or event == ELAPSE:
        for p in parts:
            p.values = read_arguments(p.side.bound, event, given, p.track.configuration)
    else:
        now = {p.side.name: None if p.track.undecided else p.track.configuration for p in parts}
        trial, subject = read_together(study, event, given, now.get(TRIAL), now.get(SUBJECT))
        for p in parts:
            p.values = subject if p.side.name == SUBJECT else trial
    for p in parts:
        p.said = p.values
        if len(p.ways) > 1 and event != ELAPSE:
            p.left_out = tuple(
                a
                for a in p.side.bound.event[event].parameters
                if a.default is not None and given.get(a.name) in (None, "")
            )
    observed: dict[str, dict[str, object]] = {}
    for name, value in row.observed.items():
        observed.setdefault(_observes(parts, name).name, {})[name] = value
    for p in parts:
        seen = observed.get(p.side.name)
        p.observed = read_observed(p.side.bound, seen) if seen else {}


def _with_weekday(parts: list[Part], row: Row) -> Mapping[str, object]:
    """The arguments; a weekday that the log leaves out is that of its date."""
    if row.time is None or row.arguments.get("weekday") not in (None, ""):
        return row.arguments
    if not any(p.side.on_weekdays.get(row.event) for p in parts):
        return row.arguments
    return {**row.arguments, "weekday": weekday(day_of(row.time))}


def wrong_weekday(part: Part, row: Row) -> tuple[str, str] | None:
    """The weekday of a row's date and what the log calls it instead."""
    if row.time is None or row.event not in part.side.on_weekdays:
        return None
    if row.arguments.get("weekday") in (None, ""):
        return None
    right, said = weekday(day_of(row.time)), WEEKDAYS[part.values["weekday"]]
    return None if right == said else (right, said)


def _observes(parts: list[Part], name: str) -> Side:
    """The machine whose variable the log shows: the subject's where it takes part."""
    for part in reversed(parts):
        try:
            place(part.side.bound, name)
        except SpecError:
            continue
        return part.side
    return parts[-1].side


def apart(study: BoundStudy | None, row: Row, here: Sequence[Configuration]) -> Refused | None:
    """Why trial and subject, in these configurations, can't have a joint event together."""
    agreement = study.joint.get(row.event) if study else None
    if agreement is None or study is None or len(here) == 1:
        return None
    trial, subject = here
    return disagree(study, agreement, trial, subject, row.event)


def answer(
    study: BoundStudy | None,
    parts: list[Part],
    row: Row,
    here: Sequence[Configuration],
    *,
    astray: bool = False,
) -> Answer | Together:
    """The reference's own answer, with its reason, in these configurations of the parts.

    Where one of them is not known to be reachable (``astray``, if it is not a best way's), what has
    no meaning there is refused.
    """
    try:
        if study is None or len(parts) == 1:
            return step(parts[0].side.bound, here[0], row.event, parts[0].values)
        values = (dict(parts[0].values), dict(parts[1].values))
        return study_step(study, here[0], here[1], row.event, values)
    except Defect as error:
        if not astray and not any(p.track.astray for p in parts):
            raise
        return Refused(error.message, "")


def shown(parts: list[Part], row: Row) -> dict[str, object]:
    """The event as a log or JSON shows it."""
    if row.event == ELAPSE:
        return {"event": ELAPSE, "arguments": dict(parts[0].values)}
    arguments: dict[str, object] = {}
    for part in parts:
        arguments |= show_arguments(part.side.bound.event[row.event], part.values)
    return {"event": row.event, "arguments": arguments}
