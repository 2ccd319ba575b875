"""Comparisons of the readings of one bound machine; each fails where two of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from brute import Found
from plain import Meaningless, Plain
from trialspec.spec.document import dump_json, dump_yaml, from_document
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Node, parse, parse_effects
from trialspec.spec.json_reader import parse_json
from trialspec.spec.model import Exact, Protocol, Unspecified
from trialspec.statemachines.automaton import DEFECT, REFUSED, UNSPECIFIED, automaton
from trialspec.statemachines.bound import Bound, Rule
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Configuration, Undefined, evaluate
from trialspec.statemachines.explore import Space, explore
from trialspec.statemachines.proof.obligations import properties
from trialspec.statemachines.proof.solver import check
from trialspec.statemachines.reach import ending
from trialspec.statemachines.smt import Encoder, Frame, elapse_effects, number, quoted
from trialspec.statemachines.step import (
    Accepted,
    Defect,
    Refused,
    Undecided,
    elapse,
    fire,
    observe,
    show_arguments,
    step,
)
from trialspec.statemachines.view import view

CASES_A_SCRIPT = 40


# ---- what each reading answers, in one form


@dataclass(frozen=True)
class First:
    """The answer when rules are tried in order and the first that applies is taken."""

    bound: Bound

    def __call__(self, here: Configuration, name: str, arguments: Mapping[str, int]) -> Any:
        bound, declared = self.bound, self.bound.event[name]
        try:
            if here[0] in bound.final:
                return None
            if declared.observation and not evaluate(bound, declared.possible, here, arguments):
                return None
            for rule in bound.rules_of.get((here[0], name), ()):
                if evaluate(bound, rule.guard, here, arguments):
                    if isinstance(rule.target, Unspecified):
                        return rule.target.ambiguity
                    return fire(bound, rule, here, arguments)
        except Undefined:
            return "defect"
        return None


def of_reference(bound: Bound, here: Configuration, name: str, arguments: dict[str, int]) -> Any:
    try:
        answer = step(bound, here, name, arguments)
    except Defect:
        return "defect"
    match answer:
        case Accepted(configuration):
            return configuration
        case Undecided(ambiguity):
            return ambiguity
        case Refused(because):
            assert because
    return None


def of_compiled(fire: Any, here: Configuration, values: tuple[int, ...]) -> Any:
    try:
        result = fire(here, *values)
    except Undefined:
        return "defect"
    return result.ambiguity if isinstance(result, Unspecified) else result


def events(bound: Bound) -> Iterator[tuple[str, tuple[int, ...], dict[str, int]]]:
    for declared in bound.events:
        for values in argument_values(bound, declared):
            names = [p.name for p in declared.parameters]
            yield declared.name, values, dict(zip(names, values, strict=True))


def compare_steps(bound: Bound, configurations: Iterable[Configuration]) -> None:
    """Reference, tree-walk in order of rules, and compiled step."""
    compiled, first = Compiled(bound), First(bound)
    for here in configurations:
        for name, values, arguments in events(bound):
            reference = of_reference(bound, here, name, arguments)
            ordered = first(here, name, arguments)
            fast = of_compiled(compiled.fire[name], here, values)
            assert fast == ordered, (here, name, arguments)
            # only a defect may be seen by the reference alone: it tries every rule
            assert reference in (ordered, "defect"), (here, name, arguments)
            if reference == "defect" and ordered != "defect":
                assert another_guard(bound, here, name, arguments)


def another_guard(bound: Bound, here: Configuration, name: str, arguments: dict[str, int]) -> bool:
    """Whether a second rule applies as well, or its guard has no value."""
    hits = 0
    for rule in bound.rules_of[here[0], name]:
        try:
            hits += evaluate(bound, rule.guard, here, arguments)
        except Undefined:
            return True
    return hits > 1


def compare_automaton(bound: Bound, found: Found) -> None:
    """The automaton has exactly the configurations and the answers of the step."""
    table, first = automaton(bound), First(bound)
    assert table.configurations[0] == bound.initial()
    assert set(table.configurations) <= set(found.depths)
    if not any(kind == "definedness" for kind, _ in found.issues):
        # enumeration goes on to the next rule where a guard has no value
        assert len(table.configurations) == len(found.depths)
    assert len(set(table.configurations)) == len(table.configurations)
    for i, here in enumerate(table.configurations):
        for name, _, arguments in events(bound):
            code = table.next(i, table.symbol(name, arguments))
            expected = first(here, name, arguments)
            if expected is None:
                assert code == REFUSED
            elif expected == "defect":
                assert code == DEFECT
            elif isinstance(expected, str):
                assert table.ambiguities[UNSPECIFIED - code] == expected
            else:
                assert table.configurations[code] == expected
        if bound.clocks:
            day = table.next(i, table.symbol("elapse", {"days": 1}))
            assert table.configurations[day] == elapse(bound, here, 1)


def compare_view(bound: Bound, found: Found, limit: int = 40) -> None:
    """The library's machine walks along, on every event from the first configurations."""
    if any(kind == "determinism" for kind, _ in found.issues):
        with pytest.raises(SpecError):
            view(bound)
        return
    machine, first = view(bound), First(bound)
    for here in list(found.depths)[:limit]:
        for name, _, arguments in events(bound):
            place(machine, bound, here)
            shown = show_arguments(bound.event[name], arguments)
            expected = first(here, name, arguments)
            if expected == "defect":
                with pytest.raises(Defect):
                    machine.trigger(name, **shown)
                assert machine.configuration == here
                continue
            accepted = isinstance(expected, tuple)
            assert machine.may_trigger(name, **shown) is accepted
            assert machine.trigger(name, **shown) is accepted
            if accepted:
                assert machine.configuration == expected
                if of_reference(bound, here, name, arguments) != "defect":
                    assert machine.answer == step(bound, here, name, arguments)
                continue
            assert machine.configuration == here
            if expected is None:
                assert isinstance(machine.answer, Refused)
            else:
                assert machine.answer.ambiguity == expected
        place(machine, bound, here)
        assert machine.elapse(days=2) is True
        assert machine.configuration == elapse(bound, here, 2)


