"""All reachable configurations of a small machine as one table of numbers.

One step is a look-up: for simulations, for baselines of speed, and for algorithms on finite
automata. Configurations and symbols (an event with its arguments) are numbered in the order in
which they are found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..spec.errors import SpecError
from ..spec.model import Unspecified
from .bound import Bound, as_int
from .classes import argument_values
from .compile import Compiled
from .evaluate import Configuration, Undefined
from .step import ELAPSE, elapse

REFUSED = -1
DEFECT = -2
UNSPECIFIED = -3
MAX_ENTRIES = 5_000_000


class Symbol(NamedTuple):
    """An event with stored argument values; ``elapse`` is one day."""

    event: str
    arguments: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Automaton:
    """``table[configuration][symbol]`` is the next configuration's number, or a negative code.

    `REFUSED` is a refusal and `DEFECT` a place where the specification itself is wrong; from
    `UNSPECIFIED` downwards the codes are unspecified outcomes: ``ambiguities[UNSPECIFIED - code]``
    says which. The initial configuration has number 0.
    """

    bound: Bound
    configurations: tuple[Configuration, ...]
    symbols: tuple[Symbol, ...]
    ambiguities: tuple[str, ...]
    table: tuple[tuple[int, ...], ...] = field(repr=False)
    _choices: Mapping[str, tuple[tuple[int, ...], ...]] = field(repr=False)
    _numbers: Mapping[Symbol, int] = field(repr=False)

    def next(self, configuration: int, symbol: int) -> int:
        """The entry of the table."""
        return self.table[configuration][symbol]

    def symbol(self, event: str, arguments: Mapping[str, int] | None = None) -> int:
        """The number of an event with stored argument values, as `read_arguments` makes them.

        Where enumeration tries one value for a class of them, every value of the class has the
        symbol of that one: the machine answers all of them alike. `SpecError` when there is no
        such event or argument, or a value is out of range; ``elapse`` has one symbol, one day.
        """
        given = dict(arguments or {})
        if event == ELAPSE and given in ({}, {"days": 1}):
            values: tuple[int, ...] = (1,)
        elif event in self._choices:
            parameters = self.bound.event[event].parameters
            if set(given) != {p.name for p in parameters}:
                names = ", ".join(p.name for p in parameters) or "none"
                raise SpecError(f"{event} has other arguments", hint=f"its arguments: {names}")
            for p in parameters:
                if not as_int(p.low) <= given[p.name] <= as_int(p.high):
                    raise SpecError(f"{event}: {p.name} is outside its range")
            values = tuple(
                # the cut points and their neighbours are listed, so that whatever lies between
                # two listed values is told apart from neither
                listed[bisect_right(listed, given[p.name]) - 1]
                for p, listed in zip(parameters, self._choices[event], strict=True)
            )
        else:
            values = ()
        number = self._numbers.get(Symbol(event, values))
        if number is None:
            known = ", ".join(dict.fromkeys(s.event for s in self.symbols))
            raise SpecError(f"there is no symbol for {event!r}", hint=f"events: {known}")
        return number


def automaton(bound: Bound, limit: int = MAX_ENTRIES) -> Automaton:
    """The table of a sized machine; `SpecError` when it would have more than ``limit`` entries."""
    values = {e.name: argument_values(bound, e) for e in bound.events}
    symbols = [Symbol(name, arguments) for name, listed in values.items() for arguments in listed]
    if bound.clocks:
        symbols.append(Symbol(ELAPSE, (1,)))
    fire = Compiled(bound).fire
    numbers: dict[Configuration, int] = {bound.initial(): 0}
    found = [bound.initial()]
    ambiguities: dict[str, int] = {}
    table: list[tuple[int, ...]] = []
    while len(table) < len(found):
        if len(found) * len(symbols) > limit:
            raise SpecError(
                f"more than {limit} entries: {len(symbols)} symbols and at least {len(found)} "
                "configurations",
                where=f"machine {bound.machine.name}",
                hint="choose smaller constants, or step the machine itself",
            )
        here = found[len(table)]
        row = []
        for event, arguments in symbols:
            result: Configuration | Unspecified | None
            try:
                if event == ELAPSE:
                    result = elapse(bound, here, 1)
                else:
                    result = fire[event](here, *arguments)
            except Undefined:
                row.append(DEFECT)
                continue
            if result is None:
                row.append(REFUSED)
            elif isinstance(result, Unspecified):
                place = ambiguities.setdefault(result.ambiguity, len(ambiguities))
                row.append(UNSPECIFIED - place)
            else:
                if result not in numbers:
                    numbers[result] = len(found)
                    found.append(result)
                row.append(numbers[result])
        table.append(tuple(row))
    choices = {
        name: tuple(tuple(sorted(set(column))) for column in zip(*listed, strict=True))
        for name, listed in values.items()
    }
    return Automaton(
        bound,
        tuple(found),
        tuple(symbols),
        tuple(ambiguities),
        tuple(table),
        choices,
        {symbol: i for i, symbol in enumerate(symbols)},
    )
