"""Theorems of the trial with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from ...designs.three_plus_three import PASSED
from ...model import Claim

STAYS_CLOSED = "state == 'no_mtd' or level < lowest_closed"
TREATED = "sum(treated[k] for k in levels)"
TOXIC = "sum(dlts[k] for k in levels)"
# the machine stops at its end: who is under observation then may still have had a toxicity
EXPOSED = "sum(dlts[k] + pending[k] for k in levels)"
# every theorem depends on these; a claim that varies one says so
HYPOTHESES = {
    "IBR-A01": "at_two",
    "IBR-A02": "close",
    "IBR-A03": "stop",
    "IBR-A04": "mtd",
    "IBR-A05": "accept",
    "IBR-A06": "accept",
    "IBR-A07": "not_closed",
    "IBR-A08": "immediate",
    "IBR-A09": "first_cycle",
    "IBR-A10": "escalation_only",
    "IBR-A16": "none",
    "IBR-A28": "window",
    "IBR-A29": "three_more",
    "X-A04": "staggered",
    "X-A05": "readjudicate",
}
# these speak of one level beside another
SEVERAL_LEVELS = (
    "literal-never-reopens",
    "literal-never-reopens-after-three",
    "literal-never-reopens-at-two",
    "literal-has-room",
    "never-returns",
    "mtd-needs-eight",
    "mtd-on-eight",
    "exactly-two-overlapping",
    "four-toxicities-where-closed-reached",
    "two-where-closed-when-one-closes",
)
WHOLE_COHORTS = {"IBR-A01": "three", "IBR-A08": "after_all"}
ONE_CLOSES = {"IBR-A06": "close"}
# what fails under a reading fails with two levels already
TWO_LEVELS = {"levels": 2}
BELOW = f"all(implies(k < level, {PASSED}) for k in levels)"
OVERLAPPING = {"X-A04": "overlapping"}


def _always(
    slug: str,
    clause: str,
    statement: str,
    holds: str,
    expected: str = "proved",
    readings: dict[str, str] | None = None,
    constants: dict[str, int] | None = None,
) -> Claim:
    return Claim(
        slug,
        clause,
        statement,
        "always",
        holds,
        expected,
        readings=HYPOTHESES | (readings or {}),
        constants=constants or {},
        given=_given(slug),
    )


def _given(slug: str) -> str:
    return "levels >= 2" if slug in SEVERAL_LEVELS else "True"


def _reachable(
    slug: str, clause: str, statement: str, holds: str, readings: dict[str, str] | None = None
) -> Claim:
    return Claim(
        slug,
        clause,
        statement,
        "reachable",
        holds,
        readings=HYPOTHESES | (readings or {}),
        given=_given(slug),
    )


_UNSAFE = "Read literally, the text never reopens a level closed for toxicity"

CLAIMS = (
    # the unsafe reopening: shortest with 10, 9 and 8 evaluated patients
    _always(
        "literal-never-reopens",
        "IBR-10",
        f"{_UNSAFE}, with no rule for two toxicities in three.",
        STAYS_CLOSED,
        "refuted",
        {"IBR-A07": "literal", "IBR-A02": "silent"},
    ),
    _always(
        "literal-never-reopens-after-three",
        "IBR-10",
        f"{_UNSAFE}, when two toxicities in three close it.",
        STAYS_CLOSED,
        "refuted",
        {"IBR-A07": "literal", "IBR-A01": "three"},
    ),
    _always(
        "literal-never-reopens-at-two",
        "IBR-10",
        f"{_UNSAFE}, when two toxicities in two close it.",
        STAYS_CLOSED,
        "refuted",
        {"IBR-A07": "literal"},
    ),
    _always(
        "literal-has-room",
        "IBR-03",
        "Read literally, a level that is opened has room for another patient.",
        "implies(escalating, treated[level] < cap)",
        "refuted",
        {"IBR-A07": "literal"},
    ),
    _always(
        "open-level-has-room",
        "IBR-03",
        "A level that is open has room for another patient.",
        "implies(escalating, treated[level] < cap)",
    ),
    # what looks true
    _always(
        "never-returns",
        "IBR-09",
        "Enrolment never returns to a level that it has left.",
        "implies(state == 'confirming_three', top)",
        "refuted",
    ),
    _always(
        "cap-in-both-parts",
        "IBR-03",
        "At most six patients are treated at a level, part 2 included.",
        "treated[level] + expanded <= cap",
        "refuted",
    ),
    _always(
        "start-above-lowest",
        "IBR-09",
        "When the trial starts at level 2, the level below is reopened with 3 patients in it.",
        "implies(state == 'confirming_three', treated[level] >= cohort)",
        "refuted",
        constants={"start": 2, "levels": 3},
    ),
    _always(
        "level-below-after-two",
        "IBR-10",
        "When two patients without toxicity are enough to go up, every level below the open one "
        "still holds 3 patients without toxicity, or 6 with one.",
        BELOW,
        "refuted",
        {"IBR-A01": "pair"},
        TWO_LEVELS,
    ),
    _always(
        "level-below-after-a-late-report",
        "IBR-10",
        "When toxicities reported late are counted, every level below the open one still holds 3 "
        "patients without toxicity, or 6 with one.",
        BELOW,
        "refuted",
        {"X-A05": "report"},
        TWO_LEVELS,
    ),
    _always(
        "level-above-was-toxic",
        "IBR-11",
        "The level above the maximum tolerated dose, if there is one, was tried and had two "
        "toxicities.",
        "implies(state in ('expansion', 'complete') and level < levels,"
        " any(k == level + 1 and dlts[k] == tolerated + 1 for k in levels))",
    ),
    # how many patients, how many toxicities
    _always(
        "at-least-two",
        "IBR-03",
        "No escalation ends before two patients have been evaluated.",
        f"implies(ended, {TREATED} >= pair)",
    ),
    _reachable(
        "ends-at-two",
        "IBR-03",
        "The escalation can end after two patients: both toxic at the lowest level.",
        f"state == 'no_mtd' and {TREATED} == pair",
    ),
    _always(
        "at-least-three-in-cohorts",
        "IBR-03",
        "When levels are judged on whole cohorts, no escalation ends before three patients.",
        f"implies(ended, {TREATED} >= cohort)",
        readings=WHOLE_COHORTS,
    ),
    _reachable(
        "ends-at-three-in-cohorts",
        "IBR-03",
        "In whole cohorts the escalation can end after three patients.",
        f"state == 'no_mtd' and {TREATED} == cohort",
        WHOLE_COHORTS,
    ),
    _always(
        "three-where-all-three-are-judged",
        "IBR-03",
        "When nothing is decided before three, every level that was tried ends with three patients "
        "at least, so that a minimum of two says nothing.",
        "implies(ended, all(treated[k] == 0 or treated[k] >= cohort for k in levels))",
        readings={"IBR-A01": "three"},
        constants=TWO_LEVELS,
    ),
    _always(
        "whole-cohorts",
        "IBR-03",
        "When levels are judged on whole cohorts, each ends with 0, 3 or 6 patients.",
        "implies(ended, all(treated[k] in (0, cohort, cap) for k in levels))",
        readings=WHOLE_COHORTS,
    ),
    _always(
        "mtd-needs-eight",
        "IBR-11",
        "With several levels, a maximum tolerated dose needs at least eight patients.",
        f"implies(state == 'expansion', {TREATED} >= 8)",
    ),
    _reachable(
        "mtd-on-eight",
        "IBR-11",
        "Eight patients can yield a maximum tolerated dose.",
        f"state == 'expansion' and {TREATED} == 8",
    ),
    _always(
        "two-toxicities-a-level",
        "IBR-08",
        "One patient at a time, the escalation has at most two toxicities for each level.",
        f"{TOXIC} <= (tolerated + 1) * levels",
    ),
    _reachable(
        "two-toxicities-a-level-reached",
        "IBR-08",
        "Two toxicities for each level are reached.",
        f"{TOXIC} == (tolerated + 1) * levels",
    ),
    _always(
        "exactly-two-where-closed",
        "IBR-08",
        "One patient at a time, a level closed for toxicity has exactly two toxicities.",
        "all(implies(k >= lowest_closed and treated[k] > 0, dlts[k] == tolerated + 1)"
        " for k in levels)",
    ),
    _always(
        "exactly-two-overlapping",
        "IBR-08",
        "With up to three under observation, a closed level has exactly two toxicities.",
        "all(implies(k >= lowest_closed and treated[k] > 0, dlts[k] == tolerated + 1)"
        " for k in levels)",
        "refuted",
        OVERLAPPING,
    ),
    _always(
        "toxicities-overlapping",
        "IBR-08",
        "With up to three under observation, at most three toxicities for each level and one more, "
        "if everyone still under observation had one.",
        f"{EXPOSED} <= cohort * levels + 1",
        readings=OVERLAPPING,
    ),
    _reachable(
        "toxicities-overlapping-reached",
        "IBR-08",
        "Three toxicities for each level and one more are possible in that way.",
        f"{EXPOSED} == cohort * levels + 1",
        OVERLAPPING,
    ),
    _always(
        "four-toxicities-where-closed",
        "IBR-08",
        "With up to three under observation, at most two of them are left where a level closes, "
        "and at most four patients have a toxicity there in the end.",
        "all(k < lowest_closed or pending[k] <= pair and dlts[k] + pending[k] <= cohort + 1"
        " for k in levels)",
        readings=OVERLAPPING,
    ),
    _reachable(
        "four-toxicities-where-closed-reached",
        "IBR-08",
        "Four toxicities at one level are reached in that way.",
        "any(k >= lowest_closed and dlts[k] == cohort + 1 for k in levels)",
        OVERLAPPING,
    ),
    _always(
        "toxicities-in-cohorts",
        "IBR-08",
        "In whole cohorts, at most three toxicities for each level and one more.",
        f"{TOXIC} <= cohort * levels + 1",
        readings=WHOLE_COHORTS,
    ),
    _reachable(
        "toxicities-in-cohorts-reached",
        "IBR-08",
        "In whole cohorts, three toxicities for each level and one more are reached.",
        f"{TOXIC} == cohort * levels + 1",
        WHOLE_COHORTS,
    ),
    _always(
        "toxicities-when-one-closes",
        "IBR-08",
        "When one toxicity closes a reopened level, at most one for each level and one more.",
        f"{TOXIC} <= levels + 1",
        readings=ONE_CLOSES,
    ),
    _reachable(
        "toxicities-when-one-closes-reached",
        "IBR-08",
        "As many toxicities are reached when one closes a reopened level.",
        f"{TOXIC} == levels + 1",
        ONE_CLOSES,
    ),
    _always(
        "two-where-closed-when-one-closes",
        "IBR-08",
        "When one toxicity closes a reopened level, every level closed for toxicity still had two.",
        "all(implies(k >= lowest_closed and treated[k] > 0, dlts[k] > tolerated) for k in levels)",
        "refuted",
        ONE_CLOSES,
    ),
)
