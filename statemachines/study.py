"""A trial and its subjects as one: joint events happen in both machines or in neither.

Composition preserves the invariants of the machines and nothing else; what it doesn't preserve is
judged on the study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..spec.errors import SpecError
from ..spec.expression import Node
from ..spec.model import Constant, Protocol
from ..spec.place import short
from ..spec.resolve import Resolver
from ..spec.study import SUBJECT, TRIAL
from ..spec.types import Type, shown
from .arguments import read_arguments
from .bind import bind
from .bound import Bound
from .evaluate import Configuration, evaluate
from .step import Accepted, Refused, Undecided, step


@dataclass(frozen=True, slots=True)
class Term:
    """An expression over one machine: its text, its meaning, and its type."""

    text: str
    node: Node
    type: Type

    def value(self, bound: Bound, configuration: Configuration) -> str | int | bool:
        """Its value, as people and JSON see it."""
        return shown(evaluate(bound, self.node, configuration, {}), self.type)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A joint event needs that both machines have the same value, each of its own expression."""

    clause: str
    subject: Term
    trial: Term


@dataclass(frozen=True)
class BoundStudy:
    """The machines of a trial and of each of its subjects, under one set of readings.

    ``joint`` holds the events that both have, each with its agreement where one is declared;
    ``sees`` is what the trial can know of a subject.
    """

    trial: Bound
    subject: Bound
    joint: Mapping[str, Agreement | None]
    sees: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Together:
    """An event took place; a machine that took no part has None."""

    trial: Configuration | None
    subject: Configuration | None
    clause: str


Given = Mapping[str, object]
Values = dict[str, int]


def is_study(protocol: Protocol) -> bool:
    """Whether the protocol has a machine of the trial and one of a subject."""
    return {TRIAL, SUBJECT} <= {m.name for m in protocol.machines}


def compose(
    protocol: Protocol,
    constants: Mapping[str, Constant] | None = None,
    readings: Mapping[str, str] | None = None,
) -> BoundStudy:
    """The study of a protocol; each constant goes to the machines that have it.

    `SpecError` where a machine is missing, where the two differ in a constant of one name, and
    where the study names an event or a variable that isn't there.

    >>> from trialspec.spec.registry import load
    >>> "register" in compose(load("ibrutinib-mm")).joint
    True
    """
    if not is_study(protocol):
        raise SpecError(f"{protocol.name} has no machines trial and subject: it is no study")
    machines = [protocol.machine(name) for name in (TRIAL, SUBJECT)]
    given = dict(constants or {})
    for name in given:
        if not any(name in m.constants for m in machines):
            known = ", ".join(dict.fromkeys(n for m in machines for n in m.constants))
            raise SpecError(f"{protocol.name} has no constant {name!r}", hint=f"constants: {known}")
    trial, subject = (
        bind(
            protocol,
            m.name,
            constants={n: v for n, v in given.items() if n in m.constants},
            readings=readings,
        )
        for m in machines
    )
    for name, value in trial.constants.items():
        if name in subject.constants and subject.constants[name] != value:
            raise SpecError(
                f"constant {name} is {value} in the trial and {subject.constants[name]} in the "
                "subject",
                where=f"study of {protocol.name}",
            )
    joint: dict[str, Agreement | None] = {
        e.name: None for e in trial.events if e.name in subject.event
    }
    for declared in protocol.study.joint:
        where = f"study of {protocol.name}: joint event {declared.event}"
        if declared.event not in joint:
            raise SpecError("trial and subject don't both have this event", where=where)
        joint[declared.event] = Agreement(
            declared.clause,
            _term(subject, declared.subject, where),
            _term(trial, declared.trial, where),
        )
    sees = {n: _term(subject, t, f"study: sees {n}") for n, t in protocol.study.sees.items()}
    return BoundStudy(trial, subject, joint, sees)


def _term(bound: Bound, text: str, where: str) -> Term:
    return Term(text, *Resolver(bound.scope).term(text, where))


def read_together(
    study: BoundStudy,
    event: str,
    given: Given,
    trial: Configuration | None,
    subject: Configuration | None,
) -> tuple[Values, Values]:
    """The arguments of an event for each machine that takes part; an empty dictionary for another.

    A machine gets those it takes. Of an argument that is left out, one machine's default stands
    for the other that has none, the subject's first.
    """
    both = ((study.subject, subject), (study.trial, trial))
    takes = {
        b.machine.name: [p.name for p in b.event[event].parameters]
        for b, _ in both
        if event in b.event
    }
    parts = [(b, c) for b, c in both if c is not None and event in b.event]
    known = dict.fromkeys(n for names in takes.values() for n in names)
    surplus = [name for name in given if name not in known]
    if surplus:
        listed = ", ".join(known) or "no arguments"
        raise SpecError(f"{event} has no argument {short(surplus[0])}", hint=f"it takes {listed}")
    whole = dict(given)
    for bound, configuration in parts:
        for p in bound.event[event].parameters:
            if p.default is not None and whole.get(p.name) in (None, ""):
                value = evaluate(bound, p.default, configuration, {})
                whole[p.name] = shown(value, p.type)
    read: dict[str, Values] = {SUBJECT: {}, TRIAL: {}}
    for bound, configuration in parts:
        name = bound.machine.name
        mine = {n: whole[n] for n in takes[name] if n in whole}
        read[name] = read_arguments(bound, event, mine, configuration)
    return read[TRIAL], read[SUBJECT]


def study_step(
    study: BoundStudy,
    trial: Configuration | None,
    subject: Configuration | None,
    event: str,
    values: tuple[Values, Values],
) -> Together | Refused | Undecided:
    """What trial and subject answer together; a machine given as None takes no part.

    An event of one machine alone is that machine's. A joint event is refused when one of them
    refuses it, the trial asked first, or when they don't agree; else it is unspecified when one of
    them says so. ``values`` are those of `read_together`.
    """
    answers = {}
    for bound, configuration, mine in (
        (study.trial, trial, values[0]),
        (study.subject, subject, values[1]),
    ):
        if configuration is not None and event in bound.event:
            answer = step(bound, configuration, event, mine)
            if isinstance(answer, Refused):
                both = event in study.joint and trial is not None and subject is not None
                where = f"in the {bound.machine.name}, " if both else ""
                return Refused(where + answer.because, answer.clause)
            answers[bound.machine.name] = answer
    agreement = study.joint.get(event)
    if agreement is not None and trial is not None and subject is not None:
        disagreement = disagree(study, agreement, trial, subject, event)
        if disagreement is not None:
            return disagreement
    for answer in answers.values():
        if isinstance(answer, Undecided):
            return answer
    moved = {n: a for n, a in answers.items() if isinstance(a, Accepted)}
    after = {n: a.configuration for n, a in moved.items()}
    clause = next((a.clause for a in moved.values() if a.clause), "")
    return Together(after.get(TRIAL), after.get(SUBJECT), clause)


def disagree(
    study: BoundStudy,
    agreement: Agreement,
    trial: Configuration,
    subject: Configuration,
    event: str,
) -> Refused | None:
    """The refusal where the machines don't agree on a joint event; None where they do."""
    theirs = agreement.subject.value(study.subject, subject)
    ours = agreement.trial.value(study.trial, trial)
    if theirs == ours:
        return None
    return Refused(
        f"{event} needs the subject's {agreement.subject.text} to be the trial's "
        f"{agreement.trial.text}: {theirs} is not {ours}",
        agreement.clause,
    )
