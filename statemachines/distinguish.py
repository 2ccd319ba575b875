"""The shortest run after which two machines answer differently, or that there is none.

Two machines answer alike when each event, with any arguments, is accepted, refused or unspecified
in both, for the same ambiguity, and when after every accepted event the same is seen: the state,
each variable that both have, whether the stay is within its time, and the doses due. Variables to
ignore are left out of what is seen. A day's passing is one of the events.

Until the first difference nothing tells two machines of one shape apart, so that they are in the
same configuration: only the rules that differ are asked. Other pairs of configurations are
searched from where they are, pairs of equals left out. Landmarks are first let come at any time;
a run that this shows gets the days of waiting that they need.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..spec.model import Unspecified
from .bound import Bound
from .compile import Fire
from .evaluate import Configuration, Undefined
from .sides import Question, Sides
from .step import ELAPSE, elapse
from .trace import Runs, Trace, TraceStep, merge_days
from .trace import length as events_and_days
from .walk import Walk

MAX_PAIRS = 2_000_000
LONGEST = 1_000_000_000
REFUSED, UNSPECIFIED, DEFECT = "refused", "unspecified", "defect"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two machines part.

    The second goes along with ``trace``, a run of the first, and then answers ``event`` in another
    way; without an event, what is seen at the end of the run differs. ``first`` and ``second`` are
    their answers in words, ``configurations`` what they are in when they give them.
    """

    trace: Trace
    event: str
    arguments: tuple[tuple[str, int], ...]
    first: str
    second: str
    configurations: tuple[Configuration, Configuration]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of a search; ``pairs`` of configurations were compared.

    Without a difference the two are equivalent if the search is ``complete``.
    """

    difference: Difference | None
    pairs: int
    complete: bool = True

    @property
    def equivalent(self) -> bool:
        """Whether they are proved to answer alike for ever."""
        return self.difference is None and self.complete


def distinguish(
    first: Bound,
    second: Bound,
    *,
    ignore: Collection[str] = (),
    walk: Walk | None = None,
    limit: int = MAX_PAIRS,
    longest: int = LONGEST,
) -> Comparison:
    """Compares two machines from their initial configurations.

    ``walk`` is a graph of the first machine to be used again, for one machine compared with many;
    ``limit`` the configurations, or pairs of them, to compare at most, and ``longest`` the events
    and days of a run that is of interest.

    >>> from trialspec.spec.registry import load
    >>> from trialspec.statemachines.bind import bind
    >>> ibr = load("ibrutinib-mm")
    >>> found = distinguish(bind(ibr), bind(ibr, readings={"IBR-A03": "silent"})).difference
    >>> [dict(s.arguments) for s in found.trace], found.event, found.first, found.second
    ([{'dlt': 1}], 'evaluate', 'accepted', 'refused')
    """
    sides = Sides(first, second, ignore)
    if sides.same_shape and not ignore and first.initial() == second.initial():
        return _one_shape(sides, walk or Walk(first, lazily=True, dated=False), limit, longest)
    search = _Search(sides, limit, longest)
    start = first.initial(), second.initial()
    return search.run({0: [(*start, (-1,) * len(search.runs.landmarks))]}, lambda _: ())


def exchanged(comparison: Comparison) -> Comparison:
    """The same comparison with the second machine as the first; of machines of one shape."""
    found = comparison.difference
    if found is None:
        return comparison
    turned = replace(
        found,
        first=found.second,
        second=found.first,
        configurations=(found.configurations[1], found.configurations[0]),
    )
    return replace(comparison, difference=turned)


def distinguish_exchanged(
    walk: Walk,
    holds: Callable[[Configuration], Any],
    exchange: Callable[[Configuration], Configuration],
    ignore: Collection[str],
    limit: int = MAX_PAIRS,
) -> Comparison:
    """Compares each configuration that ``holds`` with the one that ``exchange`` makes of it.

    The second of such a pair need not be reachable. ``ignore`` names what was exchanged.
    """
    search = _Search(Sides(walk.bound, walk.bound, ignore), limit)
    begun: dict[int, list[_Pair]] = {}
    origin: dict[_Pair, int] = {}
    for node, (configuration, days) in enumerate(walk.nodes):
        if holds(configuration):
            other = exchange(configuration)
            if other != configuration:
                pair = configuration, other, days
                origin[pair] = node
                begun.setdefault(walk.depths[node], []).append(pair)
    comparison = search.run(begun, lambda pair: walk.trace(walk.path(origin[pair])))
    return Comparison(
        comparison.difference, comparison.pairs, comparison.complete and walk.complete
    )


_Pair = tuple[Configuration, Configuration, tuple[int, ...]]


class _Search:
    """Breadth-first over pairs of configurations, from any number of pairs."""

    def __init__(self, sides: Sides, limit: int, longest: int = LONGEST) -> None:
        self.sides, self.limit, self.longest = sides, limit, longest
        self.runs = Runs(sides.first)
        self.parents: dict[_Pair, tuple[_Pair, str, tuple[int, ...]] | None] = {}

    def run(self, begun: Mapping[int, list[_Pair]], before: Callable[[_Pair], Trace]) -> Comparison:
        """Searches from pairs that themselves are ``begun[n]`` events from the start.

        ``before`` gives the run of the first machine to such a pair.
        """
        sides, parents = self.sides, self.parents
        layer: list[_Pair] = []
        depth, last = 0, max(begun, default=-1)
        while layer or depth <= last:
            for pair in begun.get(depth, ()):
                if pair not in parents:
                    parents[pair] = None
                    parted = sides.part(pair[0], pair[1])
                    if parted:
                        return self._found(pair, "", (), parted, before)
                    layer.append(pair)
            after: list[_Pair] = []
            for pair in layer:
                for event, arguments, target, parted in self.answers(pair):
                    if parted:
                        return self._found(pair, event, arguments, parted, before)
                    assert target is not None
                    if target not in parents:
                        parents[target] = pair, event, arguments
                        after.append(target)
            layer = after
            depth += 1
            if len(parents) > self.limit or (layer and depth >= self.longest):
                return Comparison(None, len(parents), False)
        return Comparison(None, len(parents))

    def answers(
        self, pair: _Pair
    ) -> Iterator[tuple[str, tuple[int, ...], _Pair | None, tuple[str, str] | None]]:
        """What either says to every event: where both go, or how they part."""
        sides = self.sides
        one, other, days = pair
        equal = one == other
        for q in sides.questions(one[0], other[0]):
            if not _comes(self.runs, q.event, days):
                continue
            a = _fire(q.first, one, q.arguments)
            b = a if equal and q.same else _fire(q.second, other, q.arguments)
            accepted = isinstance(a, tuple) and isinstance(b, tuple)
            if not accepted:
                if a != b:
                    yield q.event, q.arguments, None, (_word(a), _word(b))
                continue
            if a == b and sides.first is sides.second:
                continue
            yield from self._both(q.event, q.arguments, a, b, days)
        if sides.first.clocks or sides.second.clocks or self.runs.landmarks:
            later = self.runs.day(one, days)
            if later is not None:
                then = elapse(sides.second, other, 1)
                if (later[0], then) != (one, other) or later[1] != days:
                    yield from self._apart(ELAPSE, (1,), (later[0], then, later[1]))

    def _both(
        self, event: str, arguments: tuple[int, ...], a: Any, b: Any, days: tuple[int, ...]
    ) -> Iterator[tuple[str, tuple[int, ...], _Pair | None, tuple[str, str] | None]]:
        timed = self.runs.timed(a, days, event)
        if timed is not None:
            yield from self._apart(event, arguments, (timed[0], b, timed[1]))

    def _apart(
        self, event: str, arguments: tuple[int, ...], target: _Pair
    ) -> Iterator[tuple[str, tuple[int, ...], _Pair | None, tuple[str, str] | None]]:
        parted = self.sides.part(target[0], target[1])
        if parted:
            first, second = (f"accepted, and then {p}" for p in parted)
            yield event, arguments, None, (first, second)
        elif target[0] != target[1] or self.sides.first is not self.sides.second:
            yield event, arguments, target, None

    def _found(
        self,
        pair: _Pair,
        event: str,
        arguments: tuple[int, ...],
        parted: tuple[str, str],
        before: Callable[[_Pair], Trace],
    ) -> Comparison:
        steps: list[TraceStep] = []
        here = pair
        while (entry := self.parents[here]) is not None:
            earlier, name, values = entry
            steps.append(self.runs.trace_step(earlier[0], name, values, here[0]))
            here = earlier
        trace = merge_days([*before(here), *reversed(steps)])
        named = _named(self.sides, event, arguments)
        found = Difference(trace, event, named, *parted, pair[:2])
        return Comparison(found, len(self.parents))


def length(found: Difference) -> int:
    """The events and days of a run, the one that tells apart included."""
    return events_and_days(found.trace) + bool(found.event)


def _one_shape(sides: Sides, walk: Walk, limit: int, longest: int) -> Comparison:
    """Two machines of one shape; where landmarks mattered, without them and with their dates."""
    found, sure = _side_by_side(sides, walk, limit, longest)
    if not sure:
        # they part only where a landmark comes too early, as far as was seen
        return _side_by_side(sides, Walk(sides.first, lazily=True), limit, longest)[0]
    names = {name for _, name, _, _ in walk.runs.landmarks}
    apart = found.difference
    if apart is None or not any(step.event in names for step in apart.trace):
        return found
    # few events are many days where they wait for a landmark
    walk = Walk(sides.first, without=names, lazily=True, dated=False)
    sooner, _ = _side_by_side(sides, walk, limit, min(longest, length(apart)))
    return sooner if sooner.difference else found


def _side_by_side(sides: Sides, walk: Walk, limit: int, longest: int) -> tuple[Comparison, bool]:
    """Only what is declared differently can tell them apart; and whether dates were no matter."""
    asked = [sides.differing(state) for state in range(len(sides.first.states))]
    compared, sure = 0, True
    if not any(asked) and not sides.shows:
        return Comparison(None, compared), True
    for node in walk.visit():
        if node == limit or walk.depths[node] >= longest:
            return Comparison(None, compared, False), sure
        configuration, days = walk.nodes[node]
        questions = asked[configuration[0]]
        if days and questions and walk.dated:
            questions = [q for q in questions if _comes(walk.runs, q.event, days)]
        if not questions and not sides.shows:
            continue
        compared += 1
        parted = _parted(sides, configuration, questions)
        if parted is None:
            continue
        trace = walk.trace(walk.path(node))
        if not walk.dated:
            waited = _waited(sides, walk, trace, questions)
            if waited is None:
                sure = False
                continue
            trace, parted = waited
            configuration = trace[-1].configuration if trace else configuration
        both = configuration, configuration
        return Comparison(Difference(trace, *parted, both), compared), True
    return Comparison(None, compared, walk.complete and sure), sure


_Parted = tuple[str, tuple[tuple[str, int], ...], str, str]


def _parted(
    sides: Sides, configuration: Configuration, questions: Sequence[Question]
) -> _Parted | None:
    """The first question that the two answer differently, or what they show differently."""
    for q in questions:
        a, b = (_fire(f, configuration, q.arguments) for f in (q.first, q.second))
        if a != b:
            accepted = isinstance(a, tuple) and isinstance(b, tuple)
            said = sides.part(a, b) if accepted else None
            words = [f"accepted, and then {s}" for s in said] if said else [_word(a), _word(b)]
            return q.event, _named(sides, q.event, q.arguments), words[0], words[1]
    if sides.shows:
        said = sides.part(configuration, configuration)
        if said:
            return "", (), *said
    return None


def _waited(
    sides: Sides, walk: Walk, trace: Trace, questions: Sequence[Question]
) -> tuple[Trace, _Parted] | None:
    """The run with the days that its landmarks need, where the two still part at its end."""
    waited = walk.runs.dated(trace)
    if waited is None:
        return None
    end = waited[-1].configuration if waited else walk.bound.initial()
    landmarks = {name for _, name, _, _ in walk.runs.landmarks}
    parted = _parted(sides, end, [q for q in questions if q.event not in landmarks])
    return None if parted is None else (waited, parted)


# ---- answers


def _comes(runs: Runs, event: str, days: tuple[int, ...]) -> bool:
    """Whether an event can come on this day: a landmark only when it is due."""
    return not days or all(
        count >= least
        for count, (_, name, least, _) in zip(days, runs.landmarks, strict=True)
        if name == event
    )


def _fire(fire: Fire | None, configuration: Configuration, arguments: tuple[int, ...]) -> Any:
    """The next configuration, the unspecified outcome, None for a refusal, or a defect's name."""
    if fire is None:
        return None
    try:
        return fire(configuration, *arguments)
    except Undefined:
        return DEFECT


def _word(answer: Any) -> str:
    if answer is None:
        return REFUSED
    if isinstance(answer, Unspecified):
        return f"{UNSPECIFIED} ({answer.ambiguity})"
    return DEFECT if answer == DEFECT else "accepted"


def _named(sides: Sides, event: str, arguments: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    if not event or event == ELAPSE:
        return (("days", 1),) if event else ()
    asks = next(a for symbol, a in sides.symbols if symbol == (event, arguments))
    bound = sides.first if asks[0] else sides.second
    names = (p.name for p in bound.event[event].parameters)
    return tuple(zip(names, arguments, strict=True))
