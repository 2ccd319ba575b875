"""The DexTR protocol: sizes, theorems, readings, refusals, the register."""

from __future__ import annotations

import copy
from functools import cache
from itertools import product

import pytest
from register import machines_naming, switches
from trialspec.oracle import Case, Study
from trialspec.spec.model import SILENT
from trialspec.spec.protocols.dextr_mm import PROTOCOL
from trialspec.spec.readings import profile
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.evaluate import evaluate
from trialspec.statemachines.explore import Space, explore
from trialspec.statemachines.proof.verdict import MachineReport
from trialspec.statemachines.proof.verify import verify_machine

MACHINES = ("trial", "subject")
SIGNED = ("consent", "revassist", "steps", "eligible")
BEFORE = ("prior_thal", "prior_len", "separate", "partners_ok")
ALL = dict.fromkeys((*SIGNED, *BEFORE), True)


@cache
def report(machine: str) -> MachineReport:
    return verify_machine(PROTOCOL, machine)


def space(machine: str, readings: dict[str, str]) -> Space:
    """Everything reachable, every invariant watched."""
    bound = bind(PROTOCOL, machine, readings=readings)
    return explore(bound, {i.slug: node for i, node in bound.invariants})


# ---- what is proved


def test_sizes() -> None:
    assert (report("trial").configurations, report("trial").steps) == (46, 45)
    assert (report("subject").configurations, report("subject").steps) == (9902, None)


@pytest.mark.parametrize("machine", MACHINES)
def test_everything_comes_out_as_expected(machine: str) -> None:
    for result in report(machine).results:
        assert result.verdict == result.obligation.expected, result.obligation.id


@pytest.mark.parametrize("machine", MACHINES)
def test_every_safety_obligation_is_proved_by_induction_and_agreed(machine: str) -> None:
    safety = ("range", "definedness", "determinism", "totality", "deadlock", "invariant")
    found = [r for r in report(machine).results if r.obligation.kind in safety]
    assert len(found) > (3 if machine == "trial" else 60)
    for result in found:
        assert (result.engine, result.agreed_by) == ("induction", ("enumeration",)), (
            result.obligation.id
        )
    assert report(machine).unused_lemmas == ()


def test_theorems_and_what_only_looks_like_one() -> None:
    found = {c.slug: (c.expected, c.value) for m in PROTOCOL.machines for c in m.claims}
    assert found["maintenance-day"] == ("proved", 113) == (found["plateau-maintenance-day"])
    assert found["maintenance-day-at-once"] == ("proved", 29)
    assert found["plateau-maintenance-day-later"] == ("proved", 197)
    assert {slug for slug, (expected, _) in found.items() if expected == "refuted"} == {
        "forty-sixth",
        "maintenance-for-everyone",
        "plateau-after-four-from-before",
        "going-on-is-responding",
        "low-clearance-is-fifteen",
        "twenty-five-or-fifteen",
        "response-to-transplant",
    }


# ---- readings


@pytest.mark.slow
@pytest.mark.parametrize(("id", "choice"), switches(PROTOCOL))
def test_each_reading_is_sound(id: str, choice: str) -> None:
    """No rule overlaps or leaves a range; only silence leaves an observation without an answer."""
    (machine,) = machines_naming(PROTOCOL, id)
    found = space(machine, {id: choice})
    assert not found.violations
    silence = {"totality", "termination"} if choice == SILENT else set()
    assert {kind for kind, _ in found.issues} <= silence


@pytest.mark.parametrize(
    "choices",
    [
        "A01=values A04=later A11=both A14=fifteen A18=continues A19=fifty A34=zero",
        "A03=at_once A10=maintenance A16=step A25=both A27=days A33=counted",
        pytest.param("A01=days A26=window A33=counted", marks=pytest.mark.slow),
        pytest.param("A01=values A11=both A33=counted", marks=pytest.mark.slow),
        pytest.param("A07=two A35=held A08=spike", marks=pytest.mark.slow),
        pytest.param("A20=doses A17=lower A05=off", marks=pytest.mark.slow),
        pytest.param("A30=both A07=two A10=reduce A32=remain", marks=pytest.mark.slow),
    ],
)
def test_readings_together_are_sound(choices: str) -> None:
    pairs = [choice.split("=") for choice in choices.split()]
    found = space("subject", {f"DTR-{id}": choice for id, choice in pairs} | {"X-A14": "lower"})
    assert not found.violations and not found.issues


