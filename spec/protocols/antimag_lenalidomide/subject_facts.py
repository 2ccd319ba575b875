"""What holds of every patient, the lemmas that make it inductive, and theorems."""

from __future__ import annotations

from ...model import Claim, Invariant, Lemma

_ON_PROTOCOL = "state in ('treated', 'toxicity_hold', 'delayed', 'eligible_24')"
_OVER = "state in ('off', 'dead', 'lost', 'withdrawn')"

INVARIANTS = (
    Invariant(
        "MAG-06",
        "assigned-first",
        "Nobody is treated without an assigned dose level.",
        f"implies({_ON_PROTOCOL}, assigned >= 1 and dose_level >= lowest_dose)",
    ),
    Invariant(
        "MAG-17",
        "never-above-assigned",
        "Nobody's dose is above the assigned one.",
        "dose_level <= assigned",
        tight=True,
    ),
    Invariant(
        "MAG-18",
        "reductions-cap",
        "Nobody's dose is reduced more than twice.",
        "reductions <= max_reductions",
    ),
    Invariant(
        "MAG-18",
        "reductions-go-down",
        "Each reduction leads to a lower level.",
        "implies(MAG_A18 != 'holds', dose_level + reductions <= assigned)",
    ),
    Invariant(
        "MAG-16",
        "continues-after-24",
        "Nobody continues as after 24 months before they are over.",
        "implies(continues or state == 'eligible_24', month_24 == 'passed')",
    ),
    Invariant(
        "MAG-07",
        "reported-before-the-end",
        "No case ends while the trial waits to be told about toxicity.",
        f"implies({_OVER}, outcome in ('open', 'told'))",
    ),
)

LEMMAS = (
    Lemma("treated-since", f"implies({_ON_PROTOCOL} or state == 'monitoring', cycle > 0)"),
    Lemma(
        "before-the-first-dose",
        "implies(state == 'pre_treatment', cycle == 0 and outcome == 'open' and reductions == 0"
        " and dose_level == assigned and not continues)",
    ),
    Lemma(
        "continues-there",
        "implies(continues, state in ('eligible_24', 'delayed'))"
        " and implies(state == 'eligible_24', continues)",
    ),
    Lemma("judged-by-the-end", "implies(state == 'monitoring', outcome != 'open')"),
    Lemma(
        "unreported-is-awaited",
        "implies(state == 'unreported', outcome != 'told' and cause != 'none')",
    ),
)

HYPOTHESES = {
    "MAG-A17": "choice",
    "MAG-A18": "dose",
    "MAG-A19": "stop",
    "MAG-A20": "planned",
    "MAG-A30": "throughout",
}
# how low a dose can go does not depend on how long a cycle is
SHORT = {"cycle_days": 21, "delay_limit": 0, "last_day": 1}

CLAIMS = (
    Claim(
        "two-reductions-reached",
        "MAG-18",
        "Two reductions are reached, from 25 mg.",
        "reachable",
        "reductions == 2 and dose_level == 1",
        readings=HYPOTHESES,
        constants={"max_reductions": 3, **SHORT},
        given="levels == 3",
    ),
    Claim(
        "two-without-the-cap",
        "MAG-18",
        "On the three doses of the text nobody can be reduced more than twice, without the cap.",
        "always",
        "reductions <= 2",
        readings=HYPOTHESES,
        constants={"max_reductions": 3, **SHORT},
        given="levels == 3",
    ),
    Claim(
        "three-with-five",
        "MAG-A19",
        "With 5 mg below them a third reduction is possible without the cap.",
        "reachable",
        "reductions == 3",
        readings=HYPOTHESES | {"MAG-A19": "five"},
        constants={"max_reductions": 3, **SHORT},
        given="levels == 3",
    ),
    Claim(
        "second-cycle-day",
        "MAG-04",
        "The second cycle begins on day 29 at the earliest.",
        "earliest-day",
        "cycle >= 2",
        value=29,
        readings=HYPOTHESES,
        constants={"levels": 1},
    ),
    Claim(
        "too-late-day",
        "MAG-21",
        "A delay ends treatment on day 58 at the earliest: 28 days are allowed, 29 are not.",
        "earliest-day",
        "state == 'treated' and too_late",
        value=58,
        readings=HYPOTHESES,
        constants={"levels": 1},
    ),
    Claim(
        "too-late-day-from-the-last-dose",
        "MAG-21",
        "Counted from the last dose of lenalidomide it is day 50.",
        "earliest-day",
        "state == 'treated' and too_late",
        value=50,
        readings=HYPOTHESES | {"MAG-A20": "last_dose"},
        constants={"levels": 1},
    ),
)
