"""Claims: theorems with their hypotheses, judged under exactly those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...spec.errors import SpecError
from ...spec.expression import TRUE, Node
from ...spec.model import Claim, Constant, Protocol
from ...spec.resolve import Resolver
from ..bind import bind
from ..bound import Bound
from ..compile import Compiled
from ..evaluate import Undefined, evaluate
from ..step import ELAPSE
from ..trace import Runs, Timed, Trace
from .enumeration import Enumeration
from .verdict import PROVED, REFUTED, UNDATED, UNKNOWN, Obligation, Result

KINDS = ("always", "reachable", "earliest-day", "count")
Hypotheses = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, Constant], ...]]


def judge_claims(
    protocol: Protocol,
    machine: str,
    constants: Mapping[str, Constant],
    readings: Mapping[str, str],
) -> list[Result]:
    """Every claim of a machine, grouped by hypotheses so that each is enumerated once.

    A claim's own readings and constants are put over the given ones.
    """
    groups: dict[Hypotheses, list[Claim]] = {}
    order: list[Claim] = list(protocol.machine(machine).claims)
    for claim in order:
        if claim.kind not in KINDS:
            raise SpecError(
                f"this version has no claims of kind {claim.kind!r}",
                where=f"claim {claim.slug}",
                hint=f"kinds: {', '.join(KINDS)}",
            )
        if claim.expected not in (PROVED, REFUTED):
            raise SpecError(
                f"a claim is expected proved or refuted, not {claim.expected!r}",
                where=f"claim {claim.slug}",
            )
        if claim.kind in ("earliest-day", "count") and claim.value is None:
            raise SpecError(
                f"a claim of kind {claim.kind} needs a value", where=f"claim {claim.slug}"
            )
        key = (tuple(sorted(claim.readings.items())), tuple(sorted(claim.constants.items())))
        groups.setdefault(key, []).append(claim)
    results: dict[str, Result] = {}
    for (own_readings, own_constants), claims in groups.items():
        bound = bind(
            protocol,
            machine,
            constants={**constants, **dict(own_constants)},
            readings={**readings, **dict(own_readings)},
        )
        results.update(_judge(bound, [c for c in claims if _applies(bound, c)]))
    return [results[claim.slug] for claim in order if claim.slug in results]


def _applies(bound: Bound, claim: Claim) -> bool:
    """Whether the constants meet the condition that a claim is made under."""
    where = f"claim {claim.slug}: given"
    node = Resolver(replace(bound.scope, variables={}, arrays={})).condition(claim.given, where)
    return node == TRUE


def _judge(bound: Bound, claims: list[Claim]) -> dict[str, Result]:
    resolver = Resolver(bound.scope)
    nodes = {c.slug: resolver.condition(c.holds, f"claim {c.slug}") for c in claims}
    of_kind: dict[str, dict[str, Node]] = {kind: {} for kind in KINDS}
    for claim in claims:
        of_kind[claim.kind][claim.slug] = nodes[claim.slug]
    results = {}
    seen: Enumeration | None = None
    if of_kind["always"] or of_kind["reachable"]:
        seen = Enumeration(bound, of_kind["always"], of_kind["reachable"])
    for claim in claims:
        obligation = Obligation(
            f"claim/{claim.slug}", "claim", claim.clause, claim.statement, claim.expected
        )
        witness: Trace | None = None
        counterexample: Trace | None = None
        problem = reason = ""
        if claim.kind in ("always", "reachable"):
            assert seen is not None
            always = claim.kind == "always"
            judged = seen.always_holds(claim.slug) if always else seen.is_reached(claim.slug)
            _check_defined(bound, claim, nodes[claim.slug], seen)
            holds, problem = judged.holds, "" if judged.holds else judged.problem
            witness = judged.trace if holds else None
            counterexample = None if holds else judged.trace
            if not judged.dated:
                reason = UNDATED
            elif not seen.space.complete and judged.trace is None:
                reason = "too many configurations to enumerate"
        elif claim.kind == "earliest-day":
            day, trace = earliest_day(bound, nodes[claim.slug])
            holds = day == claim.value
            witness = trace if holds else None
            counterexample = None if holds else trace
            found = "it is never reached" if day is None else f"the earliest day is {day}"
            problem = "" if holds else found
        else:
            total = count_paths(bound, nodes[claim.slug])
            holds = total == claim.value
            problem = "" if holds else f"there are {total}"
        results[claim.slug] = Result(
            obligation,
            UNKNOWN if reason else PROVED if holds else REFUTED,
            "" if reason else "enumeration",
            witness=witness,
            counterexample=counterexample,
            problem="" if reason else problem,
            reason=reason,
            bound=bound,
        )
    return results


def _check_defined(bound: Bound, claim: Claim, node: Node, seen: Enumeration) -> None:
    """Refuses a claim that looks outside an array where it is decided."""
    finding = seen.space.violations.get(claim.slug)
    if finding is None:
        return
    try:
        evaluate(bound, node, finding.configuration, {})
    except Undefined as error:
        raise SpecError(str(error), where=f"claim {claim.slug}", text=claim.holds) from None


def earliest_day(bound: Bound, node: Node) -> tuple[int | None, Trace | None]:
    """The first day (1-based, the start being day 1) on which a condition can be met.

    Among the runs that need the fewest days, one with the fewest events.
    """
    (test,) = Compiled(bound).predicates([node])
    runs = Runs(bound)
    start: Timed = (bound.initial(), (-1,) * len(runs.landmarks))
    parents: dict[Timed, tuple[Timed, str, tuple[int, ...]] | None] = {start: None}
    today, day = [start], 1
    while today:
        tomorrow: dict[Timed, Timed] = {}
        todo = today
        while todo:
            for place in todo:
                if test(place[0]):
                    return day, runs.back(parents, place)
            later: list[Timed] = []
            for place in todo:
                for event, arguments, target in runs.after(place):
                    if event == ELAPSE:
                        tomorrow.setdefault(target, place)
                    elif target not in parents:
                        parents[target] = (place, event, arguments)
                        later.append(target)
            todo = later
        today = [t for t in tomorrow if t not in parents]
        parents |= {t: (tomorrow[t], ELAPSE, (1,)) for t in today}
        day += 1
    return None, None


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
