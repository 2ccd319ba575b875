"""The plerixafor protocol: sizes, theorems, readings, refusals, the register."""

from __future__ import annotations

import copy
from functools import cache

import pytest
from register import machines_naming, settings, switches
from trialspec.oracle import Case
from trialspec.spec.model import SILENT
from trialspec.spec.protocols.plerixafor_cll import PROTOCOL
from trialspec.spec.readings import profile
from trialspec.spec.resolve import Resolver
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.evaluate import evaluate
from trialspec.statemachines.explore import Space, explore
from trialspec.statemachines.proof.verdict import MachineReport
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.view import view
from trialspec.statemachines.walk import Walk

# cohorts differ in their dose alone, and five cycles show every rule: enough to compare readings
SMALL: dict[str, dict[str, int]] = {
    "trial": {"levels": 2},
    "subject": {"levels": 1, "max_cycles": 5},
}
MACHINES = tuple(SMALL)


@cache
def report(machine: str) -> MachineReport:
    return verify_machine(PROTOCOL, machine)


def space(machine: str, readings: dict[str, str]) -> Space:
    """Everything reachable, every invariant watched."""
    bound = bind(PROTOCOL, machine, constants=SMALL[machine], readings=readings)
    return explore(bound, {i.slug: node for i, node in bound.invariants})


# ---- what is proved


def test_sizes() -> None:
    assert (report("trial").configurations, report("trial").steps) == (2229, None)
    assert report("subject").configurations == 39_305
    assert [report(m).bound.fields[0].name for m in MACHINES] == ["level", "len_dose"]


@pytest.mark.parametrize("machine", MACHINES)
def test_everything_comes_out_as_expected(machine: str) -> None:
    for result in report(machine).results:
        assert result.verdict == result.obligation.expected, result.obligation.id


@pytest.mark.parametrize("machine", MACHINES)
def test_every_safety_obligation_is_proved_by_induction_and_agreed(machine: str) -> None:
    safety = ("range", "definedness", "determinism", "totality", "deadlock", "invariant")
    found = [r for r in report(machine).results if r.obligation.kind in safety]
    assert len(found) > 60
    for result in found:
        assert (result.engine, result.agreed_by) == ("induction", ("enumeration",)), (
            result.obligation.id
        )
        assert result.for_all == ("levels" if machine == "trial" else ""), result.obligation.id
    assert report(machine).unused_lemmas == ()


@pytest.mark.parametrize("levels", [1, 2, 3, 5])
@pytest.mark.parametrize("variant", ["E", "K", "N"])
def test_each_variant_is_proved_for_every_number_of_levels(variant: str, levels: int) -> None:
    found = verify_machine(PROTOCOL, constants={"levels": levels}, readings={"PLX-A20": variant})
    results = {r.obligation.id: r for r in found.results}
    for name in ("treated-cap", "evaluable-total", "mtd-support", "whole-cohorts"):
        result = results[f"PLX-07/{name}"]
        assert (result.verdict, result.for_all) == ("proved", "levels")
    witness = results["PLX-07/evaluable-total/tight"].witness
    assert witness is not None
    # every one who is counted has been evaluated in the run
    assert sum(step.event == "evaluate" for step in witness) == 6 * levels
    assert all(r.verdict == r.obligation.expected for r in found.results)


def test_one_subject_at_a_time_is_proved_as_well() -> None:
    found = verify_machine(PROTOCOL, readings={"X-A04": "staggered"})
    assert all(r.verdict == r.obligation.expected for r in found.results)
    pending = found.bound.by_name["pending"].offset
    assert max(c[pending] for c, _ in Walk(found.bound).nodes) == 1


@pytest.mark.parametrize(
    ("variant", "supports"),
    [("E", {(3, 0), (6, 1)}), ("K", {(3, 0), (6, 0), (6, 1)}), ("N", {(6, 0), (6, 1)})],
)
def test_what_the_maximum_tolerated_dose_rests_on(
    variant: str, supports: set[tuple[int, int]]
) -> None:
    bound = bind(PROTOCOL, readings={"PLX-A20": variant})
    found = set()
    for configuration, _ in Walk(bound).nodes:
        if bound.states[configuration[0]] == "mtd":
            seen = {f.name: configuration[f.offset : f.offset + f.cells] for f in bound.fields}
            level = seen["level"][0] - 1
            found.add((seen["treated"][level], seen["dlts"][level]))
    assert found == supports


