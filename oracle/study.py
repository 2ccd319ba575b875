"""A whole study by hand: one trial with its subjects."""

from __future__ import annotations

from collections.abc import Mapping

from ..spec.errors import SpecError
from ..spec.model import Constant, Protocol
from ..spec.place import short
from ..spec.readings import profile
from ..spec.registry import load
from ..statemachines.arguments import find_event
from ..statemachines.bound import Bound
from ..statemachines.calendar import Calendar, Due
from ..statemachines.evaluate import Configuration
from ..statemachines.step import ELAPSE, Refused, Undecided, elapse, observe
from ..statemachines.study import compose, read_together, study_step
from .answer import ACCEPTED, REFUSED, UNSPECIFIED, Answer, undecided

MAX_DAYS = 40_000


class Study:
    """A trial with any number of subjects, who are known from their first event on.

    ``protocol``, ``constants`` and ``readings`` are those of `Case`. Events that trial and subject
    share happen in both or in neither.

    >>> from trialspec.oracle import Study
    >>> study = Study("plerixafor-cll")
    >>> study.elapse(28)
    >>> study.apply("start_combination", "P1", wbc="41.5", weekday="Mon", level=1).reason
    ... # doctest: +ELLIPSIS
    'in the subject, len_dose == 10 is false (len_dose = 5...
    """

    def __init__(
        self,
        protocol: str | Protocol,
        constants: Mapping[str, Constant] | None = None,
        readings: Mapping[str, str] | str | None = None,
    ) -> None:
        found = load(protocol) if isinstance(protocol, str) else protocol
        if isinstance(readings, str):
            readings = profile(found, readings)
        self.protocol = found
        self.machines = compose(found, constants, readings)
        self._questions = {a.id: a.question for a in found.ambiguities}
        self._trial: Configuration = self.machines.trial.initial()
        self._subjects: dict[str, Configuration] = {}
        self._undecided: dict[str, Answer] = {}
        self._calendars: dict[str, Calendar] = {}

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects in the order in which they came."""
        return tuple(self._subjects)

    def join(self, subject: str) -> None:
        """A subject's case begins today; `apply` does it with the subject's first event too."""
        self._subjects.setdefault(subject, self.machines.subject.initial())

    def elapse(self, days: int) -> None:
        """Time passes for the trial and for every subject."""
        if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= MAX_DAYS:
            raise SpecError(f"elapse takes days, a whole number from 0 to {MAX_DAYS}")
        self._trial = elapse(self.machines.trial, self._trial, days)
        for name, configuration in self._subjects.items():
            self._subjects[name] = elapse(self.machines.subject, configuration, days)

    def apply(self, event: str, subject: str = "", /, **arguments: object) -> Answer:
        """Lets an event happen if the trial, and the subject where one is named, accept it.

        `SpecError` for an event that neither machine has, for a subject's event without a subject,
        and for arguments that it doesn't take. After an unspecified answer the machines it concerns
        are not asked any more.
        """
        if event == ELAPSE:
            raise SpecError("time passes for the whole study", hint="call elapse(days)")
        trial, theirs = self.machines.trial, self.machines.subject
        if event not in trial.event and event not in theirs.event:
            known = dict.fromkeys(e.name for b in (trial, theirs) for e in b.events)
            raise SpecError(f"unknown event {short(event)}", hint=f"events: {', '.join(known)}")
        if not subject and event not in trial.event:
            find_event(theirs, event)
            raise SpecError(f"{event} is an event of a subject", hint="name the subject")
        if subject:
            self.join(subject)
        asked = [n for n in ("", subject) if n not in self._undecided]
        ours = self._trial if "" in asked else None
        here = self._subjects[subject] if subject and subject in asked else None
        if event not in trial.event:
            ours = None
        elif event not in theirs.event:
            here = None
        if ours is None and here is None:
            return self._undecided["" if event in trial.event else subject]
        values = read_together(self.machines, event, arguments, ours, here)
        found = study_step(self.machines, ours, here, event, values)
        if isinstance(found, Refused):
            return self._answer(REFUSED, found.because, found.clause, subject)
        if isinstance(found, Undecided):
            reason = undecided(found.ambiguity, self._questions)
            answer = self._answer(UNSPECIFIED, reason, found.clause, subject)
            for name, took_part in (("", ours), (subject, here)):
                if took_part is not None:
                    self._undecided[name] = answer
            return answer
        if found.trial is not None:
            self._trial = found.trial
        if found.subject is not None:
            self._subjects[subject] = found.subject
        return self._answer(ACCEPTED, "", found.clause, subject)

    def observe(self, subject: str = "") -> dict[str, object]:
        """The state and variables of a subject, or of the trial."""
        bound, configuration = self._of(subject)
        seen = observe(bound, configuration)
        if subject in self._undecided:
            seen[UNSPECIFIED] = self._undecided[subject].reason
        return seen

    def due(self, subject: str = "") -> tuple[Due, ...]:
        """The doses that are due to a subject today."""
        bound, configuration = self._of(subject)
        if subject in self._undecided:
            return ()
        name = bound.machine.name
        calendar = self._calendars.setdefault(name, Calendar(bound))
        return calendar.today(configuration)

    def _of(self, subject: str) -> tuple[Bound, Configuration]:
        if not subject:
            return self.machines.trial, self._trial
        if subject not in self._subjects:
            raise SpecError(f"there is no subject {short(subject)} yet")
        return self.machines.subject, self._subjects[subject]

    def _answer(self, answer: str, reason: str, clause: str, subject: str) -> Answer:
        return Answer(answer, reason, clause, self.observe(subject), self.due(subject))
