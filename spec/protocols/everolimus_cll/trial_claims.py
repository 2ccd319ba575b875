"""Theorems of the trial with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from ...model import Claim

PEOPLE = {"EVE-A01": "people", "EVE-A06": "cap"}
# a few patients show what holds for more
SMALL = {"accrual": 8, "overrun": 2}
PLUGGED = {"EVE-A01": "three_plus_three", "EVE-A06": "cap", "EVE-A07": "separate"}
ENOUGH = {"accrual": 14, "overrun": 0}
_FULL = "implies(state == 'phase2' and enrolled == accrual, of_phase_2 == accrual - first)"

CLAIMS = (
    Claim(
        "rest-is-phase-2-separate",
        "EVE-17",
        "Phase II has as many patients as phase I leaves of the total, where it counts its own.",
        "always",
        _FULL,
        readings={**PEOPLE, "EVE-A07": "separate"},
        constants=SMALL,
    ),
    Claim(
        "rest-is-phase-2-shared",
        "EVE-17",
        "Phase II has as many patients as phase I leaves of the total, where those who had its "
        "dose in phase I count.",
        "always",
        _FULL,
        "refuted",
        readings={**PEOPLE, "EVE-A07": "shared"},
        constants=SMALL,
    ),
    Claim(
        "places-left-for-phase-2",
        "EVE-12",
        "Phase I leaves places of the total for phase II.",
        "always",
        "first < accrual",
        "refuted",
        readings={**PEOPLE, "EVE-A07": "separate"},
        constants=SMALL,
    ),
    Claim(
        "forecast-is-no-cap",
        "EVE-17",
        "A forecast of 44 keeps the 45th out.",
        "always",
        "enrolled <= accrual",
        "refuted",
        readings={"EVE-A06": "forecast", "EVE-A07": "separate"},
    ),
    Claim(
        "mtd-on-six",
        "EVE-02",
        "By 3 + 3 the maximum tolerated dose has six evaluated patients, of whom one at most had a "
        "toxicity.",
        "always",
        "implies(state == 'phase2', treated[mtd] == cap and dlts[mtd] <= tolerated)",
        readings=PLUGGED,
        constants=ENOUGH,
    ),
    Claim(
        "always-a-phase-2",
        "EVE-12",
        "By 3 + 3 there is always a maximum tolerated dose.",
        "always",
        "state != 'no_mtd'",
        "refuted",
        readings=PLUGGED,
        constants=ENOUGH,
    ),
)
