"""Claims: theorems with their hypotheses, judged under exactly those."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...spec.errors import SpecError
from ...spec.expression import TRUE, Node
from ...spec.model import Claim, Constant, Protocol
from ...spec.readings import resolve_readings
from ...spec.resolve import Resolver
from ..bind import bind
from ..bound import Bound, as_int
from ..compile import Compiled
from ..distinguish import Difference, distinguish_exchanged
from ..evaluate import Configuration, Undefined, evaluate
from ..step import ELAPSE, show_arguments
from ..trace import Runs, Timed, Trace
from ..walk import Walk
from .days import TOO_MANY, DayFound, earliest_day, latest_day
from .enumeration import Enumeration
from .verdict import PROVED, REFUTED, UNDATED, UNKNOWN, Obligation, Result

SAFETY = ("always", "reachable")
DAYS = ("earliest-day", "latest-day")
KINDS = (*SAFETY, *DAYS, "equivalent", "count")
NOWHERE = "no reachable configuration meets it"
Hypotheses = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, Constant], ...]]


@dataclass(frozen=True)
class Group:
    """Claims with the same hypotheses, bound under them, with what each one says."""

    bound: Bound
    claims: tuple[Claim, ...]
    nodes: Mapping[str, Node] = field(repr=False)

    def watched(self, kind: str) -> dict[str, Node]:
        """By obligation id, what the claims of a kind say."""
        return {_id(c): self.nodes[c.slug] for c in self.claims if c.kind == kind}


def _id(claim: Claim) -> str:
    return f"claim/{claim.slug}"


def grouped(bound: Bound, protocol: Protocol) -> list[Group]:
    """The claims of a machine by hypotheses, those of ``bound`` itself first.

    A claim's own readings and constants are put over those of ``bound``.
    """
    (_, mine), *others = _by_hypotheses(bound, protocol).items()
    found = [_group(bound, mine)]
    for (readings, constants), claims in others:
        machine = bound.machine.name
        own = bind(protocol, machine, constants=dict(constants), readings=dict(readings))
        found.append(_group(own, claims))
    return found


def unconditional(bound: Bound, protocol: Protocol) -> Group:
    """The claims whose hypotheses are those of ``bound`` itself."""
    return _group(bound, next(iter(_by_hypotheses(bound, protocol).values())))


def _by_hypotheses(bound: Bound, protocol: Protocol) -> dict[Hypotheses, list[Claim]]:
    groups: dict[Hypotheses, list[Claim]] = {_key(bound.readings, bound.constants): []}
    for claim in bound.claims:
        _check(claim)
        readings = resolve_readings(protocol, {**bound.readings, **claim.readings})
        constants = {**bound.constants, **claim.constants}
        groups.setdefault(_key(readings, constants), []).append(claim)
    return groups


def _group(bound: Bound, claims: Sequence[Claim]) -> Group:
    applying = tuple(c for c in claims if _applies(bound, c))
    resolver = Resolver(bound.scope)
    nodes = {c.slug: resolver.condition(c.holds, f"claim {c.slug}") for c in applying}
    return Group(bound, applying, nodes)


def _key(readings: Mapping[str, str], constants: Mapping[str, Constant]) -> Hypotheses:
    return tuple(sorted(readings.items())), tuple(sorted(constants.items()))


def _check(claim: Claim) -> None:
    where = f"claim {claim.slug}"
    if claim.kind not in KINDS:
        raise SpecError(
            f"this version has no claims of kind {claim.kind!r}",
            where=where,
            hint=f"kinds: {', '.join(KINDS)}",
        )
    if claim.expected not in (PROVED, REFUTED):
        raise SpecError(
            f"a claim is expected proved or refuted, not {claim.expected!r}", where=where
        )
    if claim.kind in (*DAYS, "count") and claim.value is None:
        raise SpecError(f"a claim of kind {claim.kind} needs a value", where=where)
    if (claim.kind == "equivalent") != bool(claim.exchange):
        raise SpecError("claims of kind equivalent, and no others, need an exchange", where=where)


def judge_claims(
    groups: Sequence[Group], seen: Enumeration, order: Sequence[Claim]
) -> list[Result]:
    """Every claim that applies, in order; ``seen`` has watched the first group's."""
    results: dict[str, Result] = {}
    for number, group in enumerate(groups):
        results |= _Judge(group, seen if number == 0 else None).results()
    return [results[claim.slug] for claim in order if claim.slug in results]


