"""The lenalidomide protocol against an independent re-telling of its text."""

from __future__ import annotations

import importlib.util
import random
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from trialspec.spec.model import Unspecified
from trialspec.spec.protocols.antimag_lenalidomide import PROTOCOL
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.step import elapse, observe, show_arguments

Configuration = tuple[int, ...]
Move = tuple[str, tuple[int, ...]]
DAYS = (1, 2, 7, 21, 27, 28, 29, 56, 57)
ENDS = (
    "death",
    "lost",
    "withdraw_consent",
    "progression",
    "withdraw",
    "illness",
    "other_therapy",
    "stop",
    "withdraw_registration",
)


@cache
def retelling() -> ModuleType:
    path = Path(__file__).with_name("retelling_antimag.py")
    spec = importlib.util.spec_from_file_location("retelling_antimag", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Side:
    """The machine, asked in its own numbers, beside a teller, told in words."""

    def __init__(self, machine: str, **constants: int) -> None:
        self.bound: Bound = bind(PROTOCOL, machine, constants=constants)
        self.fire = self.bound.compiled.fire
        self.told: dict[Move, dict[str, object]] = {}
        self.moves: list[Move] = []
        for event in self.bound.events:
            for values in argument_values(self.bound, event):
                given = dict(zip([p.name for p in event.parameters], values, strict=True))
                self.moves.append((event.name, values))
                self.told[event.name, values] = show_arguments(event, given)
        for days in DAYS:
            self.told["elapse", (days,)] = {"days": days}

    def answer(self, at: Configuration, move: Move) -> tuple[str, Configuration]:
        name, values = move
        if name == "elapse":
            return "accepted", elapse(self.bound, at, values[0])
        if at[0] in self.bound.final:
            return "refused", at
        after = self.fire[name](at, *values)
        if isinstance(after, Unspecified):
            return "unspecified", at
        return ("refused", at) if after is None else ("accepted", after)

    def agree(self, at: Configuration, teller: Any) -> None:
        known, seen = teller.known(), observe(self.bound, at)
        assert known == {name: seen[name] for name in known}

    def compare(self, at: Configuration, teller: Any, move: Move) -> Configuration:
        """Lets both answer, and what both show be the same."""
        word, after = self.answer(at, move)
        told = teller.apply(move[0], self.told[move])
        assert told == word, (observe(self.bound, at), move[0], self.told[move])
        self.agree(after, teller)
        return after


def test_the_trial_says_what_the_text_says_everywhere() -> None:
    """Every move in every reachable configuration, each after one history that leads there."""
    side = Side("trial")
    tellers = {side.bound.initial(): retelling().Trial()}
    todo = [side.bound.initial()]
    for at in todo:
        here = tellers[at]
        side.agree(at, here)
        for move in side.moves:
            word, after = side.answer(at, move)
            there = here if word != "accepted" or after == at else here.copy()
            assert there.apply(move[0], side.told[move]) == word, (
                observe(side.bound, at),
                move[0],
                side.told[move],
            )
            if after not in tellers:
                tellers[after] = there
                todo.append(after)
        side.agree(at, here)
    assert len(todo) == 5516


def weighted(side: Side, chance: random.Random, at: Configuration) -> Move:
    """Mostly something that happens, so that long histories go far; rarely the end of treatment."""
    dice = chance.random()
    if dice < 0.25:
        return "elapse", (chance.choice((*DAYS, 28, 28)),)
    if dice < 0.35:
        return chance.choice(side.moves)
    if dice < 0.36:
        return chance.choice([m for m in side.moves if m[0] in ENDS])
    useful: dict[str, list[Move]] = {}
    for move in side.moves:
        if move[0] not in ENDS and side.answer(at, move)[0] == "accepted":
            useful.setdefault(move[0], []).append(move)
    if not useful:
        return "elapse", (28,)
    return chance.choice(useful[chance.choice(list(useful))])


def test_random_patients_agree() -> None:
    side = Side("subject")
    most = {"reductions": 0, "dose_level": 0}
    places = set()
    for seed in range(150):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling().Subject()
        for _ in range(120):
            at = side.compare(at, teller, weighted(side, chance, at))
            known = teller.known()
            places.add(known["state"])
            most = {name: max(value, known[name]) for name, value in most.items()}
    # the histories are long enough to try everything
    assert places == set(side.bound.states)
    assert most == {"reductions": 2, "dose_level": 3}
