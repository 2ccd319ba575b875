"""The ibrutinib protocol: sizes, theorems, readings, and an independent re-telling."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any

import pytest
import retelling_ibrutinib as retelling
from register import machines_naming
from small import result
from telling import Configuration, Move, Side
from trialspec.spec.designs.three_plus_three import PASSED, three_plus_three
from trialspec.spec.model import SILENT, Claim, Unspecified
from trialspec.spec.protocols.ibrutinib_mm import PROTOCOL
from trialspec.spec.readings import profile
from trialspec.spec.resolve import Resolver
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound, as_int
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.proof.readings import Readings, length
from trialspec.statemachines.proof.verdict import MachineReport
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.step import (
    Accepted,
    Refused,
    Undecided,
    elapse,
    observe,
    step,
)

Parents = dict[Configuration, tuple[Configuration, Move] | None]
Fire = Callable[..., Any]


# ---- a plain breadth-first search


def moves(bound: Bound) -> list[Move]:
    """Every event with every argument value."""
    found: list[Move] = []
    for event in bound.events:
        ranges = [range(as_int(p.low), as_int(p.high) + 1) for p in event.parameters]
        found += [(event.name, values) for values in product(*ranges)]
    return found


def successors(
    bound: Bound, compiled: Compiled, configuration: Configuration, possible: list[Move]
) -> list[tuple[Move, Configuration]]:
    found: list[tuple[Move, Configuration]] = []
    if configuration[0] in bound.final:
        return found
    for move in possible:
        after = compiled.fire[move[0]](configuration, *move[1])
        if isinstance(after, tuple):
            found.append((move, after))
    if bound.clocks:
        found.append((("elapse", (1,)), elapse(bound, configuration, 1)))
    return found


def explore(bound: Bound, only: tuple[str, ...] = ()) -> Parents:
    """Every reachable configuration, nearest first, with the step that led to it."""
    compiled, possible = Compiled(bound), moves(bound)
    if only:
        possible = [m for m in possible if m[0] in only]
    parents: Parents = {bound.initial(): None}
    queue = [bound.initial()]
    for configuration in queue:
        for move, after in successors(bound, compiled, configuration, possible):
            if after not in parents:
                parents[after] = (configuration, move)
                queue.append(after)
    return parents


def history(parents: Parents, configuration: Configuration) -> list[Move]:
    found: list[Move] = []
    at = parents[configuration]
    while at is not None:
        found.append(at[1])
        at = parents[at[0]]
    return found[::-1]


def trial(levels: int = 3, /, **readings: str) -> Bound:
    ids = {name.replace("_", "-"): slug for name, slug in readings.items()}
    return bind(PROTOCOL, constants={"levels": levels}, readings=ids)


@cache
def reached(levels: int = 3, /, **readings: str) -> tuple[Bound, Parents]:
    bound = trial(levels, **readings)
    return bound, explore(bound)


def violations(bound: Bound, parents: Parents, text: str) -> list[Configuration]:
    holds = Compiled(bound).predicates([Resolver(bound.scope).condition(text, "test")])[0]
    return [c for c in parents if not holds(c)]


def evaluated(bound: Bound, configuration: Configuration) -> int:
    seen = observe(bound, configuration)["treated"]
    assert isinstance(seen, list)
    return sum(seen)


# ---- sizes


def outcomes(levels: int, **readings: str) -> tuple[int, int]:
    """Outcome configurations, and how many when an end is kept apart by what led to it.

    Who is under observation is no outcome.
    """
    bound = trial(levels, **readings)
    compiled = Compiled(bound)
    possible = [m for m in moves(bound) if m[0] in ("register", "evaluate", "evaluate_closed")]
    ends = {bound.states.index(s) for s in ("expansion", "no_mtd")}
    closed = bound.by_name["lowest_closed"].offset
    pending = bound.by_name["pending"]
    waiting = slice(pending.offset, pending.offset + pending.cells)
    start = (bound.initial(), "")
    seen, todo = {start}, [start]
    while todo:
        configuration, led = todo.pop()
        for _, after in successors(bound, compiled, configuration, possible):
            by = led
            if after[0] in ends and configuration[0] not in ends:
                by = f"{bound.states[configuration[0]]} {configuration[closed] > levels}"
            if (after, by) not in seen:
                seen.add((after, by))
                todo.append((after, by))
    told = {(c[: waiting.start] + c[waiting.stop :], led) for c, led in seen}
    return len({c for c, _ in told}), len(told)


def test_outcome_configurations() -> None:
    found = [outcomes(levels) for levels in range(1, 6)]
    assert [merged for merged, _ in found] == [20, 88, 294, 846, 2230]
    # kept apart: after the additional three, after the top was confirmed, after a reopened level
    assert [apart for _, apart in found] == [23, 97, 317, 897, 2337]


def test_outcome_paths() -> None:
    def paths(levels: int) -> int:
        bound = trial(levels)
        fire: Fire = Compiled(bound).fire["evaluate"]
        ends = {bound.states.index(s) for s in ("expansion", "no_mtd")}

        @cache
        def count(configuration: Configuration) -> int:
            if configuration[0] in ends:
                return 1
            return sum(count(fire(configuration, dlt)) for dlt in (0, 1))

        return count(bound.initial())

    assert [paths(levels) for levels in range(1, 6)] == [22, 190, 1114, 5566, 25642]


def test_subject_size() -> None:
    assert len(explore(bind(PROTOCOL, "subject"))) == 17347


@pytest.mark.parametrize(
    ("variant", "expected"),
    [("E", [7, 19, 43, 91]), ("K", [7, 34, 118, 346]), ("N", [10, 46, 154, 442])],
)
def test_three_plus_three_paths(variant: str, expected: list[int]) -> None:
    """Batch machine, and the one-at-a-time machine with each cohort's toxic patients first."""

    def batch(levels: int) -> int:
        bound = bind(three_plus_three(variant, batch=True), constants={"levels": levels})
        fire: Fire = Compiled(bound).fire["evaluate_cohort"]

        def count(c: Configuration) -> int:
            return 1 if c[0] in bound.final else sum(count(fire(c, y)) for y in range(4))

        return count(bound.initial())

    def singly(levels: int) -> int:
        bound = bind(three_plus_three(variant), constants={"levels": levels})
        fire: Fire = Compiled(bound).fire["evaluate"]

        def count(c: Configuration, place: int, last: int) -> int:
            if c[0] in bound.final:
                return 1
            allowed = (1, 0) if place == 0 or last else (0,)
            return sum(count(fire(c, d), (place + 1) % 3, d) for d in allowed)

        return count(bound.initial(), 0, 1)

    assert [batch(levels) for levels in range(1, 5)] == expected
    assert [singly(levels) for levels in range(1, 5)] == expected


