"""The shortest run on which two machines part, against a search through all pairs."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from machines import protocols
from small import bound
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Category,
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
    Unspecified,
    Whole,
)
from trialspec.spec.protocols.ibrutinib_mm import PROTOCOL
from trialspec.statemachines import distinguish as module
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.distinguish import Comparison, Difference, distinguish
from trialspec.statemachines.evaluate import Configuration, Undefined
from trialspec.statemachines.step import Accepted, Refused, elapse, observe, step
from trialspec.statemachines.walk import Walk

CI = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

# ---- by brute force


def answers(machine: Bound, here: Configuration, fire: Any, arguments: tuple[int, ...]) -> Any:
    if fire is None:
        return None
    try:
        return fire(here, *arguments)
    except Undefined:
        return "defect"


def look(machine: Bound, here: Configuration, common: list[str]) -> list[object]:
    values = observe(machine, here)
    return [values[n] for n in common]


def apart(one: Bound, two: Bound, ignore: tuple[str, ...] = (), most: int = 4_000) -> int | None:
    """How many events it takes until the two answer differently; None when they never do."""
    fires = Compiled(one).fire, Compiled(two).fire
    names = dict.fromkeys([*one.event, *two.event])
    asked: list[tuple[Any, Any, tuple[int, ...]]] = []
    for name in names:
        values = {
            a for m in (one, two) if name in m.event for a in argument_values(m, m.event[name])
        }
        asked += [(fires[0].get(name), fires[1].get(name), a) for a in sorted(values)]
    common = [n for n in ["state", *one.by_name] if n in ["state", *two.by_name]]
    common = [n for n in common if n not in ignore]
    start = one.initial(), two.initial()
    depths = {start: 0}
    todo = [start]
    if look(one, start[0], common) != look(two, start[1], common):
        return 0
    for pair in todo:
        assume(len(depths) < most)
        found: list[tuple[Any, Any]] = [
            (answers(one, pair[0], f, a), answers(two, pair[1], g, a)) for f, g, a in asked
        ]
        for a, b in found:
            both = isinstance(a, tuple) and isinstance(b, tuple)
            if (not both and a != b) or (both and look(one, a, common) != look(two, b, common)):
                return depths[pair] + 1
        found.append((elapse(one, pair[0], 1), elapse(two, pair[1], 1)))
        for a, b in found:
            if isinstance(a, tuple) and (a, b) not in depths:
                if look(one, a, common) != look(two, b, common):
                    return depths[pair] + 1
                depths[a, b] = depths[pair] + 1
                todo.append((a, b))
    return None


def length(difference: Difference) -> int:
    days = [s.arguments[0][1] for s in difference.trace if s.event == "elapse"]
    return len(difference.trace) + sum(days) - len(days) + bool(difference.event)


def changed(made: Protocol, chance: random.Random) -> Protocol:
    """The protocol with one of its rules dropped or given another's guard, effects or target."""
    machine = made.machine("trial")
    assume(len(machine.transitions) > 1)
    rules = list(machine.transitions)
    place = chance.randrange(len(rules))
    other = rules[place - 1]
    rule = rules.pop(place)
    if chance.random() < 0.8 and other.event == rule.event:
        part = chance.choice(("when", "then", "target"))
        value = getattr(other, part)
        if part == "target" and isinstance(value, Unspecified):
            value = None
        if not (isinstance(rule.target, Unspecified) and part == "then") and value != "otherwise":
            rules.insert(place, replace(rule, **{part: value}))
    return replace(made, machines=(replace(machine, transitions=tuple(rules)),))


@settings(CI, max_examples=100)
@given(protocols(), st.randoms(use_true_random=False))
def test_random_changes(made: Protocol, chance: random.Random) -> None:
    other = changed(made, chance)
    one, two = bind(made), bind(other)
    assume(not one.machine.landmarks)
    walk = Walk(one, limit=2_000)
    assume(walk.complete)
    expected = apart(one, two)
    found = distinguish(one, two, walk=walk)
    event(f"apart: {expected is not None}")
    judge(one, two, found, expected)
    # with a variable more the two are not of one shape, and nothing else is different
    wider = replace(other.machine("trial"), variables=(*other.machines[0].variables, Flag("idle")))
    judge(one, bind(replace(other, machines=(wider,))), None, expected)
    # and what is ignored is not seen
    name = one.fields[0].name
    judge(one, two, distinguish(one, two, ignore=[name]), apart(one, two, (name,)))


