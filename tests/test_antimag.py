"""The lenalidomide protocol: sizes, theorems, the interval design, readings, refusals, register."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from register import machines_naming, settings, switches
from trialspec.oracle import Case
from trialspec.spec.designs import boin
from trialspec.spec.errors import SpecError
from trialspec.spec.model import SILENT
from trialspec.spec.protocols.antimag_lenalidomide import PROTOCOL
from trialspec.spec.readings import profile
from trialspec.statemachines.bind import bind
from trialspec.statemachines.explore import Space, explore
from trialspec.statemachines.proof.readings import Readings
from trialspec.statemachines.proof.study import verify_study
from trialspec.statemachines.proof.verdict import MachineReport
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.study import compose
from trialspec.statemachines.walk import Walk

DATA = Path(__file__).parent / "data"
# two dose levels and shorter delays show every rule of a patient: enough to compare readings
SMALL: dict[str, dict[str, int]] = {
    "trial": {},
    "subject": {"levels": 2, "cycle_days": 22, "delay_limit": 1},
}
# and less is enough where nothing is said of reductions, and of what overlaps or leaves a range
SMALLER = {"trial": {"patients": 7}, "subject": {**SMALL["subject"], "levels": 1}}
REDUCTIONS = ("MAG-A17", "MAG-A18", "MAG-A19", "MAG-A30")
MACHINES = tuple(SMALL)
TARGET = Fraction(3, 10)


@cache
def report(machine: str) -> MachineReport:
    return verify_machine(PROTOCOL, machine)


def space(machine: str, readings: dict[str, str]) -> Space:
    """Everything reachable, every invariant watched."""
    constants = (SMALL if set(readings) & set(REDUCTIONS) else SMALLER)[machine]
    bound = bind(PROTOCOL, machine, constants=constants, readings=readings)
    return explore(bound, {i.slug: node for i, node in bound.invariants})


# ---- what is proved


def test_sizes() -> None:
    assert report("trial").configurations == 5516
    assert report("subject").configurations == 29_126


@pytest.mark.parametrize("machine", MACHINES)
def test_everything_comes_out_as_expected(machine: str) -> None:
    found = report(machine)
    for result in found.results:
        assert result.verdict == result.obligation.expected, result.obligation.id
    assert found.unused_lemmas == ()


@pytest.mark.parametrize("machine", MACHINES)
def test_invariants_are_proved_by_induction_and_agreed(machine: str) -> None:
    for result in report(machine).results:
        if result.obligation.kind == "invariant":
            assert (result.engine, result.agreed_by) == ("induction", ("enumeration",))
            assert result.for_all == ("levels" if machine == "trial" else "")


def test_the_study_is_proved() -> None:
    found = verify_study(PROTOCOL, compose(PROTOCOL))
    assert {r.obligation.id: r.verdict for r in found.results if r.verdict != "proved"} == {}
    kinds = {r.obligation.kind for r in found.results}
    assert kinds == {"totality", "deadlock", "termination", "vacuity", "tightness"}


# ---- the interval design, on the machine


def rows(name: str) -> list[dict[str, str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def numbers(row: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(row[f"{letter}{k}"]) for letter in "ny" for k in (1, 2, 3))


class Paths:
    """The trial's runs without replacement or withdrawal, counted by where part 1 ends."""

    def __init__(self, **readings: str) -> None:
        self.bound = bind(PROTOCOL, readings={k.replace("_", "-"): v for k, v in readings.items()})
        self.walk = walk = Walk(self.bound)
        treated, dlts, mtd = (self.bound.by_name[n].offset for n in ("treated", "dlts", "mtd"))
        self.ends: Counter[tuple[tuple[int, ...], int]] = Counter()
        ways = Counter({0: 1})
        while ways:
            later: Counter[int] = Counter()
            for node, count in ways.items():
                configuration = walk.configuration(node)
                state = self.bound.states[configuration[0]]
                if state in ("expansion", "no_mtd"):
                    seen = configuration[treated : treated + 3] + configuration[dlts : dlts + 3]
                    self.ends[seen, configuration[mtd]] += count
                    continue
                for symbol, target in walk.follow(node):
                    if walk.symbols[symbol].event in ("enrol", "evaluate", "select"):
                        later[target] += count
            ways = later

    def count(self, **only: bool) -> int:
        """How many paths end on twelve patients, or not, and with a dose, or not."""
        return sum(
            count
            for (seen, mtd), count in self.ends.items()
            if only.get("full", sum(seen[:3]) == 12) == (sum(seen[:3]) == 12)
            and only.get("dose", mtd > 0) == (mtd > 0)
        )


