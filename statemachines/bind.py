"""machine + constants + readings -> `Bound`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from ..spec.errors import SpecError
from ..spec.expression import (
    Node,
)
from ..spec.model import (
    SILENT,
    UNSPECIFIED,
    Constant,
    Days,
    Event,
    Exact,
    Kind,
    Machine,
    OneOf,
    Protocol,
    Variable,
    Whole,
)
from ..spec.readings import resolve_readings
from ..spec.resolve import Resolver
from ..spec.scope import Scope
from ..spec.types import BOOL, Type, number, steps
from .bound import Bound, BoundEvent, BoundFunction, Field, Parameter, Rule, as_int
from .names import check_names
from .rules import Rules

LANDMARK_VALUES = ("waiting", "running", "passed")
MAX_FIELDS = 5_000


def bind(
    protocol: Protocol,
    machine: str = "trial",
    *,
    constants: Mapping[str, Constant] | None = None,
    readings: Mapping[str, str] | None = None,
    symbolic: str | None = None,
) -> Bound:
    """The machine under these constants and readings; `SpecError` where it can't be built.

    ``readings`` maps ambiguity ids to slugs or letters; those not named take their default.
    With ``symbolic`` that constant is left open: what is then proved holds for every value >= 1.
    """
    found = protocol.machine(machine)
    return _Binder(protocol, found, constants or {}, readings or {}, symbolic).bound()


def sizes(machine: Machine) -> tuple[str, ...]:
    """The constants that machines may be proved for at every value: those that size arrays."""
    return tuple(dict.fromkeys(v.per for v in machine.variables if v.per is not None))


class _Binder:
    def __init__(
        self,
        protocol: Protocol,
        machine: Machine,
        constants: Mapping[str, Constant],
        readings: Mapping[str, str],
        symbolic: str | None,
    ) -> None:
        self.protocol, self.machine, self.symbolic = protocol, machine, symbolic
        self.constants = _constants(machine, constants)
        self.readings = resolve_readings(protocol, readings)
        self.states = tuple(s.name for s in machine.states)
        check_names(protocol, machine)
        empty = Scope({}, {}, self.constants, {}, {}, {}, frozenset([symbolic] if symbolic else []))
        self.bounds = Resolver(empty)
        self.fields = self._fields()
        self.scope = self._scope(self._reading_slugs())
        self.functions = self._functions()
        self.events = self._events()

    # ---- names

    # ---- variables

    def _range(self, kind: Kind, where: str) -> tuple[Node, Node, Type]:
        if isinstance(kind, Whole):
            low, s = self.bounds.number(str(kind.low), where)
            high, t = self.bounds.number(str(kind.high), where)
            if s.low is not None and t.high is not None and s.low > t.high:
                raise SpecError(f"the range {s.low}..{t.high} is empty", where=where)
            return low, high, number(s.low, t.high)
        if isinstance(kind, Days):
            high, t = self.bounds.number(str(kind.horizon), where)
            return Node("integer", 0), high, number(0, t.high)
        if isinstance(kind, Exact):
            try:
                low_steps, high_steps = (
                    steps(Decimal(v), kind.step, kind.unit) for v in (kind.low, kind.high)
                )
            except SpecError as error:
                raise error.within(where) from None
            if low_steps > high_steps:
                raise SpecError(f"the range {kind.low}..{kind.high} is empty", where=where)
            ends = Node("integer", low_steps), Node("integer", high_steps)
            return (*ends, Type("number", low_steps, high_steps, None, kind.step, kind.unit))
        if isinstance(kind, OneOf):
            if not kind.values or len(set(kind.values)) != len(kind.values):
                raise SpecError("a category needs labels, each once", where=where)
            last = len(kind.values) - 1
            labels = Type("label", 0, last, kind.values)
            return Node("integer", 0), Node("integer", last), labels
        return Node("integer", 0), Node("integer", 1), BOOL

    def _fields(self) -> tuple[Field, ...]:
        fields: list[Field] = []
        offset = 1
        landmarks = [
            Variable(m.name, OneOf(LANDMARK_VALUES), repr("waiting"))
            for m in self.machine.landmarks
        ]
        for v in (*self.machine.variables, *landmarks):
            where = f"machine {self.machine.name}: variable {v.name}"
            low, high, type = self._range(v.kind, where)
            if v.saturates:
                type = replace(type, saturates=True)
            size = None
            if v.per is not None:
                size = self._size(v.per, where)
            like = replace(type, saturates=False)
            initial = self.bounds.value(str(v.initial), where, like)
            clock = isinstance(v.kind, Days)
            made = Field(v.name, type, low, high, initial, size, offset, clock)
            if all(n.op == "integer" for n in (low, high, initial)) and not (
                as_int(low) <= as_int(initial) <= as_int(high)
            ):
                raise SpecError(f"initial value {v.initial} is outside its range", where=where)
            offset += 1 if size is None or size.op == "size" else as_int(size)
            if offset > MAX_FIELDS:
                raise SpecError(f"more than {MAX_FIELDS} values in a configuration", where=where)
            fields.append(made)
        return tuple(fields)

    def _size(self, name: str, where: str) -> Node:
        if name == self.symbolic:
            return Node("size", name)
        value = self.constants.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_FIELDS:
            raise SpecError(
                f"{name!r} must be a constant, a whole number from 1 to {MAX_FIELDS}", where=where
            )
        return Node("integer", value)

    # ---- scope

    def _reading_slugs(self) -> dict[str, str]:
        """Readings as guards see them: unspecified ones act as if the text gave no rule."""
        return {id: SILENT if slug == UNSPECIFIED else slug for id, slug in self.readings.items()}

    def _scope(self, slugs: Mapping[str, str]) -> Scope:
        scalars: dict[str, Type] = {"state": Type("label", 0, len(self.states) - 1, self.states)}
        arrays: dict[str, tuple[Type, str]] = {}
        for f, v in zip(self.fields, self.machine.variables, strict=False):
            if v.per is None:
                scalars[f.name] = f.type
            else:
                arrays[f.name] = (f.type, v.per)
        for f in self.fields[len(self.machine.variables) :]:
            scalars[f.name] = f.type
        readings = {
            a.name: (slugs[a.id], a.choices) for a in self.protocol.ambiguities if a.id in slugs
        }
        functions = {}
        for function in self.machine.functions:
            _, _, type = self._range(function.result, f"function {function.name}")
            functions[function.name] = (function, type)
        return Scope(
            scalars,
            arrays,
            self.constants,
            self.machine.definitions,
            readings,
            functions,
            frozenset([self.symbolic] if self.symbolic else []),
        )

    def _functions(self) -> dict[str, BoundFunction]:
        made = {}
        # a contract calls no functions: it is what every reading knows of them
        plain = replace(self.scope, functions={})
        for name, (function, type) in self.scope.functions.items():
            where = f"function {name}"
            low, high, _ = self._range(function.result, where)
            resolver = Resolver(plain.with_arguments({"result": type}))
            ensures = resolver.condition(function.ensures, f"{where}: ensures")
            takes = tuple(
                None if kind is None else self._range(kind, where)[:2]
                for kind in function.parameters
            )
            made[name] = BoundFunction(function, type, low, high, ensures, takes)
        return made

    # ---- events

    def _events(self) -> tuple[BoundEvent, ...]:
        landmarks = [
            Event(m.name, True, (), f"{m.name} == 'running'") for m in self.machine.landmarks
        ]
        return tuple(self._event(e) for e in (*self.machine.events, *landmarks))

    def _event(self, event: Event) -> BoundEvent:
        where = f"machine {self.machine.name}: event {event.name}"
        parameters: list[Parameter] = []
        resolver = Resolver(self.scope)
        for argument in event.arguments:
            if argument.name in {p.name for p in parameters}:
                raise SpecError(f"two arguments are called {argument.name!r}", where=where)
            low, high, type = self._range(argument.kind, f"{where}: argument {argument.name}")
            if isinstance(argument.kind, Days):
                raise SpecError("an argument can't be a clock", where=where)
            default = None
            if argument.default is not None:
                default = resolver.value(str(argument.default), where, type)
            parameters.append(Parameter(argument.name, type, low, high, default))
        inner = Resolver(self.scope.with_arguments({p.name: p.type for p in parameters}))
        possible = inner.condition(event.possible, f"{where}: possible")
        asked = inner.condition(event.asked, f"{where}: asked")
        return BoundEvent(
            event.name, event.observation, tuple(parameters), possible, event.possible, asked
        )

    # ---- rules

    def bound(self) -> Bound:
        """Everything together."""
        rules_of = Rules(
            self.protocol, self.machine, self.readings, self._reading_slugs(), self._scope
        )
        rules: list[Rule] = []
        counts: dict[str, int] = {}
        final = frozenset(i for i, s in enumerate(self.machine.states) if s.final)
        for number_, state in enumerate(self.states):
            for event in self.events:
                for rule in rules_of.of(number_, state, event):
                    base = f"{rule.clause or 'built-in'}/{state}-{event.name}"
                    counts[base] = counts.get(base, 0) + 1
                    name = base if counts[base] == 1 else f"{base}-{counts[base]}"
                    rules.append(replace(rule, number=len(rules), name=name))
                    if number_ in final:
                        raise SpecError(
                            f"state {state!r} is final and accepts nothing",
                            where=f"machine {self.machine.name}: {rule.clause}",
                        )
        resolver = Resolver(self.scope)
        invariants = tuple(
            (i, resolver.condition(i.holds, f"{i.clause}/{i.slug}"))
            for i in self.machine.invariants
        )
        lemmas = tuple(
            (m, resolver.condition(m.holds, f"lemma {m.name}")) for m in self.machine.lemmas
        )
        within = {
            i: resolver.condition(s.within, f"state {s.name}: within")
            for i, s in enumerate(self.machine.states)
            if s.within is not None
        }
        return Bound(
            self.protocol.name,
            self.machine,
            self.constants,
            self.readings,
            self.symbolic,
            self.scope,
            self.states,
            next(i for i, s in enumerate(self.machine.states) if s.initial),
            final,
            self.fields,
            self.events,
            tuple(rules),
            invariants,
            lemmas,
            self.machine.claims,
            self.functions,
            {
                name: tuple(int(v) for v in value)
                for name, value in self.constants.items()
                if isinstance(value, tuple) and all(isinstance(v, int) for v in value)
            },
            within,
        )


def _constants(machine: Machine, given: Mapping[str, Constant]) -> dict[str, Constant]:
    merged = dict(machine.constants)
    for name, value in given.items():
        if name not in merged:
            raise SpecError(
                f"machine {machine.name} has no constant {name!r}",
                hint=f"its constants: {', '.join(merged) or 'none'}",
            )
        if isinstance(merged[name], Decimal) and type(value) is int:
            value = Decimal(value)
        if type(value) is not type(merged[name]):
            raise SpecError(f"constant {name} is {merged[name]!r}; {value!r} is of another kind")
        if isinstance(value, Decimal) and not value.is_finite():
            raise SpecError(f"constant {name} can't be {value}")
        merged[name] = value
    for name, value in merged.items():
        if not isinstance(value, int | str | Decimal | tuple):
            raise SpecError(
                f"constant {name} is {value!r}, a {type(value).__name__}",
                hint="write a decimal as Decimal with a text",
            )
    return merged
