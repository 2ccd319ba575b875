"""What tells the situations of one state apart, in as few conditions as will do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..spec.errors import SpecError
from ..spec.expression import TRUE, Node, conjunction, conjuncts, disjunction
from ..spec.fold import fold
from ..spec.resolve import Resolver
from ..statemachines.bound import Bound
from ..statemachines.evaluate import Configuration, Undefined, evaluate

Pattern = tuple[int, ...]
"""The numbers of the lines that run together."""
Cited = tuple[str, Node]
"""A condition and the clauses it comes from."""


class Apart:
    """The patterns of one state, each with its configurations, and when each line runs.

    ``whens`` maps a line to its clauses and to the conditions of its regimens, one of which holds
    wherever the line runs. Sets of configurations are bits of an integer.
    """

    def __init__(
        self,
        bound: Bound,
        patterns: Mapping[Pattern, Sequence[Configuration]],
        whens: Mapping[int, tuple[str, Sequence[Node]]],
    ) -> None:
        self.bound, self.resolver = bound, Resolver(bound.scope)
        self.configurations = [c for found in patterns.values() for c in found]
        self.bits: dict[Pattern, int] = {}
        start = 0
        for pattern, found in patterns.items():
            self.bits[pattern] = ((1 << len(found)) - 1) << start
            start += len(found)
        self.known: dict[Node, tuple[int, int] | None] = {}
        # a line that runs everywhere in the state tells nothing
        self.whens = {
            line: (clauses, self._when(nodes, self._where(line)))
            for line, (clauses, nodes) in whens.items()
            if self._where(line) != (1 << start) - 1
        }

    def conditions(self, members: Collection[Pattern]) -> tuple[Cited, ...] | None:
        """What holds in these patterns and in none of the others; None where no lines tell.

        One pattern is always told, if need be by all its lines.
        """
        parts: dict[Node, str] = {}
        for line, (clauses, when) in self.whens.items():
            runs = {line in pattern for pattern in members}
            if len(runs) == 1:
                node = when if runs == {True} else fold(Node("not", None, (when,)))
                for part in conjuncts(node):
                    parts.setdefault(part, clauses)
        wanted = sum(self.bits[pattern] for pattern in members)
        if len(members) > 1 and self._holding(list(parts)) != wanted:
            return None
        return tuple((parts[part], part) for part in self._fewest(list(parts), wanted))

    def _where(self, line: int) -> int:
        return sum(bits for pattern, bits in self.bits.items() if line in pattern)

    def _when(self, nodes: Sequence[Node], wanted: int) -> Node:
        """When one of some regimens runs, without what makes no difference in this state."""
        whens = [conjuncts(node) for node in nodes]
        common = [p for p in whens[0] if all(p in when for when in whens)]
        rests = [conjunction([p for p in when if p not in common]) for when in whens]
        parts = [p for p in (*common, fold(disjunction(rests))) if p != TRUE]
        return conjunction(self._fewest(parts, wanted))

    def _fewest(self, parts: list[Node], wanted: int) -> list[Node]:
        """The parts without those, the last first, that the others do without."""
        for part in reversed(parts):
            fewer = [p for p in parts if p is not part]
            if self._holding(fewer) == wanted:
                parts = fewer
        return parts

    def _holding(self, parts: Sequence[Node]) -> int | None:
        """Where all parts hold; None where one has no value although those before it hold."""
        found = (1 << len(self.configurations)) - 1
        for part in parts:
            values = self._values(part)
            if values is None or found & ~values[1]:
                return None
            found &= values[0]
        return found

    def _values(self, node: Node) -> tuple[int, int] | None:
        """Where a condition holds, and where it has a value; None for one too long to read."""
        if node not in self.known:
            self.known[node] = self._evaluated(node)
        return self.known[node]

    def _evaluated(self, node: Node) -> tuple[int, int] | None:
        try:
            core = self.resolver.condition(str(node), "calendar")
        except SpecError:
            return None
        holds = defined = 0
        for n, configuration in enumerate(self.configurations):
            try:
                holds |= evaluate(self.bound, core, configuration, {}) << n
            except Undefined:
                continue
            defined |= 1 << n
        return holds, defined
