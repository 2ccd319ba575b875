"""How the machines of a trial and of its subjects go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .canonical import canonical, frozen, tuples
from .errors import SpecError
from .expression import parse
from .frozen import Frozen

TRIAL, SUBJECT = "trial", "subject"


@dataclass(frozen=True, slots=True)
class Joint:
    """A condition on an event that trial and subject share.

    Events of one name in both machines always happen in both or in neither. ``subject`` and
    ``trial`` are expressions, each over its own machine: where given, the event needs that both
    have the same value, such as the level a patient was assigned and the level that is open.
    """

    event: str
    clause: str
    subject: str
    trial: str

    def __post_init__(self) -> None:
        for name in ("subject", "trial"):
            canonical(self, name, f"{self.clause} (joint event {self.event})")


@dataclass(frozen=True, slots=True)
class Study:
    """A trial with its subjects.

    ``sees`` are what the trial can know of a subject, as expressions over the subject's machine:
    registered or not, its level, whether its observation window is open.
    """

    joint: tuple[Joint, ...] = ()
    sees: Mapping[str, str] = field(default_factory=Frozen)

    def __post_init__(self) -> None:
        tuples(self, "joint")
        names = [j.event for j in self.joint]
        for name in names:
            if names.count(name) > 1:
                raise SpecError(f"joint event {name!r} is declared twice", where="study")
        seen = {n: str(parse(str(t), f"study: sees {n}")) for n, t in self.sees.items()}
        object.__setattr__(self, "sees", Frozen(seen))
        frozen(self, "sees")
