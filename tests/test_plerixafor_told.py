"""The plerixafor protocol against an independent re-telling of its text."""

from __future__ import annotations

import random

import pytest
import retelling_plerixafor as retelling
from telling import Side, Walk
from trialspec.spec.protocols.plerixafor_cll import PROTOCOL

DAYS = (1, 1, 2, 6, 7, 27, 28, 29)
ENDS = ("death", "lost", "withdraw_consent", "progression", "not_evaluable")


@pytest.mark.parametrize(("levels", "size"), [(1, 55), (2, 237), (3, 781), (4, 2229)])
def test_the_trial_says_what_the_text_says_everywhere(levels: int, size: int) -> None:
    side = Side(PROTOCOL, "trial", levels=levels)
    assert side.everywhere(retelling.Trial(levels), side.moves) == size


@pytest.mark.parametrize(
    ("levels", "cycles", "size"),
    [
        (2, 1, 865),
        (1, 5, 1361),
        pytest.param(1, 12, 10181, marks=pytest.mark.slow),
    ],
)
def test_a_subject_says_what_the_text_says_everywhere(levels: int, cycles: int, size: int) -> None:
    side = Side(PROTOCOL, "subject", max_cycles=cycles, levels=levels)
    moves = [*side.moves, ("elapse", (1,))]
    assert side.everywhere(retelling.Subject(cycles=cycles), moves) == size


def test_random_trials_agree() -> None:
    side = Side(PROTOCOL, "trial")
    for seed in range(150):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling.Trial()
        for _ in range(150):
            at = side.compare(at, teller, chance.choice(side.moves))


def test_random_subjects_agree() -> None:
    side = Side(PROTOCOL, "subject")
    most = {"combo_cycle": 0, "rtx": 0}
    places = set()
    for seed in range(120):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling.Subject()
        for _ in range(160):
            at = side.compare(at, teller, side.likely(chance, at, DAYS, ENDS))
            known = teller.known()
            places.add(known["state"])
            most = {name: max(value, known[name]) for name, value in most.items()}
    # the histories are long enough to try everything
    assert places == set(side.bound.states)
    assert most["combo_cycle"] == 12 and most["rtx"] >= 3


def test_a_full_course_agrees() -> None:
    """Titration, twelve cycles with every dose, eight of them of rituximab, then alone."""
    walk = Walk(Side(PROTOCOL, "subject"), retelling.Subject())
    go = walk.go

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
            if day in retelling.PLERIXAFOR_DAYS:
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
    assert walk.teller.known() | {"cause": ""} == {
        "state": "off",
        "len_dose": "10",
        "level": 2,
        "combo_cycle": 12,
        "response": "PR",
        "rtx": 8,
        "cause": "",
    }
