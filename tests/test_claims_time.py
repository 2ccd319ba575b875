"""Claims about days and about exchanges, against a search that knows nothing of graphs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from machines import protocols
from small import bound, protocol, result
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Node
from trialspec.spec.model import (
    Action,
    Category,
    Claim,
    Clock,
    Count,
    Flag,
    Landmark,
    Observation,
    OneOf,
    Protocol,
    Regimen,
    State,
    Transition,
    Whole,
)
from trialspec.spec.resolve import Resolver
from trialspec.statemachines import distinguish as distinguishing
from trialspec.statemachines import walk as walking
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Configuration, Undefined, evaluate
from trialspec.statemachines.proof import claims as judging
from trialspec.statemachines.proof.days import FOR_EVER, NEVER, earliest_day, latest_day
from trialspec.statemachines.proof.verdict import Result
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.step import elapse
from trialspec.statemachines.trace import Trace, show_trace
from trialspec.statemachines.walk import Walk

CI = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

# ---- by brute force


def holds(machine: Bound, node: Node, here: Configuration) -> bool:
    return bool(evaluate(machine, node, here, {}))


def day_by_day(machine: Bound, goal: Node, *, overdue: bool) -> tuple[set[int], bool]:
    """The days on which a condition is met for the first time, over all runs; and whether days can
    pass for ever without it. ``overdue`` lets stays become too long."""
    fire = Compiled(machine).fire
    moves = [(fire[e.name], a) for e in machine.events for a in argument_values(machine, e)]
    found: set[int] = set()
    today = {machine.initial()}
    seen: list[set[Configuration]] = []
    day = 1
    while today and today not in seen:
        seen.append(set(today))
        todo, tomorrow = list(today), set()
        while todo:
            here = todo.pop()
            if holds(machine, goal, here):
                found.add(day)
                continue
            if here[0] not in machine.final:
                later = elapse(machine, here, 1)
                within = machine.within.get(later[0])
                if overdue or within is None or holds(machine, within, later):
                    tomorrow.add(later)
            for move, arguments in moves:
                try:
                    target = move(here, *arguments)
                except Undefined:
                    continue
                if isinstance(target, tuple) and target not in today:
                    today.add(target)
                    todo.append(target)
        today = tomorrow
        day += 1
    return found, bool(today)


def checked(machine: Bound, trace: Trace) -> list[Configuration]:
    """The configurations of a run, every day by itself; each step is one of the machine."""
    fire = Compiled(machine).fire
    path = [machine.initial()]
    for step in trace:
        if step.event == "elapse":
            for _ in range(step.arguments[0][1]):
                path.append(elapse(machine, path[-1], 1))
        else:
            after = fire[step.event](path[-1], *(v for _, v in step.arguments))
            assert isinstance(after, tuple)
            path.append(after)
        assert path[-1] == step.configuration
    return path


def days_of(trace: Trace) -> int:
    return sum(s.arguments[0][1] for s in trace if s.event == "elapse")


def timed(made: Protocol) -> Protocol:
    """The protocol with a limit on the stay in its first state, where it has a clock."""
    machine = made.machine("trial")
    states = (replace(machine.states[0], within="days <= 1"), *machine.states[1:])
    return replace(made, machines=(replace(machine, states=states),))


@settings(CI, max_examples=120)
@given(protocols())
def test_days_on_random_machines(made: Protocol) -> None:
    machine = made.machine("trial")
    assume(not machine.landmarks and machine.invariants)
    if any(v.name == "days" for v in machine.variables):
        made = timed(made)
        event("with a clock")
    bound_ = bind(made)
    walk = Walk(bound_, limit=3_000)
    assume(walk.complete)
    for _, node in bound_.invariants:
        try:
            reached = {n for n, (c, _) in enumerate(walk.nodes) if holds(bound_, node, c)}
        except Undefined:
            continue
        event(f"met: {bool(reached)}")
        (test,) = Compiled(bound_).predicates([node])
        first = earliest_day(walk, test)
        found, _ = day_by_day(bound_, node, overdue=True)
        assert first.day == min(found, default=None)
        if first.run is None:
            assert first.problem == NEVER
        else:
            trace = walk.trace(first.run)
            *before, last = checked(bound_, trace)
            assert holds(bound_, node, last) and not any(holds(bound_, node, c) for c in before)
            assert days_of(trace) + 1 == first.day
        latest(bound_, node, walk)


def latest(machine: Bound, node: Node, walk: Walk) -> None:
    """Compares the latest day with brute force."""
    (test,) = Compiled(machine).predicates([node])
    last = latest_day(walk, test)
    found, waits = day_by_day(machine, node, overdue=False)
    event(f"waits: {waits}, found: {bool(found)}")
    if waits:
        assert (last.day, last.problem) == (None, FOR_EVER)
        assert last.run is not None
        path = checked(machine, walk.trace(last.run))
        again = path.index(path[-1])
        # from where it ends the same days can pass again
        assert again < len(path) - 1
        assert not any(holds(machine, node, c) for c in path)
        assert last.run[-1][0] == walk.elapse or any(s == walk.elapse for s, _ in last.run)
        return
    assert last.day == max(found, default=None)
    if last.run is not None:
        *before, end = checked(machine, walk.trace(last.run))
        assert holds(machine, node, end) and not any(holds(machine, node, c) for c in before)
        assert days_of(walk.trace(last.run)) + 1 == last.day


# ---- by hand


RAISE, START = Action("raise"), Action("start")
TITRATION: dict[str, Any] = {
    "variables": (Clock("c", 10), Count("dose", 1, 3, initial=1)),
    "states": (
        State("open", initial=True, within="c <= 9"),
        State("going"),
        State("done", final=True),
    ),
    "events": (RAISE, START, Observation("death")),
    "transitions": (
        Transition("C", "open", "raise", when="dose < 3 and c >= 7", then="dose += 1; c = 0"),
        Transition("C", "open", "start", "going", "dose == 3 and c >= 7"),
        Transition("C", "open", "death", "done"),
        Transition("C", "going", "death", "done"),
    ),
}


def judged(parts: dict[str, Any], *claims: Claim) -> list[Result]:
    report = verify_machine(protocol(**parts, claims=claims), engine="enumeration")
    return [result(report, f"claim/{c.slug}") for c in claims]


def calls(machine: Bound, trace: Trace | None) -> list[str]:
    assert trace is not None
    return [
        f"{s['event']}({', '.join(f'{k}={v}' for k, v in s['arguments'].items())})"  # type: ignore[attr-defined]
        for s in show_trace(machine, trace)
    ]


def day(slug: str, kind: str, holds: str, value: int, expected: str = "proved") -> Claim:
    return Claim(slug, "C", "", kind, holds, expected, value=value)


def test_a_day_that_stays_may_not_pass() -> None:
    first, last, wrong = judged(
        TITRATION,
        day("first", "earliest-day", "state == 'going'", 22),
        day("last", "latest-day", "state == 'going'", 28),
        day("wrong", "latest-day", "state == 'going'", 30, "refuted"),
    )
    machine = bound(**TITRATION)
    assert (first.verdict, last.verdict, wrong.verdict) == ("proved", "proved", "refuted")
    week = ["elapse(days=7)", "raise()"]
    assert calls(machine, first.witness) == [*week * 2, "elapse(days=7)", "start()"]
    most = ["elapse(days=9)", "raise()"]
    assert calls(machine, last.witness) == [*most * 2, "elapse(days=9)", "start()"]
    assert wrong.problem == "the latest day is 28"
    assert calls(machine, wrong.counterexample) == calls(machine, last.witness)


def test_a_run_that_ends_without_it_has_no_day() -> None:
    (never,) = judged(TITRATION, day("never", "latest-day", "dose == 3 and c == 1", 3, "refuted"))
    # death comes first, or a stay is too long; or a day is met
    assert never.verdict == "refuted" and never.problem == "the latest day is 20"
    (never,) = judged(TITRATION, day("never", "latest-day", "state == 'done' and dose == 2", 3))
    assert (never.verdict, never.problem) == ("refuted", FOR_EVER)
    short = {**TITRATION, "transitions": TITRATION["transitions"][::2]}
    (never,) = judged(short, day("never", "latest-day", "state == 'going'", 3, "refuted"))
    assert (never.verdict, never.counterexample, never.problem) == ("refuted", None, NEVER)


def test_what_may_wait_for_ever_is_later_than_any_day() -> None:
    (waits,) = judged(TITRATION, day("waits", "latest-day", "state == 'done'", 40, "refuted"))
    assert (waits.verdict, waits.problem) == ("refuted", FOR_EVER)
    run = calls(bound(**TITRATION), waits.counterexample)
    assert run[-2:] == ["start()", "elapse(days=4)"]  # until no clock moves any more
    visits = {
        **TITRATION,
        "events": (*TITRATION["events"], Action("visit")),
        "transitions": (*TITRATION["transitions"], Transition("C", "open", "visit", then="c = 0")),
    }
    (cycle,) = judged(visits, day("cycle", "latest-day", "state != 'open'", 40, "refuted"))
    assert (cycle.verdict, cycle.problem) == ("refuted", FOR_EVER)
    assert calls(bound(**visits), cycle.counterexample) == ["elapse(days=1)", "visit()"]


def test_a_condition_that_is_met_at_once() -> None:
    now, late = judged(
        TITRATION,
        day("now", "latest-day", "dose == 1", 1),
        day("late", "earliest-day", "dose == 1", 1),
    )
    assert (now.verdict, now.witness) == ("proved", ())
    assert (late.verdict, late.witness) == ("proved", ())


def test_landmarks_keep_their_days() -> None:
    parts = {
        "variables": (Clock("c", 2),),
        "states": (State("open", initial=True), State("done", final=True)),
        "events": (RAISE,),
        "landmarks": (Landmark("week", after="raise", days=7),),
        "transitions": (
            Transition("C", "open", "raise", when="week == 'waiting'"),
            Transition("C", "open", "week", "done", "week == 'running'"),
        ),
    }
    first, last = judged(
        parts,
        day("first", "earliest-day", "state == 'done'", 8),
        day("last", "latest-day", "state == 'done'", 8, "refuted"),
    )
    assert (first.verdict, last.verdict) == ("proved", "refuted")
    assert last.problem == FOR_EVER  # the first event may never come


def test_too_large_for_days(monkeypatch: pytest.MonkeyPatch) -> None:
    small = lambda bound: Walk(bound, limit=3)  # noqa: E731
    monkeypatch.setattr(judging, "Walk", small)
    found = judged(
        TITRATION,
        day("first", "earliest-day", "state == 'going'", 22),
        Claim("same", "C", "", "equivalent", "c == 8 and dose == 1", exchange={"dose": "1"}),
    )
    assert {f.verdict for f in found} == {"unknown"}
    assert {f.reason for f in found} == {"too many configurations to enumerate"}


def test_too_many_events_for_days(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = day("first", "earliest-day", "state == 'going'", 22)
    (before,) = judged(TITRATION, claim)
    monkeypatch.setattr(walking, "MAX_EDGES", 3)
    (found,) = judged(TITRATION, claim)
    assert before.verdict != "unknown"
    assert (found.verdict, found.reason) == ("unknown", "too many configurations to enumerate")


def test_a_search_for_a_day_that_gives_up() -> None:
    machine = bound(**TITRATION)
    walk = Walk(machine)
    never = Resolver(machine.scope).condition("dose == 3 and c == 2 and state == 'done'", "x")
    (test,) = Compiled(machine).predicates([never])
    assert earliest_day(walk, test, limit=2).problem == "too many configurations to enumerate"


# ---- exchanges

ARMS: dict[str, Any] = {
    "variables": (
        Category("response", ("none", "PR", "SD"), "none"),
        Count("cycle", 0, 3),
        Flag("sure"),
        Count("each", 0, 1, per="arms"),
    ),
    "constants": {"arms": 2},
    "states": (State("open", initial=True), State("later"), State("done", final=True)),
    "events": (
        Observation("assess", response=OneOf(("none", "PR", "SD"))),
        Action("cycle_on", days=Whole(0, 2)),
        Action("check"),
    ),
    "transitions": (
        Transition("C", "open", "assess", "later", then="response = event.response"),
        Transition("C", "later", "assess"),
        Transition("C", "later", "cycle_on", when="cycle < 3", then="cycle += 1"),
        Transition("C", "later", "cycle_on", "done", "cycle == 3"),
    ),
}


def same(holds: str = "response == 'PR'", **exchange: str) -> Claim:
    return Claim("same", "C", "", "equivalent", holds, exchange=exchange or {"response": "'SD'"})


def test_what_nothing_reads_can_be_exchanged() -> None:
    (found,) = judged(ARMS, same())
    assert (found.verdict, found.witness, found.problem) == ("proved", None, "")
    (found,) = judged(ARMS, same("state == 'later'", response="'SD'", sure="not sure"))
    assert found.verdict == "proved"


def test_a_rule_that_tells_them_apart() -> None:
    rule = Transition("C", "later", "check", "done", "cycle == 2 and response == 'PR'")
    parts = {**ARMS, "transitions": (*ARMS["transitions"], rule)}
    (found,) = judged(parts, same())
    assert found.verdict == "refuted"
    assert calls(bound(**parts), found.counterexample) == [
        "assess(response=PR)",
        "cycle_on(days=0)",
        "cycle_on(days=0)",
    ]
    assert found.problem == "here check() is accepted; with response = 'SD' put in, refused"
    # other values put in, other answers
    (found,) = judged(parts, same("response == 'SD'", response="'none'"))
    assert found.verdict == "proved"


def test_what_is_seen_later_counts() -> None:
    rule = Transition("C", "later", "check", then="sure = response == 'PR'", when="cycle == 1")
    parts = {**ARMS, "transitions": (*ARMS["transitions"], rule)}
    (found,) = judged(parts, same())
    assert found.problem == (
        "here check() is accepted, and then sure is True;"
        " with response = 'SD' put in, accepted, and then sure is False"
    )
    (found,) = judged(parts, same(response="'SD'", sure="False"))
    assert found.verdict == "proved"


def test_a_claim_about_nothing_is_not_proved() -> None:
    (found,) = judged(ARMS, same("response == 'PR' and state == 'open'"))
    assert (found.verdict, found.problem) == ("refuted", "no reachable configuration meets it")
    (found,) = judged(ARMS, same("response == 'SD'"))
    assert found.verdict == "refuted"
    assert found.problem == (
        "nothing to compare: the exchange changes nothing where response == 'SD'"
    )


def test_stays_and_schedules_that_read_what_is_exchanged() -> None:
    states = (
        State("open", initial=True),
        State("later", within="cycle < 3 or response == 'PR'"),
        State("done", final=True),
    )
    (found,) = judged({**ARMS, "states": states}, same())
    assert found.verdict == "refuted"
    assert "accepted, and then in time, due: nothing;" in found.problem
    assert found.problem.endswith("accepted, and then overdue, due: nothing")
    drug = Regimen("C", "rituximab", "375", "mg", ("later",), when="response == 'PR'")
    (found,) = judged({**ARMS, "regimens": (drug,)}, same())
    assert found.problem == (
        "here in time, due: rituximab 375; with response = 'SD' put in, in time, due: nothing"
    )
    assert calls(bound(**ARMS), found.counterexample) == ["assess(response=PR)"]


def test_states_can_be_exchanged() -> None:
    twins = {
        **ARMS,
        "states": (*ARMS["states"], State("twin")),
        "transitions": (
            *ARMS["transitions"],
            Transition("C", "twin", "assess"),
            Transition("C", "twin", "cycle_on", when="cycle < 3", then="cycle += 1"),
            Transition("C", "twin", "cycle_on", "done", "cycle == 3"),
        ),
    }
    (found,) = judged(twins, same("state == 'later'", state="'twin'"))
    assert found.verdict == "proved"
    (found,) = judged(ARMS, same("state == 'later'", state="'open'"))
    assert found.verdict == "refuted"
    assert "here assess(response=PR) is accepted, and then response is none" in found.problem


def test_days_count_as_events() -> None:
    parts = {
        **TITRATION,
        "variables": (*TITRATION["variables"], Clock("d", 5)),
    }
    (found,) = judged(parts, same("d == 3", d="0"))
    assert found.verdict == "proved"
    (found,) = judged(parts, same("c == 3 and dose == 1", c="5"))
    assert found.verdict == "refuted"
    assert found.problem == "here raise() is refused; with c = 5 put in, accepted"


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (same(other="1"), "claim same: exchange: 'other' is no variable with one value"),
        (same(each="1"), "claim same: exchange: 'each' is no variable with one value"),
        (same("state == 'later'", cycle="cycle + 3"), "a value is put in that is out of range"),
        (same("state == 'later'", cycle="each[cycle]"), "each[0] is outside 1..2"),
        (
            Claim("x", "C", "", "equivalent", "True"),
            "claims of kind equivalent, and no others, need an exchange",
        ),
        (
            Claim("x", "C", "", "always", "True", exchange={"cycle": "1"}),
            "claims of kind equivalent, and no others, need an exchange",
        ),
        (Claim("x", "C", "", "latest-day", "True"), "a claim of kind latest-day needs a value"),
    ],
)
def test_exchanges_that_make_no_sense(claim: Claim, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        judged(ARMS, claim)
    assert message in str(caught.value)


def test_too_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    original = distinguishing.distinguish_exchanged

    def limited(walk: Walk, holds: Any, exchange: Any, ignore: Any) -> Any:
        return original(walk, holds, exchange, ignore, limit=1)

    monkeypatch.setattr(judging, "distinguish_exchanged", limited)
    (found,) = judged(ARMS, same("state == 'later'", response="'none'"))
    assert (found.verdict, found.reason) == ("unknown", "too many configurations to enumerate")


def test_claims_under_the_same_hypotheses_are_enumerated_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Bound] = []
    original = Walk

    def counted(machine: Bound) -> Walk:
        made.append(machine)
        return original(machine)

    monkeypatch.setattr(judging, "Walk", counted)
    claims = [
        replace(day(f"d{n}", "earliest-day", "state == 'going'", 22), constants=constants)
        for n, constants in enumerate(({}, {"late": 1}, {"late": 2}))
    ]
    judged({**TITRATION, "constants": {"late": 1}}, *claims)
    assert len(made) == 2


def test_no_graph_of_a_machine_that_is_too_large() -> None:
    machine = bound(**TITRATION)
    cut = Walk(machine, limit=5)
    assert not cut.complete
    assert len(cut.after) == len(cut.nodes) == len(cut.depths)
    whole = Walk(machine)
    assert whole.complete and len(whole.nodes) > 5
