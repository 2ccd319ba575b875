"""`Bound` -> `Chart`: which rules become lines between states, and which stay inside a box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ..spec.errors import SpecError
from ..spec.expression import FALSE, TRUE, conjuncts
from ..spec.model import (
    SILENT,
    UNSPECIFIED,
    Boolean,
    Constant,
    Days,
    Exact,
    Kind,
    OneOf,
    Protocol,
    Transition,
    Unspecified,
    Variable,
    Whole,
)
from ..spec.readings import PROFILES, profile
from ..spec.resolve import Resolver
from ..statemachines.bind import bind
from ..statemachines.bound import Bound, BoundEvent, Rule
from .chart import Box, Chart, Condition, Edge, Entry, Gap, Outcome, Row
from .simplify import Simplifier


def draw(protocol: Protocol, bound: Bound) -> Chart:
    """The chart of a bound machine of this protocol.

    A rule that names its target is a line, even back to the same state; one that says it stays
    is listed inside the state's box. Rules of several states that read alike share one line.
    """
    return _Drawing(protocol, bound).chart()


class _Drawing:
    def __init__(self, protocol: Protocol, bound: Bound) -> None:
        self.protocol, self.bound = protocol, bound
        self.simple = Simplifier(bound.scope)
        self.declared = {
            (source, t.event, t.clause, _target(t.target, source), _text(t)): t
            for t in reversed(bound.machine.transitions)
            for source in t.sources
        }

    def chart(self) -> Chart:
        inside: dict[str, list[Row]] = {}
        outside: list[tuple[str, str, bool, Row]] = []
        for rule in self.bound.rules:
            source = self.bound.states[rule.source]
            transition = self._transition(rule)
            row = self._row(rule, transition)
            if isinstance(rule.target, Unspecified):
                outside.append((source, rule.target.ambiguity, True, row))
            elif rule.target == rule.source and (transition is None or transition.target is None):
                inside.setdefault(source, []).append(row)
            else:
                outside.append((source, self.bound.states[rule.target], False, row))
        entered = {target for _, target, unspecified, _ in outside if not unspecified}
        gaps = self._gaps()
        boxes = tuple(
            self._box(n, inside.get(s, []), s in entered, gaps.get(n, ()))
            for n, s in enumerate(self.bound.states)
        )
        silent = {id for found in gaps.values() for gap in found for id in gap.ambiguities}
        events = tuple(self._event_entry(e) for e in self.bound.events)
        machine = self.bound.machine
        return Chart(
            protocol=self.protocol.name,
            title=self.protocol.title,
            machine=machine.name,
            meaning=machine.meaning,
            readings=readings_in_words(self.protocol, self.bound),
            boxes=boxes,
            outcomes=self._outcomes(),
            edges=_edges(outside),
            constants=constant_entries(self.bound),
            variables=tuple(variable_entry(v) for v in machine.variables),
            events=events,
            definitions=self.simple.entries(),
            clauses=self._clauses(),
            gaps=tuple(
                Entry(a.id, a.question) for a in self.protocol.ambiguities if a.id in silent
            ),
        )

    # ---- rules

    def _transition(self, rule: Rule) -> Transition | None:
        """The declared transition a rule was made from; generated rules have none."""
        source = self.bound.states[rule.source]
        to = rule.target
        name = to if isinstance(to, Unspecified) else self.bound.states[to]
        return self.declared.get((source, rule.event, rule.clause, name, rule.text))

    def _row(self, rule: Rule, transition: Transition | None) -> Row:
        event = self.bound.event[rule.event]
        effects = self.simple.effects(transition.then) if transition else ()
        for effect in effects:
            self.simple.use(effect.value)
        starts = tuple(
            f"{m.name} is awaited" if rule.event in m.starts else f"{m.name} has passed"
            for m in self.bound.machine.landmarks
            if rule.event in (*m.starts, m.name)
        )
        return Row(
            signature(event),
            event.observation,
            rule.clause,
            self._conditions(rule),
            (*map(str, effects), *starts),
            (rule.name,),
        )

    def _conditions(self, rule: Rule) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for part in rule.parts:
            if part.node == TRUE:
                continue
            for condition in self._condition(part.clause, part.text):
                if condition not in found:
                    found.append(condition)
        return tuple(found)

    def _condition(self, clause: str, text: str) -> tuple[Condition, ...]:
        """The conjuncts of a condition under the readings; prose of generated rules as it is."""
        try:
            node = self.simple.condition(text)
        except SpecError:
            return (Condition(clause, text),)
        parts = [p for p in conjuncts(node) if p != TRUE]
        for part in parts:
            self.simple.use(part)
        return tuple(Condition(clause, str(p), p.op in ("or", "if")) for p in parts)

    # ---- boxes

    def _box(self, number: int, rows: list[Row], entered: bool, gaps: tuple[Gap, ...]) -> Box:
        state = self.bound.machine.states[number]
        within = None
        if state.within is not None and self.bound.within.get(number) != TRUE:
            node = self.simple.condition(state.within)
            self.simple.use(node)
            within = Condition(state.within_clause, str(node))
        return Box(
            name=state.name,
            meaning=state.meaning,
            initial=state.initial,
            final=state.final,
            entered=entered or state.initial,
            within=within,
            doses=self._doses(state.name),
            changes=tuple(r for r in rows if r.effects),
            idle=tuple(r for r in rows if not r.effects),
            gaps=gaps,
        )

    def _gaps(self) -> dict[int, tuple[Gap, ...]]:
        """The observations without a rule where a gap is left silent, by state.

        They are those that the machine would answer unspecified if those gaps were set so.
        """
        silent = {id: UNSPECIFIED for id, slug in self.bound.readings.items() if slug == SILENT}
        if not silent:
            return {}
        told = bind(
            self.protocol,
            self.bound.machine.name,
            constants=self.bound.constants,
            readings={**self.bound.readings, **silent},
        )
        found: dict[int, dict[str, list[str]]] = {}
        for rule in told.rules:
            event = self.bound.event[rule.event]
            # a gap's rules are made when it is bound, and cite the ambiguity itself
            if not event.observation or rule.clause not in silent or rule.guard == FALSE:
                continue
            types = {p.name: p.type for p in event.parameters}
            scope = self.bound.scope.with_arguments(types, rule.source)
            if Resolver(scope).condition(event.possible_text, event.name) != FALSE:
                gaps = found.setdefault(rule.source, {})
                gaps.setdefault(signature(event), []).append(rule.clause)
        return {
            state: tuple(Gap(event, tuple(ids)) for event, ids in gaps.items())
            for state, gaps in found.items()
        }

    def _doses(self, state: str) -> tuple[Condition, ...]:
        made = []
        for regimen in self.bound.machine.regimens:
            if state not in regimen.states:
                continue
            dose, when = (self.simple.condition(t) for t in (regimen.dose, regimen.when))
            self.simple.use(dose)
            self.simple.use(when)
            if when == FALSE:
                continue
            days = f"days {', '.join(map(str, regimen.days))}" if regimen.days else "every day"
            days += f" on {', '.join(regimen.weekdays)}" if regimen.weekdays else ""
            text = f"{regimen.drug} {dose} {regimen.unit}, {days} of {regimen.cycle}"
            if regimen.unspecified:
                text = f"{regimen.drug}: schedule not given ({regimen.unspecified})"
            if when != TRUE:
                text += f", if {when}"
            made.append(Condition(regimen.clause, text))
        return tuple(made)

    def _outcomes(self) -> tuple[Outcome, ...]:
        ids = (r.target.ambiguity for r in self.bound.rules if isinstance(r.target, Unspecified))
        return tuple(Outcome(id, self.protocol.ambiguity(id).question) for id in dict.fromkeys(ids))

    # ---- legend

    def _event_entry(self, event: BoundEvent) -> Entry:
        declared = {e.name: e for e in self.bound.machine.events}
        parts = []
        if event.name in declared:
            parts.append(declared[event.name].meaning)
        else:
            landmark = next(m for m in self.bound.machine.landmarks if m.name == event.name)
            time = f"{landmark.months} months" if landmark.months else f"{landmark.days} days"
            first = " or ".join(landmark.starts)
            parts.append(landmark.meaning or f"{time} after the first {first}")
        possible = self.simple.condition(event.possible_text)
        if event.observation and possible == FALSE:
            parts.append("can't happen under these readings")
        elif event.observation and possible != TRUE:
            self.simple.use(possible)
            parts.append(f"can happen if {possible}")
        return Entry(signature(event), "; ".join(p for p in parts if p))

    def _clauses(self) -> tuple[Entry, ...]:
        """The clauses that the drawing cites, with their paraphrase."""
        cited = {p.clause for r in self.bound.rules for p in r.parts if p.node != TRUE}
        cited |= {r.clause for r in self.bound.rules}
        cited |= {s.within_clause for s in self.bound.machine.states if s.within is not None}
        cited |= {r.clause for r in self.bound.machine.regimens}
        return tuple(Entry(c.id, c.text) for c in self.protocol.clauses if c.id in cited)


def variable_entry(variable: Variable) -> Entry:
    """A variable's line of the legend: what it means and the values it has."""
    per = f" for each of 1 to {variable.per}" if variable.per else ""
    text = f"{_kind(variable.kind)}{' or more' if variable.saturates else ''}{per}"
    return Entry(variable.name, f"{variable.meaning} ({text})" if variable.meaning else text)


