"""What each event does in a configuration, worked out once for every part of it that matters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ...spec.expression import TRUE, Node
from ...spec.fold import COMPARE
from ...spec.model import Unspecified
from ...statemachines.bound import Bound, BoundEvent, as_int
from ...statemachines.classes import argument_values
from ...statemachines.compile import Compiled, Write
from ...statemachines.evaluate import Undefined, evaluate
from ...statemachines.interval import total
from .conditions import Deciding, Owner, Term, getter, places, spoken, terms
from .days import Weeks

Key = Hashable


class Symbol(NamedTuple):
    """An event with stored argument values; None leaves out one that has a default."""

    event: str
    arguments: tuple[int | None, ...]


class Jump(NamedTuple):
    """A change that an accepted event makes, with the first symbol that makes it."""

    symbol: int
    rule: int
    writes: tuple[Write, ...]


@dataclass(slots=True, eq=False)
class Outcomes:
    """What comes of an event here, by the number of the symbol.

    ``accepted`` has the rule that fires and what it writes, ``ends`` the rule that leaves the
    outcome open. ``refused`` says why in a form that can be compared: the rule that comes nearest,
    which of its conditions fail, and on which side; ``reasons`` are these with their first symbol.
    ``decides`` are the comparisons on which the answer depends; ``changes`` are the effects that
    change what they write; ``said`` are the comparisons that the table has for the event, by
    number, and whether they hold. ``mask`` has a bit for each rule that can fire.
    """

    state: int
    accepted: dict[int, tuple[int, tuple[Write, ...]]] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    refused: dict[int, Key] = field(default_factory=dict)
    reasons: dict[Key, int] = field(default_factory=dict)
    decides: dict[int, tuple[Deciding, ...]] = field(default_factory=dict)
    changes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    said: dict[int, tuple[tuple[int, bool], ...]] = field(default_factory=dict)
    jumps: tuple[Jump, ...] = ()
    mask: int = 0

    def close(self) -> None:
        """Sums up what has been put in."""
        jumps: dict[tuple[int, tuple[Write, ...]], Jump] = {}
        for symbol, (rule, writes) in self.accepted.items():
            jumps.setdefault((rule, writes), Jump(symbol, rule, writes))
        self.jumps = tuple(jumps.values())
        for rule in [*(j.rule for j in self.jumps), *self.ends.values()]:
            self.mask |= 1 << rule
        for symbol, why in self.refused.items():
            self.reasons.setdefault(why, symbol)


def widened(bound: Bound) -> Bound:
    """The machine with every clock counting one day more.

    It answers alike, but tells the day on which a clock reaches its horizon from the days after:
    a system that acts on that very day only is not to pass. A clock whose value is stored
    elsewhere stays as it is.
    """
    stored = {
        name for rule in bound.rules for effect in rule.effects for name in _copied(effect.value)
    }
    fields = tuple(
        replace(f, high=Node("integer", as_int(f.high) + 1))
        if f.clock and f.name not in stored
        else f
        for f in bound.fields
    )
    return replace(bound, fields=fields)


def _copied(tree: Node) -> Iterator[str]:
    """The variables that a value can be a copy of: those that are not just compared."""
    if tree.op == "variable":
        yield str(tree.value)
    elif tree.op not in COMPARE:
        for arg in tree.args:
            yield from _copied(arg)


def symbols(bound: Bound) -> list[Symbol]:
    """Every event with its argument values, in order; arguments with a default are left out.

    Nobody is asked for an action that other readings alone allow.
    """
    found = []
    elsewhere = {t.event for t in bound.machine.transitions} - {r.event for r in bound.rules}
    for event in bound.events:
        if not event.observation and event.name in elsewhere:
            continue
        needed = tuple(p for p in event.parameters if p.default is None)
        for values in argument_values(bound, replace(event, parameters=needed)):
            given = iter(values)
            arguments = tuple(next(given) if p.default is None else None for p in event.parameters)
            found.append(Symbol(event.name, arguments))
    return found


class Verdict(NamedTuple):
    """What follows from which conditions hold: the rules that apply, by their place among those of
    the event, the one that comes nearest with its failing conditions, and the conditions that
    alone stand between a rule and its opposite."""

    hits: tuple[int, ...]
    nearest: int
    failing: tuple[int, ...]
    alone: tuple[Term, ...]


class Conditions:
    """The guards of the rules for one event in one state.

    Conditions are bits of one number, worked out together where they always have a value.
    """

    def __init__(
        self, bound: Bound, compiled: Compiled, event: BoundEvent, parts: Sequence[Sequence[Term]]
    ) -> None:
        self.parts = parts
        parameters = {p.name: p for p in event.parameters}
        sure: list[Node] = []
        self.unsure: list[tuple[int, Term]] = []
        self.verdicts: dict[int, Verdict] = {}
        for bit, term in enumerate(term for listed in parts for term in listed):
            if total(bound, term.node, parameters):
                sure.append(Node("*", None, (term.node, Node("integer", 1 << bit))))
            else:
                self.unsure.append((1 << bit, term))
        (self.sure,) = compiled.predicates([Node("+", None, (*sure, Node("integer", 0)))], event)

    def holding(self, here: tuple[int, ...], arguments: tuple[int, ...]) -> int:
        """The conditions that hold; one without a value does not."""
        found = int(self.sure(here, *arguments))
        for bit, term in self.unsure:
            try:
                if term.value(here, *arguments):
                    found |= bit
            except Undefined:
                continue
        return found

    def verdict(self, holding: int) -> Verdict:
        """What follows when these conditions hold."""
        found = self.verdicts.get(holding)
        if found is None:
            found = self.verdicts[holding] = self._verdict(holding)
        return found

    def failing(self, holding: int) -> Iterator[tuple[int, ...]]:
        """For each rule its conditions that fail when these hold."""
        first = 0
        for listed in self.parts:
            yield tuple(j for j in range(len(listed)) if not holding >> first + j & 1)
            first += len(listed)

    def _verdict(self, holding: int) -> Verdict:
        hits, alone = [], []
        nearest = -1
        fewest: tuple[int, ...] = ()
        for i, failing in enumerate(self.failing(holding)):
            listed = self.parts[i]
            if not failing:
                hits.append(i)
            if nearest < 0 or len(failing) < len(fewest):
                nearest, fewest = i, failing
            if len(failing) <= 1:
                alone += [listed[j] for j in failing or range(len(listed))]
        return Verdict(tuple(hits), nearest, fewest, tuple(alone))


class Offer:
    """One event in one state. Configurations may be longer than the machine's: ``width``."""

    def __init__(
        self,
        bound: Bound,
        compiled: Compiled,
        weeks: Weeks,
        width: int,
        state: int,
        event: BoundEvent,
        listed: Sequence[tuple[int, Symbol]],
    ) -> None:
        self.bound, self.weeks, self.state, self.event = bound, weeks, state, event
        self.listed = [(number, symbol, _plain(symbol)) for number, symbol in listed]
        self.asked: Callable[..., Any] | None = None
        if event.asked != TRUE:
            (self.asked,) = compiled.predicates([event.asked], event)
        self.final = state in bound.final
        self.dated = event.name in {m.name for m in bound.machine.landmarks}
        self.rules = () if self.final else bound.rules_of.get((state, event.name), ())
        self.compiled = [compiled.rules[r.number] for r in self.rules]
        self.parts: list[list[Term]] = []
        self.effects: list[list[Term]] = []
        for rule in self.rules:
            parts = [(Owner("guard", rule.number, i), p.node) for i, p in enumerate(rule.parts)]
            effects = enumerate(rule.effects)
            values = [(Owner("effect", rule.number, i), e.value) for i, e in effects]
            self.parts.append(terms(bound, compiled, parts, event, width=width))
            self.effects.append(terms(bound, compiled, values, event, width=width))
        self.conditions = Conditions(bound, compiled, event, self.parts)
        self.possible: Term | None = None
        if event.observation and event.possible != TRUE and not self.final:
            owner = Owner("possible", bound.events.index(event))
            possible = [(owner, event.possible)]
            (self.possible,) = terms(bound, compiled, possible, event, width=width)
        self.spoken: list[tuple[Node, Callable[..., Any]]] = []
        if self.rules:
            nodes = spoken(bound, state, event)
            self.spoken = list(zip(nodes, compiled.predicates(nodes, event), strict=True))
        self.limits = [(0, 0)]
        for f in bound.fields:
            self.limits += [(as_int(f.low), as_int(f.high))] * f.cells
        self.reads = frozenset() if self.final and self.asked is None else frozenset(self._reads())

    def _reads(self) -> set[int]:
        """The places of a configuration that answers and effects can depend on."""
        defaults = [p.default for p in self.event.parameters if p.default is not None]
        trees = [self.event.possible, self.event.asked, *defaults]
        trees += [node for node, _ in self.spoken]
        for rule in self.rules:
            trees += [rule.guard, *(p.node for p in rule.parts)]
            for effect in rule.effects:
                trees.append(effect.value)
                target = "variable" if effect.index is None else "cell"
                trees.append(Node(target, effect.name, (effect.index,) if effect.index else ()))
        reads = {place for tree in trees for place in places(self.bound, tree)}
        written = {self.bound.by_name[e.name].offset for r in self.rules for e in r.effects}
        return reads | self.weeks.reads if written & set(self.weeks.clocks) else reads

    def at(self, here: tuple[int, ...]) -> Outcomes:
        """What comes of the event in a configuration."""
        found = Outcomes(self.state)
        for number, symbol, plain in self.listed:
            arguments = plain or self.arguments(symbol, here)
            if arguments is not None:
                try:
                    self.attempt(found, number, here, arguments)
                except Undefined:
                    # the specification is wrong here, or the calendar does not allow it: there is
                    # nothing to hold a system to
                    continue
        if self.dated:
            # nobody can be asked whether a date has come
            found.refused.clear()
        found.close()
        return found

    def fitting(
        self, here: tuple[int, ...], symbols: Collection[int]
    ) -> dict[int, tuple[int, int]]:
        """Of these symbols, for each rule the first that fails the fewest of its conditions here,
        whatever the state is: how many it fails, and its number."""
        best: dict[int, tuple[int, int]] = {}
        for number, symbol, plain in self.listed:
            arguments = plain or self.arguments(symbol, here) if number in symbols else None
            if arguments is not None:
                failing = self.conditions.failing(self.conditions.holding(here, arguments))
                for i, count in enumerate(map(len, failing)):
                    best[i] = min(best.get(i, (count, number)), (count, number))
        return best

    def arguments(self, symbol: Symbol, here: tuple[int, ...]) -> tuple[int, ...] | None:
        """The argument values with defaults put in; None where a default has no proper value."""
        found = []
        for value, p in zip(symbol.arguments, self.event.parameters, strict=True):
            if value is None:
                assert p.default is not None
                try:
                    value = evaluate(self.bound, p.default, here, {})
                except Undefined:
                    return None
                if not as_int(p.low) <= value <= as_int(p.high):
                    return None
            found.append(value)
        return tuple(found)

    def attempt(
        self, found: Outcomes, number: int, here: tuple[int, ...], arguments: tuple[int, ...]
    ) -> None:
        """Tries one symbol and notes what comes of it; nothing where nobody is asked for it."""
        if self.asked is not None and not self.asked(here, *arguments):
            return
        if self.final:
            found.refused[number] = "final"
            return
        decides: list[Deciding] = []
        if self.possible is not None:
            possible = self.possible.value(here, *arguments)
            decides.append(self.possible.deciding(here, arguments))
            if not possible:
                found.refused[number] = ("possible", self.possible.signs(here, arguments))
                found.decides[number] = tuple(decides)
                return
        verdict = self.conditions.verdict(self.conditions.holding(here, arguments))
        hits = verdict.hits
        if self.conditions.unsure:
            # a guard that looks outside an array has no value, whatever its other conditions say
            guards = [guard(here, *arguments) for guard, _ in self.compiled]
            hits = tuple(i for i, holds in enumerate(guards) if holds)
        decides += [term.deciding(here, arguments) for term in verdict.alone]
        if len(hits) > 1:
            raise Undefined("two rules apply")
        if hits:
            self.fire(found, number, hits[0], here, arguments, decides)
        elif verdict.nearest < 0:
            found.refused[number] = "no rule"
        else:
            signs: tuple[int, ...] = ()
            if verdict.failing:
                signs = self.parts[verdict.nearest][verdict.failing[0]].signs(here, arguments)
            rule = self.rules[verdict.nearest].number
            found.refused[number] = (rule, verdict.failing[:1], signs)
        if self.event.observation and not hits and self.rules:
            # the protocol has a gap here
            found.said[number] = tuple(self.saying(here, arguments))
        found.decides[number] = tuple(d for d in decides if d)

    def fire(
        self,
        found: Outcomes,
        number: int,
        hit: int,
        here: tuple[int, ...],
        arguments: tuple[int, ...],
        decides: list[Deciding],
    ) -> None:
        """Notes what an accepted event writes, and an unspecified outcome."""
        rule = self.rules[hit]
        if isinstance(rule.target, Unspecified):
            found.ends[number] = rule.number
            return
        writes = tuple(self.compiled[hit][1](here, *arguments))
        if len({place for place, _ in writes}) < len(writes):
            raise Undefined("one cell is written twice")
        for place, value in writes:
            low, high = self.limits[place]
            if not low <= value <= high:
                raise Undefined("a range is left")
        if self.weeks.broken(here, writes):
            raise Undefined("no calendar has such a day")
        for term in self.effects[hit]:
            decides.append(term.deciding(here, arguments))
        found.accepted[number] = (rule.number, ((0, rule.target), *writes))
        found.said[number] = tuple(self.saying(here, arguments))
        found.changes[number] = tuple(i for i, (p, v) in enumerate(writes) if here[p] != v)

    def saying(
        self, here: tuple[int, ...], arguments: tuple[int, ...]
    ) -> Iterator[tuple[int, bool]]:
        """The comparisons of the table that have a value here, and whether they hold."""
        for i, (_, test) in enumerate(self.spoken):
            try:
                yield i, bool(test(here, *arguments))
            except Undefined:
                continue


