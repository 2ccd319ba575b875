"""The interval design against tables of established software, its rules against their definition.

The tables are read from tests/data; nothing of them is in the design.
"""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from trialspec.spec.designs import boin
from trialspec.spec.errors import SpecError

DATA = Path(__file__).parent / "data"
THIRTY = Fraction(3, 10)


def _rows(name: str) -> list[dict[str, str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_the_tables_are_those_of_established_software() -> None:
    rows = _rows("boin_get_boundary.csv")
    assert {r["target"] for r in rows} == {"0.20", "0.30", "0.40"}
    for row in rows:
        n, target = int(row["n"]), Fraction(row["target"])
        table = boin.decisions(target, n)
        strict = boin.decisions(target, n, certainty=Fraction(9, 10))

        def threshold(column: str, row: dict[str, str] = row, n: int = n) -> int:
            return n + 1 if row[column] == "NA" else int(row[column])

        assert table.escalate_at[-1] == int(row["escalate_if_le"]), row
        assert table.deescalate_at[-1] == int(row["deescalate_if_ge"]), row
        assert table.eliminate_at[-1] == threshold("eliminate_if_ge"), row
        assert strict.eliminate_at[-1] == threshold("extrasafe_stop_lowest_if_ge"), row


@pytest.mark.parametrize(("column", "bounded"), [("mtd", 0), ("mtd_boundMTD", 1)])
def test_the_selected_dose_is_that_of_established_software(column: str, bounded: int) -> None:
    rows = _rows("boin_select_mtd_t030_3dose_n12.csv")
    assert len(rows) > 4000
    for row in rows:
        treated = tuple(int(row[f"n{k}"]) for k in (1, 2, 3))
        dlts = tuple(int(row[f"y{k}"]) for k in (1, 2, 3))
        # 99 is no dose
        expected = int(row[column]) % 99
        assert boin.mtd(treated, dlts, 30, bounded=bounded) == expected, row


def test_boundaries_are_the_logarithms_of_the_definition() -> None:
    for percent in range(5, 65, 5):
        target = percent / 100
        low, high = 0.6 * target, 1.4 * target
        down = math.log((1 - low) / (1 - target)) / math.log(
            target * (1 - low) / (low * (1 - target))
        )
        up = math.log((1 - target) / (1 - high)) / math.log(
            high * (1 - target) / (target * (1 - high))
        )
        pair = boin.boundaries(Fraction(percent, 100))
        for boundary, value in zip(pair, (down, up), strict=True):
            for near, side in ((value - 1e-9, -1), (value + 1e-9, 1)):
                assert boundary.side(Fraction(round(near * 10**12), 10**12)) == side


def test_powers_and_logarithms_agree_on_which_side_a_share_lies() -> None:
    for boundary in boin.boundaries(THIRTY):
        for n in range(1, 31):
            for y in range(n + 1):
                share = Fraction(y, n)
                by_logarithms = boundary._by_logarithms(share.numerator, share.denominator)
                assert boundary.side(share) == by_logarithms


def test_a_share_can_lie_on_a_boundary() -> None:
    # ln 2 / ln 4: a share of one half
    half = boin.Boundary(Fraction(2), Fraction(4))
    assert [half.side(Fraction(y, 4)) for y in (1, 2, 3)] == [-1, 0, 1]
    assert half._by_logarithms(10**300, 2 * 10**300) == 0
    assert half._by_logarithms(10**300 + 1, 2 * 10**300) == 1


def test_elimination_is_the_tail_of_the_beta_distribution() -> None:
    """The binomial sum against a plain integration of the density, to four digits."""
    for n, y in ((3, 3), (4, 3), (6, 4), (12, 6), (12, 7)):
        steps = 20_000
        inside = sum(
            ((i + 0.5) / steps) ** y * (1 - (i + 0.5) / steps) ** (n - y)
            for i in range(int(0.3 * steps), steps)
        )
        density = math.factorial(n + 1) / (math.factorial(y) * math.factorial(n - y))
        assert float(boin.above_target(y, n, THIRTY)) == pytest.approx(
            inside / steps * density, abs=1e-4
        )


def test_nobody_is_eliminated_on_two_patients_or_without_a_toxicity() -> None:
    assert not boin.eliminated(2, 2, THIRTY)
    assert boin.eliminated(3, 3, THIRTY)
    assert not boin.eliminated(0, 12, Fraction(1, 1000), certainty=Fraction(0))


def test_a_dose_is_left_where_it_is_eliminated() -> None:
    """At a low certainty a dose is eliminated before the interval alone would say down."""
    table = boin.decisions(THIRTY, 12, certainty=Fraction(1, 2))
    assert all(d <= e for d, e in zip(table.deescalate_at, table.eliminate_at, strict=True))
    plain = boin.decisions(THIRTY, 12)
    assert table.deescalate_at != plain.deescalate_at


@pytest.mark.parametrize(
    "rates", [(None, Fraction(1, 5)), (Fraction(2, 5), None), (Fraction(0), None)]
)
def test_rates_out_of_order_are_an_error(rates: tuple[Fraction | None, Fraction | None]) -> None:
    with pytest.raises(SpecError, match="not in order"):
        boin.boundaries(THIRTY, *rates)


@pytest.mark.parametrize("patients", [0, 201])
def test_tables_of_no_or_too_many_patients_are_an_error(patients: int) -> None:
    with pytest.raises(SpecError, match="1 to 200"):
        boin.decisions(THIRTY, patients)


def _least_squares(
    estimates: tuple[Fraction, ...], weights: tuple[Fraction, ...]
) -> tuple[Fraction, ...]:
    """The isotonic regression by its max-min formula, which pools nothing."""
    size = len(estimates)

    def mean(i: int, j: int) -> Fraction:
        parts = range(i, j + 1)
        total = sum((weights[k] for k in parts), Fraction(0))
        return sum((estimates[k] * weights[k] for k in parts), Fraction(0)) / total

    return tuple(
        max(min(mean(i, j) for j in range(k, size)) for i in range(k + 1)) for k in range(size)
    )


def test_pooling_gives_the_max_min_formula() -> None:
    shares = [Fraction(y, 4) for y in range(5)]
    for estimates in product(shares, repeat=4):
        weights = tuple(Fraction(w) for w in (3, 1, 2, 5))
        found = boin.isotonic(estimates, weights)
        assert found == _least_squares(estimates, weights)
    assert boin.isotonic([], []) == ()


@pytest.mark.parametrize(
    ("treated", "dlts", "options", "dose"),
    [
        # 25 mg on one patient without toxicity
        ((6, 5, 1), (1, 1, 0), {}, 3),
        # weights: by variance, by patients, as observed
        ((5, 3, 4), (1, 0, 2), {}, 3),
        ((5, 3, 4), (1, 0, 2), {"how": boin.BY_COUNTS}, 2),
        ((5, 3, 4), (1, 0, 2), {"how": boin.RAW}, 2),
        ((5, 3, 4), (1, 0, 2), {"how": boin.RAW, "ties": boin.LOWER}, 1),
        # a tie below the target
        ((9, 2, 1), (2, 0, 1), {}, 2),
        ((9, 2, 1), (2, 0, 1), {"ties": boin.LOWER}, 1),
        # only the lowest was tried, and its rate is below the target
        ((12, 0, 0), (3, 0, 0), {}, 1),
        ((12, 0, 0), (3, 0, 0), {"untried": 1}, 3),
        # the lowest is eliminated by its pooled neighbours' data, or the nearest one is too toxic
        ((12, 0, 0), (7, 0, 0), {}, 0),
        ((12, 0, 0), (7, 0, 0), {"safe": 0}, 1),
        ((12, 0, 0), (6, 0, 0), {}, 1),
        ((12, 0, 0), (6, 0, 0), {"bounded": 1}, 0),
        ((0, 0, 0), (0, 0, 0), {}, 0),
        ((0, 0, 0), (0, 0, 0), {"untried": 1}, 0),
        # what is eliminated stays so, with all above
        ((1, 3, 8), (0, 3, 0), {"untried": 1}, 1),
    ],
)
def test_the_selected_dose_by_its_options(
    treated: tuple[int, ...], dlts: tuple[int, ...], options: dict[str, int], dose: int
) -> None:
    assert boin.mtd(treated, dlts, 30, **options) == dose
