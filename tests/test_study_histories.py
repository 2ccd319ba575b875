"""Long random histories of studies with many subjects, against what composition must preserve."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest
from trialspec.spec.registry import load
from trialspec.statemachines.automaton import Symbol
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.step import elapse, observe, show_arguments
from trialspec.statemachines.study import (
    BoundStudy,
    Together,
    compose,
    read_together,
    study_step,
)
from trialspec.statemachines.walk import moves

DAYS = (1, 3, 7, 14, 28)
# these end a case, or a study, before much has happened
REPORTS = ("evaluate", "evaluate_closed", "not_evaluable", "expansion_dlt")
RARE = (
    *("dlt", "death", "lost", "withdraw_consent", "progression", "refusal", "stop", "toxicity"),
    *("intolerance", "withdraw_registration", "not_evaluable", "dlt=true"),
)


@cache
def study(name: str, mode: str) -> BoundStudy:
    return compose(load(name), readings={"X-A04": mode})


@dataclass
class History:
    """One study as it goes on, with every machine's own part of it."""

    machines: BoundStudy
    chance: random.Random
    rate: float
    trial: Configuration = ()
    subjects: list[Configuration] = field(default_factory=list)
    # events of the trial, and of each subject from the day on which it joined
    told: list[list[Symbol]] = field(default_factory=list)
    counted: list[tuple[int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trial = self.machines.trial.initial()
        self.told = [[]]
        self.fires = [Compiled(b).fire for b in (self.machines.trial, self.machines.subject)]
        bound = self.machines.subject
        self.invariants = [invariants(b) for b in (self.machines.trial, bound)]
        self.offers = [
            (Symbol(e.name, a), self.fires[1][e.name])
            for e in bound.events
            if e.name != "dose"
            for a in argument_values(bound, e)
        ]
        # what a state may answer at all
        self.choices = [
            [self.offers[n[0]] for n, idle in possible if not idle or self.joint(n[0])]
            for possible in (
                moves(bound, self.fires[1], [o[0] for o in self.offers], state)
                for state in range(len(bound.states))
            )
        ]
        self.finished: set[int] = set()

    def joint(self, offer: int) -> bool:
        return self.offers[offer][0].event in self.machines.joint

    @property
    def over(self) -> bool:
        return self.trial[0] in self.machines.trial.final

    def join(self) -> None:
        self.subjects.append(self.machines.subject.initial())
        self.told.append([])

    def pass_days(self, days: int) -> None:
        for told in self.told:
            told.append(Symbol("elapse", (days,)))
        self.trial = elapse(self.machines.trial, self.trial, days)
        self.subjects = [elapse(self.machines.subject, c, days) for c in self.subjects]

    def moves(self) -> list[tuple[int, Symbol]]:
        """What those still on their way, and some of the others, would accept."""
        people = [w for w in range(len(self.subjects)) if w not in self.finished]
        people += self.chance.sample(sorted(self.finished), min(3, len(self.finished)))
        return [
            (who, symbol)
            for who in people
            for symbol, fire in self.choices[self.subjects[who][0]]
            if isinstance(fire(self.subjects[who], *symbol.arguments), tuple)
        ]

    def apply(self, who: int, symbol: Symbol) -> bool:
        """Asks the study for an event of a subject; whether it took place."""
        machines, bound = self.machines, self.machines.subject
        event = symbol.event
        joint = event in machines.joint
        if joint and self.over:
            return False
        declared = bound.event[event]
        names = [p.name for p in declared.parameters]
        given = show_arguments(declared, dict(zip(names, symbol.arguments, strict=True)))
        trial = self.trial if joint else None
        values = read_together(machines, event, given, trial, self.subjects[who])
        found = study_step(machines, trial, self.subjects[who], event, values)
        if not isinstance(found, Together):
            return False
        assert found.subject is not None
        if found.trial is not None:
            if "dlt" in values[0]:
                self.counted.append((int(str(given.get("level", self.level))), bool(given["dlt"])))
            self.trial = found.trial
            self.told[0].append(Symbol(event, tuple(values[0].values())))
        if event in REPORTS or found.subject[0] in bound.final:
            self.finished.add(who)
        self.subjects[who] = found.subject
        self.told[who + 1].append(symbol)
        return True

    @property
    def level(self) -> object:
        return observe(self.machines.trial, self.trial)["level"]

    def named(self, symbol: Symbol) -> str:
        toxic = symbol.event == "evaluate" and symbol.arguments[-1]
        return "dlt=true" if toxic else symbol.event

    def own(self) -> None:
        """An event of the trial alone, where there is one."""
        bound = self.machines.trial
        for event in bound.events:
            if event.name not in self.machines.joint and not event.parameters:
                after = self.fires[0][event.name](self.trial)
                if isinstance(after, tuple):
                    self.trial = after
                    self.told[0].append(Symbol(event.name, ()))

    def run(self, steps: int, together: int) -> None:
        """Up to ``together`` subjects on the way at a time, until the trial is over."""
        for _ in range(steps):
            if self.over:
                return
            if len(self.subjects) - len(self.finished) < together:
                self.join()
            offered = self.moves()
            self.chance.shuffle(offered)
            # one choice of arguments for each event of each subject
            each = {(who, self.named(symbol)): (who, symbol) for who, symbol in offered}
            rare = self.chance.random() < self.rate
            some = [move for (_, name), move in each.items() if (name in RARE) == rare]
            if not any(self.apply(*move) for move in some[:12]) or self.chance.random() < 0.3:
                self.pass_days(self.chance.choice(DAYS))
            self.own()
            self.check()

    def check(self) -> None:
        """Invariants of both machines hold, and the trial counts what subjects reported."""
        for tests, here in zip(self.invariants, ([self.trial], self.subjects), strict=True):
            for invariant, test in tests:
                assert all(map(test, here)), invariant
        seen = observe(self.machines.trial, self.trial)
        treated, dlts = seen["treated"], seen["dlts"]
        assert isinstance(treated, list) and isinstance(dlts, list)
        for level, (n, y) in enumerate(zip(treated, dlts, strict=True), 1):
            assert n == sum(at == level for at, _ in self.counted)
            assert y == sum(at == level and toxic for at, toxic in self.counted)


def invariants(bound: Bound) -> list[tuple[str, Callable[..., object]]]:
    tests = Compiled(bound).predicates([node for _, node in bound.invariants])
    return [(i.slug, t) for (i, _), t in zip(bound.invariants, tests, strict=True)]


def replayed(bound: Bound, fire: Mapping[str, Callable[..., object]], told: list[Symbol]) -> object:
    """The run of one machine by itself."""
    here = bound.initial()
    for event, arguments in told:
        if event == "elapse":
            here = elapse(bound, here, arguments[0])
        else:
            after = fire[event](here, *arguments)
            assert isinstance(after, tuple), (event, arguments)
            here = after
    return here


@pytest.mark.parametrize(
    ("name", "mode", "together"),
    [
        ("ibrutinib-mm", "staggered", 1),
        ("ibrutinib-mm", "staggered", 4),
        ("ibrutinib-mm", "overlapping", 3),
        ("ibrutinib-mm", "overlapping", 7),
        ("plerixafor-cll", "overlapping", 5),
        ("plerixafor-cll", "staggered", 3),
    ],
)
def test_many_subjects(name: str, mode: str, together: int) -> None:
    machines = study(name, mode)
    ended = 0
    for seed, rate in enumerate((0.02, 0.1, 0.1, 0.2)):
        history = History(machines, random.Random(seed), rate)
        history.run(900, together)
        # what each machine went through is a run of it alone
        assert replayed(machines.trial, history.fires[0], history.told[0]) == history.trial
        for who, here in enumerate(history.subjects):
            assert replayed(machines.subject, history.fires[1], history.told[who + 1]) == here
        ended += history.over
        assert len(history.subjects) > together
    assert ended >= 2
