"""Two machines side by side: what can be asked of both, and what is seen of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from operator import itemgetter

from ..spec.expression import Node
from .automaton import Symbol
from .bound import Bound, BoundEvent, Rule
from .calendar import Calendar
from .classes import argument_values
from .compile import Fire
from .evaluate import Configuration, evaluate
from .step import observe
from .trace import may_apply

See = Callable[[Configuration], object]


@dataclass(frozen=True, slots=True)
class Question:
    """An event with its arguments, and the compiled step of either machine; None: no such event.

    ``same`` says that equal configurations can't answer it differently.
    """

    event: str
    arguments: tuple[int, ...]
    first: Fire | None
    second: Fire | None
    same: bool


class Sides:
    """Two machines with what can be asked of both and what is seen of each."""

    def __init__(self, first: Bound, second: Bound, ignore: Collection[str]) -> None:
        self.first, self.second, self.ignore = first, second, frozenset(ignore)
        self.same_shape = same_shape(first, second)
        self.symbols = _symbols(first, second)
        self.events = tuple(dict.fromkeys(symbol.event for symbol, _ in self.symbols))
        self.asked: dict[tuple[int, int], list[Question]] = {}
        self.see = _seen(first, second, self.ignore)
        self.shows = self._shows()

    def questions(self, one: int, other: int) -> list[Question]:
        """What a rule of either state may answer."""
        found = self.asked.get((one, other))
        if found is None:
            found = self.asked[one, other] = list(self._questions(one, other))
        return found

    def differing(self, state: int) -> list[Question]:
        """What equal configurations in a state may answer differently."""
        return list(self._questions(state, state, differing=True))

    def _questions(self, one: int, other: int, differing: bool = False) -> Iterator[Question]:
        alike = one == other and self.same_shape
        same = {event: alike and self._same_rules(one, event) for event in self.events}
        for (event, arguments), known in self.symbols:
            if differing and same[event]:
                continue
            fires = []
            for bound, state, mine in zip(self.both, (one, other), known, strict=True):
                rules = bound.rules_of.get((state, event), ()) if mine else ()
                asks = any(may_apply(bound, r, arguments) for r in rules)
                fires.append(bound.compiled.fire[event] if asks else None)
            if any(fires):
                yield Question(event, arguments, fires[0], fires[1], same[event])

    def _same_rules(self, state: int, event: str) -> bool:
        if self.first is self.second:
            return True
        one, other = ([_meaning(r) for r in b.rules_of.get((state, event), ())] for b in self.both)
        declared = self.first.event[event], self.second.event[event]
        return one == other and declared[0].possible == declared[1].possible

    @property
    def both(self) -> tuple[Bound, Bound]:
        """The machines."""
        return self.first, self.second

    # ---- what is shown besides the variables

    def _shows(self) -> tuple[See, ...]:
        """What is shown of either machine's configuration; nothing where it follows from the rest.

        Two configurations in which the same is seen can show another stay or other doses only
        where these read what is ignored or are declared differently.
        """
        differ = self.first is not self.second and _declared(self.first) != _declared(self.second)
        if (
            not differ
            and self.same_shape
            and not any(str(n.value) in self.ignore for n in _shown_nodes(self.first))
        ):
            return ()
        return _showing(self.first), _showing(self.second)

    def part(self, one: Configuration, other: Configuration) -> tuple[str, str] | None:
        """What is seen of one and not of the other, in words; None when it is the same."""
        if self.see[0](one) != self.see[1](other):
            return self._values(one, other)
        if self.shows:
            shown_one, shown_other = (s(c) for s, c in zip(self.shows, (one, other), strict=True))
            if shown_one != shown_other:
                return str(shown_one), str(shown_other)
        return None

    def _values(self, one: Configuration, other: Configuration) -> tuple[str, str]:
        values = observe(self.first, one), observe(self.second, other)
        name = next(
            n
            for n, v in values[0].items()
            if n not in self.ignore and n in values[1] and values[1][n] != v
        )
        return f"{name} is {values[0][name]}", f"{name} is {values[1][name]}"


# ---- what two machines have in common


def same_shape(first: Bound, second: Bound) -> bool:
    """Whether configurations and events of two machines are made of the same parts."""
    return _shape(first) == _shape(second)


def _shape(bound: Bound) -> tuple[object, ...]:
    """What configurations and events are made of."""
    return (
        bound.states,
        bound.final,
        bound.fields,
        tuple((e.name, e.observation, e.parameters) for e in bound.events),
        bound.machine.landmarks,
        bound.tables,
        bound.machine.functions,
    )


def _meaning(rule: Rule) -> tuple[object, ...]:
    effects = tuple((e.name, e.index, e.value) for e in rule.effects)
    return rule.target, rule.guard, effects


def _symbols(first: Bound, second: Bound) -> list[tuple[Symbol, tuple[bool, bool]]]:
    """Every event with arguments that neither machine tells apart from others, and who knows it.

    An event that takes other arguments in the other machine is another event.
    """
    found: list[tuple[Symbol, tuple[bool, bool]]] = []
    for event in dict.fromkeys([e.name for b in (first, second) for e in b.events]):
        one, other = first.event.get(event), second.event.get(event)
        listed = [
            argument_values(b, b.event[event]) if event in b.event else [] for b in (first, second)
        ]
        if one is None or other is None or not _same_arguments(one, other):
            found += [(Symbol(event, a), (True, False)) for a in listed[0]]
            found += [(Symbol(event, a), (False, True)) for a in listed[1]]
            continue
        columns = [
            sorted({a[i] for values in listed for a in values}) for i in range(len(one.parameters))
        ]
        found += [(Symbol(event, a), (True, True)) for a in product(*columns)]
    return found


def _same_arguments(a: BoundEvent, b: BoundEvent) -> bool:
    one, other = ([(p.name, p.type, p.low, p.high) for p in e.parameters] for e in (a, b))
    return one == other


def _seen(first: Bound, second: Bound, ignore: frozenset[str]) -> tuple[See, See]:
    """What is seen of a configuration of either machine, so that equal means the same."""
    if same_shape(first, second):
        places = [0] if "state" not in ignore else []
        for f in first.fields:
            if f.name not in ignore:
                places += range(f.offset, f.offset + f.cells)
        get: See = itemgetter(*places) if places else lambda _: ()
        return get, get
    common = [
        n
        for n in ("state", *first.by_name)
        if n not in ignore and (n == "state" or n in second.by_name)
    ]

    def look(bound: Bound) -> See:
        def seen(configuration: Configuration) -> object:
            values = observe(bound, configuration)
            return [values[n] for n in common]

        return seen

    return look(first), look(second)


def _declared(bound: Bound) -> tuple[object, ...]:
    """Stays and schedules as they are declared."""
    calendar = tuple(
        (r.regimen, r.when, r.dose, r.states, r.cycle) for r in Calendar(bound).regimens
    )
    return tuple(bound.within.items()), calendar


def _shown_nodes(bound: Bound) -> Iterable[Node]:
    for node in bound.within.values():
        yield from node.walk()
    for r in Calendar(bound).regimens:
        yield from r.when.walk()
        yield from r.dose.walk()
        if r.clock is not None:
            yield Node("variable", r.clock.name)


def _showing(bound: Bound) -> See:
    calendar = Calendar(bound)

    def showing(configuration: Configuration) -> object:
        within = bound.within.get(configuration[0])
        timely = within is None or evaluate(bound, within, configuration, {})
        due = ", ".join(f"{d.drug} {d.dose}" for d in calendar.today(configuration))
        return f"{'in time' if timely else 'overdue'}, due: {due or 'nothing'}"

    return showing