@pytest.mark.parametrize(("variant", "most"), [("E", 7), ("K", 13), ("N", 13)])
def test_three_plus_three_facts(variant: str, most: int) -> None:
    bound = bind(three_plus_three(variant), constants={"levels": 4})
    parents = explore(bound)
    for invariant in bound.machine.invariants:
        assert violations(bound, parents, invariant.holds) == [], invariant.slug
    for lemma in bound.machine.lemmas:
        assert violations(bound, parents, lemma.holds) == [], lemma.name
    offset = bound.by_name["dlts"].offset
    assert max(sum(c[offset : offset + 4]) for c in parents) == most


# ---- what holds


@pytest.mark.parametrize(
    ("mode", "levels"),
    [*product(["staggered"], range(1, 5)), *product(["overlapping"], range(1, 4))],
)
def test_invariants_hold_and_are_tight(levels: int, mode: str) -> None:
    bound, parents = reached(levels, X_A04=mode)
    for invariant in bound.machine.invariants:
        assert violations(bound, parents, invariant.holds) == [], invariant.slug
    for lemma in bound.machine.lemmas:
        assert violations(bound, parents, lemma.holds) == [], lemma.name
    attained = {
        "treated-cap": "any(treated[k] == cap for k in levels)",
        "treated-minimum": "ended and treated[level] == closes_from",
        "escalation-total": "sum(treated[k] for k in levels) == cap * levels",
        "expansion-cap": "expanded == expansion_size",
        "trial-total": "sum(treated[k] for k in levels) + expanded == cap * levels"
        " + expansion_size",
        "mtd-support": "state == 'expansion' and dlts[level] == tolerated",
    }
    tight = {i.slug for i in bound.machine.invariants if i.tight}
    assert tight == set(attained)
    for slug, text in attained.items():
        assert len(violations(bound, parents, text)) < len(parents), slug


@cache
def verified(machine: str) -> MachineReport:
    return verify_machine(PROTOCOL, machine)