def test_literal_text_is_silent_and_strict_says_so() -> None:
    literal = space("subject", profile(PROTOCOL, "literal"))
    places = {place for kind, place in literal.issues if kind == "totality"}
    assert places == {
        "assessment_due/assess",
        *(f"{s}/thalidomide_intolerance" for s in ("induction", "assessment_due")),
        *(
            f"{state}/{event}"
            for state in ("enrolled", "induction", "assessment_due", "maintenance")
            for event in ("death", "lost", "withdraw_consent")
        ),
    }
    strict = space("subject", profile(PROTOCOL, "strict"))
    assert not strict.issues and not strict.violations
    outcomes = {r.target.ambiguity for r in strict.bound.rules if not isinstance(r.target, int)}
    assert outcomes == {
        *("DTR-A05", "DTR-A10", "DTR-A17", "DTR-A19", "DTR-A34", "X-A12", "X-A14"),
    }
    for name in ("literal", "strict"):
        found = space("trial", profile(PROTOCOL, name))
        assert not found.issues and not found.violations


# ---- the register


def test_clauses_and_ambiguities() -> None:
    assert [c.id for c in PROTOCOL.clauses] == [f"DTR-{n:02d}" for n in range(1, 25)]
    assert [c.id for c in PROTOCOL.clauses if c.reason] == ["DTR-09", "DTR-19"]
    # the last sentence is the one that says it; before it a heading it stands under
    last = [c.sentences[-1] for c in PROTOCOL.clauses]
    assert last == sorted(last)
    named = {n for c in PROTOCOL.clauses for n in c.sentences}
    assert set(range(1, 29)) - named == {4, 16}
    numbers = [a.id for a in PROTOCOL.ambiguities]
    assert [n for n in numbers if n.startswith("DTR")] == [f"DTR-A{n:02d}" for n in range(1, 37)]
    assert [n for n in numbers if n.startswith("X")] == [
        *("X-A06", "X-A07", "X-A08", "X-A09", "X-A10", "X-A11", "X-A12", "X-A14"),
    ]


def test_the_kinds_of_ambiguities() -> None:
    kinds = {k: [a.id for a in PROTOCOL.ambiguities if a.kind == k] for k in ("note", "input")}
    assert kinds["note"] == [
        *("DTR-A06", "DTR-A09", "DTR-A12", "DTR-A13", "DTR-A15", "DTR-A24", "DTR-A28", "DTR-A29"),
        *("X-A06", "X-A07", "X-A11"),
    ]
    assert kinds["input"] == ["DTR-A02", "DTR-A31", "X-A09", "X-A10"]
    for a in PROTOCOL.ambiguities:
        if a.kind == "behaviour":
            assert len(machines_naming(PROTOCOL, a.id)) == 1, a.id
    # what changes a dose, an allocation or a number of subjects can be switched
    severe = {a.id for a in PROTOCOL.ambiguities if a.severity == "H" and a.kind != "behaviour"}
    assert severe == {"DTR-A02", "DTR-A12", "DTR-A31"}


# ---- enrolment


@pytest.mark.parametrize("missing", [*SIGNED, *BEFORE])
def test_each_condition_of_enrolment_is_needed(missing: str) -> None:
    found = Case(PROTOCOL).apply("enrol", **{**ALL, missing: False})
    assert found.answer == "refused"
    assert found.clause == ("DTR-03" if missing in SIGNED else "DTR-01")
    assert f"{missing} = False" in found.reason


def test_enrolment_is_accepted_for_one_row_of_the_truth_table() -> None:
    accepted = []
    for values in product((False, True), repeat=8):
        given = dict(zip(ALL, values, strict=True))
        if Case(PROTOCOL).apply("enrol", **given).answer == "accepted":
            accepted.append(given)
    assert accepted == [ALL]


def test_the_forty_sixth_is_refused() -> None:
    case = Case(PROTOCOL)
    answers = [case.apply("enrol", **ALL) for _ in range(46)]
    assert [a.answer for a in answers] == ["accepted"] * 45 + ["refused"]
    assert answers[-1].clause == "DTR-02"
    assert answers[44].observe == {"state": "full", "enrolled": 45}


