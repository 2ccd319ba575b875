"""Shortest runs, what they rest on, and how runs end."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from small import bound, escalation, protocol, result
from trialspec.spec.designs.three_plus_three import three_plus_three
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Bool,
    Claim,
    Clock,
    Count,
    Flag,
    Invariant,
    Landmark,
    Machine,
    Observation,
    OneOf,
    Protocol,
    Quantity,
    State,
    Transition,
    Whole,
)
from trialspec.spec.resolve import Resolver
from trialspec.statemachines import reach as reach_module
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.explore import explore
from trialspec.statemachines.proof.claims import count_paths
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.reach import Ending, ending
from trialspec.statemachines.trace import Runs, Trace, show_trace
from trialspec.statemachines.walk import Walk

GO, NEXT, END = Action("go"), Action("next"), Action("end")


def rule(
    event: str = "go",
    when: str = "True",
    then: str = "",
    target: str | None = None,
    source: str = "open",
    clause: str = "C",
) -> Transition:
    return Transition(clause, source, event, target, when, then)


def goal(machine: Bound, text: str) -> Callable[[Configuration], Any]:
    node = Resolver(machine.scope).condition(text, "goal")
    (test,) = Compiled(machine).predicates([node])
    return test


def shortest(machine: Bound, text: str) -> Trace | None:
    return Runs(machine).find({"goal": goal(machine, text)}).get("goal")


def calls(trace: Trace | None) -> list[str] | None:
    """A run in one word a step: ``go(x=1)``."""
    if trace is None:
        return None
    return [
        f"{s.event}({', '.join(f'{k}={v}' for k, v in s.arguments)})" if s.arguments else s.event
        for s in trace
    ]


# ---- shortest, and first in order of declaration


def test_the_first_of_several_shortest_runs_is_the_one_declared_first() -> None:
    events = (Action("a", x=Bool), Action("b"), Action("c"))
    variables = (Count("n", 0, 9),)
    to_two = tuple(rule(e, then="n += 1", when="n < 9") for e in ("c", "b", "a"))
    machine = bound(events=events, variables=variables, transitions=to_two)
    assert calls(shortest(machine, "n == 2")) == ["a(x=0)", "a(x=0)"]
    turned = bound(events=events[::-1], variables=variables, transitions=to_two)
    assert calls(shortest(turned, "n == 2")) == ["c", "c"]


def test_a_shorter_run_by_a_later_event_wins() -> None:
    table = (rule("go", "n < 9", "n += 1"), rule("next", "n == 1", "n = 7"))
    machine = bound(events=(GO, NEXT), variables=(Count("n", 0, 9),), transitions=table)
    assert calls(shortest(machine, "n >= 7")) == ["go", "next"]
    assert calls(shortest(machine, "n == 0")) == []
    assert shortest(machine, "n == 9 and n == 8") is None


def test_several_goals_in_one_search() -> None:
    table = (rule("go", "n < 5", "n += 1"),)
    machine = bound(events=(GO,), variables=(Count("n", 0, 9),), transitions=table)
    goals = {str(k): goal(machine, f"n == {k}") for k in (3, 1, 8)}
    found = Runs(machine).find(goals)
    assert {k: len(v) for k, v in found.items()} == {"1": 1, "3": 3}
    assert Runs(machine).find(goals, limit=3).keys() == {"1"}


def test_the_witness_of_the_cap_of_the_reference_model() -> None:
    report = verify_machine(escalation(), constants={"D": 3}, engine="enumeration")
    found = result(report, "ESC-10/treated-cap/tight").witness
    three = ["enroll"] * 3
    none, one = ["evaluate(dlt=0)"], ["evaluate(dlt=1)"]
    assert calls(found) == [*three, *none * 2, *one, *three, *none * 3]
    assert found is not None
    assert [s.clause for s in found] == [
        "ESC-01",
        "ESC-01",
        "ESC-01",
        "ESC-02",
        "ESC-02",
        "ESC-04",
        "ESC-01",
        "ESC-01",
        "ESC-01",
        "ESC-02",
        "ESC-02",
        "ESC-05",
    ]
    assert show_trace(report.bound, found)[-1] == {
        "event": "evaluate",
        "arguments": {"dlt": False},
        "state": "escalating",
        "values": {"cur": 2, "tox": 4, "pend": 0, "n": [6, 0, 0], "d": [1, 0, 0]},
        "clause": "ESC-05",
    }


def test_values_and_arguments_are_shown_as_people_write_them() -> None:
    machine = bound(
        variables=(Quantity("dose", "0", "5", "2.5", "mg"), Flag("f")),
        events=(Action("go", how=OneOf(("iv", "oral")), n=Whole(1, 2)),),
        transitions=(rule(when="how == 'oral' and n == 2", then="dose += 2.5; f = True"),),
    )
    found = shortest(machine, "f")
    assert found is not None
    assert show_trace(machine, found) == [
        {
            "event": "go",
            "arguments": {"how": "oral", "n": 2},
            "state": "open",
            "values": {"dose": "2.5", "f": True},
            "clause": "C",
        }
    ]


# ---- days


def test_days_on_end_are_one_elapse() -> None:
    machine = bound(
        variables=(Clock("c", 30), Flag("f"), Flag("g")),
        events=(GO, NEXT),
        transitions=(
            rule(when="c >= 27", then="c = 0; f = True"),
            rule("next", "f and c >= 2", "g = True"),
        ),
    )
    found = shortest(machine, "g")
    assert calls(found) == ["elapse(days=27)", "go", "elapse(days=2)", "next"]
    assert found is not None
    assert show_trace(machine, found)[0] == {
        "event": "elapse",
        "arguments": {"days": 27},
        "state": "open",
        "values": {"c": 27, "f": False, "g": False},
        "clause": "",
    }


FOLLOWED = (State("open", initial=True), State("run"), State("done", final=True))


def followed(days: int = 0, months: int = 0, when: str = "True", **more: Any) -> dict[str, Any]:
    """A machine that starts a landmark with go and ends after it, on a condition."""
    return {
        "states": FOLLOWED,
        "variables": (Clock("c", 800),),
        "events": (GO, END),
        "landmarks": (Landmark("late", "go", days=days, months=months),),
        "transitions": (
            rule(then="c = 0", target="run"),
            rule("end", f"late == 'passed' and {when}", target="done", source="run"),
        ),
        **more,
    }


@pytest.mark.parametrize(
    ("days", "months", "first", "last"),
    [
        (10, 0, 10, 10),
        (0, 1, 28, 31),
        (3, 1, 31, 34),
        (0, 12, 365, 366),
        (0, 24, 730, 731),
        (0, 13, 365 + 28, 366 + 31),
    ],
)
def test_a_landmark_comes_in_its_window_alone(
    days: int, months: int, first: int, last: int
) -> None:
    machine = bound(**followed(days, months, f"c == {first}"))
    assert calls(shortest(machine, "state == 'done'")) == [
        "go",
        f"elapse(days={first})",
        "late",
        "end",
    ]
    for day in (first - 1, last + 1):
        # on the day before it has not come; on the day after it has long come
        machine = bound(**followed(days, months, f"c == {day}"))
        found = shortest(machine, f"state == 'run' and late == 'running' and c == {day}")
        assert (found is None) is (day > last)
    machine = bound(**followed(days, months, f"c == {first - 1}"))
    assert shortest(machine, "state == 'done'") is None


def undated(machine: Bound, text: str) -> Trace:
    """The shortest run to a condition when landmarks may come on any day."""
    walk = Walk(machine, dated=False)
    (test,) = Compiled(machine).predicates([Resolver(machine.scope).condition(text, "test")])
    node = next(n for n, (configuration, _) in enumerate(walk.nodes) if test(configuration))
    return walk.trace(walk.path(node))


def test_a_run_gets_the_days_of_waiting_that_its_landmark_needs() -> None:
    machine = bound(**followed(10))
    early, runs = undated(machine, "state == 'done'"), Runs(machine)
    assert calls(early) == ["go", "late", "end"]
    waited = runs.dated(early)
    assert waited is not None and runs.dated(waited) == waited
    assert calls(waited) == ["go", "elapse(days=10)", "late", "end"]
    assert runs.dated(()) == ()
    # there is no such run where waiting forbids what follows, and where the landmark is overdue
    machine = bound(**followed(10, 0, "c < 5"))
    assert Runs(machine).dated(undated(machine, "state == 'done'")) is None
    late = undated(machine, "state == 'run' and c == 11")
    assert calls(late) == ["go", "elapse(days=11)"] and Runs(machine).dated(late) is None
    later = bound(**followed(30, 0, "True"))
    assert Runs(later).dated(late) == late


def test_what_is_unanswered_after_a_landmark_is_shown_on_its_day() -> None:
    small = protocol(
        **followed(10, 0, events=(GO, END, Observation("seen", possible="late == 'passed'")))
    )
    found = result(verify_machine(small), "totality/run/seen")
    assert found.verdict == "refuted" and found.counterexample is not None
    assert calls(found.counterexample) == ["go", "elapse(days=10)", "late", "seen"]


def test_what_only_contradictory_days_reach_is_never_claimed() -> None:
    # the space allows the landmark on any day: there is no run for what it finds then
    small = protocol(
        **followed(10, 0, "c < 5"),
        invariants=(
            Invariant("I-1", "never-done", "not done", "state != 'done'"),
            Invariant("I-2", "attained", "done", "c >= 0", tight="state == 'done'"),
        ),
        claims=(
            Claim("always", "I-1", "", "always", "state != 'done'"),
            Claim("reachable", "I-1", "", "reachable", "state == 'done'"),
            Claim("day", "I-1", "", "earliest-day", "state == 'done'", value=11),
        ),
    )
    for engine in ("all", "enumeration"):
        report = verify_machine(small, engine=engine)
        for id in ("I-1/never-done", "I-2/attained/tight", "claim/always", "claim/reachable"):
            found = result(report, id)
            assert (found.verdict, found.engine) == ("unknown", ""), id
            assert (found.witness, found.counterexample) == (None, None)
            assert found.reason == "no run to it was found whose days agree with the landmarks"
        day = result(report, "claim/day")
        assert (day.verdict, day.problem) == ("refuted", "it is never reached")
        assert result(report, "I-2/attained").verdict == "proved"


def test_what_consistent_days_reach_is_claimed_with_its_run() -> None:
    small = protocol(
        **followed(10, 0, "c < 13"),
        invariants=(Invariant("I-1", "never-done", "not done", "state != 'done'"),),
        claims=(
            Claim("reachable", "I-1", "", "reachable", "state == 'done'"),
            Claim("day", "I-1", "", "earliest-day", "state == 'done'", value=11),
            Claim("wrong-day", "I-1", "", "earliest-day", "state == 'done'", "refuted", value=9),
            Claim("start", "I-1", "", "earliest-day", "state == 'open'", value=1),
        ),
    )
    report = verify_machine(small, engine="enumeration")
    run = ["go", "elapse(days=10)", "late", "end"]
    never = result(report, "I-1/never-done")
    assert (never.verdict, calls(never.counterexample)) == ("refuted", run)
    assert calls(result(report, "claim/reachable").witness) == run
    assert calls(result(report, "claim/day").witness) == run
    wrong = result(report, "claim/wrong-day")
    assert (wrong.verdict, wrong.problem, calls(wrong.counterexample)) == (
        "refuted",
        "the earliest day is 11",
        run,
    )
    assert wrong.as_expected
    assert calls(result(report, "claim/start").witness) == []


def test_the_earliest_day_may_need_more_events_than_the_shortest_run() -> None:
    day = Claim("day", "C", "", "earliest-day", "f", value=2)
    never = Claim("never", "C", "", "earliest-day", "f and n == 9", "refuted", value=2)
    parts: dict[str, Any] = {
        "variables": (Clock("c", 9), Count("n", 0, 5), Flag("f")),
        "events": (GO, NEXT, END),
        "transitions": (
            rule(when="n < 5", then="n += 1"),
            rule("next", "c >= 3", "f = True"),
            rule("end", "n == 5 and c >= 1", "f = True"),
        ),
    }
    assert calls(shortest(bound(**parts), "f")) == ["elapse(days=3)", "next"]
    report = verify_machine(protocol(**parts, claims=(day, never)), engine="enumeration")
    assert calls(result(report, "claim/day").witness) == [*["go"] * 5, "elapse(days=1)", "end"]
    found = result(report, "claim/never")
    assert (found.verdict, found.counterexample) == ("refuted", None)
    assert found.problem == "it is never reached"


def test_no_day_passes_over_a_landmark_that_is_due() -> None:
    machine = bound(**followed(3))
    found = shortest(machine, "state == 'run' and c == 5")
    assert calls(found) == ["go", "elapse(days=3)", "late", "elapse(days=2)"]


# ---- counted runs


@pytest.mark.parametrize(
    ("variant", "counts"),
    [
        ("E", [6 * 2**k - 5 for k in (1, 2, 3, 4)]),
        ("K", [7, 34, 118, 346]),
        ("N", [9 * (k - 1) * 2**k + 10 for k in (1, 2, 3, 4)]),
    ],
)
def test_complete_paths_of_the_three_designs(variant: str, counts: list[int]) -> None:
    whole = three_plus_three(variant, batch=True)
    for levels, expected in enumerate(counts, 1):
        machine = bind(whole, constants={"levels": levels})
        everything = Resolver(machine.scope).condition("True", "all")
        declared = Resolver(machine.scope).condition("state == 'mtd'", "mtd")
        none = Resolver(machine.scope).condition("state == 'no_mtd'", "no mtd")
        assert count_paths(machine, everything) == expected
        assert count_paths(machine, declared) + count_paths(machine, none) == expected


def test_count_claims() -> None:
    small = protocol(
        variables=(Count("n", 0, 2),),
        events=(Action("go", x=Bool), END),
        transitions=(
            rule(when="n < 2 and x", then="n += 1"),
            rule(when="n < 2 and not x", target="done"),
            rule("end", "n == 2", target="done"),
        ),
        claims=(
            Claim("three", "C", "", "count", "True", value=3),
            Claim("one", "C", "", "count", "n == 2", value=1),
            Claim("wrong", "C", "", "count", "n < 2", "refuted", value=7),
        ),
    )
    report = verify_machine(small, engine="enumeration")
    assert [(r.obligation.id, r.verdict, r.problem) for r in report.results[-3:]] == [
        ("claim/three", "proved", ""),
        ("claim/one", "proved", ""),
        ("claim/wrong", "refuted", "there are 2"),
    ]


def test_runs_without_an_end_can_not_be_counted() -> None:
    machine = bound(
        variables=(Flag("f"),),
        events=(GO, NEXT),
        transitions=(rule(when="not f", then="f = True"), rule("next", "f", "f = False")),
    )
    node = Resolver(machine.scope).condition("True", "all")
    with pytest.raises(
        SpecError, match=r"^runs can go on for ever: there is no number of them to count$"
    ):
        count_paths(machine, node)


def test_a_claim_of_a_kind_there_is_not() -> None:
    small = protocol(claims=(Claim("m", "C", "", "monotone", "True"),))
    with pytest.raises(SpecError) as caught:
        verify_machine(small)
    assert str(caught.value) == (
        "claim m: this version has no claims of kind 'monotone'\n"
        "  kinds: always, reachable, earliest-day, latest-day, equivalent, count"
    )


# ---- how runs end


def end_of(**parts: Any) -> Ending:
    return ending(explore(bound(**parts)))


COUNTING: Mapping[str, Any] = {"variables": (Count("n", 0, 5),), "events": (GO, NEXT, END)}


def test_the_greatest_number_of_steps() -> None:
    table = (
        rule(when="n < 5", then="n += 1"),
        rule("next", "n < 4", "n += 2"),
        rule("end", "n == 5", target="done"),
    )
    assert end_of(**COUNTING, transitions=table) == Ending(True, None, 6)


def test_runs_that_can_go_on_for_ever_have_no_bound() -> None:
    table = (
        rule(when="n < 5", then="n += 1"),
        rule("next", "n == 3", "n = 0"),
        rule("end", "n == 5", target="done"),
    )
    assert end_of(**COUNTING, transitions=table) == Ending(True, None, None)


def test_a_configuration_from_which_there_is_no_end() -> None:
    # 3 and 4 follow each other for ever; both still have events
    table = (
        rule(when="n < 4", then="n += 1"),
        rule("next", "n == 4", "n = 3"),
        rule("end", "n < 3", target="done"),
    )
    found = end_of(**COUNTING, transitions=table)
    assert (found.known, found.steps) == (True, None)
    assert found.stuck in ((0, 3), (0, 4))
    small = protocol(**COUNTING, transitions=table)
    verdict = result(verify_machine(small), "termination/final")
    assert (verdict.verdict, verdict.problem) == ("refuted", "no end from here")
    assert calls(verdict.counterexample) == ["go"] * 3


def test_a_layered_space_ends_at_its_depth() -> None:
    space = explore(bind(escalation(), constants={"D": 4}))
    assert space.ranked
    assert ending(space) == Ending(True, None, 48)
    # the same by the graph, where no rank is looked for
    machine = bind(escalation(), constants={"D": 3})
    assert ending(explore(machine)) == Ending(True, None, 36)


def test_a_dead_end_in_a_layered_space_is_stuck() -> None:
    table = (
        rule(when="n < 3000", then="n += 1"),
        rule("next", "n == 2500", "n += 1", target="held"),
        rule("end", "n == 2999", "n += 1", target="done"),
    )
    machine = bound(
        states=(State("open", initial=True), State("held"), State("done", final=True)),
        variables=(Count("n", 0, 3000),),
        events=(GO, NEXT, END),
        transitions=table,
    )
    space = explore(machine)
    assert space.ranked
    found = ending(space)
    assert found.stuck in ((1, 2501), (0, 3000))


def test_too_large_a_space_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach_module, "MAX_EDGES_KEPT", 3)
    table = (rule(when="n < 5", then="n += 1"), rule("end", "n == 5", target="done"))
    assert end_of(**COUNTING, transitions=table) == Ending(False, None, None)
    small = protocol(**COUNTING, transitions=table)
    verdict = result(verify_machine(small), "termination/final")
    assert (verdict.verdict, verdict.reason) == ("unknown", "no engine that was asked settles this")


# ---- the shortest counterexample of each kind, with the event that goes wrong at its end


SEE = Observation("see", possible="n > 1", x=Bool)


@pytest.mark.parametrize(
    ("table", "id", "run", "problem"),
    [
        (
            (rule("see", then="n += x", when="n < 5 or x"),),
            "range/n",
            ["go", "go", "go", "go", "go", "see(x=1)"],
            "C/open-see gives n the value 6",
        ),
        (
            (
                rule("see", "n < 3", "n += 1"),
                rule("see", "x", "n = 0"),
                rule("see", "n > 2 and not x"),
            ),
            "determinism/open/see",
            ["go", "go", "see(x=1)"],
            "C/open-see and C/open-see-2 both apply",
        ),
        (
            (rule("see", "x or n != 4", "n = 0"),),
            "totality/open/see",
            ["go", "go", "go", "go", "see(x=0)"],
            "no rule answers it",
        ),
        (
            (rule("see", "a[n - 1] == 0", "n = 0"),),
            "definedness/C/open-see",
            ["go", "go", "go", "go", "see(x=0)"],
            "a[3] is outside 1..2",
        ),
        (
            (rule("see", "not x", "n = 0"), rule("see", "x", "n = 0", target="held")),
            "deadlock/held",
            ["go", "go", "see(x=1)"],
            "deadlock",
        ),
        (
            (rule("see", "n != 4 or x", "n = 0"), rule("see", "n == 4 and not x", "n = 5")),
            "I/odd",
            ["go", "go", "go"],
            "the property is false here",
        ),
    ],
)
def test_the_shortest_run_to_each_kind_of_defect(
    table: tuple[Transition, ...], id: str, run: list[str], problem: str
) -> None:
    small = protocol(
        states=(State("open", initial=True), State("held"), State("done", final=True)),
        constants={"k": 2},
        variables=(Count("n", 0, 5), Count("a", 0, 1, per="k")),
        events=(GO, SEE, END),
        transitions=(rule(when="n < 5", then="n += 1"), *table, rule("end", target="done")),
        invariants=(Invariant("I", "odd", "n is never 3", "n != 3"),),
    )
    found = result(verify_machine(small, engine="enumeration"), id)
    assert (found.verdict, found.engine) == ("refuted", "enumeration")
    assert (calls(found.counterexample), found.problem) == (run, problem)


def test_a_claim_is_judged_only_where_its_condition_on_the_constants_holds() -> None:
    claim = Claim("two", "C", "Two levels.", "always", "n < levels", given="levels >= 2")
    machine = Machine(
        "trial",
        (State("open", initial=True, final=True),),
        (),
        (),
        constants={"levels": 1},
        variables=(Count("n", 0, 3, initial=1),),
        claims=(claim,),
    )
    protocol = Protocol("p", "P", (machine,))
    claims = [r for r in verify_machine(protocol).results if r.obligation.kind == "claim"]
    assert claims == []
    report = verify_machine(protocol, constants={"levels": 2})
    assert result(report, "claim/two").verdict == "proved"
