"""Theorems of a subject with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from ...model import Claim

# dose levels change the amount alone, and when a course is over does not depend on how often a
# week it is given
ONCE = {"levels": 1, "doses_per_week": 1}
HYPOTHESES = {"EVE-A05": "both", "EVE-A09": "both", "EVE-A17": "block"}
_BOTH = "state == 'treated' and (evr_begun) and (alz_begun)"


def _starts(offset: int, slug: str, statement: str, holds: str, expected: str) -> Claim:
    """A claim about both courses: what it says depends on the days between their starts."""
    return Claim(
        slug,
        "EVE-14",
        statement,
        "always",
        f"implies({_BOTH}, {holds})",
        expected,
        readings={**HYPOTHESES, "EVE-A03": "constant"},
        constants={**ONCE, "offset_days": offset},
    )


_WITHIN = "implies(evr_day >= 7 * evr_weeks, alz_day >= 7 * alz_weeks)"
_TOGETHER = "implies(alz_day >= 7 * alz_weeks, evr_day >= 7 * evr_weeks)"


CLAIMS = (
    _starts(
        0,
        "alemtuzumab-within-same-day",
        "Begun on one day, the seven weeks of alemtuzumab are over before the nine of everolimus.",
        _WITHIN,
        "proved",
    ),
    _starts(
        14,
        "alemtuzumab-within-14-days",
        "Begun 14 days later, they are over with the nine weeks of everolimus.",
        _WITHIN,
        "proved",
    ),
    _starts(
        15,
        "alemtuzumab-within-15-days",
        "Begun 15 days later, they are still over with the nine weeks of everolimus.",
        _WITHIN,
        "refuted",
    ),
    _starts(
        0,
        "end-together-same-day",
        "Begun on one day, alemtuzumab ends with everolimus.",
        _TOGETHER,
        "refuted",
    ),
    _starts(
        14,
        "end-together-14-days",
        "Begun 14 days later, alemtuzumab ends with everolimus.",
        _TOGETHER,
        "proved",
    ),
    Claim(
        "alemtuzumab-within-free",
        "EVE-14",
        "Begun on any day, alemtuzumab is given within the weeks of everolimus alone.",
        "always",
        "implies(state == 'treated' and (alz_begun), (evr_begun))",
        "refuted",
        readings={**HYPOTHESES, "EVE-A03": "free"},
        constants={**ONCE, "evr_weeks": 1, "alz_weeks": 1},
    ),
    Claim(
        "two-weeks-apart",
        "EVE-13",
        "Where courses are counted in doses, two weeks more are the doses of two weeks more.",
        "always",
        "implies(ended == 'completed', evr_doses == alz_doses + 2 * doses_per_week)",
        readings={**HYPOTHESES, "EVE-A05": "count", "EVE-A03": "constant"},
        constants={**ONCE, "evr_weeks": 3, "alz_weeks": 1},
    ),
    Claim(
        "follow-up-means-completed",
        "EVE-16",
        "Whoever is followed up has completed both courses.",
        "always",
        "implies(state == 'follow_up', ended == 'completed')",
        "refuted",
        readings={**HYPOTHESES, "EVE-A12": "all"},
        constants={**ONCE, "offset_days": 0},
    ),
)
