"""Theorems of a subject with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from ...model import Claim

STARTED = "combo_cycle > 0"
TITRATION = {
    "PLX-A01": "any_dose",
    "PLX-A02": "elapsed",
    "PLX-A03": "week",
    "PLX-A04": "at_least",
    "PLX-A05": "unspecified",
}
CYCLES = {
    "PLX-A11": "total",
    "PLX-A13": "lost",
    "PLX-A14": "combination",
    "PLX-A15": "off",
    "PLX-A17": "carry_on",
    "PLX-A18": "unspecified",
    "PLX-A19": "implied",
    "PLX-A30": "unspecified",
    "PLX-A31": "unspecified",
    "X-A14": "unspecified",
}
# cohorts differ in the dose of plerixafor alone: shown with one
ONE_COHORT = {"levels": 1}
NO_CAP = {**ONE_COHORT, "rtx_cap": 12}
# what happens up to a cycle does not depend on how many follow
FIRST_CYCLE = {**ONE_COHORT, "max_cycles": 1}
INTERIM = {**ONE_COHORT, "max_cycles": 4}


def _day(
    slug: str,
    clause: str,
    statement: str,
    holds: str,
    day: int,
    readings: dict[str, str] | None = None,
    constants: dict[str, int] | None = None,
) -> Claim:
    return Claim(
        slug,
        clause,
        statement,
        "earliest-day",
        holds,
        value=day,
        readings=TITRATION | (readings or {}),
        constants=constants or FIRST_CYCLE,
    )


DAYS = (
    _day(
        "ten-milligrams-day",
        "PLX-04",
        "10 mg of lenalidomide are reached on day 15 at the earliest.",
        "len_dose == 10",
        15,
    ),
    _day(
        "plerixafor-day",
        "PLX-06c",
        "Plerixafor begins on day 29 at the earliest, if 28 days at any dose are enough.",
        STARTED,
        29,
    ),
    _day(
        "plerixafor-day-at-ten",
        "PLX-06c",
        "Plerixafor begins on day 43 at the earliest, if the 28 days are those on 10 mg.",
        STARTED,
        43,
        {"PLX-A01": "at_ten"},
    ),
    _day(
        "plerixafor-day-of-28th-dose",
        "PLX-06c",
        "Plerixafor begins on day 28 at the earliest, if the 28th dose is enough.",
        STARTED,
        28,
        {"PLX-A02": "doses"},
    ),
    _day(
        "fifteen-days-on-ten",
        "PLX-06a",
        "Nobody has been on 10 mg for 15 days before day 30: on day 29 it is 14 days at most.",
        "state == 'stage1' and len_dose == 10 and since_raise >= 15",
        30,
    ),
    _day(
        "interim-day",
        "PLX-14",
        "The response is assessed on day 141 at the earliest.",
        "response != 'none'",
        141,
        constants=INTERIM,
    ),
)


def _counted(
    slug: str,
    clause: str,
    statement: str,
    kind: str,
    holds: str,
    expected: str = "proved",
    constants: dict[str, int] | None = None,
    readings: dict[str, str] | None = None,
) -> Claim:
    return Claim(
        slug,
        clause,
        statement,
        kind,
        holds,
        expected,
        readings=CYCLES | (readings or {}),
        constants=ONE_COHORT if constants is None else constants,
    )


COUNTS = (
    _counted(
        "eight-without-the-cap",
        "PLX-19",
        "Twelve cycles and rituximab from the fifth make eight doses at most, without the cap.",
        "always",
        "rtx <= 8",
        constants=NO_CAP,
    ),
    _counted(
        "eight-without-the-cap-reached",
        "PLX-19",
        "Eight doses are reached without the cap.",
        "reachable",
        "rtx == 8",
        constants=NO_CAP,
    ),
    _counted(
        "everyone-gets-eight",
        "PLX-19",
        "Whoever completes the combination after a partial response has had eight doses.",
        "always",
        "implies(state == 'mono' and response == 'PR', rtx == 8)",
        "refuted",
        NO_CAP,
    ),
    Claim(
        "stable-as-partial",
        "PLX-23",
        "From Stage 3 on, stable disease and a partial response are answered alike.",
        "equivalent",
        "state == 'stage3' and response == 'PR'",
        readings=CYCLES,
        constants=ONE_COHORT,
        exchange={"response": "'SD'"},
    ),
    Claim(
        "stable-as-partial-without-rituximab",
        "PLX-22",
        "Stable disease and a partial response are answered alike, even where stable disease may "
        "go on without rituximab.",
        "equivalent",
        "state == 'stage3' and response == 'PR'",
        "refuted",
        readings=CYCLES | {"PLX-A19": "optional"},
        constants={**ONE_COHORT, "max_cycles": 5},
        exchange={"response": "'SD'"},
    ),
)

CLAIMS = (*DAYS, *COUNTS)
