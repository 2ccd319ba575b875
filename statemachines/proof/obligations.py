"""The obligations of a machine: generated from its table, none of them asked for."""

from __future__ import annotations

from ...spec.expression import TRUE, Node, disjunction
from ...spec.fold import fold
from ...spec.resolve import Resolver
from ..bound import Bound, Property, Rule
from ..defined import defined
from ..smt import target_of
from .verdict import Obligation


def properties(bound: Bound, lemmas: bool = True) -> tuple[Property, ...]:
    """The invariants and, if wanted, the lemmas as properties, named as their obligations."""
    found = [
        Property(f"{i.clause}/{i.slug}", node, i.clause, i.statement)
        for i, node in bound.invariants
    ]
    found += [
        Property(f"lemma/{m.name}", node, "", m.why or f"lemma: {m.holds}")
        for m, node in bound.lemmas
        if lemmas
    ]
    return tuple(found)


def obligations(bound: Bound, lemmas: bool = True) -> list[Obligation]:
    """What must hold of a sized machine, claims apart; of its lemmas too where they are used."""
    found = [
        Obligation(f"range/{f.name}", "range", "", f"{f.name} stays in its range")
        for f in bound.fields
        if not f.is_flag
    ]
    found += _definedness(bound, lemmas)
    for state, name in enumerate(bound.states):
        for event in bound.events:
            rules = bound.rules_of.get((state, event.name), ())
            place = f"{name}/{event.name}"
            clause = rules[0].clause if rules else ""
            if len(rules) > 1:
                text = f"at most one rule applies to {event.name} in {name}"
                found.append(Obligation(f"determinism/{place}", "determinism", clause, text))
            if event.observation and state not in bound.final:
                text = f"{event.name} is answered in {name} wherever it can happen"
                found.append(Obligation(f"totality/{place}", "totality", clause, text))
    for state, name in enumerate(bound.states):
        if state not in bound.final:
            text = f"some event is always possible in {name}"
            found.append(Obligation(f"deadlock/{name}", "deadlock", "", text))
    if bound.final:
        text = "a final state can be reached from everywhere"
        found.append(Obligation("termination/final", "termination", "", text))
    found += [
        Obligation(p.id, "invariant", p.clause, p.statement) for p in properties(bound, lemmas)
    ]
    for invariant, _ in bound.invariants:
        if invariant.tight:
            id = f"{invariant.clause}/{invariant.slug}/tight"
            text = f"{invariant.statement.rstrip('.')}: the bound is attained"
            found.append(Obligation(id, "tightness", invariant.clause, text))
    return found


def _definedness(bound: Bound, lemmas: bool) -> list[Obligation]:
    found = []
    for event in bound.events:
        if event.observation and defined(bound, event.possible) != TRUE:
            text = f"when {event.name} can happen is defined"
            found.append(Obligation(f"definedness/possible/{event.name}", "definedness", "", text))
        if defined(bound, event.asked) != TRUE:
            text = f"where {event.name} is asked for is defined"
            found.append(Obligation(f"definedness/asked/{event.name}", "definedness", "", text))
    for rule in bound.rules:
        if target_of(rule) is not None and not _always_defined(bound, rule):
            text = f"{rule.name}: every index lies inside its array"
            found.append(Obligation(f"definedness/{rule.name}", "definedness", rule.clause, text))
    for prop in properties(bound, lemmas):
        if defined(bound, prop.node) != TRUE:
            text = f"{prop.id}: every index lies inside its array"
            found.append(Obligation(f"definedness/{prop.id}", "definedness", prop.clause, text))
    return found


def _always_defined(bound: Bound, rule: Rule) -> bool:
    parts = [defined(bound, rule.guard)]
    arrays = [e.name for e in rule.effects if e.index is not None]
    for effect in rule.effects:
        parts.append(defined(bound, effect.value))
        if effect.index is not None:
            parts.append(defined(bound, Node("cell", effect.name, (effect.index,))))
    return all(p == TRUE for p in parts) and len(arrays) == len(set(arrays))


def attainments(bound: Bound) -> dict[str, Node]:
    """For each tight invariant, the condition that its bound is met exactly."""
    found = {}
    for invariant, node in bound.invariants:
        id = f"{invariant.clause}/{invariant.slug}/tight"
        if isinstance(invariant.tight, str):
            found[id] = Resolver(bound.scope).condition(invariant.tight, id)
        elif invariant.tight:
            found[id] = attained(node)
    return found


def attained(node: Node) -> Node:
    """Where a bound is met with equality: in one instance of an all, under its antecedent."""
    op, args = node.op, node.args
    if op == "and":
        return fold(disjunction([attained(a) for a in args]))
    if op == "or":
        *antecedent, then = args
        reached = [fold(Node("not", None, (a,))) for a in antecedent]
        return fold(Node("and", None, (*reached, attained(then))))
    if op == "if":
        test, then, other = args
        no = fold(Node("not", None, (test,)))
        a = fold(Node("and", None, (test, attained(then))))
        return fold(Node("or", None, (a, fold(Node("and", None, (no, attained(other)))))))
    if op in ("<=", ">="):
        return fold(Node("==", None, args))
    if op in ("<", ">"):
        one = Node("integer", 1 if op == "<" else -1)
        return fold(Node("==", None, (fold(Node("+", None, (args[0], one))), args[1])))
    return node
