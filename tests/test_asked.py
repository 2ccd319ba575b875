"""Where a system is asked for an event: the machine answers everywhere, suites keep to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from mutating import Everywhere
from replaying import everything, reached, replay
from small import ask, bound, protocol
from trialspec.oracle.suites import build_suite
from trialspec.oracle.vectors import Suite
from trialspec.spec.document import from_document, to_document
from trialspec.spec.errors import SpecError
from trialspec.spec.meaning import content_hash, machine_hash
from trialspec.spec.model import (
    Action,
    Bool,
    Count,
    Event,
    Observation,
    State,
    Transition,
    Whole,
)
from trialspec.statemachines.bind import bind
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.step import Accepted

# two patients one after the other; their results are taken with and without a registration
PARTS: dict[str, Any] = {
    "states": (State("open", initial=True), State("done", final=True)),
    "variables": (Count("waiting", 0, 1), Count("judged", 0, 2)),
    "events": (
        Action("register"),
        Observation("judge", asked="waiting > 0", dlt=Bool),
        Action("remark", asked="False"),
        Action("close", asked="judged > 0"),
    ),
    "transitions": (
        Transition("T-1", "open", "register", None, "waiting == 0 and judged < 2", "waiting = 1"),
        Transition("T-2", "open", "judge", None, "judged < 2", "judged += 1; waiting = 0"),
        Transition("T-2", "open", "judge", None, "judged == 2"),
        Transition("T-3", "open", "remark"),
        Transition("T-4", "open", "close", "done", "judged == 2"),
    ),
}


def suite(**parts: Any) -> Suite:
    whole = protocol(**{**PARTS, **parts})
    made = build_suite(bind(whole), whole)
    assert replay(whole, made) == made.steps
    return made


def test_the_machine_answers_where_nobody_is_asked() -> None:
    machine = bound(**PARTS)
    for event in ("judge", "remark"):
        arguments = {"dlt": True} if event == "judge" else {}
        assert isinstance(ask(machine, machine.initial(), event, **arguments), Accepted)


def test_no_vector_asks_where_it_is_not_asked() -> None:
    made = suite()
    answers: dict[str, set[tuple[str, object, object]]] = {}
    for vector in made.vectors:
        before: dict[str, object] = {"state": "open", "waiting": 0, "judged": 0}
        for step in vector.steps:
            found = answers.setdefault(step.event, set())
            found.add((step.answer, before["waiting"], before["judged"]))
            before = dict(step.observe)
    # neither accepted, nor refused where the case is over
    assert answers["judge"] == {("accepted", 1, 0), ("accepted", 1, 1)}
    assert "remark" not in answers
    # a refusal is asked for where it is asked, and nowhere else
    assert answers["close"] == {
        ("refused", 0, 1),
        ("refused", 1, 1),
        ("accepted", 0, 2),
        ("refused", 0, 2),
    }


def test_what_is_asked_for_is_reached() -> None:
    whole = protocol(**PARTS)
    machine = bind(whole)
    by_vectors, by_force = reached(machine, build_suite(machine, whole)), everything(machine)
    assert by_vectors.rules == by_force.rules
    assert by_vectors.pairs >= by_force.pairs
    assert by_vectors.refused >= by_force.refused
    assert {machine.rules[n].event for n in by_force.rules} == {"register", "judge", "close"}


def test_a_system_that_differs_where_it_is_not_asked_passes() -> None:
    whole = protocol(**PARTS)
    strict = [replace(t, when=f"({t.when}) and waiting > 0") for t in PARTS["transitions"][1:3]]
    other = bound(
        **{**PARTS, "transitions": (PARTS["transitions"][0], *strict, PARTS["transitions"][4])}
    )
    assert Everywhere(bind(whole)).difference(other) is None


def test_the_default_is_asked_everywhere_and_no_part_of_the_meaning() -> None:
    def given(asked: str) -> Any:
        events = (Observation("judge", asked=asked, dlt=Bool), *PARTS["events"][:1])
        return protocol(**{**PARTS, "events": events, "transitions": PARTS["transitions"][:3]})

    plain = given("True")
    assert "asked" not in to_document(plain)["machines"][0]["events"][0]
    plainly = tuple(replace(e, asked="True") for e in plain.machines[0].events)
    assert plainly == plain.machines[0].events
    assert machine_hash(given("waiting > 0")) != machine_hash(plain)
    assert content_hash(given("waiting > 0")) != content_hash(plain)
    # two spellings of one condition mean the same
    assert given(" ( waiting>0 ) ") == given("waiting > 0")


def test_it_is_read_and_written() -> None:
    whole = protocol(**PARTS)
    document = to_document(whole)
    events = document["machines"][0]["events"]
    assert [e.get("asked") for e in events] == [None, "waiting > 0", "False", "judged > 0"]
    assert from_document(document) == whole


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("wating > 0", "wating"),
        ("waiting + 1", "event judge: asked"),
        ("waiting >", "event judge"),
        ("event.level > 0", "level"),
    ],
)
def test_it_is_checked_like_every_condition(asked: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        bound(
            variables=PARTS["variables"],
            events=(Observation("judge", asked=asked, dlt=Bool),),
        )
    assert message in str(caught.value)


@pytest.mark.parametrize("made", [Action, Observation])
def test_it_has_a_value_everywhere(made: Any) -> None:
    def verdicts(asked: str) -> dict[str, str]:
        event: Event = made("see", asked=asked, i=Whole(1, 3))
        whole = protocol(
            constants={"size": 2},
            variables=(Count("k", 0, 2), Count("n", 0, 2, per="size")),
            events=(event, Action("go")),
            transitions=(
                Transition("C-1", "open", "see", when="i < 3"),
                Transition("C-1", "open", "see", when="i == 3"),
                Transition("C-2", "open", "go", "done"),
            ),
        )
        report = verify_machine(whole)
        return {r.obligation.id: f"{r.verdict} by {r.engine}" for r in report.results}

    for wrong in ("n[k] == 0", "n[i] == 0"):
        assert verdicts(wrong)["definedness/asked/see"] == "refuted by enumeration"
    for right in ("k > 0 and n[k] == 0", "i < 3 and n[i] == 0"):
        assert verdicts(right)["definedness/asked/see"] == "proved by induction"
    assert "definedness/asked/see" not in verdicts("k == 0")
