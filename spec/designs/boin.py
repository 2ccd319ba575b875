"""The Bayesian optimal interval design (BOIN): integer tables, and the dose selected at the end.

How many toxicities among how many patients mean going up, going down, or never coming back. The
two boundaries of the interval are quotients of logarithms of fractions. A share y/n lies on one
side of such a boundary exactly if a power with exponent y lies on that side of one with exponent n:
so that the tables are worked out in fractions alone. The rule for eliminating a dose is a tail of
a beta distribution with whole-number parameters, which is a binomial sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import comb

from ..errors import SpecError

MOST_PATIENTS = 200
CERTAINTY = Fraction(95, 100)
FEWEST_TO_ELIMINATE = 3
RAW, BY_COUNTS, BY_VARIANCE = 0, 1, 2
"""How `mtd` estimates the rates: as observed; or with a twentieth of a toxicity in a tenth of a
patient added at every dose, weighted by patients, or by the inverse of the variance."""
NARROW = (Fraction(8, 10), Fraction(12, 10))
"""An interval of rates nearer to the target than the usual 0.6 and 1.4 times it."""
UPPER_BELOW, LOWER = 0, 1
"""Which of several equally near doses `mtd` takes: the highest if their estimate is below the
target, else the lowest; or always the lowest."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """One boundary of the interval: ln(``above``) / ln(``below``), both fractions over 1."""

    above: Fraction
    below: Fraction

    def side(self, share: Fraction) -> int:
        """-1 where a share lies below the boundary, 1 above it, 0 on it."""
        y, n = share.numerator, share.denominator
        if n <= MOST_PATIENTS:
            power, bound = self.below**y, self.above**n
            return (power > bound) - (power < bound)
        return self._by_logarithms(y, n)

    def _by_logarithms(self, y: int, n: int) -> int:
        """For shares too fine for powers: two logarithms, to ever more digits until they part."""
        for digits in (40, 80, 160, 320, 640):
            with localcontext() as context:
                context.prec = digits + len(str(n)) + 10
                apart = y * _logarithm(self.below) - n * _logarithm(self.above)
                if abs(apart) > Decimal(10) ** -digits:
                    return 1 if apart > 0 else -1
        return 0


def _logarithm(fraction: Fraction) -> Decimal:
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).ln()


@dataclass(frozen=True, slots=True)
class Decisions:
    """By number of patients treated at a dose, from 1: the toxicities that decide.

    Up with ``escalate_at`` or fewer, down with ``deescalate_at`` or more; with ``eliminate_at`` or
    more the dose and all above are closed for good. A number greater than that of the patients
    stands for never.
    """

    escalate_at: tuple[int, ...]
    deescalate_at: tuple[int, ...]
    eliminate_at: tuple[int, ...]


def boundaries(
    target: Fraction, safe: Fraction | None = None, toxic: Fraction | None = None
) -> tuple[Boundary, Boundary]:
    """The boundaries for going up and for going down.

    ``safe`` and ``toxic`` are the rates that are to be told from the target, 0.6 and 1.4 times the
    target unless given. `SpecError` unless 0 < safe < target < toxic < 1.
    """
    low = target * Fraction(6, 10) if safe is None else safe
    high = target * Fraction(14, 10) if toxic is None else toxic
    if not 0 < low < target < high < 1:
        raise SpecError(
            f"the rates {low}, {target}, {high} are not in order between 0 and 1",
            where="Bayesian optimal interval design",
        )
    down = target * (1 - low) / (low * (1 - target))
    up = high * (1 - target) / (target * (1 - high))
    return (
        Boundary((1 - low) / (1 - target), down),
        Boundary((1 - target) / (1 - high), up),
    )


def above_target(toxicities: int, patients: int, target: Fraction) -> Fraction:
    """The probability that the rate is above the target, after a uniform prior.

    >>> above_target(3, 3, Fraction(3, 10))
    Fraction(9919, 10000)
    """
    return sum(
        (
            comb(patients + 1, k) * target**k * (1 - target) ** (patients + 1 - k)
            for k in range(toxicities + 1)
        ),
        Fraction(0),
    )


def eliminated(
    toxicities: int, patients: int, target: Fraction, certainty: Fraction = CERTAINTY
) -> bool:
    """Whether a dose is eliminated on these numbers."""
    return (
        patients >= FEWEST_TO_ELIMINATE
        and toxicities >= 1
        and above_target(toxicities, patients, target) > certainty
    )


@lru_cache(maxsize=64)
def decisions(
    target: Fraction,
    patients: int,
    safe: Fraction | None = None,
    toxic: Fraction | None = None,
    certainty: Fraction = CERTAINTY,
) -> Decisions:
    """The tables of the design for 1 to ``patients`` patients at a dose.

    >>> decisions(Fraction(3, 10), 6).deescalate_at
    (1, 1, 2, 2, 2, 3)
    """
    if not 1 <= patients <= MOST_PATIENTS:
        raise SpecError(
            f"{patients} patients: tables are made for 1 to {MOST_PATIENTS}",
            where="Bayesian optimal interval design",
        )
    lower, upper = boundaries(target, safe, toxic)
    up, down, never = [], [], []
    for n in range(1, patients + 1):
        counts = range(n + 1)
        close = next((y for y in counts if eliminated(y, n, target, certainty)), n + 1)
        up.append(max(y for y in counts if lower.side(Fraction(y, n)) <= 0))
        fewer = next((y for y in counts if upper.side(Fraction(y, n)) > 0), n + 1)
        down.append(min(fewer, close))
        never.append(close)
    return Decisions(tuple(up), tuple(down), tuple(never))


# ---- the dose selected at the end


def isotonic(estimates: Sequence[Fraction], weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The nearest estimates that never go down, by pooling adjacent ones that do.

    >>> half, third = Fraction(1, 2), Fraction(1, 3)
    >>> isotonic([half, third, half], [Fraction(1), Fraction(2), Fraction(1)])
    (Fraction(7, 18), Fraction(7, 18), Fraction(1, 2))
    """
    pools: list[tuple[Fraction, Fraction, int]] = []
    for estimate, weight in zip(estimates, weights, strict=True):
        pool = (estimate, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            before, heavy, size = pools.pop()
            together = heavy + pool[1]
            mean = (before * heavy + pool[0] * pool[1]) / together
            pool = (mean, together, size + pool[2])
        pools.append(pool)
    return tuple(mean for mean, _, size in pools for _ in range(size))


def estimate(toxicities: int, patients: int, how: int) -> tuple[Fraction, Fraction]:
    """The estimated rate at a dose and its weight in the regression; see `RAW` and after it."""
    if how == RAW:
        return Fraction(toxicities, patients), Fraction(patients)
    a, b = toxicities + Fraction(1, 20), patients - toxicities + Fraction(1, 20)
    if how == BY_COUNTS:
        return a / (a + b), Fraction(patients)
    return a / (a + b), (a + b) ** 2 * (a + b + 1) / (a * b)


@lru_cache(maxsize=100_000)
def mtd(
    treated: tuple[int, ...],
    dlts: tuple[int, ...],
    percent: int,
    how: int = BY_VARIANCE,
    ties: int = UPPER_BELOW,
    safe: int = 1,
    bounded: int = 0,
    untried: int = 0,
) -> int:
    """The maximum tolerated dose, counted from 1; 0 where none is selected.

    It is the dose whose estimated rate, made to rise with the dose, is nearest to the target of
    ``percent``; of two as near on either side the lower one. ``how`` and ``ties`` are those above.
    With ``safe`` a dose that the data eliminate is not selected, nor one above it; with ``bounded``
    only one whose estimate does not exceed the boundary for going down, 1 for the usual one and 2
    for that of `NARROW`; with ``untried`` also one nobody was treated at, whose estimate is then
    that of the nearest tried dose below.

    >>> mtd((6, 5, 1), (1, 1, 0), 30)
    3
    """
    target = Fraction(percent, 100)
    open_doses = len(treated)
    if safe:
        numbers = zip(dlts, treated, strict=True)
        closed = [k for k, (y, n) in enumerate(numbers) if eliminated(y, n, target)]
        open_doses = min(closed, default=open_doses)
    tried = [k for k in range(open_doses) if treated[k]]
    raw = [estimate(dlts[k], treated[k], how) for k in tried]
    rates = isotonic([rate for rate, _ in raw], [weight for _, weight in raw])
    known = {k + 1: rate for k, rate in zip(tried, rates, strict=True)}
    if untried:
        for dose in range(2, open_doses + 1):
            if dose not in known and dose - 1 in known:
                known[dose] = known[dose - 1]
    if bounded:
        upper = boundaries(target, *(target * k for k in NARROW if bounded == 2))[1]
        known = {k: rate for k, rate in known.items() if upper.side(rate) <= 0}
    if not known:
        return 0
    nearest = min(abs(rate - target) for rate in known.values())
    near = sorted(k for k, rate in known.items() if abs(rate - target) == nearest)
    below = [k for k in near if known[k] < target]
    if ties == LOWER or not below:
        return near[0]
    return below[-1]
