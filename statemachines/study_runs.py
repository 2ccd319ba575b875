"""Runs of a study on one calendar, found along a way through the product of trial and quotients.

In the product each subject's days pass by themselves. Here a day passes for everybody at once, and
every step is one of the machines themselves: what comes out is a run that the study's step accepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from ..spec.types import shown
from .bound import Bound
from .evaluate import Configuration
from .product import Pair, Place, Product, label_in
from .quotient import INTERNAL
from .step import ELAPSE
from .study_trace import JOIN, Shown, StudyRun, StudyStep, StudyTrace, dated, tidy
from .walk import Edge, Walk

MAX_TRIED = 5_000


class _Now(NamedTuple):
    """The study as it is: the trial's node, and of each slot its block and its subject's node.

    A slot without a subject has None and is in block 0; ``who`` numbers its latest subject.
    """

    trial: int
    blocks: tuple[int, ...]
    nodes: tuple[int | None, ...]
    who: tuple[int, ...]

    @property
    def place(self) -> Place:
        """Where this is in the product."""
        return (self.trial, *sorted(self.blocks))


class _Hop(NamedTuple):
    """A step: of which slot (None: of the trial alone, or a day), by which symbols.

    Without any symbol a subject joins.
    """

    slot: int | None
    symbol: int | None
    trial: int | None


_At = tuple[int, _Now]
"""How far on a way, and the study there."""


class StudyRuns:
    """Follows ways through a product."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.subject = product.subject.walk
        self.trial = product.trial.walk
        self.block_of = product.subject.block_of
        label = label_in(product.study, product.study.subject)
        numbers = {name: i for i, name in enumerate(product.labels)}
        named = [label(event, arguments) for event, arguments in self.subject.symbols]
        self.labels = [None if name is None else numbers[name] for name in named]
        self.known: dict[tuple[int, int, int], list[Edge]] = {}
        dates = {m.name for m in self.subject.bound.machine.landmarks}
        self.landmarks = frozenset(
            n for n, (event, _) in enumerate(self.subject.symbols) if event in dates
        )

    def along(self, way: Sequence[Place]) -> StudyRun | None:
        """A run through the places of a way; None when none was found on one calendar.

        The search goes on from whatever is furthest on the way, by the fewest steps, without the
        landmarks of subjects where that is possible. A run with one on a wrong day is none.
        """
        for left_out in dict.fromkeys((self.landmarks, frozenset())):
            found = self._along(way, left_out)
            if found is not None and self._dated(found.trace):
                return found
        return None

    def _along(self, way: Sequence[Place], left_out: frozenset[int]) -> StudyRun | None:
        slots = len(way[0]) - 1
        if slots == 1 and not self.product.study.trial.clocks:
            return self._one_by_one(way)
        start = 0, _Now(way[0][0], (0,) * slots, (None,) * slots, (0,) * slots)
        parents: dict[_At, tuple[_At, _Hop] | None] = {start: None}
        waiting: list[tuple[int, int, _At]] = [(0, 0, start)]
        furthest = tried = 0
        while waiting and tried <= MAX_TRIED:
            at = heappop(waiting)[2]
            index, now = at
            tried += 1
            if index > furthest:
                furthest, tried = index, 0
            if index == len(way) - 1:
                return StudyRun(self._run(parents, at), _who(now))
            # one day can take two subjects and the trial to where they are next
            ahead = {place: index + k for k, place in enumerate(way[index : index + 4])}
            for hop, after in self._hops(now):
                if hop.slot is not None and hop.symbol in left_out:
                    continue
                reached = ahead.get(after.place)
                if reached is not None and (reached, after) not in parents:
                    parents[reached, after] = at, hop
                    heappush(waiting, (-reached, len(parents), (reached, after)))
        return None

    def _one_by_one(self, way: Sequence[Place]) -> StudyRun:
        """The same with one subject at a time, whose days are nobody else's.

        From every member of a block each of its steps can be taken: nothing has to be searched
        but the shortest run within the block.
        """
        now = _Now(way[0][0], (0,), (None,), (0,))
        steps: list[StudyStep] = []
        for (trial, block), (ours, theirs) in pairwise(way):
            own = [s for s, t in self.product.trial.own[trial] if (t, block) == (ours, theirs)]
            if own:
                steps.append(self._step(now, _Hop(None, None, own[0]), now._replace(trial=ours)))
                now = now._replace(trial=ours)
                continue
            if now.nodes[0] is None:
                joined = now._replace(nodes=(0,), who=(now.who[0] + 1,))
                steps.append(self._step(now, _Hop(0, None, None), joined))
                now = joined
            node = now.nodes[0]
            assert node is not None
            label, target, taken = self._taken(trial, block, ours, theirs)
            run = self._within(node, label, target)
            for place, (symbol, there) in enumerate(run, 1):
                last = place == len(run)
                slot = None if symbol == self.subject.elapse else 0
                after = self._moved(now, 0, there)._replace(trial=ours if last else trial)
                steps.append(self._step(now, _Hop(slot, symbol, taken if last else None), after))
                now = after
        return StudyRun(tidy(steps), _who(now))

    def _taken(self, trial: int, block: int, ours: int, theirs: int) -> tuple[int, int, int | None]:
        """The step of a block between two places, and the trial's symbol where it takes part."""
        product = self.product
        for label, target in product.steps[block]:
            there = 0 if target in product.silent else target
            if there != theirs or (label == INTERNAL and ours != trial):
                continue
            if label == INTERNAL:
                return label, target, None
            if product.agree(trial, block, label):
                for symbol, node in product.trial.accepts[trial].get(label, ()):
                    if node == ours:
                        return label, target, symbol
        raise AssertionError("a way through the product takes a step that is none")

    def _within(self, node: int, label: int, target: int) -> list[Edge]:
        """The shortest run within a block and on by one of its steps."""
        found = self.known.get((node, label, target))
        if found is None:
            found = self._shortest(node, label, target, self.landmarks)
            found = found or self._shortest(node, label, target, frozenset())
            if found is None:
                raise AssertionError("a block's step is not one of its members")
            self.known[node, label, target] = found
        return found

    def _shortest(
        self, node: int, label: int, target: int, left_out: frozenset[int]
    ) -> list[Edge] | None:
        """The same without some symbols, where there is one."""
        walk, block_of, here = self.subject, self.block_of, self.block_of[node]
        parents: dict[int, Edge] = {}
        todo = [node]
        for before in todo:
            for symbol, after in walk.after[before]:
                if symbol in left_out:
                    continue
                name = INTERNAL if symbol == walk.elapse else self.labels[symbol]
                name = INTERNAL if name is None else name
                if name == label and block_of[after] == target and (name >= 0 or target != here):
                    run = [(symbol, after)]
                    while before != node:
                        symbol, earlier = parents[before]
                        run.append((symbol, before))
                        before = earlier
                    return run[::-1]
                if name == INTERNAL and block_of[after] == here and after not in parents:
                    parents[after] = symbol, before
                    todo.append(after)
        return None

    def _run(self, parents: dict[_At, tuple[_At, _Hop] | None], at: _At) -> StudyTrace:
        steps = []
        while (entry := parents[at]) is not None:
            before, hop = entry
            steps.append(self._step(before[1], hop, at[1]))
            at = before
        return tidy(steps[::-1])

    def of_one(self, edges: Sequence[Edge]) -> StudyTrace | None:
        """The run of the study's first subject along edges; None where the trial refuses.

        A symbol beyond the subject's is one of the trial's own, and its node the trial's. A run
        with a landmark on a wrong day is none either.
        """
        now = _Now(0, (0,), (0,), (1,))
        steps = [StudyStep(1, JOIN, (), None, self.subject.configuration(0), "")]
        beyond = len(self.subject.symbols)
        for symbol, target in edges:
            if symbol == self.subject.elapse:
                hop, after = (
                    _Hop(None, symbol, None),
                    now._replace(trial=_later(self.trial, now.trial)),
                )
            elif symbol >= beyond:
                hop, after = _Hop(None, None, symbol - beyond), now._replace(trial=target)
            else:
                hops = self._of_subject(now, 0, now.nodes[0] or 0, idle=True)
                found = next(((h, a) for h, a in hops if h.symbol == symbol), None)
                if found is None:
                    return None
                hop, after = found
            if symbol < beyond:
                # also where the trial hears of the subject no more
                after = after._replace(blocks=(self.block_of[target],), nodes=(target,))
            steps.append(self._step(now, hop, after))
            now = after
        trace = tidy(steps)
        return trace if self._dated(trace, whole=True) else None

    def _dated(self, trace: StudyTrace, *, whole: bool = False) -> bool:
        """Whether its landmarks are on their days; the product lets them come on any."""
        return dated(trace, self.trial.runs, self.subject.runs, whole=whole)

    # ---- steps

    def _hops(self, now: _Now) -> Iterator[tuple[_Hop, _Now]]:
        """Every step from here, and where it leads; a day's passing last."""
        yield from self._of_trial(now)
        free = True
        for slot, node in enumerate(now.nodes):
            if node is not None:
                yield from self._of_subject(now, slot, node)
            elif free:
                free = False
                who = max(now.who) + 1
                nodes, people = _put(now.nodes, slot, 0), _put(now.who, slot, who)
                yield _Hop(slot, None, None), now._replace(nodes=nodes, who=people)
        after = self._day(now)
        if after != now:
            yield _Hop(None, self.subject.elapse, None), after

    def _of_trial(self, now: _Now) -> Iterator[tuple[_Hop, _Now]]:
        for symbol, target in self.product.trial.own[now.trial]:
            if symbol != self.trial.elapse:
                yield _Hop(None, None, symbol), now._replace(trial=target)

    def _of_subject(
        self, now: _Now, slot: int, node: int, *, idle: bool = False
    ) -> Iterator[tuple[_Hop, _Now]]:
        product, walk = self.product, self.subject
        for symbol, target in walk.after[node]:
            unmoved = target == node and self.labels[symbol] is None
            if symbol == walk.elapse or (unmoved and not idle):
                continue
            moved = self._moved(now, slot, target)
            label = self.labels[symbol]
            if label is None:
                yield _Hop(slot, symbol, None), moved
                continue
            if product.agree(now.trial, now.blocks[slot], label):
                for taken, trial in product.trial.accepts[now.trial].get(label, ()):
                    yield _Hop(slot, symbol, taken), moved._replace(trial=trial)

    def _moved(self, now: _Now, slot: int, target: int) -> _Now:
        """A subject went on; one that is no longer heard of leaves its slot."""
        block = self.block_of[target]
        gone = block in self.product.silent
        blocks = _put(now.blocks, slot, 0 if gone else block)
        return now._replace(blocks=blocks, nodes=_put(now.nodes, slot, None if gone else target))

    def _day(self, now: _Now) -> _Now:
        """A day passes for everybody who is there."""
        for slot, node in enumerate(now.nodes):
            if node is not None:
                now = self._moved(now, slot, _later(self.subject, node))
        return now._replace(trial=_later(self.trial, now.trial))

    # ---- as people see them

    def _step(self, before: _Now, hop: _Hop, after: _Now) -> StudyStep:
        study = self.product.study
        trial: Configuration | None
        if hop.symbol == self.subject.elapse:
            trial = self.trial.configuration(after.trial)
            return StudyStep(0, ELAPSE, (("days", 1),), trial, None, "")
        trial = None
        clause, event = "", JOIN
        given: Shown = ()
        if hop.trial is not None:
            event, arguments = self.trial.symbols[hop.trial]
            given = _given(study.trial, event, arguments)
            trial = self.trial.configuration(after.trial)
            clause = _clause(self.trial, before.trial, hop.trial)
        if hop.slot is None:
            return StudyStep(0, event, given, trial, None, clause)
        who, node = after.who[hop.slot], before.nodes[hop.slot]
        there = self.subject.configuration(0)
        if hop.symbol is not None:
            assert node is not None
            event, arguments = self.subject.symbols[hop.symbol]
            given = tuple((dict(_given(study.subject, event, arguments)) | dict(given)).items())
            clause = clause or _clause(self.subject, node, hop.symbol)
            target = next(t for s, t in self.subject.after[node] if s == hop.symbol)
            there = self.subject.configuration(target)
        return StudyStep(who, event, given, trial, there, clause)