def test_part_1_ends_as_established_software_says() -> None:
    published = rows("boin_reachable_terminal_states_n12_c1.csv")
    assert {seen for seen, _ in Paths().ends} == {numbers(row) for row in published}
    assert dict(Paths().ends.keys()) == {numbers(r): int(r["mtd"]) % 99 for r in published}
    bounded = Paths(MAG_A12b="bounded").ends
    assert dict(bounded.keys()) == {numbers(r): int(r["mtd_boundMTD"]) % 99 for r in published}
    early = {seen for seen, _ in Paths().ends if sum(seen[:3]) < 12}
    assert early == {numbers(r) for r in published if r["early"] == "1"}


def test_how_many_ways_there_are() -> None:
    """The bases that the claims of the register name."""
    paths = Paths()
    assert sum(paths.ends.values()) == 2197
    assert paths.count(full=True, dose=True) == 1983
    assert paths.count(full=True, dose=False) == 77
    assert paths.count(full=False) == 137
    chosen = [(seen, mtd, count) for (seen, mtd), count in paths.ends.items() if mtd]
    # on fewer than three patients; more than half of them with a toxicity; 25 mg never tried
    assert sum(c for seen, mtd, c in chosen if seen[mtd - 1] < 3) == 43
    assert sum(c for seen, mtd, c in chosen if 2 * seen[mtd + 2] > seen[mtd - 1]) == 52
    assert sum(c for seen, _, c in chosen if max(seen[:3]) < 6) == 193
    never_25 = [(seen, c) for (seen, _), c in paths.ends.items() if seen[2] == 0]
    assert sum(c for seen, _, c in chosen if seen[2] == 0) == 1004
    assert sum(c for seen, c in never_25 if sum(seen[:3]) == 12) == 1046
    assert sum(c for _, c in never_25) == 1161
    # two levels as near to the target: estimated, and as observed
    for how, count, states in ((boin.BY_VARIANCE, 229, 69), (boin.RAW, 257, None)):
        tied = [c for seen, _, c in chosen if ties(seen, how)]
        assert sum(tied) == count and states in (None, len(tied))
    # the selected level's rate is above the boundary for going down
    upper = boin.boundaries(TARGET)[1]
    rates = [Fraction(seen[mtd + 2], seen[mtd - 1]) for seen, mtd, _ in chosen]
    assert sum(upper.side(rate) > 0 for rate in rates) == 121
    # read literally, the dose nearest to the target although the data eliminate it
    literal = Paths(MAG_A12="literal").ends
    differ = {seen: mtd for seen, mtd in literal if paths.ends[seen, mtd] == 0}
    assert len(differ) == 15 and differ[11, 1, 0, 6, 1, 0] == 1
    assert sum((seen, 0) in paths.ends for seen in differ) == 14


def ties(seen: tuple[int, ...], how: int) -> bool:
    """Whether two levels that may be selected have estimates as near to the target."""
    numbers = list(zip(seen[:3], seen[3:], strict=True))
    closed = [k for k, (n, y) in enumerate(numbers) if boin.eliminated(y, n, TARGET)]
    usable = [(n, y) for n, y in numbers[: min(closed, default=3)] if n]
    estimates = [boin.estimate(y, n, how) for n, y in usable]
    rates = boin.isotonic([rate for rate, _ in estimates], [weight for _, weight in estimates])
    apart = sorted(abs(rate - TARGET) for rate in rates)
    return apart[0] in apart[1:]


def test_decisions_and_doses_on_every_path_of_eight_patients() -> None:
    """Every node of the tree that established software grows: the next level, or the dose."""
    published = rows("boin_escalation_dose_paths_n8_c1.csv")
    assert len(published) == 351
    for row in published:
        outcomes = [(int(level), found == "T") for level, found in row["path"].split()]
        case = trial(*outcomes, patients=8)
        if row["terminal"] == "1" and case.observe()["state"] == "selecting":
            case.apply("select")
        seen = case.observe()
        here = {"escalating": seen["level"], "expansion": seen["mtd"], "no_mtd": 0}
        assert here[seen["state"]] == int(row["next_or_mtd"]), row["path"]


def test_who_may_be_treated_without_elimination() -> None:
    ends = Paths(MAG_A02="none").ends
    assert max(sum(seen[3:]) for seen, _ in ends) == 12


