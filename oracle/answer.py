"""What the reference answers to an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..statemachines.bound import Bound
from ..statemachines.calendar import Due
from ..statemachines.evaluate import Configuration
from ..statemachines.step import Accepted, Refused, observe
from ..statemachines.step import Answer as Step

ACCEPTED, REFUSED, UNSPECIFIED = "accepted", "refused", "unspecified"


@dataclass(frozen=True, slots=True)
class Answer:
    """``answer`` is accepted, refused or unspecified; ``clause`` is the rule's.

    ``reason`` says why it was refused, or which ambiguity leaves it open; ``observe`` is the state
    and the variables after it, by name; ``due`` are the doses due that day.
    """

    answer: str
    reason: str
    clause: str
    observe: Mapping[str, object]
    due: tuple[Due, ...] = ()


def as_answer(
    bound: Bound, before: Configuration, found: Step, questions: Mapping[str, str]
) -> Answer:
    """The answer to one step; ``questions`` are the ambiguities' by id."""
    if isinstance(found, Accepted):
        return Answer(ACCEPTED, "", found.clause, observe(bound, found.configuration))
    shown = observe(bound, before)
    if isinstance(found, Refused):
        return Answer(REFUSED, found.because, found.clause, shown)
    return Answer(UNSPECIFIED, undecided(found.ambiguity, questions), found.clause, shown)


def undecided(ambiguity: str, questions: Mapping[str, str]) -> str:
    """The reason of an unspecified answer."""
    question = questions.get(ambiguity, "")
    return f"the text does not decide: {ambiguity}" + (f", {question}" if question else "")