def judged(claim: Claim, machine: str) -> tuple[bool, Bound, list[Configuration], Parents]:
    bound = bind(PROTOCOL, machine, constants=claim.constants, readings=claim.readings)
    parents = explore(bound)
    bad = violations(bound, parents, claim.holds)
    return (len(bad) < len(parents) if claim.kind == "reachable" else not bad), bound, bad, parents


@pytest.mark.parametrize("claim", PROTOCOL.machine("trial").claims, ids=lambda c: c.slug)
def test_trial_claims(claim: Claim) -> None:
    """Verdicts, and how long the shortest runs are."""
    holds, _, bad, parents = judged(claim, "trial")
    assert holds == (claim.expected == "proved")
    found = result(verified("trial"), f"claim/{claim.slug}")
    shown = found.counterexample or found.witness
    met = bad if claim.kind == "always" else parents.keys() - set(bad)
    assert len(shown or ()) == min((len(history(parents, c)) for c in met), default=0)


@pytest.mark.parametrize("claim", PROTOCOL.machine("subject").claims, ids=lambda c: c.slug)
def test_subject_claims(claim: Claim) -> None:
    if claim.kind != "earliest-day":
        assert judged(claim, "subject")[0] == (claim.expected == "proved")
        return
    bound = bind(PROTOCOL, "subject")
    parents = explore(bound)
    bad = set(violations(bound, parents, claim.holds))
    days = [sum(m[0] == "elapse" for m in history(parents, c)) for c in parents if c not in bad]
    assert min(days) + 1 == claim.value  # days are numbered from 1


@pytest.mark.parametrize(
    ("slug", "patients"),
    [
        ("literal-never-reopens", 10),
        ("literal-never-reopens-after-three", 9),
        ("literal-never-reopens-at-two", 8),
        ("literal-has-room", 12),
    ],
)
def test_shortest_unsafe_reopening(slug: str, patients: int) -> None:
    claim = next(c for c in PROTOCOL.machine("trial").claims if c.slug == slug)
    _, bound, bad, _ = judged(claim, "trial")
    assert min(evaluated(bound, c) for c in bad) == patients


def test_reopened_configurations() -> None:
    """50 ways to reopen a closed level with three levels; 16 of them when it already holds six."""

    def reopened(**readings: str) -> tuple[int, int]:
        bound = trial(3, IBR_A07="literal", **readings)
        compiled = Compiled(bound)
        fire = compiled.fire["evaluate"]
        level, treated = (bound.by_name[n].offset for n in ("level", "treated"))
        closed = bound.by_name["lowest_closed"].offset
        seen, todo, found = {bound.initial()}, [bound.initial()], set()
        while todo:
            configuration = todo.pop()
            for dlt in (0, 1):
                after = fire(configuration, dlt)
                if not isinstance(after, tuple) or after in seen:
                    continue
                seen.add(after)
                if after[level] >= after[closed] and bound.states[after[0]] != "no_mtd":
                    found.add(after)
                else:
                    todo.append(after)
        return len(found), sum(c[treated + c[level] - 1] == 6 for c in found)

    assert reopened() == (50, 16)
    assert reopened(IBR_A08="after_all") == (50, 38)


def test_literal_text_gets_stuck() -> None:
    """No rule: two toxicities in three; a full level below; nothing below the lowest level."""
    readings = {**profile(PROTOCOL, "literal"), "IBR-A28": "window"}
    bound = bind(PROTOCOL, readings=readings)
    parents, compiled = explore(bound), Compiled(bound)
    found: dict[str, int] = {}
    for configuration in parents:
        state = bound.states[configuration[0]]
        seen = observe(bound, configuration)
        for dlt in (0, 1):
            if not compiled.possible["evaluate"](configuration, dlt):
                continue
            if compiled.fire["evaluate"](configuration, dlt) is None:
                kind = state if state == "first_three" else f"{state} at {seen['level']}"
                found[kind] = min(found.get(kind, 99), evaluated(bound, configuration) + 1)
    assert found["first_three"] == 3
    assert found["additional_three at 1"] == 4
    assert found["additional_three at 2"] == 10


