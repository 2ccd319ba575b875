"""A machine beside an independent re-telling of its text: both answer, and must say the same."""

from __future__ import annotations

from typing import Any

from trialspec.spec.model import Protocol, Unspecified
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.step import elapse, observe, show_arguments

Configuration = tuple[int, ...]
Move = tuple[str, tuple[int, ...]]


class Side:
    """The machine, asked in its own numbers, beside a teller, told in words."""

    def __init__(
        self,
        protocol: Protocol,
        machine: str,
        days: tuple[int, ...] = (1, 2, 3, 6, 7, 8, 14, 49, 63),
        **constants: int,
    ) -> None:
        self.bound: Bound = bind(protocol, machine, constants=constants)
        self.fire = self.bound.compiled.fire
        self.told: dict[Move, dict[str, object]] = {}
        self.moves: list[Move] = []
        for event in self.bound.events:
            for values in argument_values(self.bound, event):
                given = dict(zip([p.name for p in event.parameters], values, strict=True))
                self.moves.append((event.name, values))
                self.told[event.name, values] = show_arguments(event, given)
        if self.bound.clocks:
            for count in days:
                self.told["elapse", (count,)] = {"days": count}

    def answer(self, at: Configuration, move: Move) -> tuple[str, Configuration]:
        """One word, and where it leads."""
        name, values = move
        if name == "elapse":
            return "accepted", elapse(self.bound, at, values[0])
        if at[0] in self.bound.final:
            return "refused", at
        after = self.fire[name](at, *values)
        if isinstance(after, Unspecified):
            return "unspecified", at
        return ("refused", at) if after is None else ("accepted", after)

    def compare(self, at: Configuration, teller: Any, move: Move) -> Configuration:
        """Lets both answer, and what both show be the same."""
        word, after = self.answer(at, move)
        told = teller.apply(move[0], self.told[move])
        assert told == word, (observe(self.bound, at), move[0], self.told[move])
        self.agree(after, teller)
        return after

    def agree(self, at: Configuration, teller: Any) -> None:
        """What the teller knows, the machine shows."""
        known, seen = teller.known(), observe(self.bound, at)
        assert known == {name: seen[name] for name in known}

    def everywhere(self, teller: Any, moves: list[Move]) -> int:
        """Every move in every reachable configuration, each after one history that leads there."""
        tellers = {self.bound.initial(): teller}
        todo = [self.bound.initial()]
        for at in todo:
            here = tellers[at]
            self.agree(at, here)
            for move in moves:
                word, after = self.answer(at, move)
                there = here if word != "accepted" or after == at else here.copy()
                assert there.apply(move[0], self.told[move]) == word, (
                    observe(self.bound, at),
                    move[0],
                    self.told[move],
                )
                if after not in tellers:
                    tellers[after] = there
                    todo.append(after)
            self.agree(at, here)
        return len(todo)