def test_how_many_begin_has_no_bound() -> None:
    """At most 24 are evaluable; those who are replaced come on top."""
    case = Case(PROTOCOL)
    for _ in range(40):
        assert case.apply("start_combination").answer == "accepted"
        assert case.apply("not_evaluable").answer == "accepted"
    assert case.observe()["treated"] == [0, 0, 0, 0]


# ---- cycles and doses under the readings that change their number


@pytest.mark.parametrize(
    ("readings", "cap", "most"),
    [
        ({}, 8, (12, 8)),
        ({}, 12, (12, 8)),
        ({"PLX-A11": "after_interim"}, 8, (16, 8)),
        ({"PLX-A11": "after_interim"}, 12, (16, 12)),
        ({"PLX-A14": "one_counter"}, 8, (11, 7)),
        ({"PLX-A13": "deferred"}, 12, (12, 8)),
    ],
    ids=str,
)
def test_cycles_and_doses_of_rituximab(
    readings: dict[str, str], cap: int, most: tuple[int, int]
) -> None:
    """The cap of eight follows from twelve cycles, and binds when twelve more are meant."""
    cycles, doses = most
    bound = bind(PROTOCOL, "subject", constants={"levels": 1, "rtx_cap": cap}, readings=readings)
    texts = [f"combo_cycle <= {cycles} and rtx <= {doses}", f"combo_cycle < {cycles}"]
    texts.append(f"rtx < {doses}")
    watch = {text: Resolver(bound.scope).condition(text, "test") for text in texts}
    assert set(explore(bound, watch).violations) == set(texts[1:])


# ---- readings


@pytest.mark.parametrize(("id", "choice"), switches(PROTOCOL))
def test_each_reading_is_sound(id: str, choice: str) -> None:
    """No rule overlaps or leaves a range; only silence leaves an observation without an answer."""
    for readings in settings(PROTOCOL, id, choice):
        for machine in machines_naming(PROTOCOL, id):
            found = space(machine, readings)
            assert not found.violations
            silence = {"totality", "termination"} if choice == SILENT else set()
            assert {kind for kind, _ in found.issues} <= silence


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("PLX-A11", "after_interim"), ("PLX-A14", "one_counter")),
        (("PLX-A19", "optional"), ("PLX-A13", "deferred")),
        (("PLX-A21", "four_cycles"), ("PLX-A15", "mono")),
        (("PLX-A21", "lenalidomide"), ("PLX-A07", "registration")),
        (("PLX-A10", "weekdays"), ("PLX-A27", "cohort_4")),
        (("PLX-A30", "off"), ("X-A03", "counts")),
    ],
)
def test_pairs_of_readings_are_sound(first: tuple[str, str], second: tuple[str, str]) -> None:
    for machine in MACHINES:
        found = space(machine, dict([first, second]))
        assert not found.violations and not found.issues


def test_the_cap_of_rituximab_forbids_what_sixteen_cycles_ask_for() -> None:
    """Twelve more cycles make twelve doses due, of which PLX-19 forbids four."""
    case = Case(PROTOCOL, "subject", readings={"PLX-A11": "after_interim"})
    in_cycle(case, 5)
    answers = []
    for _ in range(12):
        answers.append(case.apply("dose", drug="rituximab", amount="375").answer)
        case.apply("elapse", days=28)
        case.apply("start_cycle")
    assert answers == ["accepted"] * 8 + ["refused"] * 4


def test_literal_text_is_silent_and_strict_says_so() -> None:
    literal = space("subject", profile(PROTOCOL, "literal"))
    places = {place for kind, place in literal.issues if kind == "totality"}
    assert places >= {
        "stage1/intolerance",
        "stage1/progression",
        "combination/toxicity",
        "combination/dlt",
        "interim_due/assess",
        "stage3/complete_response",
        "mono/death",
    }
    assert "mono/progression" not in places
    strict = space("subject", profile(PROTOCOL, "strict"))
    assert not strict.issues and not strict.violations
    bound = strict.bound
    outcomes = {r.target.ambiguity for r in bound.rules if not isinstance(r.target, int)}
    assert outcomes == {
        *("PLX-A05", "PLX-A15", "PLX-A16", "PLX-A17", "PLX-A18", "PLX-A24", "PLX-A30", "PLX-A31"),
        *("X-A05", "X-A12", "X-A14"),
    }
    for name in ("literal", "strict"):
        found = space("trial", profile(PROTOCOL, name))
        assert not found.issues and not found.violations


