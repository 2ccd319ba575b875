"""Hypothesis strategies for whole random protocols: small, well-typed, and often defective.

They leave ranges, index outside arrays, overlap and leave gaps: every reading of a table must
agree on its defects as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from phrases import LABELS, STEPS, Scope
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Category,
    Clause,
    Clock,
    Count,
    Event,
    Exact,
    Flag,
    Function,
    Invariant,
    Landmark,
    Lemma,
    Machine,
    Observation,
    OneOf,
    Protocol,
    Quantity,
    Requirement,
    State,
    Transition,
    Unspecified,
    Variable,
    Whole,
)
from trialspec.statemachines.bind import bind
from trialspec.statemachines.functions import function

DOSE = Exact("0", "2", "0.5", "mg")


@function("half")
def half(n: int) -> int:
    """Half of a whole number, and never outside 0..3."""
    return max(0, min(3, n // 2))


@function("positive")
def positive(values: tuple[int, ...], least: int) -> int:
    """How many values are above a least one, up to 3."""
    return min(3, sum(v > least for v in values))


FUNCTIONS = (
    Function("half", (Whole(-99, 99),), Whole(0, 3), "result <= 2 or result == 3"),
    Function("positive", (None, Whole(-99, 99)), Whole(0, 3), "result >= 0"),
)


@dataclass
class Draft:
    """A protocol in the making."""

    scope: Scope
    constants: dict[str, Any]
    variables: list[Variable]
    events: list[Event]
    definitions: dict[str, str] = field(default_factory=dict)

    def inside(self, event: Event) -> Scope:
        """The scope of one event's rules."""
        scope = self.scope
        made = replace(
            scope,
            counts=[*scope.counts],
            flags=[*scope.flags],
            labels=[*scope.labels],
            doses=[*scope.doses],
        )
        for argument in event.arguments:
            name = scope.one(f"event.{argument.name}", argument.name)
            if isinstance(argument.kind, Whole):
                made.counts.append(name)
            elif isinstance(argument.kind, OneOf):
                made.labels.append(name)
            elif isinstance(argument.kind, Exact):
                made.doses.append(name)
            else:
                made.flags.append(name)
        return made

    def effects(self, scope: Scope) -> str:
        """Up to three assignments to different variables, or to several cells of one array."""
        chosen = scope.draw(st.lists(st.sampled_from(self.variables), max_size=3, unique=True))
        texts: dict[str, str] = {}
        for v in chosen:
            for _ in range(1 if v.per is None or scope.below(3) else 2):
                target = v.name if v.per is None else f"{v.name}[{scope.index(1)}]"
                texts.setdefault(target, self.assigned(scope, v, target))
        return "; ".join(texts.values())

    def assigned(self, scope: Scope, v: Variable, target: str) -> str:
        if v.saturates:
            return str(
                scope.one(f"{target} = 0", *([f"{target} += 1"] if v.name != "days" else []))
            )
        if isinstance(v.kind, Whole):
            high = v.kind.high
            value = scope.number(2)
            near = f"{target} = max({v.kind.low}, min({high}, {value}))"
            return str(
                scope.one(f"{target} += 1", f"{target} -= 1", near, near, f"{target} = {value}")
            )
        if isinstance(v.kind, OneOf):
            labels = [*map(repr, LABELS), *scope.labels]
            choice = f"{scope.one(*scope.labels)} if {scope.truth(1)} else {scope.one(*labels)}"
            return f"{target} = {scope.one(*labels, choice)}"
        if isinstance(v.kind, Exact):
            value = scope.one(*STEPS, scope.dose(1))
            return str(
                scope.one(
                    f"{target} = {value}", f"{target} += 0.5", f"{target} = min(2, {scope.dose(1)})"
                )
            )
        return f"{target} = {scope.one('True', 'False', scope.truth(2))}"

    def possible(self, scope: Scope) -> str:
        return str(scope.one("True", scope.truth(1), scope.truth(1)))


@st.composite
def protocols(draw: Any, functions: bool = True, arrays: bool = True) -> Protocol:
    """A protocol of one machine that can be bound with its own constants."""
    states = [f"s{i}" for i in range(draw(st.integers(1, 3)))]
    scope = Scope(draw, [*states])
    final = draw(st.booleans())
    if final:
        scope.states.append("end")
    size = draw(st.integers(1, 3))
    constants: dict[str, Any] = {"size": size, "first": draw(st.integers(1, 3))}
    if scope.below(1):
        constants["table"] = tuple(draw(st.lists(st.integers(-2, 4), min_size=1, max_size=3)))
        scope.tables.append("table")
    draft = Draft(scope, constants, variables(scope, arrays), [])
    ambiguities = _ambiguities(scope)
    scope.functions = functions and bool(scope.below(1))
    for i in range(scope.below(2)):
        name, kind = f"d{i}", scope.one("number", "truth")
        draft.definitions[name] = scope.number(2) if kind == "number" else scope.truth(2)
        (scope.counts if kind == "number" else scope.flags).append(name)
    for i in range(1 + scope.below(2)):
        draft.events.append(_event(scope, draft, f"e{i}"))
    landmarks = []
    if scope.below(4) == 0:
        landmarks.append(Landmark("mark", draft.events[0].name, days=3))
    transitions = _transitions(draft, states, [a.name for a in ambiguities if a.gap])
    invariants = [
        Invariant("C-1", f"p{i}", "", scope.truth(2), False) for i in range(scope.below(3))
    ]
    machine = Machine(
        "trial",
        tuple(
            [State(s, initial=not i) for i, s in enumerate(states)]
            + [State("end", final=True)] * final
        ),
        tuple(draft.events),
        tuple(transitions),
        constants,
        tuple(draft.variables),
        draft.definitions,
        tuple(landmarks),
        FUNCTIONS if scope.functions else (),
        tuple(invariants),
        (Lemma("one", scope.truth(1)),) if scope.below(2) == 0 else (),
    )
    clauses = tuple(Clause(f"C-{i}", "", "G") for i in range(3))
    made = Protocol("random", "", (machine,), clauses, tuple(ambiguities))
    try:
        bind(made)
    except SpecError as error:
        # multiplying two variables and the like can't be ruled out while texts are drawn
        if not any(word in error.message for word in REFUSED_ANYWAY):
            raise
        draw(st.nothing())
    return made