def _applies(bound: Bound, claim: Claim) -> bool:
    """Whether the constants meet the condition that a claim is made under."""
    where = f"claim {claim.slug}: given"
    node = Resolver(replace(bound.scope, variables={}, arrays={})).condition(claim.given, where)
    return node == TRUE


@dataclass(eq=False)
class _Judge:
    """The claims of one group; what several of them need is worked out once."""

    group: Group
    seen: Enumeration | None
    walk: Walk | None = None
    free: Walk | None = None

    def results(self) -> dict[str, Result]:
        """By slug, the result of each claim."""
        return {c.slug: self.result(c) for c in self.group.claims}

    def result(self, claim: Claim) -> Result:
        """One claim's verdict, with the run that shows it."""
        obligation = Obligation(_id(claim), "claim", claim.clause, claim.statement, claim.expected)
        if claim.kind in SAFETY:
            found = self.safety(claim)
        elif claim.kind in DAYS:
            found = self.days(claim)
        elif claim.kind == "equivalent":
            found = self.equivalent(claim)
        else:
            total = count_paths(self.group.bound, self.group.nodes[claim.slug])
            found = _Found(total == claim.value, None, f"there are {total}")
        unknown = bool(found.reason)
        return Result(
            obligation,
            UNKNOWN if unknown else PROVED if found.holds else REFUTED,
            "" if unknown else "enumeration",
            witness=found.trace if found.holds and not unknown else None,
            counterexample=None if found.holds or unknown else found.trace,
            problem="" if found.holds or unknown else found.problem,
            reason=found.reason,
            bound=self.group.bound,
        )

    def safety(self, claim: Claim) -> _Found:
        """A claim about every configuration, or about some."""
        if self.seen is None:
            always, reached = (self.group.watched(kind) for kind in SAFETY)
            self.seen = Enumeration(self.group.bound, always, reached)
        id = _id(claim)
        always_ = claim.kind == "always"
        judged = self.seen.always_holds(id) if always_ else self.seen.is_reached(id)
        _check_defined(self.group.bound, claim, self.group.nodes[claim.slug], self.seen)
        reason = "" if judged.dated else UNDATED
        if not self.seen.space.complete and judged.trace is None:
            reason = reason or TOO_MANY
        return _Found(judged.holds, judged.trace, judged.problem, reason)

    def graph(self) -> Walk:
        """The machine's runs, for claims about days and answers."""
        if self.walk is None:
            self.walk = Walk(self.group.bound)
        return self.walk

    def days(self, claim: Claim) -> _Found:
        """A claim about the first day on which something is met."""
        earliest = claim.kind == "earliest-day"
        (test,) = Compiled(self.group.bound).predicates([self.group.nodes[claim.slug]])
        undated = self.undated(test) if earliest else None
        walk = undated[0] if undated else self.graph()
        if not walk.complete:
            return _Found(False, None, reason=TOO_MANY)
        found = undated[1] if undated else (earliest_day if earliest else latest_day)(walk, test)
        which = "earliest" if earliest else "latest"
        problem = found.problem or f"the {which} day is {found.day}"
        trace = None if found.run is None else walk.trace(found.run)
        return _Found(found.day == claim.value, trace, problem)

    def undated(self, test: Callable[[Configuration], Any]) -> tuple[Walk, DayFound] | None:
        """The earliest day with landmarks at any time, where its run agrees with their dates.

        There are more such runs, so that none of those that agree is earlier.
        """
        if not self.group.bound.machine.landmarks:
            return None
        if self.free is None:
            self.free = Walk(self.group.bound, dated=False)
        if not self.free.complete:
            return None
        found = earliest_day(self.free, test)
        if found.run is not None:
            trace = self.free.trace(found.run)
            if self.free.runs.dated(trace) != trace:
                return None
        return self.free, found

    def equivalent(self, claim: Claim) -> _Found:
        """A claim that an exchange of values changes no answer."""
        walk, bound = self.graph(), self.group.bound
        (test,) = Compiled(bound).predicates([self.group.nodes[claim.slug]])
        exchange = Exchange(bound, claim)
        found = distinguish_exchanged(walk, test, exchange, claim.exchange)
        if found.difference is not None:
            return _Found(False, found.difference.trace, exchange.parted(found.difference))
        if not found.complete:
            return _Found(False, None, reason=TOO_MANY)
        if not found.pairs:
            met = any(test(c) for c, _ in walk.nodes)
            nothing = f"nothing to compare: the exchange changes nothing where {claim.holds}"
            return _Found(False, None, nothing if met else NOWHERE)
        return _Found(True, None)


