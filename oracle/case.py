"""One case of a protocol, by hand: what may happen, what happened, what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..spec.errors import SpecError
from ..spec.model import Constant, Protocol
from ..spec.readings import profile
from ..spec.registry import load
from ..statemachines.arguments import read_arguments
from ..statemachines.bind import bind
from ..statemachines.calendar import Calendar, Due
from ..statemachines.step import Accepted, Undecided, observe, step
from .answer import UNSPECIFIED, Answer, as_answer
from .situation import Possible, situation


class Case:
    """A fresh case of one machine of a protocol.

    ``protocol`` is a name, ``module:attribute``, a path to a document, or a `Protocol`;
    ``readings`` maps ambiguity ids to letters or slugs, or names a profile. `SpecError` where it
    can't be built.

    >>> from trialspec.oracle import Case
    >>> case = Case("ibrutinib-mm", constants={"levels": 2})
    >>> case.apply("evaluate", dlt=False).answer
    'accepted'
    """

    def __init__(
        self,
        protocol: str | Protocol,
        machine: str = "trial",
        constants: Mapping[str, Constant] | None = None,
        readings: Mapping[str, str] | str | None = None,
    ) -> None:
        found = load(protocol) if isinstance(protocol, str) else protocol
        self.protocol = found
        if isinstance(readings, str):
            readings = profile(found, readings)
        if len(found.machines) == 1 and machine == "trial":
            machine = found.machines[0].name
        self.bound = bind(found, machine, constants=constants, readings=readings)
        self._questions = {a.id: a.question for a in found.ambiguities}
        self._calendar = Calendar(self.bound)
        self._configuration = self.bound.initial()
        self._undecided: Answer | None = None

    def possible(self) -> tuple[Possible, ...]:
        """The events that would be accepted now, one entry for each choice of arguments."""
        if self._undecided is not None:
            return ()
        return situation(self.bound, self._configuration).possible

    def apply(self, event: str, /, **arguments: object) -> Answer:
        """Lets an event happen if it is accepted; ``elapse`` with ``days`` passes time.

        Values are texts, whole numbers, truth values or decimals, never floats; `SpecError` for an
        unknown event and for arguments that it doesn't take. After an unspecified answer the case
        has ended: every answer is that one.
        """
        values = read_arguments(self.bound, event, arguments, self._configuration)
        if self._undecided is not None:
            return self._undecided
        found = step(self.bound, self._configuration, event, values)
        answer = as_answer(self.bound, self._configuration, found, self._questions)
        if isinstance(found, Accepted):
            self._configuration = found.configuration
        elif isinstance(found, Undecided):
            self._undecided = answer
        return replace(answer, due=self.due()) if self._calendar.regimens else answer

    def observe(self) -> dict[str, object]:
        """The state and the variables by name, arrays as lists; ``unspecified`` names the
        ambiguity once the text has not decided what happens."""
        seen = observe(self.bound, self._configuration)
        if self._undecided is not None:
            seen[UNSPECIFIED] = self._undecided.reason
        return seen

    def due(self, day: int | None = None) -> tuple[Due, ...]:
        """The doses due on a day of the present cycle, counted from 1; today's without a day."""
        if day is not None and (isinstance(day, bool) or not isinstance(day, int) or day < 1):
            raise SpecError(f"a day is a whole number from 1, not {day!r}")
        if self._undecided is not None:
            return ()
        if day is None:
            return self._calendar.today(self._configuration)
        return self._calendar.due(self._configuration, day)
