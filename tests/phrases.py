"""Random expressions of the language, well-typed, over the names that a machine declares."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from hypothesis import strategies as st

LABELS = ("low", "mid", "high")
STEPS = ("0", "0.5", "1", "1.5", "2")


@dataclass
class Scope:
    """What expressions may mention; ``size`` is the constant that sizes arrays."""

    draw: Any
    states: list[str]
    counts: list[str] = field(default_factory=list)
    saturating: dict[str, int] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    doses: list[str] = field(default_factory=list)
    number_arrays: list[str] = field(default_factory=list)
    flag_arrays: list[str] = field(default_factory=list)
    dose_arrays: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    readings: dict[str, list[str]] = field(default_factory=dict)
    functions: bool = False
    bound_names: list[str] = field(default_factory=list)
    names: Any = field(default_factory=count)

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def below(self, top: int) -> int:
        return int(self.draw(st.integers(0, top)))

    # ---- expressions, by type

    def number(self, depth: int) -> str:
        kinds = ["literal", *["count"] * 3 * bool(self.counts + self.bound_names)]
        if self.number_arrays:
            kinds += ["cell", "cell"]
        if depth > 0:
            kinds += ["sum", "difference", "times", "least", "choice", "truth", "negative"]
            kinds += ["table"] * bool(self.tables)
            kinds += ["total"] * bool(self.number_arrays or self.flag_arrays)
            kinds += ["call"] * self.functions
        kind = self.one(*kinds)
        if kind == "count":
            return str(self.one(*self.counts, *self.bound_names))
        if kind == "cell":
            return f"{self.one(*self.number_arrays)}[{self.index(depth)}]"
        if kind in ("sum", "difference"):
            op = "+" if kind == "sum" else "-"
            return f"({self.number(depth - 1)} {op} {self.number(depth - 1)})"
        if kind == "times":
            return f"{self.one('2', 'first', '3')} * ({self.number(depth - 1)})"
        if kind == "least":
            name = self.one("min", "max")
            return f"{name}({self.number(depth - 1)}, {self.number(depth - 1)})"
        if kind == "choice":
            test = self.truth(depth - 1)
            return f"({self.number(depth - 1)} if {test} else {self.number(depth - 1)})"
        if kind == "truth":
            return f"(({self.truth(depth - 1)}) + {self.number(0)})"
        if kind == "negative":
            return f"-({self.number(depth - 1)})"
        if kind == "table":
            return f"{self.one(*self.tables)}[{self.number(depth - 1)}]"
        if kind == "total":
            return self.over("sum", depth)
        if kind == "call":
            if self.number_arrays and self.below(1):
                return f"positive({self.one(*self.number_arrays)}, {self.number(depth - 1)})"
            return f"half({self.number(depth - 1)})"
        return str(self.one("0", "1", "2", "3", "first", "size"))

    def index(self, depth: int) -> str:
        choices = ["1", "size", *self.counts, *self.bound_names * 3]
        chosen = str(self.one(*choices))
        if depth > 0 and self.below(5) == 0:
            return str(self.one(f"{chosen} + 1", f"{chosen} - 1", self.number(depth - 1)))
        return chosen

    def over(self, name: str, depth: int) -> str:
        """A sum, all or any over the levels."""
        bound = f"k{next(self.names)}"
        inner = replace(self, bound_names=[*self.bound_names, bound])
        body = inner.number(depth - 1) if name == "sum" else inner.truth(depth - 1)
        tail = f" if {inner.truth(0)}" if self.below(3) == 0 else ""
        return f"{name}({body} for {bound} in size{tail})"

    def dose(self, depth: int) -> str:
        if self.dose_arrays and self.below(2) == 0:
            return f"{self.one(*self.dose_arrays)}[{self.index(depth)}]"
        base = str(self.one(*self.doses))
        if depth <= 0:
            return base
        other = str(self.one(*STEPS, *self.doses))
        return str(
            self.one(
                base,
                f"({base} + {other})",
                f"({base} - {other})",
                f"min({base}, {other})",
                f"2 * {base}",
                f"({base} if {self.truth(depth - 1)} else {other})",
            )
        )

    def truth(self, depth: int) -> str:
        kinds = ["compare", "compare"]
        kinds += ["flag"] * 2 * bool(self.flags or self.flag_arrays)
        kinds += ["label"] * 2 * bool(self.labels)
        kinds += ["dose"] * bool(self.doses)
        kinds += ["saturating"] * 2 * bool(self.saturating)
        kinds += ["reading"] * bool(self.readings)
        if depth > 0:
            kinds += ["and", "or", "not", "chain", "in", "implies", "state", "choice", "same"]
            kinds += ["over"] * 2
            kinds += ["total dose"] * bool(self.dose_arrays)
        return str(getattr(self, f"_{self.one(*kinds).replace(' ', '_')}")(depth))

    def _compare(self, depth: int) -> str:
        op = self.one("==", "!=", "<", "<=", ">", ">=")
        return f"{self.number(depth - 1)} {op} {self.number(depth - 1)}"

    def _flag(self, depth: int) -> str:
        if self.flag_arrays and (not self.flags or self.below(1)):
            return f"{self.one(*self.flag_arrays)}[{self.index(depth)}]"
        return str(self.one(*self.flags))

    def _label(self, depth: int) -> str:
        name = self.one(*self.labels)
        return f"{name} {self.one('==', '!=')} {self.one(*self.labels, *map(repr, LABELS))}"

    def _dose(self, depth: int) -> str:
        op = self.one("==", "!=", "<", "<=", ">", ">=")
        return f"{self.dose(depth - 1)} {op} {self.one(*STEPS, *self.doses)}"

    def _total_dose(self, depth: int) -> str:
        array, bound = self.one(*self.dose_arrays), f"k{next(self.names)}"
        return f"sum({array}[{bound}] for {bound} in size) {self.one('<', '>=')} {self.one(*STEPS)}"

    def _saturating(self, depth: int) -> str:
        name = self.one(*self.saturating)
        top = self.saturating[name]
        op = self.one("==", "!=", "<", "<=", ">", ">=")
        value = self.below(top if op in ("<", ">=") else top - 1)
        return f"{name} {op} {value}"

    def _reading(self, depth: int) -> str:
        name = self.one(*self.readings)
        return f"{name} {self.one('==', '!=')} {self.one(*self.readings[name])!r}"

    def _and(self, depth: int) -> str:
        return f"({self.truth(depth - 1)} and {self.truth(depth - 1)})"

    def _or(self, depth: int) -> str:
        return f"({self.truth(depth - 1)} or {self.truth(depth - 1)})"

    def _not(self, depth: int) -> str:
        return f"not ({self.truth(depth - 1)})"

    def _implies(self, depth: int) -> str:
        return f"implies({self.truth(depth - 1)}, {self.truth(depth - 1)})"

    def _chain(self, depth: int) -> str:
        a, b = self.one("<", "<="), self.one("<", "<=", "!=")
        parts = [self.number(depth - 1) for _ in range(3)]
        return f"{parts[0]} {a} {parts[1]} {b} {parts[2]}"

    def _in(self, depth: int) -> str:
        word = self.one("in", "not in")
        if self.labels and self.below(1):
            return f"{self.one(*self.labels)} {word} ({self.one(*map(repr, LABELS))}, 'mid')"
        return f"{self.number(depth - 1)} {word} (0, {self.number(0)})"

    def _state(self, depth: int) -> str:
        return f"state {self.one('==', '!=')} {self.one(*self.states)!r}"

    def _choice(self, depth: int) -> str:
        parts = [self.truth(depth - 1) for _ in range(3)]
        return f"(({parts[0]}) if {parts[1]} else ({parts[2]}))"

    def _same(self, depth: int) -> str:
        if not self.flags:
            return self._and(depth)
        return f"{self.one(*self.flags)} == ({self.truth(depth - 1)})"

    def _over(self, depth: int) -> str:
        return self.over(self.one("all", "any"), depth)