@dataclass(frozen=True, slots=True)
class _Found:
    """Whether a claim holds, with its run; ``problem`` says why not, ``reason`` why unknown."""

    holds: bool
    trace: Trace | None
    problem: str = ""
    reason: str = ""


class Exchange:
    """Puts the values of an equivalent claim into a configuration."""

    def __init__(self, bound: Bound, claim: Claim) -> None:
        self.bound, self.claim = bound, claim
        self.where = f"claim {claim.slug}: exchange"
        resolver = Resolver(bound.scope)
        places, nodes = [], []
        for name, text in claim.exchange.items():
            if name != "state" and (name not in bound.by_name or bound.by_name[name].size):
                raise SpecError(
                    f"{name!r} is no variable with one value", where=self.where, text=text
                )
            places.append(0 if name == "state" else bound.by_name[name].offset)
            type = replace(bound.scope.variables[name], saturates=False)
            nodes.append(resolver.value(text, self.where, type))
        self.puts = list(zip(places, Compiled(bound).predicates(nodes), strict=True))
        ranges = {f.offset: (as_int(f.low), as_int(f.high)) for f in bound.fields}
        self.ranges = {0: (0, len(bound.states) - 1), **ranges}

    def __call__(self, configuration: Configuration) -> Configuration:
        """The configuration with the values exchanged; `SpecError` for one out of range."""
        after = list(configuration)
        for place, value in self.puts:
            try:
                after[place] = int(value(configuration))
            except Undefined as error:
                raise SpecError(str(error), where=self.where) from None
            low, high = self.ranges[place]
            if not low <= after[place] <= high:
                raise SpecError("a value is put in that is out of range", where=self.where)
        return tuple(after)

    def parted(self, difference: Difference) -> str:
        """How the answers differ, in words."""
        put = ", ".join(f"{n} = {t}" for n, t in self.claim.exchange.items())
        if not difference.event:
            return f"here {difference.first}; with {put} put in, {difference.second}"
        given: Mapping[str, object] = dict(difference.arguments)
        if difference.event != ELAPSE:
            event = self.bound.event[difference.event]
            given = show_arguments(event, dict(difference.arguments))
        call = f"{difference.event}({', '.join(f'{n}={v}' for n, v in given.items())})"
        return f"here {call} is {difference.first}; with {put} put in, {difference.second}"


def _check_defined(bound: Bound, claim: Claim, node: Node, seen: Enumeration) -> None:
    """Refuses a claim that looks outside an array where it is decided."""
    finding = seen.space.violations.get(_id(claim))
    if finding is None:
        return
    try:
        evaluate(bound, node, finding.configuration, {})
    except Undefined as error:
        raise SpecError(str(error), where=f"claim {claim.slug}", text=claim.holds) from None


def count_paths(bound: Bound, node: Node) -> int:
    """How many complete runs end in a configuration that meets the condition.

    A run is a sequence of events that each change the configuration; it is complete where no
    event does. The graph must have no cycles.
    """
    (test,) = Compiled(bound).predicates([node])
    runs = Runs(bound)
    totals: dict[Timed, int] = {}
    start: Timed = (bound.initial(), (-1,) * len(runs.landmarks))
    stack: list[tuple[Timed, list[Timed] | None]] = [(start, None)]
    open_: set[Timed] = set()
    while stack:
        place, targets = stack.pop()
        if targets is not None:
            ways = [totals[t] for t in targets]
            totals[place] = sum(ways) if targets else int(bool(test(place[0])))
            open_.discard(place)
            continue
        if place in totals:
            continue
        if place in open_:
            raise SpecError("runs can go on for ever: there is no number of them to count")
        open_.add(place)
        found = [target for _, _, target in runs.after(place)]
        stack.append((place, found))
        stack += [(t, None) for t in reversed(found) if t not in totals]
    return totals[start]
