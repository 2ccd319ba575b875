"""A machine as text: its states, events, values, words and rules, and where each is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from ...spec.calendar import Regimen
from ...spec.expression import TRUE, Node, binder, conjunction, conjuncts, parse, parse_effects
from ...spec.kinds import Days, Exact, Kind, OneOf, Text, Variable, Whole
from ...spec.model import Argument, Constant, Event, Landmark, Machine, State, Transition
from ...spec.model import Unspecified as Open

WIDTH = 100
WIDEST = 30


class Part(NamedTuple):
    """One named thing of a machine, and its lines."""

    name: str
    lines: tuple[str, ...]


def sections(machine: Machine) -> dict[str, list[Part]]:
    """What a machine declares under names, by heading, in order of declaration."""
    values = [(v.name, _variable(v)) for v in machine.variables]
    values += [(name, _constant(value)) for name, value in machine.constants.items()]
    values += [(m.name, _landmark(m)) for m in machine.landmarks]
    events = [Part(e.name, tuple(_event(e))) for e in machine.events]
    return {
        "States": _table([(s.name, _state(s)) for s in machine.states]),
        "Events": events
        + [Part(m.name, (f"  {m.name}()", "      a date")) for m in _dates(machine)],
        "Values": _table(values),
        "Words": _table([(n, f"= {text}") for n, text in machine.definitions.items()]),
    }


def machine_lines(machine: Machine) -> list[str]:
    """A whole machine."""
    lines = [f"Machine {machine.name}"]
    if machine.meaning:
        lines += wrap(machine.meaning, WIDTH, initial_indent="  ", subsequent_indent="  ")
    for heading, parts in sections(machine).items():
        if parts:
            lines += ["", heading, *(line for part in parts for line in part.lines)]
    if machine.transitions:
        lines += ["", "Rules", *(line for t in machine.transitions for line in rule_lines(t))]
    if machine.regimens:
        lines += ["", "Regimens", *(_regimen(r) for r in machine.regimens)]
    return lines


def named_lines(machine: Machine, name: str) -> list[str]:
    """One state, event, value or word of a machine, and what uses it; nothing if it has none."""
    lines: list[str] = []
    for heading, parts in sections(machine).items():
        for part in parts:
            if part.name == name and part.lines:
                lines += [f"{heading} of the machine {machine.name}", *part.lines]
    if not lines:
        return []
    words = _through(machine, name)
    if words - {name}:
        listed = ", ".join(n for n in machine.definitions if n in words - {name})
        lines += wrap(
            f"used by the words {listed}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    lines += [f"  used by {what}" for what in _users(machine, words)]
    found = [t for t in machine.transitions if _uses(t, name, words)]
    if found:
        through = " or one of these words" if words - {name} else ""
        lines += ["", f"Rules with {name}{through}"]
        lines += [line for t in found for line in rule_lines(t)]
    return lines


def names(machine: Machine) -> list[str]:
    """Everything that `named_lines` knows."""
    return [part.name for parts in sections(machine).values() for part in parts]


def rule_lines(t: Transition) -> list[str]:
    """One rule."""
    target = t.target
    goal = f"unspecified {target.ambiguity}" if isinstance(target, Open) else target or "stays"
    lines = [f"  {t.clause or '-'}: {', '.join(t.sources)} on {t.event} -> {goal}"]
    lines += [f"      requires {r.condition}  [{r.clause}]" for r in t.requires]
    when = condition(t.when)
    if when:
        lines.append(f"      when {when}")
    if t.then:
        lines.append(f"      then {t.then}")
    return lines


def condition(text: str) -> str:
    """A condition without the parts that always hold; empty where nothing is left.

    >>> condition("True and x > 0")
    'x > 0'
    """
    parts = conjuncts(parse(text))
    kept = [part for part in parts if part != TRUE]
    return text if len(kept) == len(parts) else str(conjunction(kept)) if kept else ""


# ---- what is declared


def _table(rows: Sequence[tuple[str, str]]) -> list[Part]:
    """Names and what is said of them in two columns."""
    width = max((len(n) for n, _ in rows if len(n) <= WIDEST), default=0)
    found = []
    for name, text in rows:
        head, rest = f"  {name:<{width}}  ", " " * (width + 4)
        lines = wrap(text, WIDTH, initial_indent=head, subsequent_indent=rest)
        found.append(Part(name, tuple(lines or [f"  {name}"])))
    return found


def _state(state: State) -> str:
    said = ["initial"] * state.initial + ["final"] * state.final
    if state.within is not None:
        clause = f" [{state.within_clause}]" if state.within_clause else ""
        said.append(f"may last while {state.within}{clause}")
    return _sentence("; ".join(said), state.meaning)


def _event(event: Event) -> Iterator[str]:
    arguments = ", ".join(map(_argument, event.arguments))
    yield from wrap(
        f"{event.name}({arguments})", WIDTH, initial_indent="  ", subsequent_indent="    "
    )
    text = _sentence("an observation" if event.observation else "an action", event.meaning)
    yield from wrap(text, WIDTH, initial_indent="      ", subsequent_indent="      ")
    for word, text in (("possible", event.possible), ("asked of systems", event.asked)):
        if when := condition(text):
            yield f"      {word} when {when}"


def _argument(argument: Argument) -> str:
    default = "" if argument.default is None else f", default {_start(argument.default)}"
    return f"{argument.name}: {_kind(argument.kind)}{default}"


def _variable(variable: Variable) -> str:
    each = f", one for each of {variable.per}" if variable.per is not None else ""
    more = " or more" if variable.saturates else ""
    start = _start(variable.initial if variable.initial is not None else 0)
    return _sentence(f"{_kind(variable.kind)}{more}{each}, starts at {start}", variable.meaning)


def _start(text: Text) -> str:
    """A value as the kinds are shown: labels without quotes, truth values in lower case."""
    node = parse(str(text))
    shown = str(node.value) if node.op == "label" else str(node)
    return shown.lower() if node.op == "truth" else shown


def _kind(kind: Kind) -> str:
    match kind:
        case Whole(low, high):
            return f"{low} to {high}"
        case OneOf(values):
            return " | ".join(values)
        case Exact(low, high, step, unit):
            return f"{low} to {high} {unit} by {step}"
        case Days(horizon):
            return f"days, 0 to {horizon}"
    return "true | false"


def _constant(value: Constant) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"= {shown}, a constant"


def _landmark(landmark: Landmark) -> str:
    parts = ((landmark.months, "months"), (landmark.days, "days"))
    long = " and ".join(f"{n} {unit}" for n, unit in parts if n) or "0 days"
    return _sentence(
        f"waiting | running | passed, a date {long} after {' or '.join(landmark.starts)}",
        landmark.meaning,
    )


def _dates(machine: Machine) -> list[Landmark]:
    declared = {e.name for e in machine.events}
    return [m for m in machine.landmarks if m.name not in declared]


def _sentence(kind: str, meaning: str) -> str:
    return ": ".join(text for text in (kind, meaning) if text)


def _regimen(regimen: Regimen) -> str:
    if regimen.unspecified:
        text = f"not stated ({regimen.unspecified})"
    else:
        days = ", ".join(map(str, regimen.days)) if regimen.days else "every day"
        text = f"{regimen.dose} {regimen.unit}, days {days} of {regimen.cycle}"
    return f"  regimen of {regimen.drug} [{regimen.clause}]: {text}"


# ---- what uses what


def _through(machine: Machine, name: str) -> frozenset[str]:
    """The name, and the definitions that come to it."""
    found = {name}
    reads = {word: _read(parse(text)) for word, text in machine.definitions.items()}
    while more := {word for word, names in reads.items() if names & found} - found:
        found |= more
    return frozenset(found)


def _read(tree: Node) -> set[str]:
    """The names in an expression, and the states that it compares with; not those of arguments
    written as ``event.name``."""
    found: set[str] = set()
    for node in tree.walk():
        if node.op in ("name", "index", "call"):
            found.add(str(node.value))
        elif node.op in ("all", "any", "sum"):
            found.add(binder(node)[1])
        elif Node("name", "state") in node.args:
            found |= {str(arg.value) for arg in node.args if arg.op == "label"}
    return found


def _uses(t: Transition, name: str, words: frozenset[str]) -> bool:
    """Whether a rule has a name, or one of the definitions that come to it."""
    if name in (*t.sources, t.event, t.target):
        return True
    trees = [parse(t.when) if t.when != "otherwise" else TRUE]
    trees += [parse(r.condition) for r in t.requires]
    for effect in parse_effects(t.then):
        trees += [effect.target, effect.value]
    return any(_read(tree) & words for tree in trees)


def _users(machine: Machine, words: frozenset[str]) -> Iterator[str]:
    """What else has one of these names: conditions of events and states, invariants, regimens."""
    for event in machine.events:
        texts = [event.possible, event.asked]
        texts += [str(a.default) for a in event.arguments if a.default is not None]
        if any(_read(parse(text)) & words for text in texts):
            yield f"the event {event.name}"
    for state in machine.states:
        if state.within is not None and _read(parse(state.within)) & words:
            yield f"the time limit of {state.name}"
    for invariant in machine.invariants:
        if _read(parse(invariant.holds)) & words:
            yield f"the invariant {invariant.clause}/{invariant.slug}"
    for regimen in machine.regimens:
        texts = [regimen.dose, regimen.when, str(regimen.cycle)]
        if set(regimen.states) & words or any(_read(parse(text)) & words for text in texts):
            yield f"the regimen of {regimen.drug}"
