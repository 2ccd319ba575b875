"""What came of one vector, as a value; how it is told is the business of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..vectors import Step, Vector

PASSED, FAILED, ERRORED = "passed", "failed", "errored"
UNSUPPORTED, SKIPPED = "unsupported", "skipped"
OUTCOMES = (PASSED, FAILED, ERRORED, UNSUPPORTED, SKIPPED)

# kinds of failures, named as `replay` names deviations
WRONGLY_ACCEPTED, WRONGLY_REFUSED = "wrongly_accepted", "wrongly_refused"
WRONG_STATE, WRONG_VALUE, WRONG_START = "wrong_state", "wrong_value", "wrong_start"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A conversation that broke down: the kind, what happened, and the system's own last words."""

    kind: str
    message: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one vector: passed, failed, errored, unsupported or skipped.

    ``step`` counts from 1; 0 is the start of the case, None where no step is concerned.
    ``expected`` and ``observed`` hold ``answer`` and ``observe`` (and the system's ``reason``) at
    that step; ``kind`` says how they differ. ``because`` is the protocol's reason, or why nothing
    was judged. ``shown``, ``unshown`` and ``ignored`` name variables that the system showed, did
    not show, and showed although the vectors have none such. ``after`` are the ids of vectors
    to run before this one for it to come out so; ``alone`` is its outcome without them, where that
    was tried and was another.
    """

    vector: Vector
    outcome: str
    clause: str = ""
    step: int | None = None
    kind: str = ""
    because: str = ""
    expected: Mapping[str, object] | None = None
    observed: Mapping[str, object] | None = None
    trouble: Trouble | None = None
    shown: frozenset[str] = frozenset()
    unshown: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()
    alone: str = ""
    seconds: float = 0.0

    @property
    def at(self) -> Step | None:
        """The step that is concerned; None for the start and where there is none."""
        return self.vector.steps[self.step - 1] if self.step else None

    @property
    def key(self) -> str:
        """What findings with one cause have in common: of a failure the clause, the event and how
        they differ; else the event."""
        if self.outcome == ERRORED:
            assert self.trouble is not None
            return self.trouble.kind
        if self.outcome == UNSUPPORTED:
            assert self.at is not None
            return self.at.event
        if self.at is None:
            return "start"
        return ", ".join(part for part in (self.clause, self.at.event, self.kind) if part)


def plain(value: Any) -> Any:
    """A value that a system gave, as JSON: exact decimals are texts.

    >>> plain({"dose": [Decimal("7.50"), True]})
    {'dose': ['7.50', True]}
    """
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
