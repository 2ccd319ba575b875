"""The everolimus protocol against an independent re-telling of its text."""

from __future__ import annotations

import importlib.util
import random
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from telling import Configuration, Move, Side
from trialspec.spec.protocols.everolimus_cll import PROTOCOL


@cache
def retelling() -> ModuleType:
    path = Path(__file__).with_name("retelling_everolimus.py")
    spec = importlib.util.spec_from_file_location("retelling_everolimus", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("levels", "accrual", "size"), [(1, 44, 2070), (3, 12, 494)])
def test_the_trial_says_what_the_text_says_everywhere(levels: int, accrual: int, size: int) -> None:
    side = Side(PROTOCOL, "trial", levels=levels, accrual=accrual)
    assert side.everywhere(retelling().Trial(levels, accrual), side.moves) == size


@pytest.mark.parametrize(("drug", "short"), [("everolimus", "evr"), ("alemtuzumab", "alz")])
@pytest.mark.parametrize(("weeks", "size"), [(1, 45), (3, 491)])
def test_a_course_says_what_the_text_says_everywhere(
    drug: str, short: str, weeks: int, size: int
) -> None:
    side = Side(PROTOCOL, drug, **{f"{short}_weeks": weeks})
    moves = [*side.moves, ("elapse", (1,))]
    assert side.everywhere(retelling().Course(short, weeks), moves) == size


@pytest.mark.parametrize(
    ("everolimus", "alemtuzumab", "size"), [(1, 1, 935), (2, 1, 1918), (3, 2, 4145)]
)
def test_a_subject_says_what_the_text_says_everywhere(
    everolimus: int, alemtuzumab: int, size: int
) -> None:
    side = Side(PROTOCOL, "subject", levels=2, evr_weeks=everolimus, alz_weeks=alemtuzumab)
    moves = [m for m in side.moves if side.told[m].get("weekday") in (None, "unstated")]
    moves.append(("elapse", (1,)))
    assert side.everywhere(retelling().Subject(everolimus, alemtuzumab), moves) == size


def useful(side: Side, chance: random.Random, at: Configuration, ends: tuple[str, ...]) -> Move:
    """Mostly something that happens, so that long histories go far; rarely the end of treatment."""
    dice = chance.random()
    if dice < 0.45:
        return "elapse", (chance.choice((1, 1, 1, 1, 2, 2, 6, 7)),)
    if dice < 0.65:
        return chance.choice(side.moves)
    if dice < 0.66:
        return chance.choice([m for m in side.moves if m[0] in ends])
    found: dict[str, list[Move]] = {}
    for move in side.moves:
        if move[0] not in ends and side.answer(at, move)[0] == "accepted":
            found.setdefault(move[0], []).append(move)
    if not found:
        return "elapse", (1,)
    return chance.choice(found[chance.choice(list(found))])


ENDS = ("death", "lost", "withdraw_consent", "progression", "toxicity", "five_years_over", "stop")


def test_random_subjects_agree() -> None:
    side = Side(PROTOCOL, "subject")
    places, reasons = set(), set()
    for seed in range(150):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling().Subject()
        for _ in range(150):
            at = side.compare(at, teller, useful(side, chance, at, ENDS))
            known = teller.known()
            places.add(known["state"])
            reasons.add(known["ended"])
    # the histories are long enough to try everything
    assert places == set(side.bound.states)
    assert reasons == {"none", "completed", "progression", "toxicity"}


@pytest.mark.parametrize(
    ("drug", "short", "weeks"), [("everolimus", "evr", 9), ("alemtuzumab", "alz", 7)]
)
def test_random_courses_agree(drug: str, short: str, weeks: int) -> None:
    side = Side(PROTOCOL, drug)
    most = 0
    for seed in range(80):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling().Course(short, weeks)
        for _ in range(150):
            at = side.compare(at, teller, useful(side, chance, at, ENDS))
            most = max(most, teller.known()[f"{short}_doses"])
    assert most > 2 * weeks


def test_a_subject_and_a_course_answer_doses_alike() -> None:
    """What the subject's machine says of one drug is what the machine of its course says."""
    whole = Side(PROTOCOL, "subject")
    for drug in ("everolimus", "alemtuzumab"):
        alone = Side(PROTOCOL, drug)
        for seed in range(30):
            chance = random.Random(seed)
            at, beside = whole.bound.initial(), alone.bound.initial()
            _, at = whole.answer(at, next(m for m in whole.moves if m[0] == "enrol"))
            mine = next(
                m
                for m in whole.moves
                if whole.told[m] | {"weekday": "Mon"}
                == {"drug": drug, "amount": 1, "weekday": "Mon"}
            )
            given = next(m for m in alone.moves if m[0] == "dose")
            for _ in range(120):
                if chance.random() < 0.5:
                    move = ("elapse", (chance.choice((1, 1, 2, 3)),))
                    at, beside = whole.answer(at, move)[1], alone.answer(beside, move)[1]
                    continue
                said, at = whole.answer(at, mine)
                word, beside = alone.answer(beside, given)
                assert said == word


def test_a_full_course_of_both_agrees() -> None:
    """Three doses a week, of each drug for its weeks, then completed and followed up."""
    side = Side(PROTOCOL, "subject")
    at, teller = side.bound.initial(), retelling().Subject()

    def go(event: str, **given: object) -> None:
        nonlocal at
        if event == "elapse":
            move: Move = (event, (int(str(given["days"])),))
        else:
            move = next(
                m for m in side.moves if m[0] == event and side.told[m].items() >= given.items()
            )
        word, _ = side.answer(at, move)
        assert word == "accepted", (event, given)
        at = side.compare(at, teller, move)

    go("enrol", level=2, phase=2)
    for week in range(9):
        for days in (2, 2, 3):
            go("dose", drug="everolimus", amount=2)
            if week < 7:
                go("dose", drug="alemtuzumab", amount=1)
            go("elapse", days=days)
    assert [len(d.days) for d in teller.doses.values()] == [27, 21]
    go("complete")
    go("ct")
    go("assess", clinical_cr=True)
    go("mrd_test")
    go("follow_up_visit")
    go("five_years_over")
    assert teller.known()["state"] == "off"
