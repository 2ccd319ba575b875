"""The plerixafor protocol against an independent re-telling of its text."""

from __future__ import annotations

import importlib.util
import random
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from trialspec.spec.model import Unspecified
from trialspec.spec.protocols.plerixafor_cll import PROTOCOL
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.step import elapse, observe, show_arguments

Configuration = tuple[int, ...]
Move = tuple[str, tuple[int, ...]]


@cache
def retelling() -> ModuleType:
    path = Path(__file__).with_name("retelling_plerixafor.py")
    spec = importlib.util.spec_from_file_location("retelling_plerixafor", path)
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
        if self.bound.clocks:
            for days in (1, 2, 6, 7, 14, 27, 28, 29):
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

    def compare(self, at: Configuration, teller: Any, move: Move) -> Configuration:
        """Lets both answer, and what both show be the same."""
        word, after = self.answer(at, move)
        told = teller.apply(move[0], self.told[move])
        assert told == word, (observe(self.bound, at), move[0], self.told[move])
        self.agree(after, teller)
        return after

    def agree(self, at: Configuration, teller: Any) -> None:
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


@pytest.mark.parametrize(("levels", "size"), [(1, 55), (2, 237), (3, 781), (4, 2229)])
def test_the_trial_says_what_the_text_says_everywhere(levels: int, size: int) -> None:
    side = Side("trial", levels=levels)
    assert side.everywhere(retelling().Trial(levels), side.moves) == size


@pytest.mark.parametrize(
    ("levels", "cycles", "size"),
    [
        (2, 1, 865),
        (1, 5, 1361),
        pytest.param(1, 12, 10181, marks=pytest.mark.slow),
    ],
)
def test_a_subject_says_what_the_text_says_everywhere(levels: int, cycles: int, size: int) -> None:
    side = Side("subject", max_cycles=cycles, levels=levels)
    moves = [*side.moves, ("elapse", (1,))]
    assert side.everywhere(retelling().Subject(cycles=cycles), moves) == size


def test_random_trials_agree() -> None:
    side = Side("trial")
    for seed in range(150):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling().Trial()
        for _ in range(150):
            at = side.compare(at, teller, chance.choice(side.moves))


def weighted(side: Side, chance: random.Random, at: Configuration) -> Move:
    """Mostly something that happens, so that long histories go far; rarely the end of treatment."""
    dice = chance.random()
    if dice < 0.25:
        return "elapse", (chance.choice((1, 1, 2, 6, 7, 27, 28, 29)),)
    if dice < 0.35:
        return chance.choice(side.moves)
    ends = ("death", "lost", "withdraw_consent", "progression", "not_evaluable")
    if dice < 0.36:
        return chance.choice([m for m in side.moves if m[0] in ends])
    useful: dict[str, list[Move]] = {}
    for move in side.moves:
        if move[0] not in ends and side.answer(at, move)[0] == "accepted":
            useful.setdefault(move[0], []).append(move)
    if not useful:
        return "elapse", (28,)
    return chance.choice(useful[chance.choice(list(useful))])


def test_random_subjects_agree() -> None:
    side = Side("subject")
    most = {"combo_cycle": 0, "rtx": 0}
    places = set()
    for seed in range(120):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling().Subject()
        for _ in range(160):
            at = side.compare(at, teller, weighted(side, chance, at))
            known = teller.known()
            places.add(known["state"])
            most = {name: max(value, known[name]) for name, value in most.items()}
    # the histories are long enough to try everything
    assert places == set(side.bound.states)
    assert most["combo_cycle"] == 12 and most["rtx"] >= 3


def test_a_full_course_agrees() -> None:
    """Titration, twelve cycles with every dose, eight of them of rituximab, then alone."""
    side = Side("subject")
    at, teller = side.bound.initial(), retelling().Subject()

    def go(event: str, **given: object) -> None:
        nonlocal at
        if event == "elapse":
            move: Move = (event, (int(str(given["days"])),))
            side.told[move] = given
        else:
            move = next(m for m in side.moves if m[0] == event and side.told[m] == given)
        word, _ = side.answer(at, move)
        assert word == "accepted", (event, given, observe(side.bound, at))
        at = side.compare(at, teller, move)

    def lenalidomide(days: int, amount: str) -> None:
        for _ in range(days):
            go("dose", drug="lenalidomide", amount=amount)
            go("elapse", days=1)

    lenalidomide(7, "5")
    go("raise", tolerated=True)
    lenalidomide(7, "7.5")
    go("raise", tolerated=True)
    lenalidomide(14, "10")
    go("start_combination", wbc="99.99", weekday="Mon", level=2)
    for cycle in range(1, 13):
        for day in range(1, 29):
            if cycle >= 5 and day == 1:
                go("dose", drug="rituximab", amount="375")
            if day in retelling().PLERIXAFOR_DAYS:
                go("dose", drug="plerixafor", amount="0.32")
            lenalidomide(1, "10")
        if cycle == 1:
            go("evaluate", dlt=False)
        if cycle == 4:
            go("assess", response="PR")
        if cycle < 12:
            go("start_cycle", wbc="0", weekday="Mon")
    go("stop_combination")
    lenalidomide(30, "10")
    go("progression")
    assert teller.known() | {"cause": ""} == {
        "state": "off",
        "len_dose": "10",
        "level": 2,
        "combo_cycle": 12,
        "response": "PR",
        "rtx": 8,
        "cause": "",
    }