def judge(one: Bound, two: Bound, found: Comparison | None, expected: int | None) -> None:
    found = distinguish(one, two) if found is None else found
    assert found.complete and found.equivalent == (expected is None)
    if found.difference is not None:
        assert length(found.difference) == expected


# ---- one by one

GO, SAY = Action("go"), Observation("say", what=Bool)
BASE: dict[str, Any] = {
    "variables": (Count("n", 0, 3), Clock("c", 5)),
    "states": (State("open", initial=True), State("done", final=True)),
    "events": (GO, SAY),
    "transitions": (
        Transition("C", "open", "go", when="n < 3", then="n += 1"),
        Transition("C", "open", "say", "done", "what and c >= 2"),
        Transition("C", "open", "say", when="otherwise"),
    ),
}


def against(**parts: Any) -> Comparison:
    return distinguish(bound(**BASE), bound(**{**BASE, **parts}))


def words(found: Comparison) -> tuple[int, str, dict[str, int], str, str]:
    d = found.difference
    assert d is not None and not found.equivalent
    return length(d), d.event, dict(d.arguments), d.first, d.second


def test_a_machine_is_equivalent_to_itself() -> None:
    machine = bound(**BASE)
    assert distinguish(machine, machine) == Comparison(None, 0, True)
    assert against().equivalent
    assert distinguish(machine, machine, ignore=["n"]).equivalent


def test_a_guard_an_effect_a_target() -> None:
    go, say, other = BASE["transitions"]
    found = against(transitions=(replace(go, when="n < 2"), say, other))
    assert words(found) == (3, "go", {}, "accepted", "refused")
    found = against(transitions=(replace(go, then="n += 1 if n < 2 else 0"), say, other))
    first, second = "accepted, and then n is 3", "accepted, and then n is 2"
    assert words(found) == (3, "go", {}, first, second)
    found = against(transitions=(go, replace(say, target=None), other))
    first, second = "accepted, and then state is done", "accepted, and then state is open"
    assert words(found) == (3, "say", {"what": 1}, first, second)
    assert found.difference is not None
    (days,) = found.difference.trace
    assert (days.event, days.arguments) == ("elapse", (("days", 2),))
    machine = bound(**BASE)
    assert found.difference.configurations == ((0, 0, 2), (0, 0, 2))
    answer = step(machine, found.difference.configurations[0], "say", {"what": 1})
    assert isinstance(answer, Accepted)


def test_a_rule_that_is_not_there() -> None:
    _, say, other = BASE["transitions"]
    found = against(transitions=(say, other))
    assert words(found) == (1, "go", {}, "accepted", "refused")
    found = against(events=(SAY,), transitions=(say, other))
    assert words(found) == (1, "go", {}, "accepted", "refused")
    found = distinguish(
        bound(**{**BASE, "events": (SAY,), "transitions": (say, other)}), bound(**BASE)
    )
    assert words(found) == (1, "go", {}, "refused", "accepted")


def test_an_event_with_other_arguments_is_another_event() -> None:
    say = Observation("say", what=Whole(0, 1))
    rules = (BASE["transitions"][0], Transition("C", "open", "say"))
    found = against(events=(GO, say), transitions=rules)
    # each is asked in its own words, and the other has no such event
    assert words(found)[1:] == ("say", {"what": 0}, "accepted", "refused")
    only = {**BASE, "transitions": BASE["transitions"][:1]}
    other = bound(**{**BASE, "events": (GO, say), "transitions": rules})
    found = distinguish(bound(**{**only, "events": (GO, Action("say", what=Bool))}), other)
    assert words(found)[1:] == ("say", {"what": 0}, "refused", "accepted")


