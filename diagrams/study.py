"""`BoundStudy` -> `StudyChart`: which events the trial and its subjects have together."""

from __future__ import annotations

from dataclasses import dataclass

from ..spec.model import Protocol, Unspecified
from ..statemachines.bound import Bound
from ..statemachines.study import BoundStudy
from .chart import Condition, Entry
from .draw import readings_in_words, signature
from .simplify import Simplifier
from .text import MAX_NAME, plain, slug


@dataclass(frozen=True, slots=True)
class Move:
    """Where an event leads from some states of one machine.

    ``stays`` is set when it may stay in the state; ``targets`` are the other states it may lead to,
    ``unspecified`` the ambiguities it may run into.
    """

    sources: tuple[str, ...]
    stays: bool
    targets: tuple[str, ...]
    unspecified: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What an event does in one machine, and the clauses of its rules."""

    moves: tuple[Move, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """A joint event; ``needs`` is what both machines must agree on."""

    event: str
    observation: bool
    needs: Condition | None
    trial: Part
    subject: Part

    @property
    def possible(self) -> bool:
        """Whether any machine has a rule for it under the readings."""
        return bool(self.trial.moves or self.subject.moves)


@dataclass(frozen=True, slots=True)
class Alone:
    """An event of one machine."""

    event: str
    observation: bool


@dataclass(frozen=True, slots=True)
class StudyChart:
    """A trial beside its subjects, ready to be drawn; ``sees`` is what the trial knows of each."""

    protocol: str
    title: str
    readings: str
    together: tuple[Together, ...]
    trial: tuple[Alone, ...]
    subject: tuple[Alone, ...]
    sees: tuple[Entry, ...]
    trial_words: tuple[Entry, ...]
    subject_words: tuple[Entry, ...]
    clauses: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """The stem of its files: ``plerixafor-cll-study``."""
        return slug(f"{slug(self.protocol)}-study")

    @property
    def heading(self) -> str:
        """What it shows: ``plerixafor-cll: trial and subjects``."""
        return f"{plain(self.protocol, MAX_NAME)}: trial and subjects"


def study_chart(protocol: Protocol, study: BoundStudy) -> StudyChart:
    """The chart of a bound study of this protocol: joint events in the trial's order."""
    simple = {b.machine.name: Simplifier(b.scope) for b in (study.trial, study.subject)}

    def text(bound: Bound, written: str) -> str:
        node = simple[bound.machine.name].condition(written)
        simple[bound.machine.name].use(node)
        return str(node)

    together = []
    for event in study.trial.events:
        if event.name not in study.joint:
            continue
        agreement = study.joint[event.name]
        needs = None
        if agreement is not None:
            theirs = text(study.subject, agreement.subject.text)
            ours = text(study.trial, agreement.trial.text)
            needs = Condition(agreement.clause, f"the subject's {theirs} is the trial's {ours}")
        other = study.subject.event[event.name]
        arguments = dict.fromkeys(p.name for e in (event, other) for p in e.parameters)
        together.append(
            Together(
                f"{event.name}({', '.join(arguments)})" if arguments else event.name,
                event.observation and other.observation,
                needs,
                _part(study.trial, event.name),
                _part(study.subject, event.name),
            )
        )
    sees = tuple(Entry(name, text(study.subject, t.text)) for name, t in study.sees.items())
    cited = {c for t in together for p in (t.trial, t.subject) for c in p.clauses}
    cited |= {t.needs.clause for t in together if t.needs is not None}
    return StudyChart(
        protocol=protocol.name,
        title=protocol.title,
        readings=readings_in_words(protocol, study.trial),
        together=tuple(together),
        trial=_alone(study.trial, study),
        subject=_alone(study.subject, study),
        sees=sees,
        trial_words=simple[study.trial.machine.name].entries(),
        subject_words=simple[study.subject.machine.name].entries(),
        clauses=tuple(Entry(c.id, c.text) for c in protocol.clauses if c.id in cited),
    )


def _part(bound: Bound, event: str) -> Part:
    """The moves of an event, states that it moves alike together."""
    moves: dict[tuple[bool, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    clauses: dict[str, None] = {}
    for number, state in enumerate(bound.states):
        rules = bound.rules_of.get((number, event), ())
        clauses.update(dict.fromkeys(rule.clause for rule in rules if rule.clause))
        led = dict.fromkeys(rule.target for rule in rules)
        open_ = tuple(t.ambiguity for t in led if isinstance(t, Unspecified))
        targets = tuple(bound.states[t] for t in led if isinstance(t, int) and t != number)
        if rules:
            moves.setdefault((number in led, targets, open_), []).append(state)
    return Part(
        tuple(
            Move(tuple(sources), stays, targets, open_)
            for (stays, targets, open_), sources in moves.items()
        ),
        tuple(clauses),
    )


def _alone(bound: Bound, study: BoundStudy) -> tuple[Alone, ...]:
    return tuple(
        Alone(signature(e), e.observation) for e in bound.events if e.name not in study.joint
    )
