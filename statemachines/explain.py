"""Why an event is refused: the condition that failed, with its numbers, and its clause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from ..spec.errors import SpecError
from ..spec.expression import TRUE, Node, parse
from ..spec.resolve import Resolver
from ..spec.scope import Scope
from ..spec.types import Type, shown
from .bound import Bound, BoundEvent, Part, Rule
from .evaluate import Configuration, Undefined, evaluate


def refusal(
    bound: Bound, configuration: Configuration, event: BoundEvent, arguments: Mapping[str, int]
) -> tuple[str, str]:
    """The reason and the clause of a refusal.

    Of the rules for this event in this state, those for the labels that were given come first (the
    drug of a dose, for one); of them the one with the fewest failing conditions is explained, the
    first declared on a tie.
    """
    state = bound.states[configuration[0]]
    if configuration[0] in bound.final:
        return f"the state {state} is final and accepts nothing", _elsewhere(bound, event)[1]
    if event.observation and not evaluate(bound, event.possible, configuration, arguments):
        why = _numbers(bound, event, event.possible_text, configuration, arguments)
        return f"{event.name} is not possible: {event.possible_text} is false{why}", _elsewhere(
            bound, event
        )[1]
    rules = bound.rules_of.get((configuration[0], event.name), ())
    labels = {p.name for p in event.parameters if p.type.kind == "label"}
    best: tuple[tuple[int, int], Rule, list[Part]] | None = None
    for rule in rules:
        failing = [p for p in rule.parts if not _holds(bound, p.node, configuration, arguments)]
        rank = sum(_about(p, labels) for p in failing), len(failing)
        if best is None or rank < best[0]:
            best = (rank, rule, failing)
    if best is None:
        states, clause = _elsewhere(bound, event)
        needed = f"{event.name} needs the state {states}" if states else "no rule allows it"
        return f"the state is {state}; {needed}", clause
    part = best[2][0]
    why = _numbers(bound, event, part.text, configuration, arguments)
    return f"{part.text} is false{why}", part.clause


def _about(part: Part, labels: set[str]) -> bool:
    """Whether a condition only says for which labels the rule is."""
    leaves = [n for n in part.node.walk() if not n.args]
    read = {str(n.value) for n in leaves if n.op == "argument"}
    return bool(read) and read <= labels and all(n.op in ("argument", "integer") for n in leaves)


def _holds(
    bound: Bound, node: Node, configuration: Configuration, arguments: Mapping[str, int]
) -> bool:
    try:
        return bool(evaluate(bound, node, configuration, arguments))
    except Undefined:
        return False


def _elsewhere(bound: Bound, event: BoundEvent) -> tuple[str, str]:
    """The states that have rules for an event, and the clause of the first rule."""
    rules = [r for r in bound.rules if r.event == event.name]
    states = list(dict.fromkeys(bound.states[r.source] for r in rules))
    # rules that no reading in force leaves still say which clause the event comes from
    declared = [t.clause for t in bound.machine.transitions if t.event == event.name]
    clause = rules[0].clause if rules else next(iter(declared), "")
    return " or ".join(states), clause


def _numbers(
    bound: Bound,
    event: BoundEvent,
    text: str,
    configuration: Configuration,
    arguments: Mapping[str, int],
) -> str:
    """`` (treated[1] = 6)``: what the variables and definitions of a condition are."""
    scope, known, meaning = _meanings(bound, event)
    found: dict[str, object] = {}

    def visit(node: Node) -> None:
        name = str(node.value)
        if node.op in ("all", "any", "sum"):
            for array in [n for n in node.walk() if n.op == "index" and n.value in scope.arrays]:
                field = bound.by_name[str(array.value)]
                cells = configuration[field.offset : field.offset + field.cells]
                found[str(array.value)] = [shown(v, field.type) for v in cells]
            return
        if node.op == "index" and name in scope.arrays:
            index = evaluate(bound, meaning(node.args[0])[0], configuration, arguments)
            type = scope.arrays[name][0]
            value = evaluate(
                bound, Node("cell", name, (Node("integer", index),)), configuration, arguments
            )
            found[f"{name}[{index}]"] = shown(value, type)
            return
        if node.op == "argument" or (node.op == "name" and name in known):
            core, type = meaning(node)
            written = bound.machine.definitions.get(name)
            if node.op == "name" and type.kind == "bool" and isinstance(written, str):
                # that a condition with a name holds or not is known; its numbers are not
                with suppress(Undefined):
                    visit(parse(written))
                return
            label = f"{event.name}.{name}" if node.op == "argument" else name
            if core.op in ("label", "decimal"):
                found[label] = core.value
                return
            value = evaluate(bound, core, configuration, arguments)
            more = " or more" if type.saturates and value == type.high else ""
            found[label] = f"{shown(value, type)}{more}"
            return
        for arg in node.args:
            visit(arg)

    try:
        visit(parse(text))
    except (SpecError, Undefined):
        return ""
    values = ", ".join(f"{name} = {value}" for name, value in found.items())
    return f" ({values})" if values else ""


_Meaning = Callable[[Node], tuple[Node, Type]]


def _meanings(bound: Bound, event: BoundEvent) -> tuple[Scope, frozenset[str], _Meaning]:
    """What the names of an event's conditions mean, each worked out once for a bound machine."""
    made = bound.explained.get(event.name)
    if made is None:
        scope = bound.scope.with_arguments({p.name: p.type for p in event.parameters})
        known = frozenset([*scope.variables, *scope.definitions, *scope.arguments])
        meanings: dict[str, tuple[Node, Type]] = {}

        def meaning(node: Node) -> tuple[Node, Type]:
            text = str(node)
            if text not in meanings:
                meanings[text] = Resolver(scope).visit(node)
            return meanings[text]

        made = bound.explained[event.name] = scope, known, meaning
    return made


def acceptance(
    bound: Bound, rule: Rule, configuration: Configuration, arguments: Mapping[str, int]
) -> str:
    """Why a rule fires: its conditions with their numbers; nothing where it has none."""
    event = bound.event[rule.event]
    texts = [p.text for p in rule.parts if p.node.op != "truth"]
    numbers = _numbers(
        bound, event, " and ".join(f"({t})" for t in texts), configuration, arguments
    )
    return f"{' and '.join(texts)}{numbers}" if texts else ""


def condition_numbers(bound: Bound, text: str, configuration: Configuration) -> str:
    """`` (since_visit = 32)``: what the names of a condition without arguments stand for."""
    nothing = BoundEvent("", True, (), TRUE, "")
    return _numbers(bound, nothing, text, configuration, {})