def test_unspecified_by_its_ambiguity() -> None:
    gaps = tuple(Ambiguity(f"R-A{i}", "?", {"a": ""}, "a") for i in (1, 2))
    go, say, other = BASE["transitions"]

    def machine(target: Any) -> Bound:
        rules = (go, say, replace(other, target=target))
        return bound(**BASE | {"transitions": rules}, ambiguities=gaps)

    first, second = machine(Unspecified("R-A1")), machine(Unspecified("R-A2"))
    found = distinguish(first, second)
    assert words(found)[1:] == ("say", {"what": 0}, "unspecified (R-A1)", "unspecified (R-A2)")
    assert distinguish(first, machine(Unspecified("R-A1"))).equivalent


def test_other_starts_and_other_values() -> None:
    found = against(variables=(Count("n", 0, 3, initial=1), Clock("c", 5)))
    assert words(found) == (0, "", {}, "n is 0", "n is 1")
    wider = against(variables=(Count("n", 0, 9), Clock("c", 5)))
    assert wider.equivalent
    found = against(
        variables=(Category("n", ("a", "b"), "b"), Clock("c", 5)),
        transitions=BASE["transitions"][1:],
    )
    assert words(found)[0] == 0
    # labels are compared by name, in whatever order they are declared
    one, two = (
        bound(
            variables=(Category("k", order, "x"),),
            events=(Action("to", k=OneOf(order)),),
            transitions=(Transition("C", "open", "to", then="k = event.k"),),
        )
        for order in (("x", "y"), ("y", "x"))
    )
    assert not distinguish(one, two).equivalent  # the event's arguments are others
    one, two = (
        bound(
            variables=(Category("k", order, "x"),),
            events=(GO,),
            transitions=(Transition("C", "open", "go", then="k = 'y'"),),
        )
        for order in (("x", "y"), ("y", "x"))
    )
    assert distinguish(one, two).equivalent


def test_a_clock_that_counts_less_far() -> None:
    assert against(variables=(Count("n", 0, 3), Clock("c", 4))).difference is not None
    go, say, other = BASE["transitions"]
    short = {**BASE, "variables": (Count("n", 0, 3), Clock("c", 4))}
    found = distinguish(bound(**BASE), bound(**short), ignore=["c"])
    assert found.equivalent
    late = replace(say, when="what and c >= 3")
    found = distinguish(
        bound(**BASE), bound(**{**short, "transitions": (go, late, other)}), ignore=["c"]
    )
    assert words(found)[:2] == (3, "say")


def test_stays_and_doses() -> None:
    within = (State("open", initial=True, within="c <= 3"), State("done", final=True))
    found = against(states=within)
    assert words(found) == (4, "", {}, "in time, due: nothing", "overdue, due: nothing")
    drug = Regimen("C", "drug", "n", "mg", ("open",), days=(2,), clock="c")
    found = against(regimens=(drug,))
    assert words(found) == (1, "", {}, "in time, due: nothing", "in time, due: drug 0")
    more = replace(drug, dose="n + 1")
    found = distinguish(
        bound(**{**BASE, "regimens": (drug,)}), bound(**{**BASE, "regimens": (more,)})
    )
    assert words(found)[3:] == ("in time, due: drug 0", "in time, due: drug 1")
    same = {**BASE, "regimens": (drug,)}
    assert distinguish(bound(**same), bound(**same)).equivalent


def test_no_run_contradicts_its_landmarks() -> None:
    parts = {
        **BASE,
        "landmarks": (Landmark("week", after="go", days=7),),
        "transitions": (
            *BASE["transitions"],
            Transition("C", "open", "week", when="c >= 5", then="n = 0"),
            Transition("C", "open", "week", when="c < 5", then="n = 1"),
        ),
    }
    early, late = parts["transitions"][:-1], parts["transitions"]
    one, two = (
        bound(**parts),
        bound(**{**parts, "transitions": (*early, replace(late[-1], then=""))}),
    )
    # the two differ only if the landmark came before day 6
    assert distinguish(one, two).equivalent
    assert distinguish(one, two, ignore=["c"]).equivalent
    other = replace(late[-2], then="")
    found = distinguish(one, bound(**{**parts, "transitions": (*BASE["transitions"], other)}))
    assert found.difference is not None and found.difference.event == "week"
    assert [s.event for s in found.difference.trace].count("elapse") >= 1