def test_strict_answers_unspecified_where_the_literal_text_is_silent() -> None:
    literal = bind(PROTOCOL, readings=profile(PROTOCOL, "literal"))
    strict = bind(PROTOCOL, readings=profile(PROTOCOL, "strict"))
    one, two = Compiled(literal), Compiled(strict)
    parents, met = explore(strict), set()
    for configuration in parents:
        for event in strict.events:
            if not event.observation or configuration[0] in strict.final:
                continue
            for name, values in [m for m in moves(strict) if m[0] == event.name]:
                if not two.possible[name](configuration, *values):
                    continue
                first = one.fire[name](configuration, *values)
                second = two.fire[name](configuration, *values)
                assert second is not None, (name, values, observe(strict, configuration))
                if first is None:
                    assert isinstance(second, Unspecified)
                    met.add(second.ambiguity)
                else:
                    assert first == second
    assert met == {"IBR-A02", "IBR-A03", "IBR-A04", "IBR-A17", "IBR-A28"}


# ---- the machines are sound under every reading


def one_at_a_time(machine: str) -> list[dict[str, str]]:
    """The default, and each reading switched on its own."""
    found: list[dict[str, str]] = [{}]
    for ambiguity in PROTOCOL.ambiguities:
        if machine in machines_naming(PROTOCOL, ambiguity.id):
            found += [{ambiguity.id: c} for c in ambiguity.choices if c != ambiguity.default]
    return found


def check_rules(bound: Bound, *, total: bool) -> None:
    compiled, possible = Compiled(bound), moves(bound)
    rules: dict[tuple[int, str], list[int]] = {}
    for rule in bound.rules:
        rules.setdefault((rule.source, rule.event), []).append(rule.number)
    observations = {e.name for e in bound.events if e.observation}
    for configuration in explore(bound):
        if configuration[0] in bound.final:
            continue
        for name, values in possible:
            happens = name not in observations or compiled.possible[name](configuration, *values)
            if not happens:
                continue
            enabled = [
                n
                for n in rules.get((configuration[0], name), ())
                if compiled.rules[n][0](configuration, *values)
            ]
            assert len(enabled) <= 1, (name, values, observe(bound, configuration))
            if total and name in observations:
                assert enabled, (name, values, observe(bound, configuration))


@pytest.mark.parametrize("readings", one_at_a_time("trial"), ids=str)
def test_trial_is_deterministic_and_total(readings: dict[str, str]) -> None:
    largest = 2 if readings in ({"X-A04": "overlapping"}, {"X-A05": "report"}) else 3
    for levels in range(1, largest + 1):
        bound = bind(PROTOCOL, constants={"levels": levels}, readings=readings)
        check_rules(bound, total=SILENT not in readings.values())


def test_trial_is_deterministic_and_total_at_four_levels() -> None:
    check_rules(trial(4), total=True)


@pytest.mark.parametrize("name", ["literal", "strict"])
def test_profiles_are_deterministic(name: str) -> None:
    readings = profile(PROTOCOL, name)
    for mode in ("staggered", "overlapping"):
        bound = bind(PROTOCOL, constants={"levels": 2}, readings={**readings, "X-A04": mode})
        check_rules(bound, total=name == "strict")
    check_rules(bind(PROTOCOL, "subject", readings=readings), total=name == "strict")


@pytest.mark.parametrize("readings", one_at_a_time("subject"), ids=str)
def test_subject_is_deterministic_and_total(readings: dict[str, str]) -> None:
    bound = bind(PROTOCOL, "subject", constants={"levels": 2}, readings=readings)
    check_rules(bound, total=SILENT not in readings.values())


# ---- every reading changes an answer


def difference(one: Bound, two: Bound) -> list[Move] | None:
    """The shortest history after which two machines answer one event differently."""
    assert [f.name for f in one.fields] == [f.name for f in two.fields]
    first, second, possible = Compiled(one), Compiled(two), moves(one)
    parents: Parents = {one.initial(): None}
    queue = [one.initial()]
    for configuration in queue:
        if configuration[0] in one.final:
            continue
        for name, values in possible:
            answers = [c.fire[name](configuration, *values) for c in (first, second)]
            if answers[0] != answers[1]:
                return [*history(parents, configuration), (name, values)]
        for move, after in successors(one, first, configuration, possible):
            if after not in parents:
                parents[after] = (configuration, move)
                queue.append(after)
    return None


@pytest.mark.parametrize("id", [a.id for a in PROTOCOL.ambiguities if a.choices])
def test_the_shortest_run_that_tells_readings_apart(id: str) -> None:
    """As long as a plain search of the trial finds it."""
    for pair in Readings(PROTOCOL).pairs(PROTOCOL.ambiguity(id)):
        if pair.machine == "trial":
            assert pair.bounds is not None and pair.difference is not None
            found = difference(*pair.bounds)
            assert found is not None and len(found) == length(pair.difference)