@pytest.mark.parametrize(
    ("readings", "given", "answer"),
    [
        ({}, {"other_lines_ok": False, "together": True}, "accepted"),
        ({"DTR-A21": "every_line"}, {"other_lines_ok": False}, "refused"),
        ({"DTR-A22": "excluded"}, {"together": True}, "refused"),
        ({"DTR-A23": "one"}, {"steps": False}, "accepted"),
        ({"DTR-A23": "one"}, {"steps": False, "revassist": False}, "refused"),
    ],
)
def test_enrolment_by_reading(
    readings: dict[str, str], given: dict[str, bool], answer: str
) -> None:
    assert Case(PROTOCOL, readings=readings).apply("enrol", **{**ALL, **given}).answer == answer


def test_a_study_enrols_in_both_machines_or_in_neither() -> None:
    study = Study(PROTOCOL)
    assert study.apply("enrol", "P1", **ALL).answer == "accepted"
    again = study.apply("enrol", "P1", **ALL)
    assert (again.answer, again.clause) == ("refused", "DTR-03")
    assert study.apply("enrol", "P2", **{**ALL, "consent": False}).answer == "refused"
    assert study.observe()["enrolled"] == 1
    study.elapse(4)
    assert study.due("P1") == ()
    assert study.apply("start_cycle", "P1").answer == "accepted"
    assert [d.drug for d in study.due("P1")] == ["dexamethasone", "thalidomide", "lenalidomide"]
    assert study.apply("enrol", "P1", **ALL).answer == "refused"


def test_treatment_without_enrolment_by_reading() -> None:
    for reading, answer in (("assumed", "accepted"), ("recorded", "refused")):
        study = Study(PROTOCOL, readings={"DTR-A36": reading})
        found = study.apply("dose", "P1", drug="lenalidomide", amount="25")
        assert found.answer == answer
        assert found.clause == ("DTR-08" if answer == "accepted" else "DTR-03")
        assert study.apply("enrol", "P2", **ALL).answer == "accepted"
        assert study.apply("start_cycle", "P2").answer == "accepted"
        found = study.apply("dose", "P2", drug="lenalidomide", amount="25")
        assert found.answer == "accepted"


# ---- a subject by hand


def assess(case: Case, **found: bool) -> str:
    """An assessment of which only what is named is found."""
    nothing = dict.fromkeys(("progression", "ifx_negative", "unchanged", "toxicity"), False)
    return case.apply("assess", **{**nothing, **found}).answer


def subject(cycle: int = 1, days: int = 0, *, unchanged: bool = True, **readings: str) -> Case:
    """In a cycle of induction, ``days`` days after its first; every spike is the same, or none."""
    ids = {name.replace("_", "-"): slug for name, slug in readings.items()}
    case = Case(PROTOCOL, "subject", readings=ids)
    for _ in range(1, cycle):
        case.apply("elapse", days=28)
        assert assess(case, unchanged=unchanged) == "accepted"
        assert case.apply("start_cycle").answer == "accepted"
    case.apply("elapse", days=days)
    return case


def on_maintenance(
    crcl: str = "90", last: str = "25", *, ifx: bool = False, **readings: str
) -> Case:
    """On day 1 of maintenance, after a plateau, or after a negative immunofixation."""
    case = subject(4, 28, unchanged=not ifx, **readings)
    if last != "25":
        assert case.apply("reduce_lenalidomide", new=last).answer == "accepted"
    assert assess(case, unchanged=not ifx, ifx_negative=ifx) == "accepted"
    assert case.apply("begin_maintenance", crcl=crcl).answer == "accepted"
    return case


def dose(drug: str, amount: str) -> dict[str, object]:
    return {"drug": drug, "amount": amount}


DEXAMETHASONE, THALIDOMIDE, LENALIDOMIDE = "dexamethasone", "thalidomide", "lenalidomide"
MAINTENANCE: dict[str, object] = {"crcl": "90"}


