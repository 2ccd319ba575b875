"""The DexTR protocol against an independent re-telling of its text."""

from __future__ import annotations

import importlib.util
import random
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from trialspec.spec.model import Unspecified
from trialspec.spec.protocols.dextr_mm import PROTOCOL
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.step import elapse, observe, show_arguments

Configuration = tuple[int, ...]
Move = tuple[str, tuple[int, ...]]
DAYS = (1, 2, 6, 7, 21, 27, 28, 29)


@cache
def retelling() -> ModuleType:
    path = Path(__file__).with_name("retelling_dextr.py")
    spec = importlib.util.spec_from_file_location("retelling_dextr", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Side:
    """The machine, asked in its own numbers, beside a teller, told in words."""

    def __init__(self, machine: str) -> None:
        self.bound: Bound = bind(PROTOCOL, machine)
        self.fire = self.bound.compiled.fire
        self.told: dict[Move, dict[str, object]] = {}
        for event in self.bound.events:
            for values in argument_values(self.bound, event):
                given = dict(zip([p.name for p in event.parameters], values, strict=True))
                self.told[event.name, values] = show_arguments(event, given)
        self.moves = list(self.told)
        for days in DAYS if self.bound.clocks else ():
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
        return len(todo)


def test_the_trial_says_what_the_text_says_everywhere() -> None:
    side = Side("trial")
    assert len(side.moves) == 2**10
    assert side.everywhere(retelling().Trial(), side.moves) == 46


@pytest.mark.slow
def test_a_subject_says_what_the_text_says_everywhere() -> None:
    side = Side("subject")
    moves = [*side.moves, ("elapse", (1,))]
    assert side.everywhere(retelling().Subject(), moves) == 9902


def weighted(side: Side, chance: random.Random, at: Configuration) -> Move:
    """Mostly something that happens, so that long histories go far; rarely the end of a case."""
    dice = chance.random()
    if dice < 0.4:
        return "elapse", (chance.choice(DAYS),)
    if dice < 0.45:
        return chance.choice(side.moves)
    ends = ("death", "lost", "withdraw_consent", "progression", "excessive_toxicity")
    if dice < 0.453:
        return chance.choice([m for m in side.moves if m[0] in ends])
    useful: dict[str, list[Move]] = {}
    for move in side.moves:
        told = side.told[move]
        worse = told.get("progression") or told.get("new") == "0"
        if move[0] in ends or worse or side.answer(at, move)[0] != "accepted":
            continue
        useful.setdefault(move[0], []).append(move)
    # time goes on by cycles
    going = [name for name in useful if name in ("assess", "start_cycle", "begin_maintenance")]
    if going and chance.random() < 0.5:
        found = useful[chance.choice(going)]
        steady = [m for m in found if side.told[m].get("unchanged", True)]
        return chance.choice(steady)
    return chance.choice(useful[chance.choice(list(useful))]) if useful else ("elapse", (28,))


def test_random_subjects_agree() -> None:
    side = Side("subject")
    places: set[str] = set()
    doses: set[str] = set()
    longest = 0
    for seed in range(120):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling().Subject()
        for _ in range(140):
            at = side.compare(at, teller, weighted(side, chance, at))
            known = teller.known()
            places.add(known["state"])
            doses.add(known["maint_len"])
            longest = max(longest, len(teller.cycles))
    # the histories are long enough to try everything
    assert places == set(side.bound.states)
    assert len(doses) >= 5
    assert longest > 4


def test_a_full_course_agrees() -> None:
    """Five cycles with every dose and lab, lenalidomide lowered, maintenance, then transplant."""
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

    totals = {"dexamethasone": 0, "thalidomide": 0, "lenalidomide": 0}

    def doses() -> None:
        for drug, amount in teller.schedule().items():
            if amount:
                go("dose", drug=drug, amount=str(amount))
                totals[drug] += amount

    def assess(unchanged: bool) -> None:
        go("assess", progression=False, ifx_negative=False, unchanged=unchanged, toxicity=False)

    go("enrol")
    go("elapse", days=2)
    for cycle in range(1, 6):
        go("start_cycle")
        if cycle == 5:
            assert totals == {"dexamethasone": 1920, "thalidomide": 10850, "lenalidomide": 2100}
            go("reduce_lenalidomide", new="20")
        for day in range(1, 29):
            if cycle == 1 and day % 7 == 1:
                go("lab")
            doses()
            if day < 28:
                go("elapse", days=1)
        assess(unchanged=cycle > 2)
        go("elapse", days=1)
    go("begin_maintenance", crcl="40")
    totals = dict.fromkeys(totals, 0)
    for cycle in range(2):
        for day in range(1, 29):
            if cycle == 1 and day == 1:
                go("crcl", value="39.99")
            doses()
            go("elapse", days=1)
        assess(unchanged=True)
        assert totals["dexamethasone"] == 80 * (cycle + 1)
        if cycle == 0:
            go("start_cycle")
    assert totals == {"dexamethasone": 160, "thalidomide": 0, "lenalidomide": 21 * 20 + 21 * 15}
    go("go_to_asct", eligible=True)
    assert teller.known() == {
        "state": "transplant",
        "cycle": 5,
        "decision": "maintenance",
        "plateau": 3,
        "len_dose": "20",
        "maint_len": "15",
    }
