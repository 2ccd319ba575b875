"""A suite: the vectors that reach what a criterion asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ...spec.errors import SpecError
from ...spec.meaning import machine_hash
from ...spec.model import Protocol
from ...statemachines.bound import Bound, as_int
from ..answer import REFUSED
from ..collector import without_collector
from ..vectors import KINDS as VECTOR_KINDS
from ..vectors import Group, Step, Suite, Vector, plain_constants
from .criteria import check_criterion
from .goals import Goal, Goals, Spot
from .naming import Names, slug, text_hash, told_apart
from .record import Recorder
from .search import Atlas
from .tours import Draft, Planner

REACHES = {
    "states": ("state",),
    "transitions": ("rule", "changes"),
    "pairs": ("pair",),
    "refused": ("ended", "elsewhere", "refused"),
    "boundary": ("attains", "decides", "held", "said", "gap"),
    "complete": (
        "attains",
        "rule",
        "state",
        "pair",
        "ended",
        "elsewhere",
        "refused",
        "decides",
        "changes",
        "held",
        "said",
        "gap",
    ),
}
"""The goals that each criterion asks for."""

PAIRS_FIRST = tuple(sorted(REACHES["complete"], key=lambda kind: kind != "pair"))

KINDS = {
    "pair": "pair",
    "refused": "refused",
    "ended": "refused",
    "elsewhere": "refused",
    "decides": "boundary",
    "held": "boundary",
    "said": "boundary",
    "gap": "refused",
    "attains": "boundary",
}
"""The kinds of vectors that are not nominal, by the kind of the goal."""

MOST_STEPS = 10_000
DATES = "Days are counted, and what comes on a date of its own is noted."

__all__ = ["build_suite", "check_criterion"]


def build_suite(bound: Bound, protocol: Protocol, criterion: str = "complete") -> Suite:
    """The vectors of one bound machine of a protocol that reach what a criterion asks for.

    ``criterion`` is one of `criteria.CRITERIA`; `SpecError` for another, and for a machine that is
    too large to be searched or whose suite would be too long.
    """
    check_criterion(criterion)
    with without_collector():
        goals = Goals(Atlas(bound))
        wanted, drafts = _planned(goals, REACHES[criterion])
    questions = {a.id: a.question for a in protocol.ambiguities}
    recorder = Recorder(bound, goals.atlas.symbols, questions)
    made = [(d, recorder.steps(d.moves)) for d in drafts]
    return Suite(
        protocol.name,
        bound.machine.name,
        machine_hash(
            protocol, bound.machine.name, constants=bound.constants, readings=bound.readings
        ),
        plain_constants(bound.constants),
        dict(bound.readings),
        criterion,
        _groups(Names(protocol, bound, goals), wanted, made),
        {f.name: as_int(f.high) for f in bound.fields if f.type.saturates},
    )


def _planned(goals: Goals, kinds: tuple[str, ...]) -> tuple[dict[Goal, Spot], list[Draft]]:
    """The goals of these kinds and drafts that meet them, in at most `MOST_STEPS` steps.

    Each rule has a run of its own, unless that makes the suite too long: then runs of pairs are
    made first, and at last refusals are no longer asked for with every set of rules open.
    """
    attained = goals.attained() if "attains" in kinds else {}
    steps = 0
    for order, coarse in ((kinds, False), (PAIRS_FIRST, False), (PAIRS_FIRST, True)):
        if coarse:
            goals.coarsen()
        found = {"attains": attained, **goals.found}
        wanted = {goal: spot for kind in kinds for goal, spot in found[kind].items()}
        drafts = Planner(goals, wanted).plan(order)
        steps = sum(len(d.moves) for d in drafts)
        if steps <= MOST_STEPS:
            return wanted, drafts
    raise SpecError(
        f"the suite would have {steps} steps; at most {MOST_STEPS} are written",
        where=f"machine {goals.atlas.bound.machine.name}",
        hint="set smaller constants, or choose one criterion with --cover",
    )


class _Head(NamedTuple):
    """What makes a group: its place among the others, its id, and what it is about."""

    order: tuple[int, int, int]
    id: str
    clause: str
    statement: str


def _groups(
    names: Names, wanted: dict[Goal, Spot], made: list[tuple[Draft, tuple[Step, ...]]]
) -> tuple[Group, ...]:
    """The vectors by what they are about, in the order of the clauses."""
    members: dict[_Head, list[tuple[str, Vector]]] = {}
    for draft, steps in made:
        goal, spot = draft.goal, wanted[draft.goal]
        name = names.vector(goal, spot, steps)
        vector = Vector(name, KINDS.get(goal.kind, "nominal"), steps)
        members.setdefault(_head(names, goal, spot), []).append((name, vector))
    heads = sorted(members)
    ids = told_apart((h.id, text_hash(f"{h.order} {h.clause}")) for h in heads)
    return tuple(
        Group(id, _clauses(head, members[head]), head.statement, _named(id, members[head]))
        for id, head in zip(ids, heads, strict=True)
    )


def _head(names: Names, goal: Goal, spot: Spot) -> _Head:
    """The group of a goal: an invariant, the refusals of a state, or a clause."""
    bound = names.bound
    if goal.kind in ("ended", "elsewhere", "refused"):
        state = names.goals.atlas.places[spot.place][0]
        return _Head(
            (1, state, 0), f"refused-{slug(bound.states[state])}", "", names.refusing(state)
        )
    clause = names.clause(goal, spot)
    at = names.order.get(clause, len(names.order))
    if goal.kind == "attains":
        invariant = bound.invariants[goal.a][0]
        return _Head((0, at, goal.a), slug(invariant.slug), clause, invariant.statement)
    if not clause:
        return _Head((0, at, -1), "dates", "", DATES)
    return _Head((0, at, -1), slug(clause), clause, names.says(clause))


def _clauses(head: _Head, members: list[tuple[str, Vector]]) -> tuple[str, ...]:
    """The clause of a group; of the refusals in a state, all that refuse."""
    if head.clause:
        return (head.clause,)
    cited = [s.clause for _, v in members for s in v.steps if s.answer == REFUSED and s.clause]
    return tuple(sorted(set(cited)))


def _named(group: str, members: list[tuple[str, Vector]]) -> tuple[Vector, ...]:
    """The vectors of a group with their ids, nominal ones first, in the order of their ids."""
    ids = told_apart((name, vector.sha256) for name, vector in members)
    found = [replace(v, id=f"{group}/{id}") for id, (_, v) in zip(ids, members, strict=True)]
    return tuple(sorted(found, key=lambda v: (VECTOR_KINDS.index(v.kind), v.id)))