# ---- the register


def test_clauses_and_ambiguities() -> None:
    ids = [c.id for c in PROTOCOL.clauses]
    numbered = [f"PLX-{n:02d}" for n in range(1, 24)]
    assert [i for i in ids if i[-1].isdigit()] == [n for n in numbered if n != "PLX-06"]
    assert [i for i in ids if not i[-1].isdigit()] == ["PLX-06a", "PLX-06b", "PLX-06c"]
    assert [c.id for c in PROTOCOL.clauses if c.reason] == ["PLX-01"]
    sentences = [n for c in PROTOCOL.clauses for n in c.sentences]
    assert sentences == sorted(sentences) and set(sentences) == set(range(1, 22))
    numbers = [a.id for a in PROTOCOL.ambiguities]
    assert [n for n in numbers if n.startswith("PLX")] == [f"PLX-A{n:02d}" for n in range(1, 32)]
    assert [n for n in numbers if n.startswith("X")] == [f"X-A{n:02d}" for n in range(1, 15)]


def test_the_kinds_of_ambiguities() -> None:
    kinds = {k: [a.id for a in PROTOCOL.ambiguities if a.kind == k] for k in ("note", "input")}
    assert kinds["note"] == [
        *("PLX-A09", "PLX-A12", "PLX-A22", "PLX-A25", "PLX-A26", "PLX-A28", "PLX-A29"),
        *("X-A01", "X-A06", "X-A07", "X-A11"),
    ]
    assert kinds["input"] == ["X-A02", "X-A09", "X-A10", "X-A13"]
    # what changes a dose, an allocation or a number of subjects can be switched
    severe = {a.id for a in PROTOCOL.ambiguities if a.severity == "H" and a.kind != "behaviour"}
    assert severe == {"X-A01", "X-A02"}


# ---- answers that people read


def ten(case: Case) -> None:
    """To 10 mg of lenalidomide, on day 15."""
    for _ in range(2):
        case.apply("elapse", days=7)
        assert case.apply("raise", tolerated=True).answer == "accepted"


def in_cycle(case: Case, cycle: int, response: str = "PR", level: int = 1) -> None:
    """To day 1 of a cycle of the combination."""
    ten(case)
    case.apply("elapse", days=14)
    given = {"wbc": "99.99", "weekday": "Mon", "level": level}
    assert case.apply("start_combination", **given).answer == "accepted"
    for begun in range(1, cycle):
        case.apply("elapse", days=28)
        if begun == 4:
            assert case.apply("assess", response=response).answer == "accepted"
            if response == "SD":
                case.apply("choose_sd", inv_ok=True, subj_ok=True)
        assert case.apply("start_cycle").answer == "accepted"


def subject(cycle: int = 0, days: int = 0, **given: object) -> Case:
    case = Case(PROTOCOL, "subject")
    if cycle:
        in_cycle(case, cycle, str(given.get("response", "PR")), int(str(given.get("level", 1))))
    case.apply("elapse", days=days)
    return case


START = {"wbc": "50", "weekday": "Mon", "level": 1}


def dose(drug: str, amount: str) -> dict[str, object]:
    return {"drug": drug, "amount": amount}


