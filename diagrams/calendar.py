"""`Bound` -> `Sheet`: the treatment situations of a machine, and what is due in each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..spec.errors import SpecError
from ..spec.expression import TRUE, Node
from ..spec.model import Protocol
from ..statemachines.bound import Bound
from ..statemachines.calendar import BoundRegimen, Calendar
from ..statemachines.evaluate import Configuration, Undefined, evaluate
from ..statemachines.explore import explore
from .amounts import Due, amounts, no_value, varies
from .apart import Apart, Cited
from .chart import Condition, Entry
from .draw import constant_entries, readings_in_words, variable_entry
from .sheet import Grid, Line, Place, Sheet, Situation
from .simplify import Simplifier

MOST_CONFIGURATIONS = 150_000
MOST_EVALUATIONS = 300_000
MOST_CASES, MOST_SITUATIONS = 200, 24


def calendar(
    protocol: Protocol, bound: Bound, fixed: Mapping[str, int] | None = None
) -> Sheet | None:
    """The calendar of a bound machine of this protocol; None when it has no regimens.

    Situations and amounts are those of the reachable configurations, all of which are visited;
    where there are too many the regimens are shown as written. ``fixed`` leaves only those in which
    ``state`` or a variable has this stored value. Regimens of one drug with the same
    days, such as one for each cohort, share a line. `SpecError` where a dose or a condition of a
    regimen has no value in a reachable configuration.
    """
    return _Reading(protocol, bound, fixed or {}).sheet() if bound.machine.regimens else None


On = tuple[int, ...]
Patterns = Mapping[On, list[tuple[Configuration, On]]]


class _Case(NamedTuple):
    """The configurations of one state in which the same schedules run.

    Each line is the regimens of one schedule, and the configurations in which they give a dose.
    """

    state: int
    conditions: tuple[Condition, ...]
    lines: tuple[tuple[tuple[BoundRegimen, ...], Due], ...]


class _Reading:
    def __init__(self, protocol: Protocol, bound: Bound, fixed: Mapping[str, int]) -> None:
        self.protocol, self.bound, self.fixed = protocol, bound, fixed
        self.calendar = Calendar(bound)
        self.regimens = self.calendar.regimens
        self.simple = Simplifier(bound.scope)
        self.slots: list[int] = []
        self.shown: list[Node] = []

    def sheet(self) -> Sheet:
        patterns = self._patterns()
        cases = self._written() if patterns is None else list(self._cases(patterns))
        merged: dict[tuple[Grid, ...], list[_Case]] = {}
        for case in cases:
            merged.setdefault(self._grids(case, {case.state}), []).append(case)
        made = [self._situation(group) for group in merged.values()]
        machine = self.bound.machine
        declared = [r.regimen for case in cases for group, _ in case.lines for r in group]
        treated = {case.state for case in cases}
        asked = {r.unspecified for r in declared}
        cited = {r.clause for r in declared}
        trees = [*self.shown, *map(self.simple.definition, sorted(self.simple.used))]
        names = {str(part.value) for tree in trees for part in tree.walk()}
        return Sheet(
            protocol=self.protocol.name,
            title=self.protocol.title,
            machine=machine.name,
            readings=readings_in_words(self.protocol, self.bound),
            constants=tuple(c for c in constant_entries(self.bound) if c.name in names),
            situations=tuple(made[:MOST_SITUATIONS]),
            without=tuple(s for n, s in enumerate(self.bound.states) if n not in treated),
            exact=patterns is not None,
            left_out=max(0, len(made) - MOST_SITUATIONS),
            variables=tuple(variable_entry(v) for v in machine.variables if v.name in names),
            definitions=self.simple.entries(),
            ambiguities=tuple(
                Entry(a.id, a.question) for a in self.protocol.ambiguities if a.id in asked
            ),
            clauses=tuple(Entry(c.id, c.text) for c in self.protocol.clauses if c.id in cited),
        )

    # ---- which schedules run where

    def _reached(self) -> list[Configuration] | None:
        """The reachable configurations as far as regimens can tell them apart; None for too many.

        What no regimen reads is at its lowest value.
        """
        try:
            space = explore(self.bound, remember=True, most=MOST_CONFIGURATIONS)
        except SpecError:
            # an event has too many arguments to try
            return None
        if not space.complete:
            return None
        names = set(self.fixed)
        for r in self.regimens:
            trees = (r.when,) if r.regimen.unspecified else (r.when, r.dose)
            names |= {str(part.value) for tree in trees for part in tree.walk()}
            names |= {r.regimen.clock} if r.regimen.days else set()
        assert space.table is not None
        layout = space.table.layout
        mask = layout.masks[0]
        for field in self.bound.fields:
            mask |= layout.field_mask(field) if field.name in names else 0
        found = {(key | rest) & mask for key, rests in space.groups.items() for rest in rests}
        if len(found) * len(self.regimens) > MOST_EVALUATIONS:
            return None
        places = {self._place(name): value for name, value in self.fixed.items()}
        configurations = map(layout.unpack, found)
        return sorted(c for c in configurations if all(c[p] == v for p, v in places.items()))

    def _place(self, name: str) -> int:
        return 0 if name == "state" else self.bound.by_name[name].offset

    def _patterns(self) -> dict[int, Patterns] | None:
        """For each state, the sets of lines that run together, and where; None for too many."""
        reached = self._reached()
        if reached is None:
            return None
        every = range(len(self.regimens))
        running = [(c, tuple(n for n in every if self._runs(self.regimens[n], c))) for c in reached]
        self.slots = _slots(self.regimens, {on for _, on in running})
        found: dict[int, dict[On, list[tuple[Configuration, On]]]] = {}
        for configuration, on in running:
            pattern = tuple(sorted({self.slots[n] for n in on}))
            here = found.setdefault(configuration[0], {}).setdefault(pattern, [])
            here.append((configuration, on))
        if sum(map(len, found.values())) > MOST_CASES:
            return None
        return {state: found[state] for state in sorted(found)}

    def _cases(self, states: Mapping[int, Patterns]) -> Iterator[_Case]:
        """The situations of each state in turn; of one state, those with fewer drugs first."""
        for state, patterns in states.items():
            apart = self._apart(state, patterns)
            alike: dict[On, list[On]] = {}
            for pattern, here in patterns.items():
                alike.setdefault(tuple(self._given(here)), []).append(pattern)
            for given, members in sorted(alike.items(), key=lambda p: (len(p[0]), p[0])):
                if not given:
                    continue
                together = apart.conditions(members)
                groups = [members] if together is not None else [[p] for p in members]
                for group in groups:
                    told = together if together is not None else apart.conditions(group)
                    here = [found for pattern in group for found in patterns[pattern]]
                    lines = tuple(self._given(here).values())
                    yield _Case(state, tuple(map(self._condition, told or ())), lines)

    def _given(
        self, here: Iterable[tuple[Configuration, On]]
    ) -> dict[int, tuple[tuple[BoundRegimen, ...], Due]]:
        """The schedules that give a dose, by their place in declaration order.

        One whose days never come in these configurations gives none.
        """
        found: dict[int, list[tuple[Configuration, int]]] = {}
        for configuration, on in here:
            for n in on:
                if self._due(self.regimens[n], configuration):
                    found.setdefault(self.slots[n], []).append((configuration, n))
        return {
            slot: (
                tuple(self.regimens[n] for n in sorted({n for _, n in due})),
                tuple((c, self.regimens[n]) for c, n in due),
            )
            for slot, due in sorted(found.items())
        }

    def _runs(self, regimen: BoundRegimen, configuration: Configuration) -> bool:
        if configuration[0] not in regimen.states:
            return False
        try:
            return bool(evaluate(self.bound, regimen.when, configuration, {}))
        except Undefined as error:
            raise no_value(self.bound, regimen, "condition", configuration, error) from None

    def _due(self, regimen: BoundRegimen, configuration: Configuration) -> bool:
        if regimen.regimen.unspecified or not regimen.regimen.days:
            return True
        days = _days(regimen)
        clocked = regimen.clock is not None
        return self.calendar.day(regimen, configuration) in days if clocked else bool(days)

    def _written(self) -> list[_Case]:
        """Each state with its regimens as they are written."""
        able = [r for r in self.regimens if r.regimen.unspecified or not r.regimen.days or _days(r)]
        return [
            _Case(state, (), tuple(((r,), ()) for r in able if state in r.states))
            for state in range(len(self.bound.states))
            if any(state in r.states for r in able) and state == self.fixed.get("state", state)
        ]

    # ---- what tells the situations of a state apart

    def _apart(self, state: int, patterns: Patterns) -> Apart:
        whens = {}
        for slot in sorted({slot for pattern in patterns for slot in pattern}):
            group = [
                r
                for r, s in zip(self.regimens, self.slots, strict=True)
                if s == slot and state in r.states
            ]
            clauses = ", ".join(dict.fromkeys(r.regimen.clause for r in group))
            whens[slot] = clauses, [self.simple.condition(r.regimen.when) for r in group]
        where = {pattern: [c for c, _ in here] for pattern, here in patterns.items()}
        return Apart(self.bound, where, whens)

    def _condition(self, told: Cited) -> Condition:
        clauses, node = told
        self._show(node)
        return Condition(clauses, str(node), node.op in ("or", "if"))

    # ---- what a situation shows

    def _situation(self, cases: list[_Case]) -> Situation:
        states = [self.bound.machine.states[case.state] for case in cases]
        places = tuple(
            Place(state.name, state.meaning, case.conditions)
            for state, case in zip(states, cases, strict=True)
        )
        return Situation(places, self._grids(cases[0], {case.state for case in cases}))

    def _grids(self, case: _Case, states: Collection[int]) -> tuple[Grid, ...]:
        """The lines by cycle length; those without a schedule stand in the first grid."""
        stated = [group[0].cycle for group, _ in case.lines if not group[0].regimen.unspecified]
        found: dict[int, list[Line]] = {}
        for group, due in case.lines:
            unstated = group[0].regimen.unspecified
            cycle = next(iter(stated), 0) if unstated else group[0].cycle
            found.setdefault(cycle, []).append(self._line(group, due, states))
        return tuple(Grid(cycle, tuple(lines)) for cycle, lines in found.items())

    def _line(self, group: tuple[BoundRegimen, ...], due: Due, states: Collection[int]) -> Line:
        first = group[0]
        declared = first.regimen
        line = Line(
            declared.drug,
            declared.unit,
            declared.clause,
            first.cycle,
            _days(first),
            declared.weekdays,
            clock=declared.clock,
            unspecified=declared.unspecified,
            condition="" if due else self._text(declared.when),
        )
        if declared.unspecified:
            return line
        found = amounts(self.bound, due, line.doses)
        several = sum(a.many for a in found) != 1
        changing = several and varies(self.bound, group, states)
        if changing:
            found = tuple(replace(a, total="") for a in found)
        told = found[0].by if found else ""
        dose = self._text(declared.dose) if several and len(group) == 1 and not told else ""
        self.shown.append(Node("name", told))
        return replace(line, amounts=found, dose=dose, varies=changing)

    def _text(self, text: str) -> str:
        """A condition or dose as it is shown; nothing for one that always holds."""
        node = self.simple.condition(text)
        self._show(node)
        return "" if node == TRUE else str(node)

    def _show(self, node: Node) -> None:
        self.shown.append(node)
        self.simple.use(node)


def _days(regimen: BoundRegimen) -> tuple[int, ...]:
    """The declared days that its cycle has."""
    return tuple(sorted({d for d in regimen.regimen.days if 1 <= d <= regimen.cycle}))


def _slots(regimens: Sequence[BoundRegimen], together: Collection[On]) -> list[int]:
    """For each regimen the first one that it shares a line with.

    A line is one schedule of one drug. Regimens that run at the same time are two lines of it.
    """
    keys = [
        (d.drug, d.unit, r.cycle, d.days, d.weekdays, d.unspecified, d.clock)
        for r, d in ((r, r.regimen) for r in regimens)
    ]
    twice = {keys[n] for on in together for n in on if [keys[m] for m in on].count(keys[n]) > 1}
    return [n if key in twice else keys.index(key) for n, key in enumerate(keys)]