def place(machine: Any, bound: Bound, here: Configuration) -> None:
    """Puts a view into a configuration, along the attributes it documents."""
    machine.set_state(bound.states[here[0]])
    machine._values[:] = here


# ---- the symbolic reading on concrete cases


def compare_smt(bound: Bound, configurations: list[Configuration]) -> int:
    """For every rule and distinct local context, guard and effects as the tree-walk has them."""
    total = 0
    for rule in bound.rules:
        cases = list(distinct(bound, rule, configurations))[:CASES_A_SCRIPT]
        if cases:
            total += len(cases)
            compare_rule(bound, rule, cases)
    if bound.clocks:
        compare_elapse(bound, configurations[:CASES_A_SCRIPT])
    props = properties(bound)
    if props:
        compare_properties(bound, [p.node for p in props], configurations[:CASES_A_SCRIPT])
    return total


def distinct(
    bound: Bound, rule: Rule, configurations: list[Configuration]
) -> Iterator[tuple[Configuration, dict[str, int]]]:
    nodes = [rule.guard] + [n for e in rule.effects for n in (e.value, e.index) if n is not None]
    names = {str(n.value) for node in nodes for n in node.walk()} | {e.name for e in rule.effects}
    read = [f for f in bound.fields if f.name in names]
    seen = set()
    for here in configurations:
        if here[0] != rule.source:
            continue
        key = tuple(here[f.offset : f.offset + f.cells] for f in read)
        if key in seen:
            continue
        seen.add(key)
        for name, _, arguments in events(bound):
            if name == rule.event:
                yield here, arguments


def literal(value: int, flag: bool) -> str:
    return ("true" if value else "false") if flag else number(value)


def equals(bound: Bound, frame: Frame, here: Configuration) -> list[str]:
    """That every variable of a frame has its value in a configuration."""
    facts = [f"(= {frame.scalars['state']} {here[0]})"]
    for f in bound.fields:
        for i in range(f.cells):
            name = frame.scalars[f.name] if f.size is None else f"({frame.arrays[f.name]} {i + 1})"
            facts.append(f"(= {name} {literal(here[f.offset + i], f.is_flag)})")
    return facts


def called(bound: Bound, encoder: Encoder, case: tuple[Configuration, dict[str, int]]) -> list[str]:
    """The values of functions, of which the text knows nothing but their contracts."""
    facts = []
    for name, node, _ in encoder.calls.values():
        try:
            facts.append(f"(= {name} {evaluate(bound, node, *case)})")
        except Undefined:
            continue
    return facts


def refute(encoder: Encoder, head: list[str], definitions: list[str], wrong: list[str]) -> None:
    """None of the cases can come out differently."""
    levels = [f"(declare-const {level} Int)" for level in ("|level!0|",)]
    calls = [f"(declare-const {name} Int)" for name, _, _ in encoder.calls.values()]
    text = [*head, *levels, *calls, *definitions, f"(assert (or false {' '.join(wrong)}))"]
    if check("\n".join([*text, "(check-sat)"])) != ["unsat"]:
        for case in wrong:
            script = "\n".join([*text[:-1], f"(assert {case})", "(check-sat)"])
            assert check(script) == ["unsat"], script


def compare_rule(
    bound: Bound, rule: Rule, cases: list[tuple[Configuration, dict[str, int]]]
) -> None:
    encoder = Encoder(bound)
    declared = bound.event[rule.event]
    target = rule.target if isinstance(rule.target, int) else None
    after, definitions = encoder.after(rule.effects, target)
    guard = encoder.formula(rule.guard, encoder.before, True, ["|level!0|"])
    possible = encoder.formula(declared.possible, encoder.before, True, ["|level!0|"])
    flags = {p.name: p.type.kind == "bool" for p in declared.parameters}
    wrong = []
    for case in cases:
        here, arguments = case
        given = equals(bound, encoder.before, here) + called(bound, encoder, case)
        given += [
            f"(= {quoted(f'event.{n}')} {literal(v, flags[n])})" for n, v in arguments.items()
        ]
        claims = []
        for text, node in ((guard, rule.guard), (possible, declared.possible)):
            try:
                claims.append(f"(= {text} {literal(evaluate(bound, node, *case), True)})")
            except Undefined:
                continue
        if target is not None:
            with suppress(Undefined):
                claims += equals(bound, after, fire(bound, rule, here, arguments))
        wrong.append(f"(and {' '.join(given)} (not (and true {' '.join(claims)})))")
    refute(encoder, [*encoder.declarations(), *encoder.parameters(declared)], definitions, wrong)


