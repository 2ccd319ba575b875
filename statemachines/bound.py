"""A machine with its constants and readings put in: the only input of everything that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..spec.expression import TRUE, Node
from ..spec.fold import Substitution
from ..spec.model import Claim, Constant, Function, Invariant, Lemma, Machine, Unspecified
from ..spec.scope import Assignment, Scope
from ..spec.types import Type

if TYPE_CHECKING:
    from .compile import Compiled


@dataclass(frozen=True)
class Field:
    """One variable of the configuration; an array when ``size`` is set.

    ``low`` and ``high`` are core trees: integers, or terms over a symbolic size. ``offset`` is the
    place of the value, or of the first cell, in a configuration tuple.
    """

    name: str
    type: Type
    low: Node
    high: Node
    initial: Node
    size: Node | None = None
    offset: int = 0
    clock: bool = False

    @property
    def cells(self) -> int:
        """How many integers it takes in a configuration of a sized machine."""
        return 1 if self.size is None else as_int(self.size)

    @property
    def is_flag(self) -> bool:
        """Whether it holds truth values."""
        return self.type.kind == "bool"


@dataclass(frozen=True)
class Parameter:
    """An argument of an event, with its type, bounds and default."""

    name: str
    type: Type
    low: Node
    high: Node
    default: Node | None = None


@dataclass(frozen=True)
class Part:
    """One condition of a guard: its clause, its text as written, and its meaning."""

    clause: str
    text: str
    node: Node


@dataclass(frozen=True)
class Rule:
    """One transition from one state: the unit that fires, is proved, and is drawn.

    ``target`` is a state's number or the unspecified outcome; ``parts`` are the conditions of the
    guard as they are explained; ``guard`` is all of them.
    """

    number: int
    name: str
    clause: str
    source: int
    event: str
    target: int | Unspecified
    guard: Node
    parts: tuple[Part, ...]
    effects: tuple[Assignment, ...]
    text: str = ""


@dataclass(frozen=True)
class BoundEvent:
    """An event with its parameters and, for an observation, when it can happen at all.

    ``asked`` is where vectors may hold a system to its answer.
    """

    name: str
    observation: bool
    parameters: tuple[Parameter, ...]
    possible: Node
    possible_text: str
    asked: Node = TRUE

    def given(self, arguments: Sequence[int]) -> dict[str, Node]:
        """Argument values as trees, by name."""
        return {
            p.name: Node("truth", bool(v)) if p.type.kind == "bool" else Node("integer", v)
            for p, v in zip(self.parameters, arguments, strict=True)
        }


@dataclass(frozen=True)
class Property:
    """An invariant, lemma or claim as a core tree."""

    id: str
    node: Node
    clause: str = ""
    statement: str = ""


@dataclass(frozen=True)
class BoundFunction:
    """A function, its result type and its contract over ``result`` and its parameters.

    ``takes`` is the least and the greatest value of each parameter, None for a whole array.
    """

    function: Function
    result: Type
    low: Node
    high: Node
    ensures: Node
    takes: tuple[tuple[Node, Node] | None, ...] = ()


@dataclass(frozen=True)
class Bound:
    """Everything folded. ``symbolic`` names the size left open, if any."""

    protocol: str
    machine: Machine
    constants: Mapping[str, Constant]
    readings: Mapping[str, str]
    symbolic: str | None
    scope: Scope
    states: tuple[str, ...]
    initial_state: int
    final: frozenset[int]
    fields: tuple[Field, ...]
    events: tuple[BoundEvent, ...]
    rules: tuple[Rule, ...]
    invariants: tuple[tuple[Invariant, Node], ...]
    lemmas: tuple[tuple[Lemma, Node], ...]
    claims: tuple[Claim, ...]
    functions: Mapping[str, BoundFunction]
    tables: Mapping[str, tuple[int, ...]]
    within: Mapping[int, Node] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def event(self) -> Mapping[str, BoundEvent]:
        """The events by name."""
        return {e.name: e for e in self.events}

    @cached_property
    def explained(self) -> dict[str, Any]:
        """What `explain` has worked out of the names of each event's conditions."""
        return {}

    @cached_property
    def rules_of(self) -> Mapping[tuple[int, str], tuple[Rule, ...]]:
        """The rules by source state and event, in order of declaration."""
        found: dict[tuple[int, str], list[Rule]] = {}
        for rule in self.rules:
            found.setdefault((rule.source, rule.event), []).append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    @cached_property
    def clocks(self) -> tuple[Field, ...]:
        """The fields that every elapsed day advances."""
        return tuple(f for f in self.fields if f.clock)

    @cached_property
    def compiled(self) -> Compiled:
        """Its guards, effects and events as Python functions, generated once."""
        from .compile import Compiled

        return Compiled(self)

    @cached_property
    def substituted(self) -> Substitution:
        """Its trees with argument values put in."""
        return Substitution()

    @cached_property
    def width(self) -> int:
        """The length of a configuration tuple; the state is its first entry."""
        return 1 + sum(f.cells for f in self.fields)

    def initial(self) -> tuple[int, ...]:
        """The configuration every case starts in."""
        values = [self.initial_state]
        for f in self.fields:
            values += [as_int(f.initial)] * f.cells
        return tuple(values)


def as_int(node: Node) -> int:
    """The value of a folded constant; truth values count 0 and 1."""
    assert node.op in ("integer", "truth"), f"{node} depends on a symbolic size"
    return int(node.value or 0)
