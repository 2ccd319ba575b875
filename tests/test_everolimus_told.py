"""The everolimus protocol against an independent re-telling of its text."""

from __future__ import annotations

import random

import pytest
import retelling_everolimus as retelling
from telling import Side, Walk
from trialspec.spec.protocols.everolimus_cll import PROTOCOL

DAYS = (1, 1, 1, 1, 2, 2, 6, 7)
ENDS = ("death", "lost", "withdraw_consent", "progression", "toxicity", "five_years_over", "stop")


@pytest.mark.parametrize(("levels", "accrual", "size"), [(1, 44, 2070), (3, 12, 494)])
def test_the_trial_says_what_the_text_says_everywhere(levels: int, accrual: int, size: int) -> None:
    side = Side(PROTOCOL, "trial", levels=levels, accrual=accrual)
    assert side.everywhere(retelling.Trial(levels, accrual), side.moves) == size


@pytest.mark.parametrize(("drug", "short"), [("everolimus", "evr"), ("alemtuzumab", "alz")])
@pytest.mark.parametrize(("weeks", "size"), [(1, 45), (3, 491)])
def test_a_course_says_what_the_text_says_everywhere(
    drug: str, short: str, weeks: int, size: int
) -> None:
    side = Side(PROTOCOL, drug, **{f"{short}_weeks": weeks})
    moves = [*side.moves, ("elapse", (1,))]
    assert side.everywhere(retelling.Course(short, weeks), moves) == size


@pytest.mark.parametrize(
    ("everolimus", "alemtuzumab", "size"), [(1, 1, 935), (2, 1, 1918), (3, 2, 4145)]
)
def test_a_subject_says_what_the_text_says_everywhere(
    everolimus: int, alemtuzumab: int, size: int
) -> None:
    side = Side(PROTOCOL, "subject", levels=2, evr_weeks=everolimus, alz_weeks=alemtuzumab)
    moves = [m for m in side.moves if side.words(m).get("weekday") in (None, "unstated")]
    moves.append(("elapse", (1,)))
    assert side.everywhere(retelling.Subject(everolimus, alemtuzumab), moves) == size


def test_random_subjects_agree() -> None:
    side = Side(PROTOCOL, "subject")
    places, reasons = set(), set()
    for seed in range(150):
        chance = random.Random(seed)
        at, teller = side.bound.initial(), retelling.Subject()
        for _ in range(150):
            at = side.compare(at, teller, side.likely(chance, at, DAYS, ENDS, 0.45, 0.2, idle=1))
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
        at, teller = side.bound.initial(), retelling.Course(short, weeks)
        for _ in range(150):
            at = side.compare(at, teller, side.likely(chance, at, DAYS, ENDS, 0.45, 0.2, idle=1))
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
                if whole.words(m) | {"weekday": "Mon"}
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
    walk = Walk(Side(PROTOCOL, "subject"), retelling.Subject())
    go, teller = walk.go, walk.teller

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
