"""Quotients against a naive partition, and the check against quotients that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable
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
    Clock,
    Count,
    Flag,
    Protocol,
    State,
    Transition,
    Unspecified,
)
from trialspec.spec.protocols.ibrutinib_mm import PROTOCOL
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.graph import components, leading_to
from trialspec.statemachines.product import label_in, sight, subject_quotient
from trialspec.statemachines.quotient import (
    INTERNAL,
    NotSimulated,
    Quotient,
    check,
    outcome,
    quotient,
)
from trialspec.statemachines.study import compose
from trialspec.statemachines.walk import Walk

CI = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

Label = Callable[[str, tuple[int, ...]], Hashable | None]


def naive(walk: Walk, label: Label, see: Callable[[Configuration], Hashable]) -> list[int]:
    """Branching bisimilarity by its definition: split until nothing tells two members apart."""
    named = [label(e, a) for e, a in walk.symbols]
    visible: list[set[tuple[Hashable, object]]] = []
    hidden: list[set[int]] = []
    for node, edges in enumerate(walk.after):
        shown: set[tuple[Hashable, object]] = {(named[s], t) for s, t in edges if named[s]}
        shown |= {(named[s], a) for s, a in walk.undecided.get(node, ()) if named[s]}
        visible.append(shown)
        hidden.append({t for s, t in edges if named[s] is None})
    block: list[Any] = [
        (see(c), frozenset(name for name, _ in visible[n])) for n, (c, _) in enumerate(walk.nodes)
    ]
    while True:
        able = []
        for node, here in enumerate(block):
            reached, todo = {node}, [node]
            while todo:
                for target in hidden[todo.pop()]:
                    if block[target] == here and target not in reached:
                        reached.add(target)
                        todo.append(target)
            steps = {
                (name, block[t] if isinstance(t, int) else t)
                for n in reached
                for name, t in visible[n]
            }
            steps |= {(INTERNAL, block[t]) for n in reached for t in hidden[n] if block[t] != here}
            able.append((here, frozenset(steps)))
        numbers: dict[Any, int] = {}
        finer = [numbers.setdefault(a, len(numbers)) for a in able]
        if len(numbers) == len(set(block)):
            return finer
        block = finer


def partition(blocks: list[int] | tuple[int, ...]) -> list[int]:
    first: dict[int, int] = {}
    return [first.setdefault(b, n) for n, b in enumerate(blocks)]


@settings(CI, max_examples=150)
@given(protocols(), st.integers(1, 7), st.booleans())
def test_random_machines(made: Protocol, shown: int, sees: bool) -> None:
    machine = bind(made)
    walk = Walk(machine, keep=machine.event, limit=250)
    assume(walk.complete)
    visible = [e for i, e in enumerate(machine.event) if shown >> i & 1]

    def label(event: str, arguments: tuple[int, ...]) -> Hashable | None:
        return (event, arguments[:1]) if event in visible else None

    def see(configuration: Configuration) -> Hashable:
        return configuration[1] if sees else None

    found = quotient(walk, label, see)
    event(f"smaller: {found.size < len(walk.nodes)}")
    assert partition(found.block_of) == partition(naive(walk, label, see))
    assert check(found, label, see) == sum(map(len, walk.after))
    assert found.block_of[0] == 0
    assert sorted(n for nodes in found.members for n in nodes) == list(range(len(walk.nodes)))


# ---- one machine, in words

GAP = (Ambiguity("R-A1", "?", {"a": ""}, "a"),)
WAITING: dict[str, Any] = {
    "variables": (Clock("c", 9), Count("visits", 0, 4), Flag("told")),
    "states": (State("open", initial=True), State("left"), State("done", final=True)),
    "events": (Action("visit"), Action("report", good=Bool), Action("leave"), Action("ask")),
    "transitions": (
        Transition("C", "open", "visit", when="visits < 4", then="visits += 1"),
        Transition("C", "open", "report", when="c >= 3 and not told", then="told = True"),
        Transition("C", "open", "leave", "left"),
        Transition("C", ("open", "left"), "ask", Unspecified("R-A1"), "told"),
        Transition("C", "left", "visit", "done"),
    ),
}


def reports(event: str, arguments: tuple[int, ...]) -> Hashable | None:
    return (event, arguments) if event in ("report", "ask") else None


def made(see: Callable[[Configuration], Hashable] = lambda _: None) -> Quotient:
    machine = bound(**WAITING, ambiguities=GAP)
    return quotient(Walk(machine, keep=("report", "ask")), reports, see)


def test_blocks_of_what_can_be_reported() -> None:
    found = made()
    # before day 4, reporting, told, and gone without a word
    assert found.size == 4
    assert found.outcomes == ("R-A1",)
    named = {name: i for i, name in enumerate(found.labels)}
    report, ask = (named["report", (1,)], named["report", (0,)]), named["ask", ()]
    early, able, told, gone = (0, *(b for b in (1, 2, 3)))
    order = {len(found.steps[b]): b for b in range(4)}
    assert len(order) == 3
    (told,) = [b for b in range(4) if (ask, outcome(0)) in found.steps[b]]
    (able,) = [b for b in range(4) if (report[0], told) in found.steps[b]]
    (gone,) = [b for b in range(4) if not found.steps[b]]
    assert found.steps[early] == {(INTERNAL, able), (INTERNAL, gone)}
    assert found.steps[able] == {(report[0], told), (report[1], told), (INTERNAL, gone)}
    assert found.steps[told] == {(ask, outcome(0)), (INTERNAL, gone)}
    assert sum(map(len, found.members)) == len(found.walk.nodes)
    # those who left after telling can still ask: they are told
    assert {found.walk.configuration(n)[0] for n in found.members[told]} == {0, 1}


def test_what_is_seen_splits_blocks() -> None:
    coarse, fine = made(), made(lambda c: c[2])
    assert fine.size > coarse.size
    assert len({s[0] for s in fine.seen}) == 5  # type: ignore[index]


def test_a_check_that_fails() -> None:
    found = made()
    see: Callable[[Configuration], Hashable] = lambda _: None  # noqa: E731
    steps = sum(map(len, found.walk.after))
    assert check(found, reports, see) == steps
    # a block too few, a step too few, a step too many, another start, another sight
    merged = tuple(min(b, 2) for b in found.block_of)
    wrong = [
        replace(found, block_of=merged),
        replace(found, steps=(*found.steps[:2], frozenset(), *found.steps[3:])),
        replace(found, steps=(found.steps[0] | {(0, 1)}, *found.steps[1:])),
        replace(found, block_of=tuple(3 - b for b in found.block_of)),
        replace(found, seen=(*found.seen[:-1], ("else", frozenset()))),
    ]
    for broken in wrong:
        with pytest.raises(NotSimulated):
            check(broken, reports, see)
    with pytest.raises(NotSimulated):
        check(found, reports, lambda c: c[1])


# ---- ibrutinib-mm


@pytest.mark.parametrize(("mode", "levels"), [("staggered", 2), ("overlapping", 3)])
def test_the_ibrutinib_subject(mode: str, levels: int) -> None:
    study = compose(PROTOCOL, {"levels": levels}, {"X-A04": mode})
    found = subject_quotient(study)
    label, see = label_in(study, study.subject), sight(study)
    assert check(found, label, see) == sum(map(len, found.walk.after))
    assert found.size < 20 * levels
    assert len(found.walk.nodes) > 100 * found.size
    if levels == 2:
        assert partition(found.block_of) == partition(naive(found.walk, label, see))
    enabled(study.subject, found, label)


def enabled(subject: Bound, found: Quotient, label: Label) -> None:
    """Every member of a block accepts the same joint events, right now."""
    walk = found.walk
    for node in range(0, len(walk.nodes), 97):
        mine = {label(*walk.symbols[s]) for s, _ in walk.after[node]} - {None}
        block = {found.labels[n] for n, t in found.steps[found.block_of[node]] if n != INTERNAL}
        assert mine == block
    assert subject.machine.name == "subject"


# ---- graphs


@settings(CI, max_examples=200)
@given(
    st.integers(1, 8).flatmap(
        lambda n: st.lists(st.sets(st.integers(0, n - 1)), min_size=n, max_size=n)
    )
)
def test_components_and_what_leads_to_them(after: list[set[int]]) -> None:
    reach = [{n} for n in range(len(after))]
    for _ in after:
        reach = [seen.union(*(reach[t] for t in after[n]), {n}) for n, seen in enumerate(reach)]
    found = components(dict(enumerate(after)))
    assert sorted(n for nodes in found for n in nodes) == list(range(len(after)))
    place = {n: i for i, nodes in enumerate(found) for n in nodes}
    for n, seen in enumerate(reach):
        for m in range(len(after)):
            assert (place[n] == place[m]) == (m in seen and n in reach[m])
        assert all(place[m] <= place[n] for m in seen)
        assert leading_to(after, [n]) == {m for m in range(len(after)) if n in reach[m]}
