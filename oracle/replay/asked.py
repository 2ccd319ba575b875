"""One row, the parts that take part in it, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...statemachines.evaluate import Configuration
from ...statemachines.step import Refused
from ...statemachines.study import BoundStudy
from ..deviation import Counts
from ..rows import Row
from .parts import Part, apart
from .track import Found, Track


@dataclass(slots=True)
class Asked:
    """A row whose event took place according to the log, and what the parts' best ways answer.

    ``repeated`` says that the row is the one before it once more, ``late`` that it was said to be
    out of order in its own case, ``misdated`` that its weekday was said not to be that of its date:
    one row, one deviation. With ``follow`` a deviation parts the ways; without, a refused event
    leaves the case as it was. ``best`` are the best ways' configurations before the row, ``apart``
    is why those can't have the event together.
    """

    study: BoundStudy | None
    counts: Counts
    parts: list[Part]
    row: Row
    afters: list[Found]
    follow: bool
    repeated: bool
    late: bool
    misdated: bool
    best: list[Configuration] = field(init=False)
    apart: Refused | None = field(init=False)

    def __post_init__(self) -> None:
        self.best = [p.track.configuration for p in self.parts]
        self.apart = apart(self.study, self.row, self.best)

    def others(self, part: Part) -> list[Found]:
        """What the other parts' best ways answer."""
        return [answer for p, answer in self.answers() if p is not part]

    def answers(self) -> list[tuple[Part, Found]]:
        """Each part with what its best way answers."""
        return list(zip(self.parts, self.afters, strict=True))

    def here(self, part: Part, track: Track) -> list[Configuration]:
        """The configurations before the row, with one part's from its own way."""
        pairs = zip(self.parts, self.best, strict=True)
        return [track.configuration if p is part else here for p, here in pairs]