# ---- readings


def test_nobody_is_treated_at_an_eliminated_level_by_a_choice_of_readings() -> None:
    with pytest.raises(SpecError, match="MAG-A03=continue contradict"):
        bind(PROTOCOL, readings={"MAG-A03": "continue"})
    assert bind(PROTOCOL, readings={"MAG-A03": "continue", "MAG-A02": "none"})


def test_what_needs_month_24_is_shown_with_the_days_that_it_takes() -> None:
    (pair,) = Readings(PROTOCOL).pairs(PROTOCOL.ambiguity("MAG-A16"))
    found = pair.difference
    assert found is not None and found.event == "continue_after_24"
    days = sum(dict(s.arguments)["days"] for s in found.trace if s.event == "elapse")
    events = [s.event for s in found.trace]
    assert days == 730 and events.index("month_24") > events.index("elapse")


@pytest.mark.parametrize(
    ("id", "choice"),
    [
        pytest.param(*s, marks=[] if PROTOCOL.ambiguity(s[0]).severity == "H" else pytest.mark.slow)
        for s in switches(PROTOCOL)
    ],
)
def test_each_reading_is_sound(id: str, choice: str) -> None:
    """No rule overlaps or leaves a range; only silence leaves an observation without an answer."""
    for readings in settings(PROTOCOL, id, choice):
        for machine in machines_naming(PROTOCOL, id):
            found = space(machine, dict(readings))
            assert not found.violations
            silence = {"totality"} if choice == SILENT else set()
            assert {kind for kind, _ in found.issues} <= silence


def test_literal_text_is_silent_and_strict_says_so() -> None:
    literal = space("subject", profile(PROTOCOL, "literal"))
    places = {place for kind, place in literal.issues if kind == "totality"}
    assert places >= {"treated/death", "monitoring/lost", "pre_treatment/withdraw_consent"}
    strict = space("subject", profile(PROTOCOL, "strict"))
    assert not strict.issues and not strict.violations
    outcomes = {r.target.ambiguity for r in strict.bound.rules if not isinstance(r.target, int)}
    assert outcomes == {"MAG-A33", "X-A12"}


# ---- the register


def test_clauses_and_ambiguities() -> None:
    assert [c.id for c in PROTOCOL.clauses] == [f"MAG-{n:02d}" for n in range(1, 29)]
    assert [c.id for c in PROTOCOL.clauses if c.reason] == ["MAG-01", "MAG-02", "MAG-03", "MAG-08"]
    sentences = [n for c in PROTOCOL.clauses for n in c.sentences]
    assert set(range(1, 31)) - set(sentences) == {1, 4, 15}
    ids = [a.id for a in PROTOCOL.ambiguities if a.id.startswith("MAG")]
    assert [i for i in ids if i != "MAG-A12b"] == [f"MAG-A{n:02d}" for n in range(1, 35)]


# ---- answers that people read


def trial(*outcomes: tuple[int, bool], **constants: int) -> Case:
    """Patients of part 1 one after the other, at the levels where they have to be."""
    case = Case(PROTOCOL, constants=constants)
    for level, dlt in outcomes:
        assert case.apply("enrol", level=level).answer == "accepted"
        assert case.apply("evaluate", dlt=dlt).answer == "accepted"
    return case


def subject(*events: tuple[str, dict[str, object]], level: int = 3, part: int = 1) -> Case:
    """A patient on day 1 of the first cycle, and what came then."""
    case = Case(PROTOCOL, "subject")
    case.apply("enrol" if part == 1 else "enrol_expansion", level=level)
    assert case.apply("start", level=level).answer == "accepted"
    for event, given in events:
        assert case.apply(event, **given).answer == "accepted", event
    return case


def days(count: int) -> tuple[str, dict[str, object]]:
    return "elapse", {"days": count}


def dose(drug: str, amount: str) -> dict[str, object]:
    return {"drug": drug, "amount": amount}


def blood(cycle: int, edta: str = "10", red_top: str = "6") -> dict[str, object]:
    return {"cycle": cycle, "edta": edta, "red_top": red_top}


N, T = False, True
REDUCED = (("unacceptable_ae", {}), ("reduce", {"level": 2}))


