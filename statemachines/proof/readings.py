"""Each pair of readings of an ambiguity: the shortest run that tells them apart, or that none does.

Two readings are compared in every machine that mentions their ambiguity, the other readings being
those of a base. Where the base hides the difference, or can't be taken together with one of the
two, they are compared again under the ambiguity's declared context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from ...spec.mentions import mentioned
from ...spec.model import Ambiguity, Constant, Protocol
from ...spec.readings import contradiction, resolve_readings
from ..bind import bind
from ..bound import Bound
from ..distinguish import (
    LONGEST,
    MAX_PAIRS,
    Comparison,
    Difference,
    distinguish,
    exchanged,
    length,
)
from ..sides import same_shape
from ..walk import Walk

FIRST_LOOK = 2_000


@dataclass(frozen=True, slots=True)
class Apart:
    """What came of comparing two readings.

    ``difference`` is that of ``machine`` where a run tells them apart, with ``bounds``, the machine
    under either. Otherwise they are equivalent if ``complete``: no machine tells them apart, under
    the base and under the context. ``context`` is what was changed in the base for the answer.
    """

    ambiguity: str
    one: str
    other: str
    machine: str = ""
    difference: Difference | None = None
    bounds: tuple[Bound, Bound] | None = None
    complete: bool = True
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """distinguished, equivalent, or unknown."""
        if self.difference is not None:
            return "distinguished"
        return "equivalent" if self.complete else "unknown"


class Readings:
    """Compares readings of one protocol.

    ``base`` is the readings of the others, by default their defaults; ``constants`` those to set,
    by machine. What the base makes of a machine is kept from one ambiguity to the next.

    >>> from ...spec.registry import load
    >>> ibr = load("ibrutinib-mm")
    >>> found = Readings(ibr).pairs(ibr.ambiguity("IBR-A10"))
    >>> [(p.one, p.other, p.verdict, p.machine) for p in found]
    [('escalation_only', 'both_parts', 'distinguished', 'trial')]
    """

    def __init__(
        self,
        protocol: Protocol,
        *,
        base: Mapping[str, str] | None = None,
        constants: Mapping[str, Mapping[str, Constant]] | None = None,
    ) -> None:
        self.protocol, self.constants = protocol, constants or {}
        self.base = resolve_readings(protocol, base or {})
        self.mentioned = {m.name: mentioned(m) for m in protocol.machines}
        self.kept: dict[str, _Under] = {}

    def pairs(self, ambiguity: Ambiguity) -> Iterator[Apart]:
        """Compares every two readings of an ambiguity, in the order of the register."""
        made: dict[tuple[str, str, bool], _Under] = {}

        def under(machine: str, slug: str, changed: bool) -> _Under:
            readings = self._with(ambiguity, slug, changed)
            if readings == self.base:
                return self._base(machine)
            key = machine, slug, changed
            if key not in made:
                made[key] = self._under(machine, readings)
            return made[key]

        for one, other in combinations(ambiguity.choices, 2):
            yield self._pair(ambiguity, one, other, under)

    def _pair(self, ambiguity: Ambiguity, one: str, other: str, under: _Make) -> Apart:
        """Under the base if it takes both, and under the context where that tells nothing apart."""
        complete, compared = True, False
        tries = [(False, MAX_PAIRS)]
        if ambiguity.context:
            # what the base hides may take long to prove, and the context then tells them apart
            tries = [(False, FIRST_LOOK), (True, MAX_PAIRS), (False, MAX_PAIRS)]
        for changed, limit in tries:
            both = [self._with(ambiguity, slug, changed) for slug in (one, other)]
            if any(contradiction(self.protocol, readings) for readings in both):
                continue
            if limit == MAX_PAIRS:
                compared = True
            best: Apart | None = None
            shortest = LONGEST
            for machine, names in self.mentioned.items():
                if ambiguity.name not in names:
                    continue
                first, second = (under(machine, slug, changed) for slug in (one, other))
                comparison = self._compare(first, second, limit, shortest)
                complete = complete and (comparison.complete or limit == FIRST_LOOK)
                found = comparison.difference
                if found is not None and length(found) < shortest:
                    shortest = length(found)
                    context = dict(ambiguity.context) if changed else {}
                    bounds = first.bound, second.bound
                    best = Apart(ambiguity.id, one, other, machine, found, bounds, context=context)
            if best is not None:
                return best
        return Apart(ambiguity.id, one, other, complete=complete and compared)

    def _compare(self, first: _Under, second: _Under, *limits: int) -> Comparison:
        """From the runs of the first; from those of the base where it is the second."""
        if second in self.kept.values() and same_shape(first.bound, second.bound):
            first, second = second, first
            return exchanged(_distinguish(first, second, *limits))
        return _distinguish(first, second, *limits)

    def _base(self, machine: str) -> _Under:
        if machine not in self.kept:
            self.kept[machine] = self._under(machine, self.base)
        return self.kept[machine]

    def _with(self, ambiguity: Ambiguity, slug: str, changed: bool) -> dict[str, str]:
        context = ambiguity.context if changed else {}
        return {**self.base, **context, ambiguity.id: slug}

    def _under(self, machine: str, readings: Mapping[str, str]) -> _Under:
        constants = self.constants.get(machine, {})
        return _Under(bind(self.protocol, machine, constants=constants, readings=readings))


class _Under:
    """A machine under some readings, with its runs as far as they were asked for."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound

    @cached_property
    def walk(self) -> Walk:
        return Walk(self.bound, lazily=True, dated=False)


_Make = Callable[[str, str, bool], _Under]


def _distinguish(first: _Under, second: _Under, limit: int, longest: int) -> Comparison:
    return distinguish(first.bound, second.bound, walk=first.walk, limit=limit, longest=longest)