REFUSED_ANYWAY = (
    "nested",
    "only multiplication by a constant",
    "characters; the limit",
    "written twice",
    "say otherwise",
    "or more",
)


def variables(scope: Scope, arrays: bool) -> list[Variable]:
    """The variables of a machine, entered into the scope as well."""
    found: list[Variable] = []
    low = scope.one(0, 0, 1, -1)
    for name in ("x", "y")[: scope.below(2)]:
        high = scope.one("size", "size + 1", "3")
        found.append(Count(name, low, high, scope.one(low, 1), meaning=""))
        scope.counts.append(name)
    if scope.below(2) == 0:
        found.append(Count("fixed", 1, 1))
        scope.counts.append("fixed")
    if scope.below(1):
        found.append(Flag("f", draw_truth(scope)))
        scope.flags.append("f")
    if scope.below(2) == 0:
        found.append(Category("g", LABELS, scope.one(*LABELS)))
        scope.labels.append("g")
    if scope.below(2) == 0:
        found.append(Quantity("q", DOSE.low, DOSE.high, DOSE.step, DOSE.unit, scope.one(*STEPS)))
        scope.doses.append("q")
    if scope.below(2) == 0:
        found.append(Count("many", 0, 3, saturates=True))
        scope.saturating["many"] = 3
    if scope.below(2) == 0:
        found.append(Clock("days", scope.one(2, 3)))
        scope.saturating["days"] = 2
    if arrays and scope.below(1):
        found.append(Count("n", 0, 2, scope.one(0, 1), per="size"))
        scope.number_arrays.append("n")
    if arrays and scope.below(3) == 0:
        found.append(Flag("m", draw_truth(scope), per="size"))
        scope.flag_arrays.append("m")
    if arrays and scope.doses and scope.below(2) == 0:
        found.append(Quantity("w", "0", "1", "0.5", "mg", "0.5", per="size"))
        scope.dose_arrays.append("w")
    return found or [Count("x", 0, 2)]


def draw_truth(scope: Scope) -> bool:
    return bool(scope.below(1))


def _ambiguities(scope: Scope) -> list[Ambiguity]:
    found = []
    for i, gap in enumerate((False, True, True)):
        if scope.below(2):
            continue
        made = Ambiguity(f"R-A{i}", "?", {"one": "", "two": ""}, "one", gap=gap)
        default = scope.one(*made.choices)
        found.append(replace(made, default=default))
        scope.readings[made.name] = list(made.choices)[:2]
    return found


def _event(scope: Scope, draft: Draft, name: str) -> Event:
    arguments: dict[str, Any] = {}
    for i in range(scope.below(2)):
        kinds: list[Any] = [Bool, Bool, Whole(1, "size"), Whole(0, 2), OneOf(LABELS)]
        kinds += [DOSE] * bool(scope.doses)
        arguments[f"a{i}"] = scope.one(*kinds)
    if scope.below(9) == 0:
        arguments["big"] = Whole(-500, 500)
    if scope.below(1):
        return Action(name, **arguments)
    event = Observation(name, **arguments)
    return replace(event, possible=draft.possible(_without_big(draft.inside(event), event)))


def _without_big(scope: Scope, event: Event) -> Scope:
    """The scope without arguments of many values, which may be compared with constants alone."""
    big = [a.name for a in event.arguments if a.name == "big"]
    counts = [c for c in scope.counts if c.removeprefix("event.") not in big]
    return replace(scope, counts=counts)


def _transitions(draft: Draft, states: list[str], gaps: list[str]) -> list[Transition]:
    scope, found = draft.scope, []
    for event in draft.events:
        inner = _without_big(draft.inside(event), event)
        cut = " and big > 7" if any(a.name == "big" for a in event.arguments) else ""
        for state in states:
            shape = scope.one("none", "one", "one", "both", "both", "both", "two", "gap")
            guard = scope.one(inner.truth(2), inner.truth(1)) + cut
            guards = {
                "none": [],
                "one": [scope.one("True", guard)],
                "both": [guard, scope.one("otherwise", f"not ({guard})")],
                "two": [guard, inner.truth(1)],
                "gap": [guard],
            }[shape]
            if shape == "gap" and gaps:
                gap = scope.one(*gaps)
                slug = scope.one("one", "two")
                guards.append(f"not ({guard}) and {gap} == '{slug}' and {inner.truth(0)}")
            for guard in guards:
                found.append(_transition(draft, inner, state, event, guard))
    return found


def _transition(draft: Draft, scope: Scope, state: str, event: Event, guard: str) -> Transition:
    ambiguities = list(scope.readings)
    target: Any = scope.one(None, *scope.states)
    if ambiguities and scope.below(9) == 0:
        target = Unspecified(scope.one(*ambiguities).replace("_", "-"))
    requires: tuple[Requirement, ...] = ()
    if scope.below(5) == 0:
        requires = (Requirement("C-2", scope.truth(1)),)
    then = "" if isinstance(target, Unspecified) else draft.effects(scope)
    source: Any = state if scope.below(5) else tuple(s for s in scope.states if s != "end")
    clause = f"C-{scope.below(1)}"
    return Transition(clause, source, event.name, target, guard, then, requires)