def _plain(symbol: Symbol) -> tuple[int, ...] | None:
    """The arguments of a symbol when there are some and none depends on the configuration."""
    values = tuple(v for v in symbol.arguments if v is not None)
    return values if values and len(values) == len(symbol.arguments) else None


class Offers:
    """The events of one state; those that read the same are worked out together."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.offers = offers
        by_reads: dict[frozenset[int], list[int]] = {}
        for i, offer in enumerate(offers):
            by_reads.setdefault(offer.reads, []).append(i)
        self.groups: list[tuple[Callable[..., Any], list[int], dict[Any, list[Outcomes]]]] = [
            (getter(set(reads)), members, {}) for reads, members in by_reads.items()
        ]
        at = {
            event: (group, member)
            for group, (_, members, _) in enumerate(self.groups)
            for member, event in enumerate(members)
        }
        self.order = [at[event] for event in range(len(offers))]

    def at(self, here: tuple[int, ...]) -> list[list[Outcomes]]:
        """What comes of the events here, group by group."""
        found = []
        for key_of, members, known in self.groups:
            key = key_of(here)
            outcomes = known.get(key)
            if outcomes is None:
                outcomes = known[key] = [self.offers[i].at(here) for i in members]
            found.append(outcomes)
        return found

    def in_order(self, found: Sequence[Sequence[Outcomes]]) -> list[Outcomes]:
        """The outcomes of all groups in the order of the events."""
        return [found[group][member] for group, member in self.order]
