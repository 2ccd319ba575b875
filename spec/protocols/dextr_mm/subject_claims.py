"""Theorems of a subject with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from collections.abc import Mapping

from ...model import Claim

MAINTENANCE = "state == 'maintenance'"
# what days of assessments and of maintenance depend on
RESPONSE = {
    "DTR-A01": "comparisons",
    "DTR-A03": "finish",
    "DTR-A04": "count",
    "DTR-A05": "continue",
    "DTR-A07": "one",
    "DTR-A10": "unspecified",
    "DTR-A26": "end",
    "DTR-A30": "plateau",
    "DTR-A33": "ignored",
}
FROM_BEFORE = RESPONSE | {"DTR-A33": "counted"}
# what the dose of lenalidomide in maintenance depends on
DOSE = {"DTR-A11": "down", "DTR-A14": "full", "DTR-A34": "unstated", "X-A14": "unspecified"}
LEAVING = {"DTR-A08": "disease", "DTR-A25": "plateau", "DTR-A32": "exception"}


def _claim(
    slug: str,
    clause: str,
    statement: str,
    kind: str,
    holds: str,
    expected: str = "proved",
    value: int | None = None,
    readings: Mapping[str, str] = RESPONSE,
) -> Claim:
    return Claim(slug, clause, statement, kind, holds, expected, value, dict(readings))


DAYS = (
    _claim(
        "maintenance-day",
        "DTR-04",
        "Maintenance begins on day 113 at the earliest.",
        "earliest-day",
        MAINTENANCE,
        value=113,
    ),
    _claim(
        "plateau-maintenance-day",
        "DTR-11",
        "After a plateau alone, maintenance begins on day 113 at the earliest too.",
        "earliest-day",
        f"{MAINTENANCE} and ifx == 0",
        value=113,
    ),
    _claim(
        "maintenance-day-at-once",
        "DTR-11",
        "Maintenance begins on day 29 at the earliest, if four cycles need not be completed.",
        "earliest-day",
        MAINTENANCE,
        value=29,
        readings=RESPONSE | {"DTR-A03": "at_once"},
    ),
    _claim(
        "plateau-maintenance-day-later",
        "DTR-11",
        "After a plateau alone, maintenance begins on day 197 at the earliest, if comparisons in "
        "the first four cycles don't count.",
        "earliest-day",
        f"{MAINTENANCE} and ifx == 0",
        value=197,
        readings=RESPONSE | {"DTR-A04": "later"},
    ),
    _claim(
        "maintenance-for-everyone",
        "DTR-12",
        "Who begins induction has begun maintenance or left by some day: day 197.",
        "latest-day",
        f"{MAINTENANCE} or state in ('enrolled', 'off', 'dead', 'lost', 'withdrawn')",
        "refuted",
        197,
    ),
)

PLATEAU = (
    _claim(
        "plateau-after-four",
        "DTR-11",
        "Nobody has a plateau before the end of the fourth cycle.",
        "always",
        "implies(on_plateau, cycle >= 4)",
    ),
    _claim(
        "plateau-after-four-from-before",
        "DTR-11",
        "Nobody has a plateau before the end of the fourth cycle, if the value before treatment "
        "counts.",
        "always",
        "implies(on_plateau, cycle >= 4)",
        "refuted",
        readings=FROM_BEFORE,
    ),
    _claim(
        "plateau-after-three-from-before",
        "DTR-11",
        "Nobody has a plateau before the end of the third cycle, if the value before treatment "
        "counts.",
        "always",
        "implies(on_plateau, cycle >= 3)",
        readings=FROM_BEFORE,
    ),
    _claim(
        "maintenance-after-four-from-before",
        "DTR-11",
        "Nobody is on maintenance before four cycles, even if the value before treatment counts.",
        "always",
        f"implies({MAINTENANCE}, cycle == 5)",
        readings=FROM_BEFORE,
    ),
    _claim(
        "going-on-is-responding",
        "DTR-12",
        "Whoever stays on induction after four cycles has a response that still changes.",
        "always",
        "implies(state == 'induction' and cycle >= 4 and decision == 'induction', plateau == 0)",
        "refuted",
    ),
)

DOSES = (
    _claim(
        "low-clearance-is-fifteen",
        "DTR-16",
        "With a clearance below 40 cc/min the dose of maintenance is 15 mg.",
        "always",
        f"implies({MAINTENANCE} and low_clearance, maint_len == 15)",
        "refuted",
        readings=DOSE,
    ),
    _claim(
        "twenty-five-or-fifteen",
        "DTR-15",
        "In maintenance lenalidomide is given at 25 or at 15 mg.",
        "always",
        f"implies({MAINTENANCE}, maint_len == 25 or maint_len == 15)",
        "refuted",
        readings=DOSE,
    ),
    *(
        _claim(
            f"{name}-reached",
            "DTR-17",
            f"A dose of {dose} mg occurs in maintenance.",
            "reachable",
            f"{MAINTENANCE} and maint_len == {dose}",
            readings=DOSE,
        )
        for name, dose in (("five", 5), ("ten", 10), ("twenty", 20))
    ),
)

TRANSPLANT = (
    _claim(
        "response-to-transplant",
        "DTR-24",
        "Whoever has a negative immunofixation and no plateau may leave for a transplantation.",
        "reachable",
        "state == 'transplant' and not (on_plateau)",
        "refuted",
        readings=LEAVING,
    ),
    _claim(
        "plateau-to-transplant",
        "DTR-24",
        "Whoever has a plateau may leave for a transplantation.",
        "reachable",
        "state == 'transplant' and on_plateau",
        readings=LEAVING,
    ),
)

CLAIMS = (*DAYS, *PLATEAU, *DOSES, *TRANSPLANT)
