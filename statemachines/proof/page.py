"""Sections of SMT-LIB scripts: what is known, and goals tried one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from ...spec.expression import Node
from ...spec.fold import substitute
from ..smt import Encoder, Unsupported, quoted

SEED = "level!0"


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one section and the goals it tries, in order."""

    name: str
    lines: tuple[str, ...]
    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """One text and the goals it tries, in order, each with the section it is tried in.

    A goal named twice must hold both times.
    """

    name: str
    text: str
    goals: tuple[str, ...]
    places: tuple[str, ...]


def script(name: str, opening: list[str], sections: list[Section]) -> Script:
    """The sections between push and pop, after an opening that they share."""
    lines = [f"; {name}", *opening]
    tried = [s for s in sections if s.goals]
    for section in tried:
        lines += [f"(push 1) ; {section.name}", *section.lines, "(pop 1)"]
    goals = tuple(goal for s in tried for goal in s.goals)
    places = tuple(s.name for s in tried for _ in s.goals)
    return Script(name, "\n".join(lines) + "\n", goals, places)


class Page:
    """One section while it is written: definitions, facts, goals, then guards and more goals.

    At the start (``at_start``) no range may be assumed yet, not even in the bounds of sums.
    """

    def __init__(self, encoder: Encoder, at_start: bool = False) -> None:
        self.encoder = encoder
        self.at_start = at_start
        self.definitions: list[str] = []
        self.facts: list[str] = []
        self.tried: list[tuple[str, str]] = []
        self.later: tuple[list[str], Page] | None = None
        self.terms = [quoted(SEED)]

    def define(self, line: str) -> None:
        """Adds a definition."""
        self.definitions.append(line)

    def know(self, fact: str) -> None:
        """Adds an assumption."""
        self.facts.append(fact)

    def add(self, id: str, negated: str) -> None:
        """Adds a goal by its negation."""
        self.tried.append((id, negated))

    def then(self, guards: list[str], later: Page) -> None:
        """Goals that may also assume the guards."""
        self.later = (guards, later)

    def section(self, name: str, known: list[str], head: list[str]) -> Section:
        """The section's lines; what the opening has declared is not declared again."""
        goals = [id for id, _ in self.tried]
        body = self.opening(known, head) + self.attempts(self.tried)
        if self.later is not None:
            guards, later = self.later
            body += [f"(assert {g})" for g in guards if g != "true"]
            # sums afterwards may rest on the ranges of their terms once those are shown to be kept
            summed = {f"range/{node.args[0].value}" for _, _, node in self.new_sums()}
            ranges = [t for t in later.tried if t[0] in summed]
            others = [t for t in later.tried if t[0] not in summed]
            body += [*self.attempts(ranges), *self.sum_bounds(True), *self.attempts(others)]
            goals += [id for id, _ in ranges + others]
        return Section(name, tuple(body), tuple(goals))

    def opening(self, known: list[str], head: list[str]) -> list[str]:
        """Declarations, definitions and assumptions."""
        encoder = self.encoder
        values, promises = self.calls()
        sums = [*self.sums(), *([] if self.at_start else self.sum_bounds(False))]
        levels = [level for level in encoder.fresh if level not in encoder.declared]
        lines = [*head, *(f"(declare-const {level} Int)" for level in levels), *sums, *values]
        # definitions read the values of functions, promises read what is defined
        lines += [*self.definitions, *promises]
        return lines + [f"(assert {fact})" for fact in known + self.facts]

    @staticmethod
    def attempts(tried: list[tuple[str, str]]) -> list[str]:
        """Each goal between push and pop."""
        lines = []
        for id, negated in tried:
            lines += [f"(push 1) ; {id}", f"(assert {negated})", "(check-sat)", "(pop 1)"]
        return lines

    def sums(self) -> list[str]:
        """The sums as constants."""
        return [f"(declare-const {name} Int)" for name, _, _ in self.new_sums()]

    def new_sums(self) -> list[tuple[str, bool, Node]]:
        """The sums that the opening has not declared: name, whether after the step, and tree."""
        found = []
        for (place, is_after), node in sorted(self.encoder.sums.items(), key=lambda s: s[0]):
            name = quoted(f"sum {place}" + ("'" if is_after else ""))
            if name not in self.encoder.declared:
                found.append((name, is_after, node))
        return found

    def sum_bounds(self, after: bool) -> list[str]:
        """The bounds that the ranges of their terms give to the sums before, or after, a step."""
        lines = []
        for name, is_after, node in self.new_sums():
            body, size = node.args[0], quoted(str(node.value).partition(" in ")[2])
            if is_after == after and body.op == "cell" and body.value in self.encoder.in_range:
                f = self.encoder.bound.by_name[str(body.value)]
                low = self.encoder.term(f.low, self.encoder.before)
                high = self.encoder.term(f.high, self.encoder.before)
                most = f"(<= {name} (* {high} {size}))"
                lines.append(f"(assert (and (<= (* {low} {size}) {name}) {most}))")
        return lines

    def calls(self) -> tuple[list[str], list[str]]:
        """The values of functions as constants, and what their contracts promise of them."""
        encoder = self.encoder
        values: list[str] = []
        promises: list[str] = []
        for name, node, frame in list(encoder.calls.values()):
            if name in encoder.declared:
                continue
            contract = encoder.bound.functions[str(node.value)]
            low, high = (encoder.term(n, frame) for n in (contract.low, contract.high))
            flag = contract.result.kind == "bool"
            values.append(f"(declare-const {name} {'Bool' if flag else 'Int'})")
            if not flag:
                promises.append(f"(assert (and (<= {low} {name}) (<= {name} {high})))")
            promise = substitute(contract.ensures, {"result": Node("symbol", name)})
            encoder.assuming = True
            try:
                promises.append(f"(assert {encoder.formula(promise, frame, True, self.terms)})")
            except Unsupported:
                continue
            finally:
                encoder.assuming = False
        return values, promises