def constant_entries(bound: Bound) -> tuple[Entry, ...]:
    """The constants of a bound machine with their values."""
    return tuple(Entry(name, _value(value)) for name, value in bound.constants.items())


def readings_in_words(protocol: Protocol, bound: Bound) -> str:
    """The profile the machine is bound under, and what differs from it: ``default``."""
    if not bound.readings:
        return "none to choose"
    named = (profile(protocol, name) for name in PROFILES)
    differs = [
        (name, [f"{id}={slug}" for id, slug in bound.readings.items() if chosen.get(id) != slug])
        for name, chosen in zip(PROFILES, named, strict=True)
    ]
    name, others = min(differs, key=lambda pair: len(pair[1]))
    return f"{name}, with {', '.join(others)}" if others else name


def _edges(found: Iterable[tuple[str, str, bool, Row]]) -> tuple[Edge, ...]:
    """Lines: first rows that read alike are joined, then those with the same ends."""
    sources: dict[tuple[str, bool, Row], list[tuple[str, str]]] = {}
    for source, target, unspecified, row in found:
        key = (target, unspecified, replace(row, rules=()))
        sources.setdefault(key, []).append((source, row.rules[0]))
    lines: dict[tuple[tuple[str, ...], str, bool], list[Row]] = {}
    for (target, unspecified, row), ends in sources.items():
        starts = tuple(dict.fromkeys(source for source, _ in ends))
        whole = replace(row, rules=tuple(name for _, name in ends))
        lines.setdefault((starts, target, unspecified), []).append(whole)
    return tuple(
        Edge(starts, target, unspecified, tuple(rows))
        for (starts, target, unspecified), rows in lines.items()
    )


def _target(target: str | Unspecified | None, source: str) -> str | Unspecified:
    return source if target is None else target


def _text(transition: Transition) -> str:
    # as `bind` writes it
    return transition.when + (f" / {transition.then}" if transition.then else "")


def signature(event: BoundEvent) -> str:
    """An event with the names of its arguments: ``evaluate(dlt)``."""
    names = ", ".join(p.name for p in event.parameters)
    return f"{event.name}({names})" if names else event.name


def _value(value: Constant) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(v) for v in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _kind(kind: Kind) -> str:
    match kind:
        case Boolean():
            return "true or false"
        case Whole(low, high):
            return f"{low} to {high}"
        case OneOf(values):
            return "one of " + ", ".join(values)
        case Exact(low, high, step, unit):
            return f"{low} to {high} {unit} in steps of {step}"
        case Days(horizon):
            return f"days, 0 to {horizon}"
