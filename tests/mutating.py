"""First-order mutants of a machine, and systems that behave like them, to measure suites with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from trialspec.oracle.vectors import Suite
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Effect, Node, parse, parse_effects
from trialspec.spec.model import Event, Machine, Protocol, Transition, Unspecified
from trialspec.spec.types import shown
from trialspec.statemachines.arguments import read_arguments
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound, BoundEvent
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Undefined
from trialspec.statemachines.step import elapse, observe

NEIGHBOURS = {
    "<": ("<=", "!="),
    "<=": ("<", "=="),
    ">": (">=", "!="),
    ">=": (">", "=="),
    "==": ("<=", ">=", "!="),
    "!=": ("<", ">", "=="),
}


@dataclass(frozen=True)
class Mutant:
    """One changed place of a machine."""

    change: str
    machine: Machine


# ---- changing texts


def _trees(node: Node) -> Iterator[tuple[str, Node]]:
    """Every tree with one place changed."""
    op, args = node.op, node.args
    if op in NEIGHBOURS:
        for other in NEIGHBOURS[op]:
            yield f"{op} to {other}", Node(other, None, args)
    if op == "integer":
        value = int(node.value or 0)
        yield f"{value} to {value + 1}", Node("integer", value + 1)
        if value:
            yield f"{value} to {value - 1}", Node("integer", value - 1)
    if op in ("and", "or"):
        yield f"{op} turned", Node("or" if op == "and" else "and", None, args)
        for i in range(len(args)):
            rest = args[:i] + args[i + 1 :]
            yield f"{args[i]} dropped", rest[0] if len(rest) == 1 else Node(op, None, rest)
    if op == "not":
        yield "not dropped", args[0]
    if op in ("+", "-") and len(args) == 2:
        yield f"{op} turned", Node("-" if op == "+" else "+", None, args)
    if op == "in" and len(args) > 2:
        for i in range(1, len(args)):
            yield f"{args[i]} dropped", Node("in", None, args[:i] + args[i + 1 :])
    if op == "if":
        yield "if turned", Node("if", None, (args[0], args[2], args[1]))
    if op == "call" and node.value in ("min", "max"):
        other = "max" if node.value == "min" else "min"
        yield f"{node.value} turned", Node("call", other, args)
    for i, arg in enumerate(args):
        for what, changed in _trees(arg):
            yield what, Node(op, node.value, (*args[:i], changed, *args[i + 1 :]))


def texts(text: str) -> Iterator[tuple[str, str]]:
    """Every text with one place changed."""
    if text == "otherwise":
        return
    for what, tree in _trees(parse(text)):
        yield what, str(tree)


def effects(text: str) -> Iterator[tuple[str, str]]:
    """Effects with one left out, or one value changed."""
    listed = parse_effects(text)
    for i, effect in enumerate(listed):
        rest = [str(e) for e in (*listed[:i], *listed[i + 1 :])]
        yield f"{effect} dropped", "; ".join(rest)
        for what, value in _trees(effect.value):
            changed = str(Effect(effect.target, value))
            yield f"{effect}: {what}", "; ".join([*map(str, listed[:i]), changed, *rest[i:]])


# ---- changing machines


def mutants(machine: Machine) -> Iterator[Mutant]:
    """Every machine with one constant, definition, guard, effect, target or rule changed."""
    sizes = {v.per for v in machine.variables}
    for name, value in machine.constants.items():
        if isinstance(value, int) and not isinstance(value, bool) and name not in sizes:
            for other in (value - 1, value + 1):
                constants = {**machine.constants, name: other}
                yield Mutant(f"{name} = {other}", replace(machine, constants=constants))
    for name, text in machine.definitions.items():
        for what, changed in texts(text):
            definitions = {**machine.definitions, name: changed}
            yield Mutant(f"{name}: {what}", replace(machine, definitions=definitions))
    for i, event in enumerate(machine.events):
        for what, made in _events(event):
            events = (*machine.events[:i], made, *machine.events[i + 1 :])
            yield Mutant(f"{event.name} possible: {what}", replace(machine, events=events))
    states = [s.name for s in machine.states]
    for i, t in enumerate(machine.transitions):
        for what, rest in _transitions(t, states):
            table = (*machine.transitions[:i], *rest, *machine.transitions[i + 1 :])
            where = f"{t.clause} {','.join(t.sources)} on {t.event}"
            yield Mutant(f"{where}: {what}", replace(machine, transitions=table))


def _events(event: Event) -> Iterator[tuple[str, Event]]:
    if event.possible != "True":
        yield "always", replace(event, possible="True")
    for what, text in texts(event.possible):
        yield what, replace(event, possible=text)


def _transitions(t: Transition, states: list[str]) -> Iterator[tuple[str, list[Transition]]]:
    yield "dropped", []
    if len(t.sources) > 1:
        for source in t.sources:
            others = tuple(s for s in t.sources if s != source)
            yield f"not from {source}", [replace(t, source=others)]
    for what, text in texts(t.when):
        yield what, [replace(t, when=text)]
    for i, r in enumerate(t.requires):
        rest = (*t.requires[:i], *t.requires[i + 1 :])
        yield f"{r.condition} dropped", [replace(t, requires=rest)]
        for what, text in texts(r.condition):
            changed = (*t.requires[:i], replace(r, condition=text), *t.requires[i + 1 :])
            yield what, [replace(t, requires=changed)]
    if isinstance(t.target, Unspecified):
        return
    for what, text in effects(t.then):
        yield what, [replace(t, then=text)]
    for state in states:
        if state not in (t.target, *(t.sources if t.target is None else ())):
            yield f"to {state}", [replace(t, target=state)]
    if t.target is not None and t.sources != (t.target,):
        yield "stays", [replace(t, target=None)]


# ---- systems


class System:
    """A bound machine as a system: the first rule that applies fires."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.fire = bound, Compiled(bound).fire

    def answer(self, here: tuple[int, ...], event: str, values: dict[str, int]) -> Any:
        """The configuration after an event, ``refused``, ``unspecified`` or ``broken``."""
        if event == "elapse":
            return elapse(self.bound, here, values["days"])
        try:
            found = self.fire[event](here, *values.values())
        except Undefined:
            return "broken"
        if found is None or here[0] in self.bound.final:
            return "refused"
        return found if isinstance(found, tuple) else "unspecified"