# ---- the register


def test_clauses_and_ambiguities() -> None:
    assert [c.id for c in PROTOCOL.clauses] == [f"IBR-{n:02d}" for n in range(1, 20)]
    assert not any(c.reason for c in PROTOCOL.clauses)
    numbers = [a.id for a in PROTOCOL.ambiguities]
    assert [n for n in numbers if n.startswith("IBR")] == [f"IBR-A{n:02d}" for n in range(1, 33)]
    assert [n for n in numbers if n.startswith("X")] == [f"X-A{n:02d}" for n in range(1, 13)]
    notes = {a.id for a in PROTOCOL.ambiguities if a.kind == "note"}
    assert notes == {"IBR-A12", "IBR-A15", "IBR-A20", "IBR-A26", "X-A07", "X-A11"}


# ---- answers that people read


def answer(bound: Bound, events: list[Move], last: Move) -> Accepted | Refused | Undecided:
    configuration = bound.initial()
    for name, values in [*events, last]:
        names = [p.name for p in bound.event[name].parameters] if name != "elapse" else ["days"]
        result = step(bound, configuration, name, dict(zip(names, values, strict=True)))
        if isinstance(result, Accepted):
            configuration = result.configuration
    return result


N: Move = ("evaluate", (0,))
T: Move = ("evaluate", (1,))


@pytest.mark.parametrize(
    ("events", "last", "clause", "because"),
    [
        (
            [],
            ("register", (2,)),
            "IBR-05",
            "event.level == level is false (register.level = 2, level = 1)",
        ),
        (
            [N, ("register", (1,))],
            ("register", (1,)),
            "IBR-05",
            "X_A04 == 'overlapping' or pending[event.level] == 0 is false (pending[1] = 1)",
        ),
        (
            [],
            ("withdraw_registration", (1,)),
            "IBR-02",
            "pending[event.level] > 0 is false (pending[1] = 0)",
        ),
        (
            [T, N, N, N, N, N],
            ("register", (1,)),
            "IBR-03",
            "treated[event.level] + pending[event.level] < cap is false"
            " (treated[1] = 6, pending[1] = 0)",
        ),
        (
            [T, T],
            ("register", (1,)),
            "IBR-02",
            "the state no_mtd is final and accepts nothing",
        ),
        (
            [N, N, N] * 4,
            ("register_expansion", (2,)),
            "IBR-15",
            "event.level == level is false (register_expansion.level = 2, level = 3)",
        ),
        (
            [*[N, N, N] * 4, *[("register_expansion", (3,))] * 10],
            ("register_expansion", (3,)),
            "IBR-15",
            "expanded < expansion_size is false (expanded = 10)",
        ),
        (
            [*[N, N, N] * 4],
            ("close", ()),
            "IBR-15",
            "expanded == expansion_size is false (expanded = 0)",
        ),
        (
            [],
            ("register_expansion", (1,)),
            "IBR-15",
            "the state is first_three; register_expansion needs the state expansion",
        ),
    ],
)
def test_refusals_of_the_trial(events: list[Move], last: Move, clause: str, because: str) -> None:
    result = answer(trial(), events, last)
    assert isinstance(result, Refused)
    assert (result.clause, result.because) == (clause, because)


DAYS_27: Move = ("elapse", (27,))


@pytest.mark.parametrize(
    ("events", "last", "clause"),
    [
        ([], ("first_dose", ()), "IBR-02"),
        ([("register", (2,)), ("first_dose", ())], ("dose", (0, 3)), "IBR-04"),
        ([("register", (2,)), ("first_dose", ())], ("dose", (1, 1)), "IBR-13"),
        ([("register", (2,)), ("first_dose", ()), DAYS_27], ("start_cycle_2", ()), "IBR-12"),
        (
            [("register", (2,)), ("first_dose", ()), ("unacceptable_toxicity", ())],
            ("retreat", (2,)),
            "IBR-14",
        ),
        (
            [
                ("register", (2,)),
                ("first_dose", ()),
                ("unacceptable_toxicity", ()),
                ("progression", ()),
            ],
            ("retreat", (1,)),
            "IBR-14",
        ),
        ([("register", (2,)), ("first_dose", ())], ("visit", ()), "IBR-12"),
        ([("register", (2,)), ("first_dose", ())], ("other_therapy", ()), "IBR-18"),
    ],
)
def test_refusals_of_the_subject(events: list[Move], last: Move, clause: str) -> None:
    result = answer(bind(PROTOCOL, "subject"), events, last)
    assert isinstance(result, Refused)
    assert result.clause == clause