@pytest.mark.parametrize(
    ("case", "event", "given", "clause", "because"),
    [
        (
            subject(days=6),
            "raise",
            {"tolerated": True},
            "PLX-04",
            "since_raise >= raise_days is false (since_raise = 6)",
        ),
        (
            subject(days=7),
            "raise",
            {"tolerated": False},
            "PLX-04",
            "tolerated is false (tolerated = False)",
        ),
        (subject(days=28), "start_combination", START, "PLX-06a", "len_dose == 10 is false"),
        (subject(), "dose", dose("lenalidomide", "7.5"), "PLX-03", "amount = 7.5"),
        (subject(), "dose", dose("plerixafor", "0.24"), "PLX-06c", "drug != 'plerixafor'"),
        (subject(), "dose", dose("rituximab", "375"), "PLX-17", "drug != 'rituximab'"),
        (subject(), "start_cycle", {}, "PLX-12", "the state is stage1"),
        (subject(1, level=2), "dose", dose("plerixafor", "0.24"), "PLX-09", "level = 2"),
        (subject(1, level=3), "dose", dose("plerixafor", "0.32"), "PLX-10", "level = 3"),
        (subject(1, level=4), "dose", dose("plerixafor", "0.55"), "PLX-11", "level = 4"),
        (subject(1, days=21), "dose", dose("plerixafor", "0.24"), "PLX-12", "in_cycle = 21"),
        (subject(1, days=1), "dose", dose("plerixafor", "0.24"), "PLX-12", "in_cycle = 1"),
        (subject(1), "dose", dose("lenalidomide", "5"), "PLX-05", "amount = 5"),
        (subject(1, days=27), "start_cycle", {}, "PLX-12", "in_cycle = 27"),
        (subject(1), "evaluate", {"dlt": False}, "PLX-07", "in_cycle = 0"),
        (subject(2, days=28), "start_cycle", {"weekday": "Tue"}, "PLX-12", "weekday = Tue"),
        (subject(4), "dose", dose("rituximab", "375"), "PLX-17", "drug != 'rituximab'"),
        (subject(3, days=28), "assess", {"response": "PR"}, "PLX-14", "state = combination"),
        (subject(4, days=27), "assess", {"response": "PR"}, "PLX-14", "in_cycle = 27"),
        (subject(4, days=28), "start_cycle", {}, "PLX-14", "response = none"),
        (subject(5), "dose", dose("rituximab", "374"), "PLX-17", "amount = 374"),
        (subject(5, days=1), "dose", dose("rituximab", "375"), "PLX-17", "in_cycle = 1"),
        (subject(5), "stop_combination", {}, "PLX-18", "combo_cycle = 5"),
        (subject(12, days=28), "start_cycle", {}, "PLX-18", "combo_cycle = 12"),
        (subject(12, days=27), "stop_combination", {}, "PLX-12", "in_cycle = 27"),
    ],
)
def test_refusals_of_the_subject(
    case: Case, event: str, given: dict[str, object], clause: str, because: str
) -> None:
    before = case.observe()
    found = case.apply(event, **given)
    assert (found.answer, found.clause) == ("refused", clause)
    assert because in found.reason
    assert case.observe() == before


def test_entry_needs_each_of_its_conditions() -> None:
    case = Case(PROTOCOL, "subject")
    ten(case)
    case.apply("elapse", days=6)
    found = case.apply("start_combination", **START)
    assert (found.clause, found.reason) == (
        "PLX-06a",
        "since_raise >= stable_days is false (since_raise = 6, stable_days = 7)",
    )
    case.apply("elapse", days=7)
    found = case.apply("start_combination", **START)
    assert found.clause == "PLX-06c" and "(on_len = 27, needed_days = 28)" in found.reason
    case.apply("elapse", days=1)
    for wbc in ("100.0", "100", "100.01"):
        assert case.apply("start_combination", **{**START, "wbc": wbc}).clause == "PLX-06b"
    assert case.apply("start_combination", **{**START, "weekday": "Tue"}).clause == "PLX-12"
    assert case.apply("start_combination", **{**START, "wbc": "99.99"}).answer == "accepted"


def test_complete_response_stops_plerixafor_and_rituximab() -> None:
    case = subject(4, days=28)
    assert case.apply("assess", response="CR").answer == "accepted"
    for drug, amount in (("plerixafor", "0.24"), ("rituximab", "375")):
        found = case.apply("dose", drug=drug, amount=amount)
        assert (found.answer, found.clause) == ("refused", "PLX-15")
    assert case.apply("dose", drug="lenalidomide", amount="10").answer == "accepted"
    assert case.apply("progression").observe["state"] == "unreported"
    assert case.apply("evaluate", dlt=False).observe["state"] == "off"


def test_a_ninth_dose_and_doses_alone_are_refused() -> None:
    case = subject(5)
    for cycle in range(5, 13):
        assert case.apply("dose", drug="rituximab", amount="375").answer == "accepted"
        again = case.apply("dose", drug="rituximab", amount="375")
        # after the eighth the cap stands in the way as well
        assert (again.answer, again.clause) == ("refused", "PLX-19" if cycle == 12 else "PLX-17")
        case.apply("elapse", days=28)
        assert case.apply("start_cycle").answer == ("refused" if cycle == 12 else "accepted")
    assert case.apply("stop_combination").observe["state"] == "mono"
    for drug, amount in (("plerixafor", "0.24"), ("rituximab", "375")):
        found = case.apply("dose", drug=drug, amount=amount)
        assert (found.answer, found.clause) == ("refused", "PLX-20")