def bound_mutants(
    protocol: Protocol, bound: Bound, every: int = 1
) -> Iterator[tuple[Mutant, Bound]]:
    """The mutants that can be bound, under the same constants and readings; one in ``every``."""
    machine = protocol.machine(bound.machine.name)
    machine = replace(machine, constants=dict(bound.constants))
    for number, mutant in enumerate(mutants(machine)):
        if number % every:
            continue
        others = [m if m.name != machine.name else mutant.machine for m in protocol.machines]
        try:
            yield (
                mutant,
                bind(
                    replace(protocol, machines=tuple(others)),
                    machine.name,
                    readings=bound.readings,
                ),
            )
        except SpecError:
            continue


def failing_vector(suite: Suite, bound: Bound) -> str | None:
    """The first vector that a system behaving like this machine fails, None when it passes."""
    system = System(bound)
    known: dict[Any, Any] = {}
    for vector in suite.vectors:
        here = bound.initial()
        for step in vector.steps:
            key = (here, step.event, *step.arguments.items())
            if key not in known:
                try:
                    values = read_arguments(bound, step.event, step.arguments, here)
                except SpecError:
                    return vector.id
                found = system.answer(here, step.event, values)
                after = found if isinstance(found, tuple) else here
                known[key] = found, after, observe(bound, after)
            found, after, seen = known[key]
            said = "accepted" if isinstance(found, tuple) else found
            if said != step.answer or seen != step.observe:
                return vector.id
            here = after
    return None


class Everywhere:
    """What a machine answers in every reachable configuration, to compare others with.

    Arguments that have a default take it, as they do in vectors, and nothing is compared that
    nobody is asked for. Of a large machine one place in ``every`` may stand for all.
    """

    def __init__(self, bound: Bound, every: int = 1) -> None:
        self.bound, system = bound, System(bound)
        self.answers: list[tuple[tuple[int, ...], str, dict[str, int], Any]] = []
        choices = [(e.name, self.choices(e)) for e in bound.events]
        asked = {e.name: bound.compiled.predicates([e.asked], e)[0] for e in bound.events}
        if bound.clocks:
            choices.append(("elapse", [{"days": 1}]))
        todo = [bound.initial()]
        seen = set(todo)
        for number, here in enumerate(todo):
            for event, given in choices:
                for arguments in given:
                    values = read_arguments(bound, event, arguments, here)
                    if event in asked and not asked[event](here, *values.values()):
                        continue
                    found = system.answer(here, event, values)
                    if number % every == 0:
                        self.answers.append((here, event, values, found))
                    if isinstance(found, tuple) and found not in seen:
                        seen.add(found)
                        todo.append(found)

    def choices(self, event: BoundEvent) -> list[dict[str, object]]:
        """The argument values to try, as a caller writes them."""
        needed = tuple(p for p in event.parameters if p.default is None)
        listed = argument_values(self.bound, replace(event, parameters=needed))
        return [
            {p.name: shown(value, p.type) for p, value in zip(needed, values, strict=True)}
            for values in listed
        ]

    def difference(self, other: Bound) -> str | None:
        """Where another machine answers differently, None when it never does."""
        if self.bound.initial() != other.initial():
            return "at the start"
        system = System(other)
        for here, event, values, expected in self.answers:
            found = system.answer(here, event, values)
            if found != expected:
                seen = observe(self.bound, here)
                return f"{event} {values} in {seen}: {expected} and {found}"
        return None
