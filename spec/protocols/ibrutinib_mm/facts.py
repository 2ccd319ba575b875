"""What holds in every configuration of the trial, and the lemmas that make it inductive."""

from __future__ import annotations

from ...designs.three_plus_three import PASSED, lemmas
from ...model import Invariant, Lemma

_CLOSED = (
    "dlts[k] > (tolerated if IBR_A05 == 'accept' and IBR_A06 == 'accept'"
    " and IBR_A09 == 'first_cycle' else 0)"
)

INVARIANTS = (
    Invariant(
        "IBR-01",
        "two-parts",
        "Nobody enters part 2 before a maximum tolerated dose is established.",
        "implies(expanded > 0, state in ('expansion', 'complete'))",
    ),
    Invariant(
        "IBR-03",
        "treated-cap",
        "At most six evaluable patients are treated at a level in the escalation.",
        "all(treated[k] <= cap for k in levels)",
        tight=True,
    ),
    Invariant(
        "IBR-03",
        "treated-minimum",
        "When the escalation is over, a level that was tried has at least two patients.",
        "implies(ended, all(treated[k] == 0 or treated[k] >= pair for k in levels))",
        tight="ended and treated[level] == closes_from",
    ),
    Invariant(
        "IBR-03",
        "escalation-total",
        "The escalation treats at most six evaluable patients for each level.",
        "sum(treated[k] for k in levels) <= cap * levels",
        tight=True,
    ),
    Invariant(
        "IBR-08",
        "closed-stays-closed",
        "A level closed for toxicity is never opened again.",
        "state == 'no_mtd' or level < lowest_closed",
    ),
    Invariant(
        "IBR-09",
        "closed-were-toxic",
        "A level closed for toxicity had more toxicities than the one that is tolerated.",
        f"all(implies(k >= lowest_closed and treated[k] > 0, {_CLOSED}) for k in levels)",
    ),
    Invariant(
        "IBR-10",
        "levels-below",
        "Every level below the open one holds exactly 3 patients without toxicity, or 6 with one.",
        f"all(implies(k < level, {PASSED}) for k in levels)",
    ),
    Invariant(
        "IBR-11",
        "mtd-support",
        "The maximum tolerated dose rests on six patients with at most one toxicity.",
        "implies(state in ('expansion', 'complete'),"
        " treated[level] == cap and dlts[level] <= tolerated)",
        tight="state == 'expansion' and dlts[level] == tolerated",
    ),
    Invariant(
        "IBR-11",
        "mtd-is-highest",
        "The level above the maximum tolerated dose, if there is one, is closed for toxicity.",
        "implies(state in ('expansion', 'complete'), level + 1 == lowest_closed)",
    ),
    Invariant(
        "IBR-15",
        "expansion-cap",
        "At most ten patients are treated in part 2.",
        "expanded <= expansion_size",
        tight=True,
    ),
    Invariant(
        "IBR-15",
        "expansion-complete",
        "The trial is complete with exactly ten patients in part 2.",
        "implies(state == 'complete', expanded == expansion_size)",
    ),
    Invariant(
        "IBR-15",
        "trial-total",
        "The whole trial treats at most six evaluable patients for each level, and ten more.",
        "sum(treated[k] for k in levels) + expanded <= cap * levels + expansion_size",
        tight=True,
    ),
)

LEMMAS = (
    *(m for m in lemmas("expansion", _CLOSED) if m.name != "levels-below"),
    Lemma(
        "one-at-a-time",
        "implies(X_A04 == 'staggered', all(pending[k] <= 1 for k in levels))",
    ),
    Lemma("places", "all(treated[k] + pending[k] <= cap for k in levels)"),
    Lemma(
        "first-places",
        "implies(state == 'first_three', treated[level] + pending[level] <= cohort)",
    ),
    Lemma(
        "pending-open-or-closed",
        "all(implies(k < level or level < k and treated[k] == 0, pending[k] == 0) for k in levels)",
    ),
    Lemma(
        "closed-tried",
        "all(implies(k >= lowest_closed and treated[k] > 0, treated[k] >= pair) for k in levels)",
    ),
    Lemma("mtd-settled", "implies(state in ('expansion', 'complete'), pending[level] == 0)"),
    Lemma("monitored-only", "implies(IBR_A17 != 'flag', expansion_dlts == 0)"),
)
