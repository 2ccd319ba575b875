"""The induction's obligations as SMT-LIB scripts: one for the start, one for all that follows.

The second states what is assumed before a step once, then has a section for each rule, each state
and event, each state. Every goal is tried between push and pop: ``unsat`` proves it. The same bytes
are the query and the certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from ...spec.expression import FALSE, TRUE, Node
from ...spec.fold import fold, substitute
from ...spec.scope import Assignment
from ..bound import Bound, BoundEvent, Field, Property, Rule
from ..defined import defined
from ..smt import Encoder, Frame, Unsupported, elapse_effects, quoted, target_of
from .page import SEED, Page, Script, Section, script


class Scripts:
    """Writes the scripts of one machine, given the properties assumed to hold before a step.

    ``properties`` are the invariants and lemmas of the induction; ``ranges`` the variables whose
    range is part of it.
    """

    def __init__(
        self, bound: Bound, properties: tuple[Property, ...], ranges: tuple[str, ...]
    ) -> None:
        self.bound = bound
        self.properties = properties
        self.ranges = ranges
        self.unsupported: set[str] = set()
        self.base = Encoder(bound, frozenset(ranges))
        self.terms: list[str] = []
        self.opening = self._opening()

    def _opening(self) -> list[str]:
        """What every section assumes: the machine's symbols, and the properties before a step."""
        encoder, nodes = self.base, [p.node for p in self.properties]
        encoder.fresh.append(quoted(SEED))
        terms = encoder.index_terms(nodes, encoder.before, quoted(SEED))
        self.terms = list(dict.fromkeys([quoted(SEED), *terms]))
        facts = self.facts(encoder, self.terms, True)
        lines = Page(encoder).opening(facts, encoder.declarations())
        encoder.declare()
        return lines

    def all(self) -> list[Script]:
        """Every script: the start, and everything under the induction's assumptions."""
        sections = [*self._steps(), self.meaningful()]
        for state in range(len(self.bound.states)):
            if state in self.bound.final:
                continue
            for event in self.bound.events:
                rules = self.bound.rules_of.get((state, event.name), ())
                asked = defined(self.bound, event.asked) != TRUE
                if len(rules) > 1 or event.observation or asked:
                    sections.append(self.choice(state, event, rules))
            sections.append(self.deadlock(state))
        return self._scripts(sections)

    def steps(self) -> list[Script]:
        """The induction alone: the start, and every rule keeps what is assumed."""
        return self._scripts(self._steps())

    def _steps(self) -> list[Section]:
        sections = [self.rule(r) for r in self.bound.rules if target_of(r) is not None]
        return [*sections, self.elapse()] if self.bound.clocks else sections

    def _scripts(self, sections: list[Section]) -> list[Script]:
        found = [self.initial(), script("steps", self.opening, sections)]
        return [s for s in found if s.goals]

    # ---- the start

    def initial(self) -> Script:
        """Every property and range holds in the initial configuration."""
        encoder = Encoder(self.bound, frozenset(self.ranges))
        encoder.fresh.append(quoted(SEED))
        page = Page(encoder, at_start=True)
        names = {"state": str(self.bound.initial_state)}
        arrays = {}
        for f in self.bound.fields:
            value = encoder.term(f.initial, encoder.before)
            if f.size is None:
                names[f.name] = value
            else:
                page.define(f"(define-fun |{f.name} at start| ((k Int)) {encoder.sort(f)} {value})")
                arrays[f.name] = f"|{f.name} at start|"
        start = Frame(names, arrays)
        for prop in self.properties:
            self.goal(page, prop.id, prop.node, start)
        for f in self.bound.fields:
            if not f.is_flag:
                self.range_goal(page, f, start)
        for (place, _), node in list(encoder.sums.items()):
            total = self.initial_sum(node, encoder)
            if total is not None:
                page.know(f"(= |sum {place}| {total})")
        opening = encoder.declarations()
        return script("start", opening, [page.section("start", [], [])])

    def initial_sum(self, node: Node, encoder: Encoder) -> str | None:
        """A sum over the levels at the start: the common value of its terms times their number."""
        body = node.args[0]
        if body.op != "cell":
            return None
        initial = self.bound.by_name[str(body.value)].initial
        size = str(node.value).partition(" in ")[2]
        return f"(* {encoder.term(initial, encoder.before)} {quoted(size)})"

    def meaningful(self) -> Section:
        """Every property is defined wherever the properties hold."""
        encoder = self.base.fork()
        page = Page(encoder)
        nodes = []
        for prop in self.properties:
            condition = defined(self.bound, prop.node)
            if condition != TRUE:
                nodes.append(condition)
                self.goal(page, f"definedness/{prop.id}", condition, encoder.before)
        known = self.known(page, nodes, encoder.before, [])
        return page.section("properties", known, [])

    # ---- steps

    def rule(self, rule: Rule) -> Section:
        """One rule keeps every property and range it touches, and is defined."""
        event = self.bound.event[rule.event]
        written = {e.name for e in rule.effects}
        if rule.target != rule.source:
            written.add("state")
        return self.step(rule.name, rule.source, event, rule, rule.effects, written)

    def elapse(self) -> Section:
        """A day keeps every property that reads a clock."""
        effects = elapse_effects(self.bound)
        return self.step("elapse", None, None, None, effects, {e.name for e in effects})

    def step(
        self,
        name: str,
        source: int | None,
        event: BoundEvent | None,
        rule: Rule | None,
        effects: tuple[Assignment, ...],
        written: set[str],
    ) -> Section:
        """What a change of configuration keeps; ``rule`` is None for a day that passes."""
        encoder = self.base.fork()
        page = Page(encoder)
        after, definitions = encoder.after(effects, target_of(rule) if rule else None)
        for line in definitions:
            page.define(line)
        before = encoder.before
        nodes: list[Node] = []
        guards: list[str] = []
        if event is not None and event.observation and event.possible != TRUE:
            nodes.append(event.possible)
        if rule is not None:
            nodes.append(rule.guard)
            condition = defined(self.bound, rule.guard)
            if condition != TRUE:
                self.goal(page, f"definedness/{rule.name}", condition, before)
        for node in nodes:
            guards.append(self.assume(encoder, node, before))
        later = Page(encoder)
        for effect in effects:
            nodes.append(effect.value)
            self.effect_goals(later, rule, effect, before)
            if effect.index is not None:
                nodes.append(Node("cell", effect.name, (effect.index,)))
        self.distinct_goals(later, rule, effects, before)
        touched = [p for p in self.properties if _reads(p.node) & written]
        for prop in touched:
            self.goal(later, prop.id, prop.node, after)
        known = self.known(page, nodes, before, [(p.node, after) for p in touched])
        if source is not None:
            known.insert(0, f"(= |state| {source})")
        elif self.bound.final:
            known += [f"(not (= |state| {s}))" for s in sorted(self.bound.final)]
        self.tie_sums(page, encoder, effects, after)
        page.then([*guards], later)
        head = encoder.parameters(event) if event is not None else []
        return page.section(name, known, head)

    def effect_goals(
        self, page: Page, rule: Rule | None, effect: Assignment, before: Frame
    ) -> None:
        """One effect stays in range and is defined."""
        f = self.bound.by_name[effect.name]
        encoder = page.encoder
        conditions = [defined(self.bound, effect.value)]
        if effect.index is not None:
            conditions.append(defined(self.bound, Node("cell", effect.name, (effect.index,))))
        condition = fold(Node("and", None, tuple(conditions)))
        if condition != TRUE and rule is not None:
            self.goal(page, f"definedness/{rule.name}", condition, before)
        if not f.is_flag:
            low, high = encoder.term(f.low, before), encoder.term(f.high, before)
            try:
                value = encoder.term(effect.value, before)
            except Unsupported:
                self.unsupported.add(f"range/{f.name}")
                return
            page.add(f"range/{f.name}", f"(not (and (<= {low} {value}) (<= {value} {high})))")

    def distinct_goals(
        self, page: Page, rule: Rule | None, effects: tuple[Assignment, ...], before: Frame
    ) -> None:
        """No cell is written twice."""
        for i, a in enumerate(effects):
            for b in effects[i + 1 :]:
                if a.name == b.name and a.index is not None and b.index is not None and rule:
                    id = f"definedness/{rule.name}"
                    try:
                        left = page.encoder.term(a.index, before)
                        right = page.encoder.term(b.index, before)
                    except Unsupported:
                        self.unsupported.add(id)
                        continue
                    page.add(id, f"(= {left} {right})")

    # ---- states

    def choice(self, state: int, event: BoundEvent, rules: tuple[Rule, ...]) -> Section:
        """At most one rule applies; and to an observation that can happen, at least one."""
        encoder = self.base.fork()
        first, page = Page(encoder), Page(encoder)
        place = f"{self.bound.states[state]}/{event.name}"
        before = encoder.before
        nodes = [r.guard for r in rules] + [event.possible]
        for i, a in enumerate(rules):
            for b in rules[i + 1 :]:
                both = fold(Node("and", None, (a.guard, b.guard)))
                if both != FALSE:
                    self.goal(
                        page, f"determinism/{place}", fold(Node("not", None, (both,))), before
                    )
        if event.observation:
            answered = fold(Node("or", None, tuple(r.guard for r in rules)))
            self.goal(page, f"totality/{place}", answered, before)
            condition = defined(self.bound, event.possible)
            if condition != TRUE:
                self.goal(first, f"definedness/possible/{event.name}", condition, before)
        condition = defined(self.bound, event.asked)
        if condition != TRUE:
            nodes.append(event.asked)
            self.goal(first, f"definedness/asked/{event.name}", condition, before)
        possible = []
        if event.observation and event.possible != TRUE:
            possible = [self.assume(encoder, event.possible, before)]
        known = [f"(= |state| {state})", *self.known(page, nodes, before, [])]
        # that it is possible may only be assumed once it is known to have a value
        first.then(possible, page)
        return first.section(place, known, encoder.parameters(event))

    def deadlock(self, state: int) -> Section:
        """In a state that is not final some event can take place."""
        encoder = self.base.fork()
        page = Page(encoder)
        before = encoder.before
        nodes, ways = [], []
        for event in self.bound.events:
            rules = self.bound.rules_of.get((state, event.name), ())
            conditions = [event.possible] if event.observation else [r.guard for r in rules]
            for condition in conditions:
                for arguments in self.candidates(event, condition):
                    chosen = (substitute(condition, arguments), *_within(event, arguments))
                    way = fold(Node("and", None, chosen))
                    nodes.append(way)
                    ways.append(way)
        some = fold(Node("or", None, tuple(ways)))
        self.goal(page, f"deadlock/{self.bound.states[state]}", some, before)
        known = [f"(= |state| {state})", *self.known(page, nodes, before, [])]
        return page.section(f"deadlock/{self.bound.states[state]}", known, [])

    def candidates(self, event: BoundEvent, condition: Node) -> list[dict[str, Node]]:
        """Argument values to try as witnesses: both truth values, labels, bounds, variables.

        Of many only some are tried, none of which fail whatever the other arguments are.
        """
        chosen: list[dict[str, Node]] = [{}]
        used = {str(n.value) for n in condition.walk() if n.op == "argument"}
        for p in event.parameters:
            if p.name not in used:
                continue
            if p.type.kind == "number":
                values = [p.low, p.high] + [
                    Node("variable", f.name)
                    for f in self.bound.fields
                    if f.size is None and f.type.kind == "number" and f.type.unit == p.type.unit
                ]
            elif p.type.kind == "bool":
                values = [Node("truth", False), Node("truth", True)]
            else:
                values = [Node("integer", i) for i in range((p.type.high or 0) + 1)]
            tried = ({**c, p.name: v} for c in chosen for v in values)
            chosen = list(islice((c for c in tried if substitute(condition, c) != FALSE), 64))
        return chosen

    # ---- shared pieces

    def goal(self, page: Page, id: str, node: Node, frame: Frame) -> None:
        """Adds the negation of a property as a goal; notes it when it can't be expressed."""
        page.encoder.used = 0
        try:
            page.add(id, f"(not {page.encoder.formula(node, frame, False, page.terms)})")
        except (Unsupported, KeyError):
            self.unsupported.add(id)

    def range_goal(self, page: Page, f: Field, frame: Frame) -> None:
        """Adds that a variable lies in its range as a goal."""
        page.encoder.used = 0
        terms = [] if f.size is None or f.size.op == "integer" else [page.encoder.skolem()]
        page.add(f"range/{f.name}", f"(not {page.encoder.range(f, frame, terms)})")

    def assume(self, encoder: Encoder, node: Node, frame: Frame) -> str:
        """A guard as an assumption."""
        encoder.assuming = True
        try:
            return encoder.formula(node, frame, True, [quoted(SEED)])
        except (Unsupported, KeyError):
            return "true"
        finally:
            encoder.assuming = False

    def known(
        self, page: Page, nodes: list[Node], frame: Frame, goals: list[tuple[Node, Frame]]
    ) -> list[str]:
        """What is assumed at the levels that only this section looks at."""
        encoder = page.encoder
        if self.bound.symbolic is None:
            return []
        terms = encoder.index_terms(nodes, frame, quoted(SEED))
        for node, after in goals:
            terms += encoder.index_terms([node], after, quoted(SEED))
        terms += [level for level in encoder.fresh if level not in encoder.declared]
        return self.facts(encoder, [t for t in dict.fromkeys(terms) if t not in self.terms], False)

    def facts(self, encoder: Encoder, terms: list[str], everything: bool) -> list[str]:
        """Ranges and properties before a step, at some levels; else only what speaks of levels."""
        found = []
        for f in self.bound.fields:
            if f.name in self.ranges and (everything or f.size is not None):
                found.append(encoder.range(f, encoder.before, terms))
        encoder.assuming = True
        for prop in self.properties:
            general = any(n.op in ("all", "any") for n in prop.node.walk())
            if everything or (general and terms):
                try:
                    found.append(encoder.formula(prop.node, encoder.before, True, terms))
                except (Unsupported, KeyError):
                    continue
        encoder.assuming = False
        return [f for f in found if f != "true"]

    def tie_sums(
        self, page: Page, encoder: Encoder, effects: tuple[Assignment, ...], after: Frame
    ) -> None:
        """What a rule adds to each sum: the change of the one level it writes."""
        for place in sorted({p for p, _ in encoder.sums}):
            node = encoder.sums.get((place, False)) or encoder.sums[place, True]
            name = str(node.value).partition(" in ")[0]
            for is_after in (False, True):
                encoder.sums.setdefault((place, is_after), node)
            cells = {str(n.value) for n in node.walk() if n.op == "cell"}
            scalars = {str(n.value) for n in node.walk() if n.op == "variable"}
            plain = all(n.args[0].op == "bound" for n in node.walk() if n.op == "cell")
            mine = [e for e in effects if e.name in cells]
            try:
                places = {encoder.term(e.index, encoder.before) for e in mine if e.index}
            except Unsupported:
                continue
            if not plain or len(places) > 1 or scalars & {"state", *(e.name for e in effects)}:
                continue
            if not places:
                page.know(f"(= |sum {place}'| |sum {place}|)")
                continue
            (term,) = places
            try:
                old = encoder.term(node.args[0], encoder.before.binding(name, term))
                new = encoder.term(node.args[0], after.binding(name, term))
            except Unsupported:
                continue
            page.know(f"(= |sum {place}'| (+ |sum {place}| (- {new} {old})))")


def _reads(node: Node) -> set[str]:
    """The variables a tree reads."""
    names = {str(n.value) for n in node.walk() if n.op in ("variable", "cell", "array")}
    return names | ({"*"} if any(n.op == "call" for n in node.walk()) else set())


def _within(event: BoundEvent, arguments: Mapping[str, Node]) -> list[Node]:
    """That values chosen for an event's arguments lie in their ranges."""
    found = []
    for p in event.parameters:
        value = arguments.get(p.name)
        if value is not None and value.op == "variable":
            found.append(fold(Node("<=", None, (p.low, value))))
            found.append(fold(Node("<=", None, (value, p.high))))
    return found
