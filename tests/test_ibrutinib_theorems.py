"""Theorems of the ibrutinib trial under other hypotheses than those of its claims, by plain search.

Patients are evaluated one at a time and nobody is registered, so that a run is a row of outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from trialspec.oracle import Case
from trialspec.spec.protocols.ibrutinib_mm import PROTOCOL
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound

Configuration = tuple[int, ...]

COHORTS = {"IBR-A01": "three", "IBR-A08": "after_all"}
ONE_CLOSES = {"IBR-A06": "close"}
FLIPPED = (
    {},
    {"IBR-A05": "close"},
    {"IBR-A06": "close"},
    {"IBR-A05": "close", "IBR-A06": "close"},
    COHORTS,
)


class Outcomes:
    """Part 1 of the trial, one outcome after another."""

    def __init__(self, levels: int, readings: dict[str, str]) -> None:
        self.bound: Bound = bind(PROTOCOL, constants={"levels": levels}, readings=readings)
        self.levels, self.fire = levels, self.bound.compiled.fire["evaluate"]
        self.ends = {self.bound.states.index(s) for s in ("expansion", "no_mtd")}

    def of(self, name: str, c: Configuration) -> tuple[int, ...]:
        place = self.bound.by_name[name].offset
        return c[place : place + self.levels]

    def level(self, c: Configuration) -> int:
        return c[self.bound.by_name["level"].offset]

    def mtd(self, c: Configuration) -> int:
        return self.level(c) if self.bound.states[c[0]] == "expansion" else 0

    def over(self) -> Iterator[Configuration]:
        """Every configuration in which part 1 is over."""
        todo = [self.bound.initial()]
        seen = set(todo)
        while todo:
            c = todo.pop()
            if c[0] in self.ends:
                yield c
                continue
            for after in (self.fire(c, dlt) for dlt in (0, 1)):
                assert isinstance(after, tuple)
                if after not in seen:
                    seen.add(after)
                    todo.append(after)


@pytest.mark.parametrize("levels", range(1, 6))
@pytest.mark.parametrize(
    ("readings", "counts"),
    [({}, {0, 2, 3, 4, 5, 6}), ({"IBR-A01": "three"}, {0, 3, 4, 5, 6}), (COHORTS, {0, 3, 6})],
    ids=str,
)
def test_how_many_patients_a_level_ends_with(
    levels: int, readings: dict[str, str], counts: set[int]
) -> None:
    trial = Outcomes(levels, readings)
    found = {n for c in trial.over() for n in trial.of("treated", c)}
    # the only level is always tried
    assert found == (counts if levels > 1 else counts - {0})
    assert min(sum(trial.of("treated", c)) for c in trial.over()) == min(counts - {0})


@pytest.mark.parametrize("levels", range(1, 6))
def test_how_many_toxicities_there_can_be(levels: int) -> None:
    def most(readings: dict[str, str]) -> int:
        trial = Outcomes(levels, readings)
        return max(sum(trial.of("dlts", c)) for c in trial.over())

    assert most({}) == 2 * levels
    assert most(COHORTS) == 3 * levels + 1
    assert most(ONE_CLOSES) == most(ONE_CLOSES | {"IBR-A05": "close"}) == levels + 1


@pytest.mark.parametrize(
    "choices",
    list(product(("at_two", "three"), *[("accept", "close")] * 2, ("immediate", "after_all"))),
    ids="-".join,
)
def test_what_levels_below_and_the_dose_rest_on_under_every_combination(
    choices: tuple[str, ...],
) -> None:
    """Two toxicities where a level closed belong to the readings that accept one in six."""
    ids = ("IBR-A01", "IBR-A05", "IBR-A06", "IBR-A08")
    one_in_six = choices[1] == choices[2] == "accept"
    for levels in (1, 2, 3):
        trial = Outcomes(levels, dict(zip(ids, choices, strict=True)))
        fewest = 2
        for c in trial.over():
            numbers = list(zip(trial.of("treated", c), trial.of("dlts", c), strict=True))
            open_, mtd = trial.level(c), trial.mtd(c)
            assert all(below in ((3, 0), (6, 1)) for below in numbers[: open_ - 1])
            assert not mtd or numbers[mtd - 1] in ((6, 0), (6, 1))
            assert not mtd or mtd == levels or numbers[mtd][0] > 0
            closed = [dlts for treated, dlts in numbers[mtd if mtd else open_ - 1 :] if treated]
            fewest = min([fewest, *closed])
        assert fewest == (2 if one_in_six or (levels == 1 and choices[1] == "accept") else 1)


@pytest.mark.parametrize("levels", range(1, 6))
def test_each_level_is_visited_twice_at_most(levels: int) -> None:
    trial = Outcomes(levels, {})

    @cache
    def most(c: Configuration, level: int) -> int:
        """The most visits to a level that are still to come after this evaluation."""
        if c[0] in trial.ends:
            return 0
        found = 0
        for after in (trial.fire(c, dlt) for dlt in (0, 1)):
            arrives = trial.level(after) == level != trial.level(c) and after[0] not in trial.ends
            found = max(found, arrives + most(after, level))
        return found

    start = trial.bound.initial()
    visits = [most(start, level) + (level == 1) for level in range(1, levels + 1)]
    assert visits == [2] * (levels - 1) + [1]


@pytest.mark.parametrize("readings", FLIPPED, ids=str)
def test_one_toxicity_more_never_raises_the_dose(readings: dict[str, str]) -> None:
    """Each patient's outcome is fixed by level and place: 24,576 changes of one, with two levels.

    No claim says so, as a claim compares no two runs; nor is it true of rows of outcomes, which
    meet other patients after a change.
    """
    trial = Outcomes(2, readings)

    def mtd(table: int) -> int:
        c = trial.bound.initial()
        while c[0] not in trial.ends:
            level = trial.level(c)
            c = trial.fire(c, table >> 6 * (level - 1) + trial.of("treated", c)[level - 1] & 1)
        return trial.mtd(c)

    found = [mtd(table) for table in range(4096)]
    flips = [(t, t | 1 << s) for t in range(4096) for s in range(12) if not t >> s & 1]
    assert len(flips) == 24_576
    assert all(found[more] <= found[less] for less, more in flips)


def test_how_many_are_dosed_has_no_bound() -> None:
    """At most six of a level are evaluable; those who are replaced come on top."""
    case = Case(PROTOCOL)
    for _ in range(40):
        assert case.apply("register", level=1).answer == "accepted"
        assert case.apply("first_dose").answer == "accepted"
        assert case.apply("not_evaluable", level=1).answer == "accepted"
    assert case.observe()["treated"] == [0, 0, 0]