def test_dexamethasone_and_late_reports_are_unspecified() -> None:
    subject = bind(PROTOCOL, "subject")
    treated: list[Move] = [("register", (2,)), ("first_dose", ())]
    result = answer(subject, treated, ("dose", (2, 1)))
    assert isinstance(result, Undecided) and result.ambiguity == "IBR-A11"
    result = answer(trial(), [N], ("late_dlt", (1,)))
    assert isinstance(result, Undecided) and result.ambiguity == "X-A05"


# ---- against the re-telling


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_trial_agrees_with_the_retelling(levels: int) -> None:
    """Every event in every reachable configuration, after the shortest history that leads there."""
    side = Side(PROTOCOL, "trial", levels=levels)
    size = side.everywhere(retelling.Trial(levels), moves(side.bound))
    assert size == len(reached(levels)[1])


def test_subject_agrees_with_the_retelling() -> None:
    side = Side(PROTOCOL, "subject", levels=2)
    offered = [*moves(side.bound), ("elapse", (1,))]
    assert side.everywhere(retelling.Subject(), offered) == len(explore(side.bound))


@pytest.mark.parametrize("machine", ["trial", "subject"])
def test_random_histories_agree_with_the_retelling(machine: str) -> None:
    side = Side(PROTOCOL, machine)
    offered = moves(side.bound)
    if machine == "subject":
        offered += [("elapse", (days,)) for days in (1, 3, 24, 27, 28, 31)]
    for seed in range(200):
        chance = random.Random(seed)
        at = side.bound.initial()
        teller = retelling.Trial(3) if machine == "trial" else retelling.Subject()
        for _ in range(120):
            at = side.compare(at, teller, chance.choice(offered))


# ---- induction, by brute force where it is small


def test_invariants_and_lemmas_are_inductive_at_two_levels() -> None:
    """From every configuration that satisfies them, reachable or not, every step keeps them."""
    bound = trial(2)
    compiled = Compiled(bound)
    nodes = [n for _, n in bound.invariants] + [n for _, n in bound.lemmas]
    holds = compiled.predicates(nodes)
    ranges: dict[str, Sequence[int]] = {
        f.name: range(as_int(f.low), as_int(f.high) + 1) for f in bound.fields
    }
    ranges["expanded"] = (0, 9, 10)
    ranges["expansion_dlts"] = (0,)
    ranges["pending"] = (0, 1, 2)
    cells = [ranges[f.name] for f in bound.fields for _ in range(f.cells)]
    checked = 0
    for configuration in product(range(len(bound.states)), *cells):
        if configuration[0] in bound.final or not all(h(configuration) for h in holds):
            continue
        checked += 1
        for _, after in successors(bound, compiled, configuration, moves(bound)):
            assert all(h(after) for h in holds), (configuration, after)
    assert checked > 200
    assert "levels-below" in {i.slug for i in bound.machine.invariants} and PASSED


@pytest.mark.parametrize(
    ("mode", "levels"),
    [
        *(("staggered", k) for k in (1, 2, 3, 4)),
        pytest.param("staggered", 5, marks=pytest.mark.slow),
        *(("overlapping", k) for k in (1, 2, 3)),
    ],
)
def test_the_caps_are_proved_for_every_number_of_levels_and_attained_at_each(
    mode: str, levels: int
) -> None:
    report = verify_machine(PROTOCOL, constants={"levels": levels}, readings={"X-A04": mode})
    results = {r.obligation.id: r for r in report.results}
    for cap in ("IBR-03/treated-cap", "IBR-03/escalation-total", "IBR-11/mtd-support"):
        proof, attained = results[cap], results[f"{cap}/tight"]
        assert (proof.verdict, proof.engine, proof.for_all) == ("proved", "induction", "levels")
        assert proof.agreed_by == ("enumeration",)
        assert attained.verdict == "proved"
        assert attained.witness is not None
    witness = results["IBR-03/escalation-total/tight"].witness
    assert witness is not None
    evaluated = [s for s in witness if s.event in ("evaluate", "evaluate_closed")]
    # the sum that the proof speaks of is the number of patients evaluated in the run
    assert len(evaluated) == 6 * levels
