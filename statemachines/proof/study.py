"""What composition doesn't preserve, judged on the study itself.

An invariant of a machine holds in every study, for a study only takes runs away. That observations
are answered, that nobody waits in vain, that bounds are attained and on which day something can
come first may all be lost: they are judged here on the trial and the quotients of two subjects at
once, any number one after the other, and what needs days on the trial with one subject as it is.

* totality: what a subject reports by a joint observation the trial answers, or another one that
  says the same: with the same values, and by which the subject comes to the same. A trial that is
  over answers nothing.
* deadlock: as long as the trial is not over, every subject that it may still hear of can come to
  where it is heard of no more.
* termination: when all subjects have done so, the trial can still come to its end.
* vacuity: a joint event that both machines accept somewhere takes place in some study.
* tightness: a bound that a machine attains is attained in a study.
* claims: the earliest days of a subject are attained by a subject of a study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from time import perf_counter
from typing import Any

from ...spec.model import Protocol
from ...spec.study import SUBJECT, TRIAL
from ..bound import Bound
from ..compile import Compiled
from ..evaluate import Configuration
from ..product import (
    Label,
    NotEnumerated,
    Pair,
    Place,
    Product,
    Reached,
    Stuck,
    one_at_a_time,
    stuck,
    stuck_together,
    two_at_a_time,
)
from ..quotient import Step
from ..study import BoundStudy
from ..study_runs import StudyRuns, WithTrial
from ..study_trace import StudyRun, StudyStep, StudyTrace
from .claims import unconditional
from .days import earliest_day
from .obligations import attainments
from .verdict import PROVED, REFUTED, UNKNOWN, Obligation

FEW = 5
SEARCHED = 100_000
NO_CALENDAR = "no run to it was found in which all days pass together"


@dataclass(frozen=True)
class StudyResult:
    """The verdict on an obligation of a study; the runs are of the trial with its subjects."""

    obligation: Obligation
    verdict: str
    witness: StudyTrace | None = None
    counterexample: StudyTrace | None = None
    problem: str = ""
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class StudyReport:
    """Everything settled about a study.

    ``configurations`` and ``transitions`` are those of the trial with the quotients of two
    subjects, None where they could not be enumerated; ``blocks`` is the size of a quotient.
    """

    study: BoundStudy
    results: tuple[StudyResult, ...]
    configurations: int | None = None
    transitions: int | None = None
    blocks: int | None = None


def verify_study(protocol: Protocol, study: BoundStudy) -> StudyReport:
    """Judges every obligation of a study."""
    started = perf_counter()
    try:
        judge = _Judge(protocol, study)
    except NotEnumerated as error:
        listed = _obligations(protocol, study)
        return StudyReport(study, tuple(StudyResult(o, UNKNOWN, reason=str(error)) for o in listed))
    listed = [o for o in _obligations(protocol, study) if not judge.idle(o)]
    results = [judge.result(o) for o in listed]
    seconds = (perf_counter() - started) / max(1, len(results))
    return StudyReport(
        study,
        tuple(replace(r, seconds=seconds) for r in results),
        len(judge.two.parents),
        judge.two.transitions,
        judge.product.subject.size,
    )


def _obligations(protocol: Protocol, study: BoundStudy) -> list[Obligation]:
    found = []
    for event in study.joint:
        if study.subject.event[event].observation:
            text = f"what a subject reports by {event} is answered"
            found.append(Obligation(f"totality/{event}", "totality", _clause(study, event), text))
    text = "a subject that the trial may still hear of can always finish"
    found.append(Obligation("deadlock/subject", "deadlock", "", text))
    if study.trial.final:
        text = "the trial can come to its end from everywhere"
        found.append(Obligation("termination/final", "termination", "", text))
    for event in study.joint:
        text = f"{event} can take place"
        found.append(Obligation(f"vacuity/{event}", "vacuity", _clause(study, event), text))
    for bound in (study.trial, study.subject):
        for invariant, _ in bound.invariants:
            if invariant.tight:
                id = f"{bound.machine.name}/{invariant.clause}/{invariant.slug}/tight"
                text = f"{invariant.statement.rstrip('.')}: the bound is attained in a study"
                found.append(Obligation(id, "tightness", invariant.clause, text))
    for claim in unconditional(study.subject, protocol).claims:
        if claim.kind == "earliest-day" and claim.expected == PROVED:
            text = f"{claim.statement} In a study too."
            found.append(Obligation(f"subject/claim/{claim.slug}", "claim", claim.clause, text))
    return found


def _clause(study: BoundStudy, event: str) -> str:
    agreement = study.joint[event]
    if agreement is not None:
        return agreement.clause
    rules = (r.clause for r in study.trial.rules if r.event == event)
    return next(rules, "")


class _Judge:
    """One study, enumerated."""

    def __init__(self, protocol: Protocol, study: BoundStudy) -> None:
        self.protocol, self.study = protocol, study
        self.product = Product(study)
        self.one = one_at_a_time(self.product)
        self.two = two_at_a_time(self.product)
        if not self.two.complete:
            raise NotEnumerated("too many configurations of a trial with two subjects")
        self.runs = StudyRuns(self.product)
        # one subject at a time first: such a run is always one on a common calendar
        self.pairs: dict[Pair, Place] = {(p[0], p[1]): p for p in self.one.parents}
        for place in self.two.parents:
            for block in place[1:]:
                self.pairs.setdefault((place[0], block), place)
        self.group = unconditional(study.subject, protocol)

    def result(self, obligation: Obligation) -> StudyResult:
        """The verdict on one obligation."""
        kind, _, what = obligation.id.partition("/")
        if kind == "totality":
            return self.totality(obligation, what)
        if kind == "deadlock":
            return self.deadlock(obligation)
        if kind == "termination":
            return self.termination(obligation)
        if kind == "vacuity":
            return self.takes_place(obligation, what)
        if kind == TRIAL:
            return self.attained_by_trial(obligation, what)
        assert kind == SUBJECT
        if obligation.kind == "claim":
            return self.earliest(obligation, what.removeprefix("claim/"))
        return self.attained_by_subject(obligation, what)

    # ---- on the trial and two quotients

    def totality(self, obligation: Obligation, event: str) -> StudyResult:
        """Whether what subjects report is answered."""
        product = self.product
        for label in sorted(self.of_event(event)):
            found = self.unanswered.get(label, ())
            problem = f"{event} is not answered"
            result = self.refuted(obligation, found, problem, product.labels[label])
            if result.verdict != PROVED:
                return result
        return StudyResult(obligation, PROVED)

    @cached_property
    def unanswered(self) -> dict[int, list[Pair]]:
        """By joint observation, where a subject reports what the trial takes by no event."""
        product, observed = self.product, self.study.subject.event
        reports = {n for n, (e, _) in enumerate(product.labels) if observed[e].observation}
        mine = [[s for s in steps if s[0] in reports] for steps in product.steps]
        found: dict[int, list[Pair]] = {}
        for trial, block in self.pairs:
            if product.trial.over[trial] or not mine[block]:
                continue
            answered = [s for s in mine[block] if product.answered(trial, block, s[0])]
            for step in mine[block]:
                if step not in answered and not any(self.same(step, s) for s in answered):
                    found.setdefault(step[0], []).append((trial, block))
        return found

    def same(self, one: Step, other: Step) -> bool:
        """Whether two joint events say the same of a subject, who comes to the same by both."""
        (event, given), (name, values) = (self.product.labels[label] for label, _ in (one, other))
        told, known = dict(given), dict(values)
        shared = told.keys() & known.keys()
        return event != name and one[1] == other[1] and all(told[n] == known[n] for n in shared)

    def deadlock(self, obligation: Obligation) -> StudyResult:
        """Whether everybody can finish."""
        product = self.product

        def finished(trial: int, block: int) -> bool:
            # an unspecified answer ends the case
            return block == 0 or product.trial.over[trial] or product.undecided(trial, block)

        found = stuck(product, self.pairs, finished)
        problem = "from here a subject can't finish, whatever others do"
        return self.three_valued(obligation, found, finished, problem)

    def termination(self, obligation: Obligation) -> StudyResult:
        """Whether the trial can end when all its subjects have finished."""
        product, over = self.product, self.product.trial.over
        pairs = {(p[0], 0): None for p in self.two.parents if p[1:] == (0, 0)}

        def ended(trial: int, block: int) -> bool:
            return over[trial] or product.undecided(trial, block)

        found = stuck(product, pairs, ended)
        problem = "from here the trial can't come to its end"
        return self.three_valued(obligation, found, ended, problem)

    def three_valued(
        self,
        obligation: Obligation,
        found: Stuck,
        goal: Callable[[int, int], bool],
        problem: str,
    ) -> StudyResult:
        """Proved where nobody is stuck in a study of two, refuted where somebody is for ever."""
        alone, ever = found.alone, found.ever
        if alone and not ever:
            if not stuck_together(self.product, self.two, alone, goal):
                return StudyResult(obligation, PROVED)
            reason = "it may depend on what other subjects do at the same time"
            return StudyResult(obligation, UNKNOWN, reason=reason)
        return self.refuted(obligation, (p for p in self.pairs if p in ever), problem)

    def refuted(
        self,
        obligation: Obligation,
        found: Iterable[Pair],
        problem: str,
        asked: Label | None = None,
    ) -> StudyResult:
        """Refuted by the first of some pairs that a run leads to; proved where there is none.

        ``asked`` is the joint event that is not answered at the end of the run.
        """
        met = False
        for pair in islice(found, FEW):
            met = True
            run = self.run(self.pairs[pair])
            if run is not None:
                trace = run.trace
                if asked is not None:
                    who = run.who[pair[1]]
                    trace = (*trace, StudyStep(who, *asked, None, None, ""))
                return StudyResult(obligation, REFUTED, counterexample=trace, problem=problem)
        if met:
            return StudyResult(obligation, UNKNOWN, reason=NO_CALENDAR)
        return StudyResult(obligation, PROVED)

    def run(self, place: Place) -> StudyRun | None:
        """A run of the study to a place."""
        reached: Reached = self.one if len(place) == 2 else self.two
        return self.runs.along(reached.way(place))

    def idle(self, obligation: Obligation) -> bool:
        """Whether it is about a joint event that one of the machines never answers anyway."""
        event = obligation.id.partition("/")[2]
        if obligation.kind != "vacuity":
            return False
        labels = self.of_event(event)
        sides = self.product.trial.accepts, self.product.trial.undecided
        return not any(not labels.isdisjoint(at) for side in sides for at in side)

    def of_event(self, event: str) -> set[int]:
        """The labels of a joint event, with each choice of arguments a subject accepts."""
        return {n for n, (name, _) in enumerate(self.product.labels) if name == event}

    def takes_place(self, obligation: Obligation, event: str) -> StudyResult:
        """Whether a joint event can take place, or is unspecified, in some study."""
        labels, product = self.of_event(event), self.product
        mine = [[n for n, _ in steps if n in labels] for steps in product.steps]
        if any(product.answered(t, b, n) for t, b in self.pairs for n in mine[b]):
            return StudyResult(obligation, PROVED)
        return StudyResult(obligation, REFUTED, problem="the machines never agree on it")

    def attained_by_trial(self, obligation: Obligation, id: str) -> StudyResult:
        """Whether a bound of the trial is attained in a study."""
        test = self.attainment(self.study.trial, id)
        configuration = self.product.trial.walk.configuration
        good = {n for n in range(len(self.product.trial.walk.nodes)) if test(configuration(n))}
        ways = (p for reached in (self.one, self.two) for p in reached.parents if p[0] in good)
        return self.attained(obligation, ways)

    def attained(self, obligation: Obligation, ways: Iterator[Place]) -> StudyResult:
        """Proved by the first of some places that a run leads to."""
        met = False
        for place in islice(ways, FEW):
            met = True
            run = self.run(place)
            if run is not None:
                return StudyResult(obligation, PROVED, witness=run.trace)
        if met:
            return StudyResult(obligation, UNKNOWN, reason=NO_CALENDAR)
        problem = "no study of two subjects at a time attains it"
        return StudyResult(obligation, REFUTED, problem=problem)

    # ---- on the trial and one subject as it is

    def attained_by_subject(self, obligation: Obligation, id: str) -> StudyResult:
        """Whether a bound of the subject is attained by one in a study."""
        test = self.attainment(self.study.subject, id)
        walk = self.runs.subject
        met = (n for n, (configuration, _) in enumerate(walk.nodes) if test(configuration))
        for node in islice(met, FEW):
            trace = self.runs.of_one(walk.path(node))
            if trace is not None:
                return StudyResult(obligation, PROVED, witness=trace)
        return self.by_search(obligation, test, None)

    def earliest(self, obligation: Obligation, slug: str) -> StudyResult:
        """Whether a subject of a study attains the earliest day of a subject by itself.

        No day before it comes from a study, which only takes runs away.
        """
        (claim,) = [c for c in self.group.claims if c.slug == slug]
        (test,) = Compiled(self.study.subject).predicates([self.group.nodes[slug]])
        alone = earliest_day(self.runs.subject, test)
        early = alone.day is not None and alone.day < (claim.value or 0)
        if early and self.runs.landmarks:
            # the graph lets landmarks come too early
            return self.by_search(obligation, test, claim.value)
        if alone.run is None or alone.day != claim.value:
            problem = alone.problem or f"the earliest day is {alone.day}, in no study"
            return StudyResult(obligation, REFUTED, problem=problem)
        trace = self.runs.of_one(alone.run)
        if trace is not None:
            return StudyResult(obligation, PROVED, witness=trace)
        return self.by_search(obligation, test, claim.value)

    def by_search(
        self, obligation: Obligation, test: Callable[[Configuration], Any], day: int | None
    ) -> StudyResult:
        """The same by a search over the trial with its first subject."""
        # no landmark comes too early where there is none
        for left_out in dict.fromkeys((self.runs.landmarks, frozenset())):
            graph = WithTrial(self.runs, left_out)
            found = earliest_day(graph, test, SEARCHED)
            trace = None if found.run is None else self.runs.of_one(graph.edges(found.run))
            if trace is not None and day in (None, found.day):
                return StudyResult(obligation, PROVED, witness=trace)
        reason = "the first subject of a study can't; others were not searched"
        return StudyResult(obligation, UNKNOWN, reason=reason)

    @staticmethod
    def attainment(bound: Bound, id: str) -> Callable[[Configuration], Any]:
        """The condition that a bound is attained."""
        (test,) = Compiled(bound).predicates([attainments(bound)[id]])
        return test
