"""The DexTR protocol against an independent re-telling of its text."""

from __future__ import annotations

import random

import pytest
import retelling_dextr as retelling
from telling import Configuration, Move, Side, Walk
from trialspec.spec.protocols.dextr_mm import PROTOCOL

DAYS = (1, 2, 6, 7, 21, 27, 28, 29)
ENDS = ("death", "lost", "withdraw_consent", "progression", "excessive_toxicity")


def test_the_trial_says_what_the_text_says_everywhere() -> None:
    side = Side(PROTOCOL, "trial")
    assert len(side.moves) == 2**10
    assert side.everywhere(retelling.Trial(), side.moves) == 46


@pytest.mark.slow
def test_a_subject_says_what_the_text_says_everywhere() -> None:
    side = Side(PROTOCOL, "subject")
    moves = [*side.moves, ("elapse", (1,))]
    assert side.everywhere(retelling.Subject(), moves) == 9902


def weighted(side: Side, chance: random.Random, at: Configuration) -> Move:
    """Mostly something that happens, so that long histories go far; rarely the end of a case."""
    dice = chance.random()
    if dice < 0.4:
        return "elapse", (chance.choice(DAYS),)
    if dice < 0.45:
        return chance.choice(side.moves)
    if dice < 0.453:
        return chance.choice([m for m in side.moves if m[0] in ENDS])

    def rarely(move: Move) -> bool:
        told = side.words(move)
        return move[0] in ENDS or bool(told.get("progression")) or told.get("new") == "0"

    useful = side.useful(at, rarely)
    # time goes on by cycles
    going = [name for name in useful if name in ("assess", "start_cycle", "begin_maintenance")]
    if going and chance.random() < 0.5:
        found = useful[chance.choice(going)]
        steady = [m for m in found if side.words(m).get("unchanged", True)]
        return chance.choice(steady)
    return chance.choice(useful[chance.choice(list(useful))]) if useful else ("elapse", (28,))


def test_random_subjects_agree() -> None:
    side = Side(PROTOCOL, "subject")
    places: set[str] = set()
    doses: set[str] = set()
    longest = 0
    for seed in range(120):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling.Subject()
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
    walk = Walk(Side(PROTOCOL, "subject"), retelling.Subject())
    go, teller = walk.go, walk.teller

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