class WithTrial:
    """A trial and the first of its subjects, both as they are: a graph of the two together.

    It is worked out as it is asked for. Nobody else takes part. Symbols can be left out.
    """

    def __init__(self, runs: StudyRuns, left_out: frozenset[int] = frozenset()) -> None:
        self.runs, self.product, self.left_out = runs, runs.product, left_out
        self.nodes: list[Pair] = [(0, 0)]
        self.numbers: dict[Pair, int] = {(0, 0): 0}
        self.elapse = runs.subject.elapse

    def configuration(self, node: int) -> Configuration:
        """The subject's configuration."""
        return self.runs.subject.configuration(self.nodes[node][1])

    def follow(self, node: int) -> list[Edge]:
        """What can follow, by the subject's symbols and, beyond them, the trial's own."""
        trial, subject = self.nodes[node]
        runs, product = self.runs, self.product
        beyond = len(runs.subject.symbols)
        found = [
            (beyond + symbol, self._number((target, subject)))
            for symbol, target in product.trial.own[trial]
            if symbol != runs.trial.elapse
        ]
        for symbol, target in runs.subject.after[subject]:
            if symbol in self.left_out:
                continue
            label = None if symbol == self.elapse else runs.labels[symbol]
            if symbol == self.elapse:
                found.append((symbol, self._number((_later(runs.trial, trial), target))))
            elif label is None:
                found.append((symbol, self._number((trial, target))))
            elif product.agree(trial, runs.block_of[subject], label):
                for _, there in product.trial.accepts[trial].get(label, ()):
                    found.append((symbol, self._number((there, target))))
        return found

    def _number(self, pair: Pair) -> int:
        number = self.numbers.get(pair)
        if number is None:
            number = self.numbers[pair] = len(self.nodes)
            self.nodes.append(pair)
        return number

    def edges(self, run: Sequence[Edge]) -> list[Edge]:
        """A run of this graph as `StudyRuns.of_one` takes it."""
        beyond = len(self.runs.subject.symbols)
        return [(symbol, self.nodes[node][symbol < beyond]) for symbol, node in run]


def _who(now: _Now) -> dict[int, int]:
    found: dict[int, int] = {}
    for block, node, number in zip(now.blocks, now.nodes, now.who, strict=True):
        found.setdefault(block, max(now.who) + 1 if node is None else number)
    return found


def _later(walk: Walk, node: int) -> int:
    """The node a day later; in a final state time stands still."""
    edges = walk.after[node]
    return edges[-1][1] if edges and edges[-1][0] == walk.elapse else node


def _put(values: tuple[int | None, ...], place: int, value: int | None) -> tuple[int, ...]:
    changed = list(values)
    changed[place] = value
    return tuple(changed)  # type: ignore[arg-type]


def _given(bound: Bound, event: str, arguments: tuple[int, ...]) -> Shown:
    parameters = bound.event[event].parameters
    return tuple((p.name, shown(v, p.type)) for p, v in zip(parameters, arguments, strict=True))


def _clause(walk: Walk, node: int, symbol: int) -> str:
    target = next(t for s, t in walk.after[node] if s == symbol)
    return walk.trace([(symbol, target)], node)[0].clause
