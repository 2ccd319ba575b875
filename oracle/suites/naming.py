"""Ids of groups and vectors: slugs made of what they are about, never of where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from ...spec.model import Protocol
from ...statemachines.bound import Bound, Rule, as_int
from ...statemachines.step import observe, show_arguments
from ..answer import REFUSED
from ..vectors import Step
from .conditions import Comparison, variables_of
from .goals import Goal, Goals, Spot

LONGEST = 70
_WORDS = (
    ("<=", " at most "),
    (">=", " at least "),
    ("==", " is "),
    ("!=", " is not "),
    ("<", " below "),
    (">", " above "),
    (" + ", " plus "),
    (" - ", " minus "),
    (" * ", " times "),
)


def slug(text: str) -> str:
    """A text as part of an id.

    >>> slug("treated[event.level] + pending[event.level] < cap")
    'treated-event.level-plus-pending-event.level-below-cap'
    """
    for sign, word in _WORDS:
        text = text.replace(sign, word)
    return re.sub(r"[^a-z0-9_.]+", "-", text.lower()).strip("-._") or "any"


def short_slug(text: str) -> str:
    """The same, a long one cut and told apart by a hash of all of it."""
    whole = slug(text)
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 7].strip('-._')}-{text_hash(whole)}"


def text_hash(text: str) -> str:
    """Six hexadecimal digits that stand for a text."""
    return sha256(text.encode()).hexdigest()[:6]


def told_apart(ids: Iterable[tuple[str, str]]) -> list[str]:
    """Ids with the hash of what they stand for added to those that occur more than once.

    ``ids`` are pairs of an id and a hash. All that share an id get one, so that none is renamed
    when their order changes.
    """
    listed = list(ids)
    count = Counter(id for id, _ in listed)
    return [id if count[id] == 1 else f"{id}-{hash[:6]}" for id, hash in listed]


class Names:
    """Names for the goals of one machine."""

    def __init__(self, protocol: Protocol, bound: Bound, goals: Goals) -> None:
        self.bound, self.goals = bound, goals
        self.texts = {c.id: c.text for c in protocol.clauses}
        self.order = {c.id: i for i, c in enumerate(protocol.clauses)}
        self.rules = _rule_slugs(bound.rules, bound.states)
        self.start = observe(bound, bound.initial())

    def clause(self, goal: Goal, spot: Spot) -> str:
        """The clause that a goal is about; empty for what no clause says."""
        bound = self.bound
        if goal.kind == "attains":
            return bound.invariants[goal.a][0].clause
        if goal.kind == "held":
            return self._counting(bound.clocks[goal.a].name)
        if goal.kind == "pair":
            return bound.rules[goal.b].clause
        if goal.kind in ("rule", "changes", "said"):
            return bound.rules[goal.a].clause
        if goal.kind == "gap":
            return self._first_clause(bound.events[goal.b].name)
        if goal.kind == "decides":
            return self._deciding_clause(self.goals.comparisons[goal.a])
        return self._entering(spot)

    def _deciding_clause(self, comparison: Comparison) -> str:
        bound, owner = self.bound, comparison.owner
        if owner.kind == "guard":
            return bound.rules[owner.number].parts[owner.part].clause
        if owner.kind == "effect":
            return bound.rules[owner.number].clause
        if owner.kind == "within":
            return bound.machine.states[owner.number].within_clause
        return self._first_clause(bound.events[owner.number].name)

    def _counting(self, clock: str) -> str:
        """The clause of the first condition that reads a clock."""
        bound = self.bound
        said = [(p.clause, p.node) for r in bound.rules for p in r.parts]
        said += [(bound.machine.states[s].within_clause, n) for s, n in bound.within.items()]
        return next((c for c, node in said if c and clock in variables_of(node)), "")

    def _first_clause(self, event: str) -> str:
        table = self.bound.machine.transitions
        return next((t.clause for t in table if t.event == event), "")

    def _entering(self, spot: Spot) -> str:
        """The clause of the rule that a spot's symbol fires."""
        profile = self.goals.atlas.profiles[spot.place]
        accepted = self.goals.atlas.outcomes(profile, spot.symbol).accepted
        return self.bound.rules[accepted[spot.symbol][0]].clause

    def says(self, clause: str) -> str:
        """One sentence about what a clause says."""
        text = self.texts.get(clause, "").rstrip(" ,;:")
        if not text:
            return f"The protocol does what {clause} says."
        return text if text[-1] in ".!?" else f"{text}."

    def refusing(self, state: int) -> str:
        """One sentence about what is refused in a state."""
        found = self.bound.machine.states[state]
        meaning = f" ({found.meaning})" if found.meaning else ""
        return f"In {found.name}{meaning}, what the protocol does not allow is refused."

    def vector(self, goal: Goal, spot: Spot, steps: Sequence[Step]) -> str:
        """The name of the vector that was made for a goal, without its group."""
        bound = self.bound
        if goal.kind == "attains":
            refuses = any(s.answer == REFUSED for s in steps)
            return "attained-and-no-more" if refuses else "attained"
        if goal.kind == "rule":
            return self.rules[goal.a]
        if goal.kind == "state":
            return f"{slug(bound.states[goal.a])}-reached"
        if goal.kind == "changes":
            name = bound.rules[goal.a].effects[goal.b].name
            return short_slug(f"{self.rules[goal.a]}-changes-{name}")
        if goal.kind == "said":
            rule = bound.rules[goal.a]
            event = [e.name for e in bound.events].index(rule.event)
            said = self._saying(rule.source, event, (goal.b, goal.c))
            return short_slug(f"{self.rules[goal.a]}-{said}")
        if goal.kind == "gap":
            said = self._saying(goal.a, goal.b, goal.c)
            name = f"{bound.states[goal.a]}-{bound.events[goal.b].name}"
            return short_slug(f"{name}-unanswered-{said}")
        if goal.kind == "pair":
            rule = bound.rules[goal.b]
            return short_slug(f"{self.rules[goal.a]}-then-{_move(rule, bound.states)}")
        if goal.kind == "held":
            return short_slug(f"{bound.clocks[goal.a].name}-goes-on")
        if goal.kind == "refused":
            return short_slug(self._place(self.goals.atlas.places[spot.place]))
        if goal.kind == "elsewhere":
            return short_slug(f"{bound.states[goal.a]}-not-{self.rules[goal.b]}")
        if goal.kind == "ended":
            return short_slug(f"{self.rules[goal.a]}-ends-{self._asked(goal.b)}")
        state = self.goals.atlas.places[spot.place][0]
        return self._deciding(goal, bound.states[state])

    def _asked(self, number: int) -> str:
        """An event with its arguments; those that have a default are left out."""
        symbol = self.goals.atlas.symbols[number]
        event = self.bound.event[symbol.event]
        pairs = zip(event.parameters, symbol.arguments, strict=True)
        shown = show_arguments(event, {p.name: v for p, v in pairs if v is not None})
        return "-".join([symbol.event, *map(str, shown.values())])

    def _saying(self, state: int, event: int, said: Any) -> str:
        number, holds = said
        return f"with{'' if holds else '-not'}-{self.goals.atlas.spoken(state, event)[number]}"

    def _deciding(self, goal: Goal, state: str) -> str:
        comparison = self.goals.comparisons[goal.a]
        owner = comparison.owner
        if owner.kind == "guard":
            rule = self.bound.rules[owner.number]
            what = f"{state}-{rule.event}-{rule.parts[owner.part].text}"
        elif owner.kind == "effect":
            rule = self.bound.rules[owner.number]
            what = f"{self.rules[owner.number]}-{rule.effects[owner.part].name}"
        elif owner.kind == "possible":
            event = self.bound.events[owner.number]
            what = f"{state}-{event.name}-{event.possible_text}"
        else:
            what = f"{state}-lasts"
        return f"{short_slug(what)}-{short_slug(str(comparison.node))}-{_side(comparison, goal.b)}"

    def _place(self, place: tuple[int, ...]) -> str:
        """What is there that was not at the start."""
        here, words = list(place[: self.bound.width]), []
        for clock in self.bound.clocks:
            # the search counts a day further
            here[clock.offset] = min(here[clock.offset], as_int(clock.high))
        for name, value in observe(self.bound, tuple(here)).items():
            if name != "state" and value != self.start[name]:
                cells = value if isinstance(value, list) else [value]
                words.append("_".join([name, *map(str, cells)]))
        return "-".join(words) or "start"


