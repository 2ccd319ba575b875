"""The lenalidomide protocol against an independent re-telling of its text."""

from __future__ import annotations

import random

import pytest
import retelling_antimag as retelling
from telling import Side, Walk
from trialspec.spec.protocols.antimag_lenalidomide import PROTOCOL

DAYS = (1, 2, 7, 21, 27, 28, 29, 56, 57, 28, 28)
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


def test_the_trial_says_what_the_text_says_everywhere() -> None:
    side = Side(PROTOCOL, "trial")
    assert side.everywhere(retelling.Trial(), side.moves) == 5516


def test_random_patients_agree() -> None:
    side = Side(PROTOCOL, "subject")
    most = {"reductions": 0, "dose_level": 0}
    places = set()
    for seed in range(150):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling.Subject()
        for _ in range(120):
            at = side.compare(at, teller, side.likely(chance, at, DAYS, ENDS))
            known = teller.known()
            places.add(known["state"])
            most = {name: max(value, known[name]) for name, value in most.items()}
    # the histories are long enough to try everything
    assert places == set(side.bound.states)
    assert most == {"reductions": 2, "dose_level": 3}


@pytest.mark.parametrize(("event", "part"), [("enrol", 1), ("enrol_expansion", 2)])
@pytest.mark.parametrize("end", ["lost", "withdraw_consent", "death"])
def test_who_leaves_before_treatment_gives_the_place_back(event: str, part: int, end: str) -> None:
    side = Side(PROTOCOL, "subject")
    walk = Walk(side, retelling.Subject())
    walk.go(event, level=2)
    walk.go(end)
    for move in side.moves:
        word, _ = side.answer(walk.at, move)
        assert walk.teller.copy().apply(move[0], side.words(move)) == word, move
    if end != "death":
        walk.go("death")
    walk.go("withdraw_registration", part=part)
    assert walk.teller.over()