@pytest.mark.parametrize(
    ("case", "event", "given", "clause", "because"),
    [
        (trial(), "enrol", {"level": 2}, "MAG-07", "level"),
        (trial((1, N)), "enrol", {"level": 1}, "MAG-07", "level"),
        (trial((1, N), (2, T)), "enrol", {"level": 2}, "MAG-07", "level"),
        (trial(), "evaluate", {"dlt": False}, "MAG", "pending"),
        (trial((1, N)), "select", {}, "MAG", "state"),
        (trial(), "enrol_expansion", {"level": 1}, "MAG-14", "state"),
        (subject(), "dose", dose("lenalidomide", "20"), "MAG-04", "amount = 20"),
        (subject(days(21)), "dose", dose("lenalidomide", "25"), "MAG-04", "in_cycle = 21"),
        (subject(days(1)), "dose", dose("dexamethasone", "20"), "MAG-05", "in_cycle = 1"),
        (subject(), "dose", dose("dexamethasone", "40"), "MAG-05", "amount = 40"),
        (subject(part=2), "dose", dose("dexamethasone", "40"), "MAG-15", "amount = 40"),
        (subject(days(27)), "start_cycle", {}, "MAG-04", "in_cycle = 27"),
        (subject(days(28)), "start_cycle", {}, "X-A11", "outcome = open"),
        (subject(days(57), part=2), "start_cycle", {}, "MAG-21", "in_cycle = 57"),
        (subject(days(56)), "delay_over", {}, "MAG-21", "in_cycle = 56"),
        (subject(days(28)), "draw", blood(4), "MAG-28", "cycle = 4"),
        (subject(days(28)), "draw", blood(18), "MAG-28", "cycle = 18"),
        (subject(days(28)), "draw", blood(1, edta="8"), "MAG-27", "edta = 8"),
        (subject(days(28)), "draw", blood(1, red_top="0"), "MAG-27", "red_top = 0"),
        (subject(days(5)), "draw", blood(1), "MAG-28", "in_cycle = 5"),
        (subject(), "continue_after_24", {}, "MAG-16", "month_24 = running"),
        (subject(("unacceptable_ae", {})), "reduce", {"level": 3}, "MAG-17", "dose_level = 3"),
        (
            subject(("unacceptable_ae", {}), level=1),
            "reduce",
            {"level": 0},
            "MAG-A19",
            "level = 0",
        ),
        (
            subject(*REDUCED, ("unacceptable_ae", {}), ("reduce", {}), ("unacceptable_ae", {})),
            "reduce",
            {"level": 0},
            "MAG-18",
            "reductions = 2",
        ),
        (subject(("withdraw", {})), "dose", dose("lenalidomide", "25"), "MAG", "monitoring"),
    ],
)
def test_refusals_give_their_clause_and_reason(
    case: Case, event: str, given: dict[str, object], clause: str, because: str
) -> None:
    answer = case.apply(event, **given)
    assert answer.answer == "refused"
    assert answer.clause.startswith(clause) or clause == "MAG", answer
    assert because in answer.reason, answer.reason


def test_three_toxicities_in_three_end_the_trial() -> None:
    assert trial((1, T), (1, T), (1, T)).observe()["state"] == "no_mtd"


def test_the_highest_level_on_its_first_patient() -> None:
    """1 of 6, 1 of 5 and 0 of 1: the selected dose rests on one patient."""
    order = [(1, T), *[(1, N)] * 4, *[(2, N)]]
    case = Case(PROTOCOL)
    for level, dlt in order:
        assert case.apply("enrol", level=level).answer == "accepted"
        case.apply("evaluate", dlt=dlt)
    assert case.observe()["level"] == 3


def test_blood_of_a_whole_course() -> None:
    """Seven draws of 16 ml for a patient of part 1, nine for one of part 2."""
    for part, draws in ((1, 7), (2, 9)):
        case = Case(PROTOCOL, "subject")
        case.apply("enrol" if part == 1 else "enrol_expansion", level=1)
        taken = int(case.apply("draw", **blood(0)).answer == "accepted")
        case.apply("start", level=1)
        for cycle in range(1, 25):
            case.apply("elapse", days=28)
            if cycle == 1:
                case.apply("evaluate", dlt=False)
            taken += case.apply("draw", **blood(cycle)).answer == "accepted"
            assert case.apply("start_cycle").answer == "accepted"
        assert taken == draws


def test_five_milligrams_may_be_a_third_reduction_only_without_the_cap() -> None:
    case = Case(PROTOCOL, "subject", readings={"MAG-A19": "five"})
    case.apply("enrol", level=1)
    case.apply("start", level=1)
    case.apply("unacceptable_ae")
    assert case.apply("reduce").answer == "accepted"
    assert case.apply("dose", drug="lenalidomide", amount="5").answer == "accepted"
    assert case.apply("dose", drug="lenalidomide", amount="10").answer == "refused"