def test_a_run_that_waits_for_no_landmark_is_shown_if_it_is_shorter() -> None:
    """Two events after a landmark of thirty days, or five days and one event."""
    parts = {
        **BASE,
        "landmarks": (Landmark("month", after="go", days=30),),
        "transitions": (*BASE["transitions"], Transition("C", "open", "month")),
    }
    go, say, other = BASE["transitions"]
    changed = replace(say, when=f"({say.when}) and not (month == 'passed' or c >= 5)")
    two = bound(**{**parts, "transitions": (go, changed, other, parts["transitions"][-1])})
    found = distinguish(bound(**parts), two).difference
    assert found is not None and found.event == "say"
    assert "month" not in [step.event for step in found.trace]


def test_limits() -> None:
    go, say, other = BASE["transitions"]
    two = bound(**{**BASE, "transitions": (go, replace(say, when="what and c >= 9 - 5"), other)})
    found = distinguish(bound(**BASE), two, ignore=["n"], limit=2)
    assert found == Comparison(None, found.pairs, False)
    assert not found.equivalent
    one = bound(**BASE)
    far = bound(**{**BASE, "transitions": (replace(go, when="n < 2"), say, other)})
    cut = distinguish(one, far, walk=Walk(one, limit=2))
    assert (cut.difference, cut.complete) == (None, False)


def test_defects_are_answers_too() -> None:
    parts = {
        **BASE,
        "constants": {"size": 2},
        "variables": (*BASE["variables"], Count("cell", 0, 1, per="size")),
    }
    go, say, other = BASE["transitions"]
    broken = replace(go, when="n < 3 and cell[n] == 0")
    found = distinguish(bound(**parts), bound(**{**parts, "transitions": (broken, say, other)}))
    assert words(found) == (1, "go", {}, "accepted", "defect")


# ---- ibrutinib-mm


@pytest.mark.parametrize("machine", ["trial", "subject"])
def test_readings_of_ibrutinib(machine: str) -> None:
    """Every reading is compared with the default, each run found is one of both machines."""
    default = bind(PROTOCOL, machine, constants={"levels": 2})
    walk = Walk(default)
    apart_ = set()
    for ambiguity in PROTOCOL.ambiguities:
        for choice in ambiguity.choices:
            if choice == ambiguity.default:
                continue
            readings = {ambiguity.id: choice}
            other = bind(PROTOCOL, machine, constants={"levels": 2}, readings=readings)
            found = distinguish(default, other, walk=walk)
            assert found.complete
            if found.difference is None:
                continue
            apart_.add(ambiguity.id)
            here = both_reach(default, other, found.difference)
            given = dict(found.difference.arguments)
            if found.difference.event not in ("", "elapse"):
                one, two = (step(m, here, found.difference.event, given) for m in (default, other))
                assert type(one) is not type(two) or one != two
                assert found.difference.first.startswith(word(one))
                assert found.difference.second.startswith(word(two))
    assert len(apart_) >= 12


def both_reach(one: Bound, two: Bound, difference: Difference) -> Configuration:
    here = [one.initial(), two.initial()]
    for taken in difference.trace:
        for i, machine in enumerate((one, two)):
            answer = step(machine, here[i], taken.event, dict(taken.arguments))
            assert isinstance(answer, Accepted)
            here[i] = answer.configuration
    assert here[0] == here[1] == difference.configurations[0]
    return here[0]


def word(answer: object) -> str:
    if isinstance(answer, Accepted):
        return "accepted"
    return "refused" if isinstance(answer, Refused) else "unspecified"


def test_a_pair_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    original = module._Search.answers

    def counted(self: Any, pair: Any) -> Any:
        asked.append(pair)
        return original(self, pair)

    monkeypatch.setattr(module._Search, "answers", counted)
    machine = bound(**BASE)
    assert distinguish(machine, bound(**BASE), ignore=["n"]).equivalent
    assert len(asked) == len(set(asked))
