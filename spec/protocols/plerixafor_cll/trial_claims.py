"""Theorems of the trial with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from ...model import Claim

TREATED = "sum(treated[k] for k in levels)"
TOXIC = "sum(dlts[k] for k in levels)"
# every theorem depends on these, and says which variant of 3 + 3 it is about
HYPOTHESES = {"PLX-A06": "excluded", "PLX-A07": "entry", "X-A05": "readjudicate"}


def _claim(
    variant: str, slug: str, statement: str, kind: str, holds: str, expected: str = "proved"
) -> Claim:
    return Claim(
        f"{slug}-{variant.lower()}",
        "PLX-07",
        f"{statement}, under {variant}.",
        kind,
        holds,
        expected,
        readings=HYPOTHESES | {"PLX-A20": variant},
    )


def _of(variant: str, most: str, in_words: str) -> tuple[Claim, ...]:
    """What is claimed of each variant; ``most`` is the greatest number of toxicities."""
    on_six = "proved" if variant == "N" else "refuted"
    return (
        _claim(
            variant,
            "evaluable-reached",
            "Six evaluable subjects at each level are reached",
            "reachable",
            f"{TREATED} == cap * levels",
        ),
        _claim(variant, "toxicities", f"At most {in_words} more", "always", f"{TOXIC} <= {most}"),
        _claim(
            variant,
            "toxicities-reached",
            "As many toxicities are reached",
            "reachable",
            f"{TOXIC} == {most}",
        ),
        _claim(
            variant,
            "mtd-on-six",
            "Every maximum tolerated dose rests on six subjects",
            "always",
            "implies(state == 'mtd', treated[level] == cap)",
            on_six,
        ),
        _claim(
            variant,
            "fewest-for-mtd",
            "A maximum tolerated dose rests on three subjects of its level at least",
            "always",
            "implies(state == 'mtd', treated[level] >= cohort)",
        ),
    )


CLAIMS = (
    *_of("E", "levels + cohort", "one toxicity for each level and three"),
    *_of("K", "cohort * levels + 1", "three toxicities for each level and one"),
    *_of("N", "cohort * levels + 1", "three toxicities for each level and one"),
    Claim(
        "closes-at-two",
        "PLX-07",
        "A level that closes for toxicity can close on two subjects.",
        "reachable",
        "state == 'no_mtd' and treated[1] < cohort",
        "refuted",
        readings=HYPOTHESES | {"PLX-A20": "N"},
    ),
    Claim(
        "one-at-a-time",
        "PLX-07",
        "At most one subject of a level is under observation.",
        "always",
        "pending <= 1",
        "refuted",
        readings=HYPOTHESES | {"PLX-A20": "N", "X-A04": "overlapping"},
    ),
)