@pytest.mark.parametrize(
    ("case", "event", "given", "clause", "because"),
    [
        (subject(), "dose", dose(DEXAMETHASONE, "20"), "DTR-05", "amount = 20"),
        (subject(days=4), "dose", dose(DEXAMETHASONE, "40"), "DTR-05", "in_cycle = 4"),
        (subject(), "dose", dose(THALIDOMIDE, "100"), "DTR-06", "amount = 100"),
        (subject(days=7), "dose", dose(THALIDOMIDE, "50"), "DTR-06", "in_cycle = 7"),
        (subject(days=28), "dose", dose(THALIDOMIDE, "100"), "DTR-06", "in_cycle = 28"),
        (subject(2), "dose", dose(THALIDOMIDE, "50"), "DTR-07", "cycle = 2"),
        (subject(), "dose", dose(LENALIDOMIDE, "20"), "DTR-08", "amount = 20"),
        (subject(days=21), "dose", dose(LENALIDOMIDE, "25"), "DTR-08", "in_cycle = 21"),
        (subject(days=28), "start_cycle", {}, "DTR-21", "decision = open"),
        (subject(4, 28), "start_cycle", {}, "DTR-21", "decision = open"),
        (subject(4, 28), "begin_maintenance", MAINTENANCE, "DTR-21", "decision = open"),
        (subject(), "begin_maintenance", MAINTENANCE, "DTR-21", "decision = open"),
        (subject(), "go_to_asct", {"eligible": True}, "DTR-24", "the state is induction"),
        (subject(), "reduce_lenalidomide", {"new": "25"}, "DTR-A16", "new < len_dose"),
        (subject(2), "lab", {}, "DTR-22", "cycle = 2"),
        (subject(4), "lab", {}, "DTR-22", "the state is assessment_due"),
        (subject(2), "enrol", {}, "DTR-03", "enrolled = True"),
        (on_maintenance(), "dose", dose(DEXAMETHASONE, "40"), "DTR-14", "amount = 40"),
        (on_maintenance(), "dose", dose(THALIDOMIDE, "100"), "DTR-14", "drug = thalidomide"),
        (on_maintenance(), "dose", dose(LENALIDOMIDE, "15"), "DTR-15", "amount = 15"),
        (on_maintenance("39.99"), "dose", dose(LENALIDOMIDE, "25"), "DTR-16", "amount = 25"),
        (on_maintenance("40", "20"), "dose", dose(LENALIDOMIDE, "25"), "DTR-17", "amount = 25"),
        (on_maintenance("39", "10"), "dose", dose(LENALIDOMIDE, "15"), "DTR-18", "amount = 15"),
        (on_maintenance(), "start_cycle", {}, "DTR-21", "decision = open"),
        (on_maintenance(), "go_to_asct", {"eligible": False}, "DTR-24", "eligible = False"),
        (on_maintenance(ifx=True), "go_to_asct", {"eligible": True}, "DTR-24", "plateau = 0"),
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


def test_assessments_belong_to_the_end_of_a_cycle() -> None:
    case = subject(days=26)
    assert assess(case) == "refused"
    case.apply("elapse", days=1)
    assert assess(case) == "accepted"
    assert assess(case) == "refused"
    assert case.apply("start_cycle").clause == "DTR-04"
    assert case.apply("dose", **dose(THALIDOMIDE, "100")).answer == "accepted"
    case.apply("elapse", days=1)
    assert case.apply("start_cycle").answer == "accepted"
    early = subject(days=21, DTR_A26="window")
    assert assess(early) == "accepted"


@pytest.mark.parametrize(("cycles", "answer"), [(3, "refused"), (4, "accepted")])
def test_maintenance_after_four_cycles(cycles: int, answer: str) -> None:
    case = subject(cycles, 28)
    assert assess(case, ifx_negative=True) == "accepted"
    assert case.apply("begin_maintenance", crcl="90").answer == answer


def test_a_plateau_lasts_more_than_two_cycles() -> None:
    case = subject(2, 28, unchanged=False)
    for unchanged, plateau in ((False, 0), (True, 1), (True, 2), (True, 3)):
        assert case.apply("begin_maintenance", crcl="90").answer == "refused"
        assert assess(case, unchanged=unchanged) == "accepted"
        assert case.observe()["plateau"] == plateau
        if plateau < 3:
            assert case.apply("start_cycle").answer == "accepted"
            case.apply("elapse", days=28)
    found = case.apply("start_cycle")
    assert (found.answer, found.clause) == ("refused", "DTR-11")
    assert case.apply("begin_maintenance", crcl="90").answer == "accepted"
    assert case.observe()["cycle"] == 5


def test_who_does_not_qualify_after_the_fourth_cycle_is_told_so() -> None:
    for cycle, clause in ((4, "DTR-11"), (5, "DTR-13")):
        case = subject(cycle, 28, unchanged=False)
        assert assess(case) == "accepted"
        found = case.apply("begin_maintenance", crcl="90")
        assert (found.answer, found.clause) == ("refused", clause)


def test_a_response_reached_early_is_enough() -> None:
    for reading, decision in (("achieved", "maintenance"), ("held", "induction")):
        case = subject(2, 28, unchanged=False, DTR_A35=reading)
        assess(case, ifx_negative=True)
        for _ in range(2):
            case.apply("start_cycle")
            case.apply("elapse", days=28)
            assess(case)
        assert case.observe()["decision"] == decision


def test_days_of_a_plateau_by_reading() -> None:
    """One value at the ends of cycles 2, 3 and 4: two comparisons, on day 50 and on day 113."""
    answers = {}
    for reading in ("comparisons", "values", "days"):
        case = subject(DTR_A01=reading, DTR_A26="window")
        case.apply("elapse", days=28)
        assess(case)
        case.apply("start_cycle")
        case.apply("elapse", days=21)
        assess(case)
        case.apply("elapse", days=7)
        for _ in range(2):
            case.apply("start_cycle")
            case.apply("elapse", days=28)
            assess(case, unchanged=True)
        answers[reading] = case.apply("begin_maintenance", crcl="90").answer
    assert answers == {"comparisons": "refused", "values": "accepted", "days": "accepted"}


@pytest.mark.parametrize(
    ("readings", "cycle", "day"),
    [
        ({}, 4, 113),
        ({"DTR_A33": "counted"}, 3, 113),
        ({"DTR_A01": "values"}, 3, 113),
        ({"DTR_A01": "values", "DTR_A33": "counted"}, 2, 113),
        ({"DTR_A04": "later"}, 7, 197),
        ({"DTR_A33": "counted", "DTR_A03": "at_once"}, 3, 85),
        ({"DTR_A01": "values", "DTR_A33": "counted", "DTR_A03": "at_once"}, 2, 57),
    ],
    ids=str,
)
def test_the_first_plateau_and_the_maintenance_after_it(
    readings: dict[str, str], cycle: int, day: int
) -> None:
    """Every row of assessments as long as that, each with a change or without one."""
    first_plateaus, first_days = [], []
    todo = [(1, subject(days=28, **readings))]
    while todo:
        number, before = todo.pop()
        for unchanged in (False, True):
            case = copy.copy(before)
            assert assess(case, unchanged=unchanged) == "accepted"
            if case.observe()["plateau"] == 3:
                first_plateaus.append(number)
            if case.apply("begin_maintenance", crcl="90").answer == "accepted":
                first_days.append(28 * number + 1)
            elif 28 * number + 1 < day:
                assert case.apply("start_cycle").answer == "accepted"
                case.apply("elapse", days=28)
                todo.append((number + 1, case))
    assert (min(first_plateaus), min(first_days)) == (cycle, day)


@pytest.mark.parametrize("last", ["5", "10", "15", "20", "25"])
def test_a_higher_clearance_never_lowers_the_dose(last: str) -> None:
    """A claim compares no two runs, so this is none; the dose is never above the last one."""
    doses = [
        int(str(on_maintenance(crcl, last).observe()["maint_len"]))
        for crcl in ("0", "0.01", "15", "39.99", "40", "40.01", "1000")
    ]
    assert doses == sorted(doses)
    assert max(doses) == int(last)


@pytest.mark.parametrize("last", ["5", "10", "15", "20", "25"])
@pytest.mark.parametrize("crcl", ["0", "39", "39.9", "39.99", "40", "40.1", "500"])
def test_lenalidomide_in_maintenance(last: str, crcl: str) -> None:
    case = on_maintenance(crcl, last)
    right = min(int(last), 15 if float(crcl) < 40 else 25)
    assert case.observe()["maint_len"] == str(right)
    assert {d.drug: d.dose for d in case.due()} == {
        DEXAMETHASONE: "20",
        LENALIDOMIDE: str(right),
    }
    assert case.apply("dose", **dose(LENALIDOMIDE, str(right))).answer == "accepted"


@pytest.mark.parametrize(
    ("reading", "doses"),
    [("start", ["25", "25", "25"]), ("down", ["25", "15", "15"]), ("both", ["25", "15", "25"])],
)
def test_clearance_in_maintenance(reading: str, doses: list[str]) -> None:
    case = on_maintenance("45", DTR_A11=reading)
    found = []
    for value in ("45", "38", "50"):
        assert case.apply("crcl", value=value).answer == "accepted"
        found.append(case.observe()["maint_len"])
    assert found == doses


def test_clearance_in_induction() -> None:
    for reading, right in (("full", "25"), ("fifteen", "15")):
        case = subject(DTR_A14=reading)
        case.apply("crcl", value="35")
        assert case.observe()["len_dose"] == right


def test_held_lenalidomide_at_the_end_of_induction() -> None:
    for reading, answer in (("unstated", "unspecified"), ("zero", "accepted")):
        case = subject(4, 28, DTR_A34=reading)
        case.apply("reduce_lenalidomide", new="0")
        assess(case, unchanged=True)
        found = case.apply("begin_maintenance", crcl="90")
        assert found.answer == answer
        if answer == "accepted":
            assert [d.drug for d in found.due] == [DEXAMETHASONE]


def test_progression_and_excessive_toxicity_end_the_study_everywhere() -> None:
    for case in (subject(), subject(4), on_maintenance()):
        assert copy.copy(case).apply("progression").observe["state"] == "off"
        assert copy.copy(case).apply("excessive_toxicity").observe["state"] == "off"
        case.apply("elapse", days=27)
        assert assess(case, progression=True, ifx_negative=True) == "accepted"
        assert case.observe()["state"] == "off"


def test_transplantation_needs_a_plateau_and_maintenance() -> None:
    case = on_maintenance()
    assert case.apply("go_to_asct", eligible=True).observe["state"] == "transplant"
    response = on_maintenance(ifx=True, DTR_A25="both")
    assert response.apply("go_to_asct", eligible=True).answer == "accepted"
    # in maintenance a change ends the plateau
    case = on_maintenance()
    case.apply("elapse", days=28)
    assess(case)
    assert case.apply("go_to_asct", eligible=True).clause == "DTR-24"


def test_gaps_are_unspecified() -> None:
    late = subject(4, 28, unchanged=False)
    assert assess(late, toxicity=True) == "unspecified"
    # before the end of the fourth cycle nothing hangs on it
    assert assess(subject(3, 28), toxicity=True) == "accepted"
    for case, event, given, gap in (
        (subject(), "thalidomide_intolerance", {}, "DTR-A19"),
        (on_maintenance(), "reduce_lenalidomide", {"new": "10"}, "X-A14"),
    ):
        found = case.apply(event, **given)
        assert found.answer == "unspecified" and gap in found.reason


def test_the_week_of_fifty_milligrams_by_reading() -> None:
    for reading, right in (("day", "100"), ("doses", "50")):
        case = subject(DTR_A20=reading)
        for _ in range(2):
            assert case.apply("dose", **dose(THALIDOMIDE, "50")).answer == "accepted"
            case.apply("elapse", days=1)
        case.apply("elapse", days=8)
        assert case.apply("dose", **dose(THALIDOMIDE, right)).answer == "accepted"


def test_labs_of_the_first_cycle() -> None:
    answers = []
    case = subject()
    for day in range(1, 30):
        if day in (3, 7, 8, 21, 22, 29):
            answers.append(case.apply("lab").answer)
        case.apply("elapse", days=1)
    assert answers == ["accepted", "refused", "accepted", "accepted", "accepted", "refused"]
    named = subject(days=2, DTR_A27="days")
    assert named.apply("lab").answer == "refused"


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
    assert timed == {"induction", "assessment_due", "maintenance"}
    for state in timed:
        assert within(bound, state, in_cycle=28)
        assert not within(bound, state, in_cycle=29)


def test_a_late_cycle_counts_its_days_from_its_own_first() -> None:
    case = subject(days=35)
    assess(case)
    case.apply("start_cycle")
    assert case.apply("dose", **dose(DEXAMETHASONE, "40")).answer == "accepted"
    case.apply("elapse", days=20)
    assert case.apply("dose", **dose(LENALIDOMIDE, "25")).answer == "accepted"