def _side(comparison: Comparison, difference: int) -> str:
    if comparison.plain and comparison.node.args and comparison.node.op not in ("cell", "table"):
        return "other" if difference else "same"
    if comparison.plain:
        return "true" if difference else "false"
    return "at" if not difference else "below" if difference < 0 else "above"


def _move(rule: Rule, states: tuple[str, ...]) -> str:
    if not isinstance(rule.target, int):
        return f"{rule.event}-unspecified"
    return rule.event if rule.target == rule.source else f"{rule.event}-to-{states[rule.target]}"


def _rule_slugs(rules: Iterable[Rule], states: tuple[str, ...]) -> list[str]:
    """Slugs of rules: state, event and target; then the clause and the guard where needed."""
    rules = list(rules)
    names = [f"{states[r.source]}-{_move(r, states)}" for r in rules]
    for more in (_by, _when):
        count = Counter(names)
        names = [
            name if count[name] == 1 else short_slug(f"{name}-{more(rule)}")
            for rule, name in zip(rules, names, strict=True)
        ]
    return told_apart((name, text_hash(str(r.guard))) for r, name in zip(rules, names, strict=True))


def _by(rule: Rule) -> str:
    return f"by-{rule.clause}"


def _when(rule: Rule) -> str:
    texts = [p.text for p in rule.parts if p.text != "True"]
    return f"when-{' and '.join(texts)}"
