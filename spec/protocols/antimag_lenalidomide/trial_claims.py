"""Theorems of the trial with their hypotheses, and statements that look true and are not."""

from __future__ import annotations

from ...model import Claim

TREATED = "sum(treated[k] for k in levels)"
TOXIC = "sum(dlts[k] for k in levels)"
# every theorem depends on these; a claim that varies one says so
HYPOTHESES = {
    "MAG-A01": "usual",
    "MAG-A02": "published",
    "MAG-A03": "stop",
    "MAG-A04": "stay",
    "MAG-A05": "lowest",
    "MAG-A06": "one",
    "MAG-A07": "wait",
    "MAG-A08": "part_1",
    "MAG-A09": "tried",
    "MAG-A10": "variance",
    "MAG-A11": "published",
    "MAG-A12": "safe",
    "MAG-A12b": "nearest",
    "MAG-A28": "evaluated",
    "X-A05": "readjudicate",
}
# the numbers are those of three levels and twelve patients
AS_SHIPPED = "levels == 3 and patients == 12"
# where the design would treat the next patient
NEXT = (
    "(level + 1 if dlts[level] <= escalate_at[treated[level]] and level + 1 < eliminated"
    " else level - 1 if dlts[level] >= deescalate_at[treated[level]] and level > 1 else level)"
)


def _claim(
    slug: str,
    clause: str,
    statement: str,
    kind: str,
    holds: str,
    expected: str = "proved",
    readings: dict[str, str] | None = None,
    constants: dict[str, int] | None = None,
) -> Claim:
    return Claim(
        slug,
        clause,
        statement,
        kind,
        holds,
        expected,
        readings=HYPOTHESES | (readings or {}),
        constants=constants or {},
        given="patients == 12" if constants else AS_SHIPPED,
    )


CLAIMS = (
    _claim(
        "no-level-skipped",
        "MAG-07",
        "No level is opened before every lower one was tried.",
        "always",
        "all(implies(k < level, treated[k] > 0) for k in levels)",
    ),
    _claim(
        "highest-not-before-the-third",
        "MAG-07",
        "25 mg is given to the third patient at the earliest.",
        "always",
        f"implies(level == levels, {TREATED} >= levels - 1)",
    ),
    _claim(
        "highest-at-the-third",
        "MAG-07",
        "25 mg is given to the third patient when the first two had no toxicity.",
        "reachable",
        f"level == levels and {TREATED} == levels - 1 and {TOXIC} == 0",
    ),
    _claim(
        "most-at-the-highest",
        "MAG-10",
        "At most ten patients are treated at 25 mg.",
        "always",
        "treated[levels] <= 10",
    ),
    _claim(
        "most-at-the-highest-reached",
        "MAG-10",
        "Ten patients are treated at 25 mg.",
        "reachable",
        "treated[levels] == 10",
    ),
    _claim(
        "early-stop",
        "MAG-A03",
        "The trial stops early after three patients at the earliest.",
        "always",
        f"implies(state == 'no_mtd', {TREATED} >= 3)",
    ),
    _claim(
        "early-stop-reached",
        "MAG-A03",
        "The trial stops after three toxicities in three patients.",
        "reachable",
        f"state == 'no_mtd' and {TREATED} == 3 and {TOXIC} == 3",
    ),
    _claim(
        "early-stop-at-the-eleventh",
        "MAG-A03",
        "The trial stops early after eleven patients at the latest: after the twelfth no level is "
        "eliminated any more.",
        "always",
        f"implies(state == 'no_mtd' and eliminated == 1, {TREATED} < patients)",
    ),
    _claim(
        "early-stop-at-the-eleventh-reached",
        "MAG-A03",
        "The trial stops early after eleven patients.",
        "reachable",
        f"state == 'no_mtd' and eliminated == 1 and {TREATED} == patients - 1",
    ),
    _claim(
        "early-stop-before-the-last",
        "MAG-A03",
        "After all twelve no dose can be selected, though none was eliminated on the way.",
        "reachable",
        f"state == 'no_mtd' and {TREATED} == patients and eliminated == levels + 1",
    ),
    _claim(
        "toxicities",
        "MAG-A02",
        "At most eight toxicities in part 1, with elimination and cohorts of one.",
        "always",
        f"{TOXIC} <= 8",
    ),
    _claim(
        "toxicities-reached",
        "MAG-A02",
        "Eight toxicities are reached.",
        "reachable",
        f"{TOXIC} == 8",
    ),
    _claim(
        "toxicities-without-elimination",
        "MAG-A02",
        "Without elimination, of which the text says nothing, all twelve can have a toxicity.",
        "reachable",
        f"{TOXIC} == 12",
        readings={"MAG-A02": "none"},
    ),
    _claim(
        "toxicities-free-sizes",
        "MAG-11",
        "With free sizes of cohorts at most eight have a toxicity: shown false with one level.",
        "always",
        f"{TOXIC} <= 8",
        "refuted",
        {"MAG-A06": "free"},
        {"levels": 1},
    ),
    _claim(
        "toxicities-free-sizes-reached",
        "MAG-11",
        "With free sizes all twelve can have a toxicity: shown with one level.",
        "reachable",
        f"{TOXIC} == 12",
        readings={"MAG-A06": "free"},
        constants={"levels": 1},
    ),
    _claim(
        "mtd-is-unique",
        "MAG-A11",
        "One dose is nearest to the target, so that a rule for ties decides nothing.",
        "always",
        "implies(state == 'selecting', boin_mtd(treated, dlts, 30, 2, 0, 1, 0, 0)"
        " == boin_mtd(treated, dlts, 30, 2, 1, 1, 0, 0))",
        "refuted",
    ),
    _claim(
        "mtd-on-three",
        "MAG-13",
        "The maximum tolerated dose rests on three patients of its level at least.",
        "always",
        "implies(state == 'expansion', treated[mtd] >= 3)",
        "refuted",
    ),
    _claim(
        "highest-on-one-patient",
        "MAG-13",
        "25 mg is selected on one patient without toxicity, after 1 of 6 and 1 of 5 below.",
        "reachable",
        "state == 'expansion' and mtd == 3 and treated[1] == 6 and treated[2] == 5"
        " and treated[3] == 1 and dlts[1] == 1 and dlts[2] == 1 and dlts[3] == 0",
    ),
    _claim(
        "mtd-is-next",
        "MAG-13",
        "The selected dose is the one the design would give next.",
        "always",
        f"implies(state == 'expansion', mtd == {NEXT})",
        "refuted",
    ),
    _claim(
        "mtd-half",
        "MAG-13",
        "At the selected dose at most half of the patients had a toxicity.",
        "always",
        "implies(state == 'expansion', 2 * dlts[mtd] <= treated[mtd])",
        "refuted",
    ),
    _claim(
        "highest-tried",
        "MAG-07",
        "The highest level is tried before a dose is selected.",
        "always",
        "implies(state == 'expansion', treated[levels] > 0)",
        "refuted",
    ),
    _claim(
        "some-level-has-six",
        "MAG-07",
        "When a dose is selected, some level has six patients.",
        "always",
        "implies(state == 'expansion', any(treated[k] >= 6 for k in levels))",
        "refuted",
    ),
    _claim(
        "selected-above-the-boundary",
        "MAG-A12b",
        "A dose is selected whose rate is above the boundary for going down: 6 of 12 at 10 mg.",
        "reachable",
        "state == 'expansion' and mtd == 1 and treated[1] == 12 and dlts[1] == 6",
    ),
)
