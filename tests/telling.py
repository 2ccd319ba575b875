"""A machine beside an independent re-telling of its text: both answer, and must say the same."""

from __future__ import annotations

import random
from collections.abc import Callable
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

    def __init__(self, protocol: Protocol, machine: str, **constants: int) -> None:
        self.bound: Bound = bind(protocol, machine, constants=constants)
        self.fire = self.bound.compiled.fire
        self.told: dict[Move, dict[str, object]] = {}
        self.seen: dict[Configuration, dict[str, object]] = {}
        self.moves = [
            (event.name, values)
            for event in self.bound.events
            for values in argument_values(self.bound, event)
        ]

    def words(self, move: Move) -> dict[str, object]:
        """The arguments of a move as the teller hears them."""
        if move not in self.told:
            name, values = move
            if name == "elapse":
                self.told[move] = {"days": values[0]}
            else:
                event = self.bound.event[name]
                given = dict(zip([p.name for p in event.parameters], values, strict=True))
                self.told[move] = show_arguments(event, given)
        return self.told[move]

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
        told = teller.apply(move[0], self.words(move))
        assert told == word, (observe(self.bound, at), move[0], self.words(move))
        self.agree(after, teller)
        return after

    def agree(self, at: Configuration, teller: Any) -> None:
        """What the teller knows, the machine shows."""
        if at not in self.seen:
            self.seen[at] = observe(self.bound, at)
        known, seen = teller.known(), self.seen[at]
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
                moved = word == "accepted" and after != at
                there = here.copy() if moved else here
                assert there.apply(move[0], self.words(move)) == word, (
                    observe(self.bound, at),
                    move[0],
                    self.words(move),
                )
                if moved:
                    self.agree(after, there)
                if after not in tellers:
                    tellers[after] = there
                    todo.append(after)
            self.agree(at, here)
        return len(todo)

    # ---- random histories

    def useful(self, at: Configuration, rarely: Callable[[Move], bool]) -> dict[str, list[Move]]:
        """What is accepted here, by event, but for what would end or spoil a long history."""
        found: dict[str, list[Move]] = {}
        for move in self.moves:
            if not rarely(move) and self.answer(at, move)[0] == "accepted":
                found.setdefault(move[0], []).append(move)
        return found

    def likely(
        self,
        chance: random.Random,
        at: Configuration,
        days: tuple[int, ...],
        ends: tuple[str, ...],
        wait: float = 0.25,
        any_move: float = 0.1,
        idle: int = 28,
    ) -> Move:
        """Mostly something that happens, so that histories go far; ``ends`` are rare. Where there
        is nothing to do, ``idle`` days pass."""
        dice = chance.random()
        if dice < wait:
            return "elapse", (chance.choice(days),)
        if dice < wait + any_move:
            return chance.choice(self.moves)
        if dice < wait + any_move + 0.01:
            return chance.choice([m for m in self.moves if m[0] in ends])
        found = self.useful(at, lambda move: move[0] in ends)
        if not found:
            return "elapse", (idle,)
        return chance.choice(found[chance.choice(list(found))])


class Walk:
    """One history that machine and teller take together, every step accepted."""

    def __init__(self, side: Side, teller: Any) -> None:
        self.side, self.teller, self.at = side, teller, side.bound.initial()

    def go(self, event: str, **given: object) -> None:
        """The next step; what is not named has any value."""
        if event == "elapse":
            move: Move = (event, (int(str(given["days"])),))
        else:
            words = self.side.words
            moves = (m for m in self.side.moves if m[0] == event)
            move = next(m for m in moves if words(m).items() >= given.items())
        word, _ = self.side.answer(self.at, move)
        assert word == "accepted", (event, given, observe(self.side.bound, self.at))
        self.at = self.side.compare(self.at, self.teller, move)
