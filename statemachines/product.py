"""A trial with subjects that are replaced by their quotient: everything such a study can do.

A subject is heard of while some joint event may still come from it. Here two at a time are; when
one is no longer heard of, the next one may take its place, so that a study has any number of
subjects. What can be reached is complete for two at once: every run of such a study is a run here.
Here each subject's days pass by themselves, so that a run found here must still be shown to be
one on a common calendar (`study_runs`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..spec.types import shown
from .bound import Bound
from .classes import argument_values
from .compile import Compiled
from .evaluate import Configuration
from .graph import leading_to
from .quotient import INTERNAL, Quotient, check, quotient
from .study import BoundStudy
from .walk import Edge, Walk

MAX_PRODUCT = 2_000_000
Label = tuple[str, tuple[tuple[str, str | int | bool], ...]]
"""A joint event with the arguments that both machines take, as they are shown."""
Pair = tuple[int, int]
Place = tuple[int, ...]
Node = TypeVar("Node", bound=Hashable)


class NotEnumerated(Exception):
    """Why a study can't be enumerated."""


# ---- a subject as the trial sees it


def label_in(study: BoundStudy, bound: Bound) -> Callable[[str, tuple[int, ...]], Label | None]:
    """How the events of one machine of a study are called where both have them."""
    shared = {
        name: {p.name for p in study.trial.event[name].parameters}
        & {p.name for p in study.subject.event[name].parameters}
        for name in study.joint
    }

    def label(event: str, arguments: tuple[int, ...]) -> Label | None:
        if event not in shared:
            return None
        parameters = bound.event[event].parameters
        named = (
            (p.name, shown(v, p.type))
            for p, v in zip(parameters, arguments, strict=True)
            if p.name in shared[event]
        )
        return event, tuple(sorted(named))

    return label


def sight(study: BoundStudy) -> Callable[[Configuration], Hashable]:
    """What the trial sees of a subject besides the joint events that it accepts.

    The expressions of the study, and those on which joint events depend.
    """
    agreements = [a.subject.node for a in study.joint.values() if a is not None]
    terms = Compiled(study.subject).predicates([t.node for t in study.sees.values()] + agreements)
    return lambda configuration: tuple(int(term(configuration)) for term in terms)


def subject_quotient(study: BoundStudy) -> Quotient:
    """The subject as the trial sees it, checked to have the subject's runs.

    A landmark of a subject comes at any time after its start here. `NotEnumerated` where the
    subject is too large.
    """
    walk = Walk(study.subject, keep=study.joint, dated=False)
    if not walk.complete:
        raise NotEnumerated("the subject has too many configurations to enumerate")
    label, see = label_in(study, study.subject), sight(study)
    found = quotient(walk, label, see)
    check(found, label, see)
    return found


class TrialSide:
    """The trial's runs, by what subjects take part in; ``labels`` are those of the subject.

    ``accepts[node]`` maps their numbers to (symbol, node), ``undecided[node]`` those with an
    unspecified answer to the ambiguity; ``own[node]`` are the trial's own events as (symbol, node).
    """

    def __init__(self, study: BoundStudy, labels: Sequence[Label]) -> None:
        self.walk = Walk(study.trial, keep=study.joint, dated=False)
        if not self.walk.complete:
            raise NotEnumerated("the trial has too many configurations to enumerate")
        label = label_in(study, study.trial)
        numbers = {name: i for i, name in enumerate(labels)}
        named = [label(event, arguments) for event, arguments in self.walk.symbols]
        # a joint event that no subject ever accepts never takes place
        of_symbol = [None if n is None else numbers.get(n, INTERNAL) for n in named]
        self.accepts: list[dict[int, list[Edge]]] = []
        self.undecided: list[dict[int, str]] = []
        self.own: list[list[Edge]] = []
        for node, edges in enumerate(self.walk.after):
            accepts: dict[int, list[Edge]] = {}
            own: list[Edge] = []
            for symbol, target in edges:
                number = of_symbol[symbol]
                if number is not None:
                    accepts.setdefault(number, []).append((symbol, target))
                elif target != node:
                    own.append((symbol, target))
            unspecified: dict[int, str] = {}
            for symbol, ambiguity in self.walk.undecided.get(node, ()):
                number = of_symbol[symbol]
                if number is not None:
                    unspecified.setdefault(number, ambiguity)
            self.accepts.append(accepts)
            self.undecided.append(unspecified)
            self.own.append(own)
        final = study.trial.final
        self.over = [configuration[0] in final for configuration, _ in self.walk.nodes]


# ---- both together