def test_milligrams_of_a_cycle() -> None:
    """210, 315 or 525 mg of lenalidomide and 80 mg of dexamethasone, in both parts."""
    for part in (1, 2):
        for level, milligrams in ((1, 210), (2, 315), (3, 525)):
            given: Counter[str] = Counter()
            case = subject(level=level, part=part)
            for _ in range(28):
                for due in case.due():
                    given[due.drug] += int(due.dose)
                    assert case.apply("dose", drug=due.drug, amount=due.dose).answer == "accepted"
                case.apply("elapse", days=1)
            assert given == {"lenalidomide": milligrams, "dexamethasone": 80}
            assert case.due() == ()


def course(delays: tuple[int, ...]) -> tuple[Case, int]:
    """A patient of part 2 through 24 cycles, each but the first late by so many days; the last day.

    Days are counted from 0, the first dose.
    """
    case = Case(PROTOCOL, "subject", constants={"counted_cycles": 25})
    case.apply("enrol_expansion", level=1)
    case.apply("start", level=1)
    passed = 0
    for delay in (*delays, *[0] * (23 - len(delays))):
        case.apply("elapse", days=28 + delay)
        passed += 28 + delay
        assert case.apply("start_cycle").answer == "accepted"
    case.apply("elapse", days=28)
    assert case.apply("draw", **blood(24)).answer == "accepted"
    return case, passed + 28


def test_month_24_comes_after_cycle_24_unless_three_delays_are_long() -> None:
    """24 cycles are 672 days, 24 months 730 or 731: only delays of 59 days turn that round."""
    first = date(2021, 3, 1)
    assert (date(2023, 3, 1) - first).days == 730 and (
        date(2025, 3, 1) - date(2023, 3, 1)
    ).days == 731
    for delays, before in (((), True), ((28, 28), True), ((28, 28, 28), False)):
        case, last = course(delays)
        assert (last < 730) == before
        assert case.observe()["cycle"] == 24


def test_every_draw_is_checked_where_all_cycles_are_counted() -> None:
    """Of three counted cycles the third is any later one; see `COUNTED`."""
    for counted, answer in ((3, "accepted"), (25, "refused")):
        case = Case(PROTOCOL, "subject", constants={"counted_cycles": counted})
        case.apply("enrol_expansion", level=1)
        case.apply("start", level=1)
        for _ in range(4):
            case.apply("elapse", days=28)
            case.apply("start_cycle")
        case.apply("elapse", days=28)
        assert case.apply("draw", **blood(6)).answer == answer
        assert case.apply("draw", **blood(4)).answer == "refused"


def test_a_place_of_a_cohort_is_taken_by_the_replacement() -> None:
    """Two of three had a toxicity, the third is not evaluable: its replacement decides with them."""
    case = Case(PROTOCOL, readings={"MAG-A06": "free"})
    for event, given in (
        ("open_cohort", {"size": 1}),
        ("enrol", {"level": 1}),
        ("evaluate", {"dlt": False}),
        ("open_cohort", {"size": 3}),
        *[("enrol", {"level": 2}), ("evaluate", {"dlt": True})] * 2,
        ("enrol", {"level": 2}),
        ("not_evaluable", {}),
    ):
        assert case.apply(event, **given).answer == "accepted", event
    assert case.apply("open_cohort", size=1).answer == "refused"
    assert case.apply("enrol", level=2).answer == "accepted"
    case.apply("evaluate", dlt=False)
    assert case.observe()["level"] == 1


def test_steps_count_where_each_of_them_is_a_reduction() -> None:
    for reading, reductions in (("dose", 1), ("steps", 2)):
        case = Case(PROTOCOL, "subject", readings={"MAG-A18": reading})
        case.apply("enrol", level=3)
        case.apply("start", level=3)
        case.apply("unacceptable_ae")
        assert case.apply("reduce", level=1).answer == "accepted"
        assert case.observe()["reductions"] == reductions


def test_a_fourth_dose_level_has_no_dose() -> None:
    case = Case(PROTOCOL, "subject", constants={"levels": 4})
    case.apply("enrol", level=4)
    case.apply("start", level=4)
    assert case.apply("dose", **dose("lenalidomide", "30")).answer == "refused"
