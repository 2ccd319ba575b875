"""Numbers of the antimag trial from a plain tree of outcomes, which shares nothing with the machine.

The tables are those published for a target of 0.3, the doses those that established software
selects.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from trialspec.oracle import Case
from trialspec.spec.designs import boin
from trialspec.spec.protocols.antimag_lenalidomide import PROTOCOL
from trialspec.statemachines.bind import bind
from trialspec.statemachines.walk import Walk

DATA = Path(__file__).parent / "data"
# by patients of the level, from 1
UP = (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2)
DOWN = (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5)
OUT = (99, 99, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7)

Numbers = tuple[int, ...]
# patients and toxicities by level, the level, the lowest eliminated one
End = tuple[Numbers, Numbers, int, int]


def move(n: int, y: int, level: int, closed: int) -> int:
    """The next level, from 0, without elimination."""
    if y <= UP[n - 1]:
        return min(level + 1, closed - 1)
    return max(level - 1, 0) if y >= DOWN[n - 1] else level


@cache
def ends(elimination: bool = True) -> Counter[End]:
    """How many rows of outcomes lead to each end of part 1."""
    live: Counter[End] = Counter({((0, 0, 0), (0, 0, 0), 0, 3): 1})
    found: Counter[End] = Counter()
    while live:
        later: Counter[End] = Counter()
        for (treated, toxic, level, closed), count in live.items():
            for dlt in (0, 1):
                n = tuple(k + (place == level) for place, k in enumerate(treated))
                y = tuple(k + dlt * (place == level) for place, k in enumerate(toxic))
                if sum(n) == 12:
                    found[n, y, level, closed] += count
                elif elimination and y[level] >= OUT[n[level] - 1]:
                    where = later if level else found
                    where[n, y, level - 1, level] += count
                else:
                    here = move(n[level], y[level], level, closed)
                    later[n, y, here, closed] += count
        live = later
    return found


@cache
def selected() -> dict[Numbers, int]:
    """The published dose, 0 for none, by patients and toxicities."""
    path = DATA / "boin_reachable_terminal_states_n12_c1.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    return {
        tuple(int(row[f"{letter}{k}"]) for letter in "ny" for k in (1, 2, 3)): int(row["mtd"]) % 99
        for row in csv.DictReader(line for line in lines if not line.startswith("#"))
    }


def test_the_tree_has_as_many_ends_as_the_machine() -> None:
    assert sum(ends().values()) == 2197
    assert {(*n, *y) for n, y, _, _ in ends()} == set(selected())
    assert len(selected()) == 348


def test_most_patients_and_toxicities() -> None:
    assert max(n[2] for n, _, _, _ in ends()) == 10
    assert max(sum(y) for _, y, _, _ in ends()) == 8
    assert max(sum(y) for _, y, _, _ in ends(elimination=False)) == 12
    assert min(sum(n[:2]) for n, _, _, _ in ends() if n[2]) == 2


def test_when_the_trial_stops_early() -> None:
    early = {(n, y): count for (n, y, level, _), count in ends().items() if level < 0}
    assert len(early) == sum(level < 0 for _, _, level, _ in ends())
    assert {sum(n) for n, _ in early} == set(range(3, 12))
    assert (len(early), sum(early.values())) == (33, 137)
    assert ((3, 0, 0), (3, 0, 0)) in early


def test_the_selected_dose_is_often_not_the_next_one() -> None:
    """237 of the 1983 ways that end with a dose."""
    chosen = differ = 0
    for (n, y, level, closed), count in ends().items():
        mtd = selected()[*n, *y]
        chosen += count if mtd else 0
        if mtd and mtd - 1 != move(n[level], y[level], level, closed):
            differ += count
    assert (chosen, differ) == (1983, 237)


def test_weights_matter_in_one_end() -> None:
    """Three ways lead to 1 of 5, 0 of 3 and 2 of 4, where weights by patients select 15 mg."""
    ways: Counter[tuple[Numbers, Numbers]] = Counter()
    for (n, y, _, _), count in ends().items():
        ways[n, y] += count
    found = {}
    for (n, y), count in ways.items():
        doses = [boin.mtd(n, y, 30, how) for how in (boin.BY_VARIANCE, boin.BY_COUNTS, boin.RAW)]
        if len(set(doses)) > 1:
            found[n, y] = (count, *doses)
    assert found == {((5, 3, 4), (1, 0, 2)): (3, 3, 2, 2)}


@pytest.mark.parametrize("readings", [{}, {"MAG-A02": "none"}], ids=str)
def test_the_next_level_is_never_more_than_one_away(readings: dict[str, str]) -> None:
    walk = Walk(bind(PROTOCOL, readings=readings))
    level = walk.bound.by_name["level"].offset
    apart = {
        abs(walk.configuration(target)[level] - walk.configuration(node)[level])
        for node in range(len(walk.nodes))
        for _, target in walk.follow(node)
    }
    assert apart == {0, 1}


def test_how_many_are_dosed_has_no_bound() -> None:
    """At most twelve are evaluated or under observation; who is replaced comes on top."""
    case = Case(PROTOCOL)
    for _ in range(40):
        assert case.apply("enrol", level=1).answer == "accepted"
        assert case.apply("not_evaluable").answer == "accepted"
    assert case.observe()["treated"] == [0, 0, 0]