class Product:
    """The trial and the quotient of its subjects, put together.

    ``silent`` are the blocks from which no joint event can come any more; a subject that enters
    one is no longer heard of, and block 0, the start of the next subject, stands for it. A pair is
    a node of the trial and a block.
    """

    def __init__(self, study: BoundStudy) -> None:
        self.study = study
        _check_arguments(study)
        self.subject = subject_quotient(study)
        self.labels = [_as_label(name) for name in self.subject.labels]
        self.trial = TrialSide(study, self.labels)
        targets = [[b for _, b in steps if b >= 0] for steps in self.subject.steps]
        heard = [
            block
            for block, steps in enumerate(self.subject.steps)
            if any(name != INTERNAL for name, _ in steps)
        ]
        self.silent = frozenset(range(self.subject.size)) - leading_to(targets, heard)
        # in one order, so that the ways found are the same in every run
        self.steps = [sorted(steps) for steps in self.subject.steps]
        nodes = [configuration for configuration, _ in self.trial.walk.nodes]
        firsts = [self.subject.walk.configuration(m[0]) for m in self.subject.members]
        self.ours = self._agreements(study.trial, nodes)
        self.theirs = self._agreements(study.subject, firsts)
        self.known: dict[Pair, list[Pair]] = {}

    def _agreements(
        self, bound: Bound, configurations: Sequence[Configuration]
    ) -> list[dict[int, object]]:
        """By configuration of one machine, the values that joint events depend on."""
        terms = {
            number: agreement.trial if bound is self.study.trial else agreement.subject
            for number, (event, _) in enumerate(self.labels)
            if (agreement := self.study.joint[event]) is not None
        }
        values = Compiled(bound).predicates([term.node for term in terms.values()])
        listed = [(n, v, t.type) for (n, t), v in zip(terms.items(), values, strict=True)]
        return [{n: shown(int(v(c)), type) for n, v, type in listed} for c in configurations]

    def agree(self, trial: int, block: int, label: int) -> bool:
        """Whether the two machines agree on a joint event."""
        return self.ours[trial].get(label) == self.theirs[block].get(label)

    def after(self, pair: Pair) -> list[Pair]:
        """Where a subject's steps lead to from a pair; each once, without the pair itself."""
        found = self.known.get(pair)
        if found is None:
            found = self.known[pair] = list(dict.fromkeys(self._after(*pair)))
        return found

    def _after(self, trial: int, block: int) -> Iterator[Pair]:
        accepts = self.trial.accepts[trial]
        ours, theirs = self.ours[trial], self.theirs[block]
        for label, target in self.steps[block]:
            there = 0 if target in self.silent else target
            if label == INTERNAL:
                if there != block:
                    yield trial, there
            elif target >= 0 and label in accepts and ours.get(label) == theirs.get(label):
                for _, node in accepts[label]:
                    if node != trial or there != block:
                        yield node, there

    def answered(self, trial: int, block: int, label: int) -> bool:
        """Whether the trial takes a joint event of a subject, or says that it is unspecified."""
        takes = label in self.trial.accepts[trial] or label in self.trial.undecided[trial]
        return takes and self.agree(trial, block, label)

    def undecided(self, trial: int, block: int) -> bool:
        """Whether some joint event of a subject is unspecified here."""
        return any(
            label != INTERNAL
            and self.answered(trial, block, label)
            and (target < 0 or label in self.trial.undecided[trial])
            for label, target in self.steps[block]
        )


def _as_label(name: Hashable) -> Label:
    assert isinstance(name, tuple)
    return name


def _check_arguments(study: BoundStudy) -> None:
    """Refuses joint events whose shared arguments the machines don't enumerate alike."""
    for event in study.joint:
        listed = [_shared_values(study, bound, event) for bound in (study.trial, study.subject)]
        for name in listed[0]:
            one, other = listed[0][name], listed[1][name]
            if len(one & other) < min(len(one), len(other)):
                raise NotEnumerated(
                    f"{event}: the machines don't tell the same values of {name} apart"
                )


def _shared_values(study: BoundStudy, bound: Bound, event: str) -> dict[str, set[object]]:
    label = label_in(study, bound)
    found: dict[str, set[object]] = {}
    for arguments in argument_values(bound, bound.event[event]):
        for name, value in _as_label(label(event, arguments))[1]:
            found.setdefault(name, set()).add(value)
    return found


# ---- everything that can be reached


@dataclass(frozen=True, eq=False)
class Reached:
    """What a search came to.

    A place is (trial, block, block), the blocks in order, or (trial, block) with one subject at a
    time; ``parents`` has the place before it on a shortest way there.
    """

    parents: Mapping[Place, Place | None] = field(repr=False)
    transitions: int
    complete: bool

    def way(self, place: Place) -> list[Place]:
        """The places from the start to one."""
        found = [place]
        while (before := self.parents[found[-1]]) is not None:
            found.append(before)
        return found[::-1]