@pytest.mark.parametrize("inv_ok", [True, False])
@pytest.mark.parametrize("subj_ok", [True, False])
def test_both_choose_with_stable_disease(inv_ok: bool, subj_ok: bool) -> None:
    case = subject(4, days=28)
    case.apply("assess", response="SD")
    assert case.apply("start_cycle").clause == "PLX-21"
    assert case.apply("dose", drug="plerixafor", amount="0.24").clause == "PLX-21"
    found = case.apply("choose_sd", inv_ok=inv_ok, subj_ok=subj_ok)
    if inv_ok and subj_ok:
        assert (found.answer, found.observe["state"]) == ("accepted", "stage3")
    else:
        assert found.answer == "unspecified" and "PLX-A18" in found.reason


def test_gaps_are_unspecified() -> None:
    for case, event, gap in (
        (subject(), "intolerance", "PLX-A05"),
        (subject(1), "toxicity", "PLX-A30"),
        (subject(1), "dlt", "PLX-A31"),
        (subject(1), "reduce", "X-A14"),
    ):
        found = case.apply(event)
        assert found.answer == "unspecified" and gap in found.reason


def test_a_reported_toxicity_leaves_treatment_as_it_is() -> None:
    case = subject(1, days=13)
    before = case.observe()
    after = case.apply("evaluate", dlt=True).observe
    assert {k for k in before if before[k] != after[k]} == {"evaluated"}
    assert case.apply("not_evaluable").answer == "refused"


def test_who_leaves_in_the_window_is_not_evaluable() -> None:
    case = subject(1, days=13)
    assert case.apply("death").observe["state"] == "unreported"
    assert case.apply("evaluate", dlt=False).answer == "refused"
    case.apply("elapse", days=30)
    assert case.apply("evaluate", dlt=False).answer == "refused"
    assert copy.copy(case).apply("evaluate", dlt=True).observe["state"] == "dead"
    assert case.apply("not_evaluable").observe["state"] == "dead"


def test_a_toxicity_in_the_window_may_be_reported_when_it_is_over() -> None:
    case = subject(2)
    assert case.apply("evaluate", dlt=True).answer == "accepted"
    assert case.apply("evaluate", dlt=True).answer == "refused"


def test_amounts_are_exact_and_named_in_their_units() -> None:
    case = subject(days=7)
    assert case.observe()["len_dose"] == "5"
    case.apply("raise", tolerated=True)
    assert case.observe()["len_dose"] == "7.5"
    assert case.apply("dose", drug="lenalidomide", amount="7.50").answer == "accepted"
    assert case.apply("dose", drug="lenalidomide", amount="7.499").answer == "refused"


def test_raise_is_a_name_like_any_other() -> None:
    """It is a keyword of Python's: nothing that is generated may use it as a name."""
    machine = view(bind(PROTOCOL, "subject", constants=SMALL["subject"]))
    machine.elapse(days=7)
    assert machine.trigger("raise", tolerated=True) and machine.values["len_dose"] == "7.5"


# ---- time


def within(bound: Bound, state: str, **values: int) -> bool:
    configuration = list(bound.initial())
    configuration[0] = bound.states.index(state)
    for name, value in values.items():
        configuration[bound.by_name[name].offset] = value
    node = bound.within[bound.states.index(state)]
    return bool(evaluate(bound, node, tuple(configuration), {}))


def test_a_cycle_is_overdue_on_day_30() -> None:
    bound = bind(PROTOCOL, "subject")
    timed = {bound.states[i] for i in bound.within}
    assert timed == {"combination", "interim_due", "sd_choice", "stage3"}
    for state in timed:
        assert within(bound, state, in_cycle=28)
        assert not within(bound, state, in_cycle=29)


def test_a_late_cycle_counts_its_days_from_its_own_first() -> None:
    case = subject(1, days=35)
    case.apply("start_cycle")
    assert case.apply("dose", drug="plerixafor", amount="0.24").answer == "accepted"
    case.apply("elapse", days=7)
    assert case.apply("dose", drug="plerixafor", amount="0.24").answer == "accepted"