def compare_elapse(bound: Bound, configurations: list[Configuration]) -> None:
    encoder = Encoder(bound)
    after, definitions = encoder.after(elapse_effects(bound), None)
    wrong = []
    for here in configurations:
        if here[0] not in bound.final:
            given = equals(bound, encoder.before, here)
            claims = equals(bound, after, elapse(bound, here, 1))
            wrong.append(f"(and {' '.join(given)} (not (and {' '.join(claims)})))")
    refute(encoder, encoder.declarations(), definitions, wrong)


def compare_properties(
    bound: Bound, nodes: list[Node], configurations: list[Configuration]
) -> None:
    encoder = Encoder(bound)
    texts = [encoder.formula(n, encoder.before, True, ["|level!0|"]) for n in nodes]
    wrong = []
    for here in configurations:
        given = equals(bound, encoder.before, here) + called(bound, encoder, (here, {}))
        for text, node in zip(texts, nodes, strict=True):
            try:
                value = literal(evaluate(bound, node, here, {}), True)
            except Undefined:
                continue
            wrong.append(f"(and {' '.join(given)} (not (= {text} {value})))")
    refute(encoder, encoder.declarations(), [], wrong)


# ---- enumeration against plain search


def configurations_of(space: Space) -> set[Configuration]:
    assert space.table is not None
    layout = space.table.layout
    return {layout.unpack(key | rest) for key, rests in space.groups.items() for rest in rests}


def compare_enumeration(bound: Bound, watch: Mapping[str, Node], found: Found) -> None:
    """Same configurations, transitions, issues, violations and depths; with a rank and without."""
    for remember in (True, False):
        space = explore(bound, watch, remember=remember)
        assert space.complete
        assert space.configurations == len(found.depths)
        assert space.transitions == found.transitions
        assert space.depth == max(found.depths.values())
        assert space.fired == found.fired
        assert {key: f.depth for key, f in space.issues.items()} == found.issues
        assert {name: f.depth for name, f in space.violations.items()} == found.violations
        for (kind, _), finding in space.issues.items():
            assert found.depths[finding.configuration] == finding.depth, kind
        for name, finding in space.violations.items():
            assert found.depths[finding.configuration] == finding.depth
            assert not holds(bound, watch[name], finding.configuration)
        if remember:
            assert configurations_of(space) == set(found.depths)
        end = ending(space)
        if bound.final and end.known:
            assert (end.stuck is not None) == found.stuck()
            if end.stuck is None:
                assert end.steps == found.longest()


def holds(bound: Bound, node: Node, here: Configuration) -> bool:
    try:
        return bool(evaluate(bound, node, here, {}))
    except Undefined:
        return False


# ---- the texts themselves


def compare_plain(protocol: Protocol, bound: Bound, configurations: list[Configuration]) -> None:
    """What the texts say, read without this package's resolver, is what the step answers."""
    plain = Plain(protocol)
    for here in configurations:
        now = observe(bound, here)
        for name, _, arguments in events(bound):
            shown = show_arguments(bound.event[name], arguments)
            shown = {n: as_read(plain, name, n, v) for n, v in shown.items()}
            answer = of_reference(bound, here, name, arguments)
            try:
                kind, value = plain.step(now, name, shown)
            except Meaningless:
                # an operand that can't matter is dropped when texts are resolved
                continue
            if kind == "accepted":
                assert isinstance(answer, tuple), (now, name, shown, answer)
                assert observe(bound, answer) == value
            else:
                assert answer == value, (now, name, shown)
        assert observe(bound, elapse(bound, here, 1)) == plain.elapse(now)


def as_read(plain: Plain, name: str, argument: str, value: object) -> object:
    declared = next(e for e in plain.machine.events if e.name == name)
    kind = next(a.kind for a in declared.arguments if a.name == argument)
    return Fraction(str(value)) if isinstance(kind, Exact) else value


def round_trips(protocol: Protocol) -> None:
    """Documents and canonical texts come back as they were."""
    assert from_document(parse_json(dump_json(protocol))) == protocol
    assert dump_yaml(from_document(parse_json(dump_json(protocol)))) == dump_yaml(protocol)
    for t in protocol.machines[0].transitions:
        assert str(parse(t.when)) == t.when
        assert "; ".join(map(str, parse_effects(t.then))) == t.then


def compare_all(bound: Bound, found: Found) -> None:
    compare_steps(bound, list(found.after))
    compare_automaton(bound, found)
    compare_view(bound, found)


def watched(bound: Bound) -> dict[str, Node]:
    return {p.id: p.node for p in properties(bound)}