def one_at_a_time(product: Product) -> Reached:
    """What can be reached when each subject is heard of only after the one before it."""
    parents: dict[Place, Place | None] = {(0, 0): None}
    todo: list[Pair] = [(0, 0)]
    transitions = 0
    for pair in todo:
        targets = product.after(pair) + [(t, pair[1]) for _, t in product.trial.own[pair[0]]]
        transitions += len(targets)
        for target in targets:
            if target not in parents:
                parents[target] = pair
                todo.append(target)
    return Reached(parents, transitions, True)


def two_at_a_time(product: Product, limit: int = MAX_PRODUCT) -> Reached:
    """What can be reached with up to two subjects that are heard of at once."""
    start = (0, 0, 0)
    parents: dict[Place, Place | None] = {start: None}
    todo = [start]
    transitions = 0
    own, after = product.trial.own, product.after
    for place in todo:
        trial, one, other = place
        targets = [(t, b, other) if b <= other else (t, other, b) for t, b in after((trial, one))]
        if one != other:
            targets += [(t, b, one) if b <= one else (t, one, b) for t, b in after((trial, other))]
        if own[trial]:
            targets += [(t, one, other) for _, t in own[trial]]
        transitions += len(targets)
        for target in targets:
            if target not in parents:
                parents[target] = place
                todo.append(target)
        if len(parents) > limit:
            return Reached(parents, transitions, False)
    return Reached(parents, transitions, True)


@dataclass(frozen=True)
class Stuck:
    """Pairs of trial and block from which something can't be reached.

    ``alone`` not by what that subject and the subjects after it do; ``ever`` not even with
    others, any of whom may take any step that some subject can take where the trial then is.
    """

    alone: frozenset[Pair]
    ever: frozenset[Pair]


def stuck(product: Product, pairs: Collection[Pair], goal: Callable[[int, int], bool]) -> Stuck:
    """From which of the ``pairs`` a goal, a condition on trial and block, can't be reached."""
    own = [{t for _, t in edges} for edges in product.trial.own]
    alone = _stuck(product, pairs, goal, own)
    if not alone:
        return Stuck(alone, alone)
    for (trial, _), targets in product.known.items():
        own[trial] |= {t for t, _ in targets}
    return Stuck(alone, _stuck(product, alone, goal, own))


def stuck_together(
    product: Product,
    reached: Reached,
    pairs: Collection[Pair],
    goal: Callable[[int, int], bool],
) -> bool:
    """Whether one of two subjects, in one of the ``pairs``, can't reach a goal in a study of two.

    ``reached`` are the places of that study. Another subject that the trial waits for may have to
    go on first.
    """
    own = product.trial.own

    def steps(place: Place) -> Iterator[Place]:
        trial, mine, other = place
        yield from ((t, b, other) for t, b in product.after((trial, mine)))
        yield from ((t, mine, b) for t, b in product.after((trial, other)))
        yield from ((t, mine, other) for _, t in own[trial])

    seen = [p for place in reached.parents for p in (place, (place[0], place[2], place[1]))]
    places = [p for p in seen if (p[0], p[1]) in pairs]
    return bool(_never(places, steps, lambda place: goal(place[0], place[1])))


def _stuck(
    product: Product,
    pairs: Collection[Pair],
    goal: Callable[[int, int], bool],
    others: Sequence[Collection[int]],
) -> frozenset[Pair]:
    """The same where the trial may go on by itself, or by others, as ``others`` says."""

    def steps(pair: Pair) -> Iterator[Pair]:
        yield from product.after(pair)
        yield from ((t, pair[1]) for t in others[pair[0]])

    return _never(pairs, steps, lambda pair: goal(*pair))


def _never(
    starts: Collection[Node], steps: Callable[[Node], Iterable[Node]], goal: Callable[[Node], bool]
) -> frozenset[Node]:
    """The starts from which no node that is a goal can be reached."""
    numbers = {node: i for i, node in enumerate(dict.fromkeys(starts))}
    todo = list(numbers)
    after: list[list[int]] = []
    goals = []
    for node in todo:
        if goal(node):
            goals.append(numbers[node])
        listed = []
        for target in steps(node):
            number = numbers.get(target)
            if number is None:
                number = numbers[target] = len(todo)
                todo.append(target)
            listed.append(number)
        after.append(listed)
    fine = leading_to(after, goals)
    return frozenset(node for node in starts if numbers[node] not in fine)
