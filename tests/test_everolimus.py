"""The everolimus protocol: sizes, theorems, readings, refusals, the register."""

from __future__ import annotations

from functools import cache

import pytest
from register import machines_naming, settings, switches
from trialspec.oracle import Case, Study
from trialspec.spec.model import SILENT
from trialspec.spec.protocols.everolimus_cll import PROTOCOL
from trialspec.spec.readings import profile
from trialspec.statemachines.bind import bind
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.explore import Space, explore
from trialspec.statemachines.proof.verdict import MachineReport
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.walk import Walk

# a few patients and weeks show every rule: enough to compare readings; doses within a week are those
# of the machines of the courses
SMALL: dict[str, dict[str, int]] = {
    "trial": {"levels": 2, "accrual": 3, "overrun": 1},
    "subject": {"levels": 1, "evr_weeks": 2, "alz_weeks": 1, "doses_per_week": 1},
    "everolimus": {"evr_weeks": 2},
    "alemtuzumab": {"alz_weeks": 2},
}
MACHINES = tuple(SMALL)
# what the machines of the courses say of a reading, that of the subject says as well
WITHOUT_COURSES = MACHINES[:2]
WHOLE = {"trial": 4050, "subject": 16_263, "everolimus": 5717, "alemtuzumab": 3327}


@cache
def report(machine: str) -> MachineReport:
    return verify_machine(PROTOCOL, machine)


def space(machine: str, readings: dict[str, str]) -> Space:
    """Everything reachable, every invariant watched."""
    bound = bind(PROTOCOL, machine, constants=SMALL[machine], readings=readings)
    return explore(bound, {i.slug: node for i, node in bound.invariants})


# ---- what is proved


@pytest.mark.parametrize("machine", MACHINES)
def test_everything_comes_out_as_expected(machine: str) -> None:
    assert report(machine).configurations == WHOLE[machine]
    for result in report(machine).results:
        assert result.verdict == result.obligation.expected, result.obligation.id
    assert report(machine).unused_lemmas == ()


@pytest.mark.parametrize("machine", MACHINES)
def test_every_safety_obligation_is_proved_by_induction_and_agreed(machine: str) -> None:
    safety = ("range", "definedness", "determinism", "totality", "deadlock", "invariant")
    for result in report(machine).results:
        if result.obligation.kind in safety:
            assert (result.engine, result.agreed_by) == ("induction", ("enumeration",)), (
                result.obligation.id
            )
            assert result.for_all == ("levels" if machine == "trial" else ""), result.obligation.id


@pytest.mark.parametrize(
    ("drug", "short", "weeks"), [("everolimus", "evr", 9), ("alemtuzumab", "alz", 7)]
)
def test_weeks_of_the_calendar_touch_one_more(drug: str, short: str, weeks: int) -> None:
    """27 and 21 doses by blocks of seven days; three more from Monday to Sunday, unless counted."""
    for readings, most in (
        ({}, 3 * weeks),
        ({"EVE-A05": "calendar"}, 3 * weeks),
        ({"EVE-A17": "calendar"}, 3 * weeks),
        ({"EVE-A17": "calendar", "EVE-A05": "calendar"}, 3 * weeks + 3),
    ):
        constants = {f"{short}_weeks": 2}
        bound = bind(PROTOCOL, drug, constants=constants, readings=readings)
        place = bound.by_name[f"{short}_doses"].offset
        assert max(c[place] for c, _ in Walk(bound).nodes) == most - 3 * (weeks - 2)


@pytest.mark.parametrize("offset", [0, 7, 13, 14, 15, 21])
def test_alemtuzumab_lies_within_everolimus_for_an_offset_of_up_to_14_days(offset: int) -> None:
    constants = {"levels": 1, "doses_per_week": 1, "offset_days": offset}
    bound = bind(PROTOCOL, "subject", constants=constants)
    evr, alz = (bound.by_name[f"{short}_day"].offset for short in ("evr", "alz"))
    begun = [bound.by_name[f"{short}_in_week"].offset for short in ("evr", "alz")]
    treated = bound.states.index("treated")
    outlasts = any(
        c[0] == treated and all(c[p] for p in begun) and c[evr] == 63 and c[alz] < 49
        for c, _ in Walk(bound).nodes
    )
    assert outlasts == (offset > 14)


def counterexample(machine: str, slug: str) -> list[str]:
    """The events of the run that refutes a claim."""
    (found,) = [r for r in report(machine).results if r.obligation.id == f"claim/{slug}"]
    return [step.event for step in found.counterexample or ()]


def test_three_plus_three_may_find_no_dose() -> None:
    """Two toxicities in the first three patients at the lowest level: no shorter run ends it."""
    case = Case(PROTOCOL, readings=PLUGGED | {"EVE-A07": "separate"})
    answers = []
    for _ in range(3):
        answers.append(case.apply("enrol", level=1).answer)
    for dlt in (False, True, True):
        assert case.observe()["state"] == "phase1"
        answers.append(case.apply("evaluate", dlt=dlt).answer)
    assert answers == ["accepted"] * 6 and case.observe()["state"] == "no_mtd"
    assert sorted(counterexample("trial", "always-a-phase-2")) == ["enrol"] * 3 + ["evaluate"] * 3


def test_alemtuzumab_may_come_first_where_courses_begin_on_any_day() -> None:
    case = Case(PROTOCOL, "subject", readings={"EVE-A03": "free"})
    assert case.apply("enrol", level=1, phase=1).answer == "accepted"
    seen = case.apply("dose", **alz()).observe
    assert (seen["state"], seen["alz_in_week"], seen["evr_in_week"]) == ("treated", 1, 0)
    assert counterexample("subject", "alemtuzumab-within-free") == ["enrol", "dose"]


PLUGGED = {"EVE-A01": "three_plus_three"}


@pytest.mark.parametrize("levels", [1, 2])
def test_the_design_that_is_plugged_in_is_proved(levels: int) -> None:
    found = verify_machine(
        PROTOCOL,
        constants={"levels": levels, "accrual": 6 * levels + 1, "overrun": 1},
        readings=PLUGGED | {"EVE-A07": "separate"},
    )
    for result in found.results:
        assert result.verdict == result.obligation.expected, result.obligation.id
        if result.obligation.kind in ("invariant", "totality", "determinism"):
            assert result.engine == "induction" and result.for_all == "levels"
    supports = {
        (seen["treated"][seen["mtd"][0] - 1], seen["dlts"][seen["mtd"][0] - 1])
        for configuration, _ in Walk(found.bound).nodes
        if found.bound.states[configuration[0]] == "phase2"
        for seen in [
            {f.name: configuration[f.offset : f.offset + f.cells] for f in found.bound.fields}
        ]
    }
    assert supports == {(6, 0), (6, 1)}


# ---- readings


@pytest.mark.parametrize(("id", "choice"), switches(PROTOCOL))
def test_each_reading_is_sound(id: str, choice: str) -> None:
    """No rule overlaps or leaves a range; only silence leaves an observation without an answer."""
    for machine in machines_naming(PROTOCOL, id):
        for readings in settings(PROTOCOL, id, choice):
            found = space(machine, readings)
            assert not found.violations
            silence = {"totality"} if choice == SILENT else set()
            assert {kind for kind, _ in found.issues} <= silence


@pytest.mark.parametrize(
    "readings",
    [
        {"EVE-A05": "count", "EVE-A17": "calendar"},
        {"EVE-A03": "end_together", "EVE-A04": "fixed"},
        {"EVE-A03": "free", "EVE-A09": "single"},
        {"EVE-A14": "ct_first", "EVE-A16": "all"},
        {"EVE-A12": "completers", "EVE-A18": "any_time"},
        {"EVE-A01": "people", "EVE-A06": "exact"},
        {"EVE-A01": "three_plus_three", "EVE-A06": "forecast"},
    ],
    ids=str,
)
def test_pairs_of_readings_are_sound(readings: dict[str, str]) -> None:
    for machine in MACHINES:
        found = space(machine, readings)
        assert not found.violations and not found.issues


def test_literal_text_is_silent_and_strict_says_so() -> None:
    literal = space("trial", profile(PROTOCOL, "literal"))
    assert {place for _, place in literal.issues} == {"phase1/evaluate", "phase1/not_evaluable"}
    # without a day on which alemtuzumab begins nobody completes treatment and is followed up
    gone = {f"{s}/{e}" for s in ("registered", "treated") for e in GONE}
    literal = space("subject", profile(PROTOCOL, "literal"))
    assert {place for kind, place in literal.issues if kind == "totality"} == gone
    outcomes = set()
    for machine in ("trial", "subject"):
        strict = space(machine, profile(PROTOCOL, "strict"))
        assert not strict.issues and not strict.violations
        outcomes |= {
            r.target.ambiguity for r in strict.bound.rules if not isinstance(r.target, int)
        }
    assert outcomes == {"EVE-A01", "EVE-A03", "EVE-A15", "X-A05", "X-A12"}


GONE = ("death", "lost", "withdraw_consent")


# ---- the register


def test_clauses_and_ambiguities() -> None:
    assert [c.id for c in PROTOCOL.clauses] == [f"EVE-{n:02d}" for n in range(1, 18)]
    assert [c.id[4:] for c in PROTOCOL.clauses if c.reason] == [
        *("01", "05", "07", "08", "09", "10", "11")
    ]
    sentences = [n for c in PROTOCOL.clauses for n in c.sentences]
    assert sentences == sorted(sentences) and set(sentences) == set(range(1, 16))
    numbers = [a.id for a in PROTOCOL.ambiguities]
    assert [n for n in numbers if n.startswith("EVE")] == [f"EVE-A{n:02d}" for n in range(1, 19)]
    assert [n for n in numbers if n.startswith("X")] == [f"X-A{n:02d}" for n in range(1, 15)]


def test_the_kinds_of_ambiguities() -> None:
    kinds = {k: [a.id for a in PROTOCOL.ambiguities if a.kind == k] for k in ("note", "input")}
    assert kinds["note"] == [
        "EVE-A10",
        *(f"X-A{n:02d}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14)),
    ]
    assert kinds["input"] == ["EVE-A02", "EVE-A08", "EVE-A11", "X-A02", "X-A10"]


# ---- answers that people read


def trial(enrolled: int = 0, mtd: int = 0, **readings: str) -> Case:
    case = Case(PROTOCOL, readings={k.replace("_", "-"): v for k, v in readings.items()})
    for _ in range(enrolled):
        assert case.apply("enrol", level=1).answer == "accepted"
    if mtd:
        assert case.apply("declare_mtd", level=mtd).answer == "accepted"
    return case


@pytest.mark.parametrize(
    ("case", "event", "given", "clause", "because"),
    [
        (trial(), "enrol", {"level": 2}, "EVE-12", "event.level == level is false"),
        (trial(), "enrol", {"level": 1, "phase": 2}, "EVE-12", "event.phase == now is false"),
        (trial(), "declare_mtd", {"level": 1}, "EVE-12", "first > 0 is false (first = 0)"),
        (trial(1, 2), "enrol", {"level": 1}, "EVE-03", "event.level == mtd is false"),
        (trial(1, 2), "enrol", {"level": 2, "phase": 1}, "EVE-12", "now = 2"),
        (trial(44), "enrol", {"level": 1}, "EVE-17", "enrolled < room is false (enrolled = 44"),
        (trial(1, EVE_A06="exact"), "close", {}, "EVE-17", "enrolled == accrual is false"),
    ],
)
def test_refusals_of_the_trial(
    case: Case, event: str, given: dict[str, object], clause: str, because: str
) -> None:
    found = case.apply(event, **given)
    assert (found.answer, found.clause) == ("refused", clause)
    assert because in found.reason


def test_the_44th_is_enrolled_in_either_phase() -> None:
    case = trial(10, 2)
    for _ in range(34):
        assert case.apply("enrol", level=2).answer == "accepted"
    assert case.apply("enrol", level=2).clause == "EVE-17"
    assert (case.observe()["enrolled"], case.observe()["first"]) == (44, 10)
    assert case.apply("close").observe["state"] == "closed"


@pytest.mark.parametrize("event", ["evaluate", "set_level", "not_evaluable"])
def test_escalation_is_unspecified(event: str) -> None:
    given = {"evaluate": {"dlt": False}, "set_level": {"level": 2}}.get(event, {})
    found = trial(1).apply(event, **given)
    assert found.answer == "unspecified" and "EVE-A01" in found.reason


def test_three_plus_three_finds_the_dose_of_phase_2() -> None:
    case = trial(**{"EVE_A01": "three_plus_three"})

    def cohort(level: int, toxic: int, size: int = 3) -> None:
        for _ in range(size):
            assert case.apply("enrol", level=level).answer == "accepted"
        if size == 3:
            assert case.apply("enrol", level=level).clause == "EVE-A01"
        for n in range(size):
            assert case.apply("evaluate", dlt=n < toxic).answer == "accepted"

    cohort(1, 0)
    cohort(2, 2)
    assert case.observe()["state"] == "confirming_three"
    cohort(1, 1)
    seen = case.observe()
    assert (seen["state"], seen["mtd"], seen["enrolled"]) == ("phase2", 1, 9)
    assert case.apply("enrol", level=1).observe["enrolled"] == 10
    assert case.apply("declare_mtd", level=2).answer == "refused"


def test_people_may_choose_the_level() -> None:
    case = trial(3, EVE_A01="people")
    assert case.apply("evaluate", dlt=True).answer == "accepted"
    assert case.apply("set_level", level=2).observe["level"] == 2
    assert case.apply("enrol", level=1).clause == "EVE-12"
    assert case.apply("enrol", level=2).answer == "accepted"
    assert case.apply("declare_mtd", level=1).observe["state"] == "phase2"


def subject(*steps: tuple[int, str], level: int = 2, phase: int = 2, **readings: str) -> Case:
    """Enrolled, then drugs on days after the start."""
    ids = {k.replace("_", "-"): v for k, v in readings.items()}
    case = Case(PROTOCOL, "subject", readings=ids)
    assert case.apply("enrol", level=level, phase=phase).answer == "accepted"
    today = 0
    for day, event in steps:
        case.apply("elapse", days=day - today)
        today = day
        given = {"e": evr(level), "a": alz()}.get(event)
        found = case.apply("dose", **given) if given else case.apply(event)
        assert found.answer == "accepted", (day, event, found)
    return case


def evr(amount: int = 2) -> dict[str, object]:
    return {"drug": "everolimus", "amount": amount}


def alz(amount: int = 30) -> dict[str, object]:
    return {"drug": "alemtuzumab", "amount": amount}


BOTH = ((0, "e"), (0, "a"))
WEEK = (*BOTH, (2, "e"), (2, "a"), (4, "e"), (4, "a"))


@pytest.mark.parametrize(
    ("case", "days", "given", "clause", "because"),
    [
        (Case(PROTOCOL, "subject"), 0, evr(1), "EVE-12", "level > 0 is false (level = 0)"),
        (subject(), 0, evr(3), "EVE-13", "amount <= k"),
        (subject(), 0, evr(1), "EVE-13", "EVE_A15 == 'lower'"),
        (subject(*BOTH), 0, evr(), "EVE-13", "evr_since >= days_apart is false (evr_since = 0"),
        (subject(*WEEK), 2, evr(), "EVE-13", "evr_in_week < doses_per_week is false"),
        (subject(*WEEK), 2, alz(), "EVE-14", "alz_in_week < doses_per_week is false"),
        (subject(*BOTH), 63, evr(), "EVE-13", "evr_day = 63 or more"),
        (subject(*BOTH), 49, alz(), "EVE-14", "alz_day = 49 or more"),
        (subject((0, "e")), 1, alz(), "EVE-14", "evr_day = 1"),
        (subject((0, "a")), 1, evr(), "EVE-13", "alz_day = 1"),
        (subject(*BOTH, (5, "progression")), 0, evr(), "EVE-13", "the state is follow_up"),
    ],
)
def test_refusals_of_doses(
    case: Case, days: int, given: dict[str, object], clause: str, because: str
) -> None:
    case.apply("elapse", days=days)
    before = case.observe()
    found = case.apply("dose", **given)
    assert (found.answer, found.clause) == ("refused", clause)
    assert because in found.reason
    assert case.observe() == before


def test_the_last_days_of_the_courses() -> None:
    case = subject(*BOTH, (48, "a"), (62, "e"))
    assert case.apply("complete").clause == "EVE-13"
    case.apply("elapse", days=1)
    assert case.apply("complete").observe["ended"] == "completed"


def test_completion_needs_both_courses() -> None:
    found = subject((0, "e"), (62, "e")).apply("complete")
    assert found.answer == "refused"
    case = subject(*BOTH, (56, "e"), (57, "e"))
    assert case.apply("complete").clause == "EVE-13"
    case.apply("elapse", days=1)
    case.apply("dose", **evr())
    # the third dose of the last week is the last of all
    assert case.apply("complete").answer == "accepted"


def test_a_held_week_is_lost_or_made_up() -> None:
    steps = (*BOTH, *((day, "e") for day in (2, 4, *range(14, 20, 2))))
    for reading, word in (("both", "refused"), ("calendar", "refused"), ("count", "accepted")):
        case = subject(*steps, EVE_A05=reading)
        case.apply("elapse", days=45)
        assert case.apply("dose", **evr()).answer == word


def test_counted_courses_end_with_their_last_dose() -> None:
    days = [7 * week + day for week in range(1, 10) for day in (0, 2, 4)]
    case = subject(*BOTH, *((d, "e") for d in days[:-1]), EVE_A05="count")
    assert case.observe()["evr_doses"] == 27
    case.apply("elapse", days=1)
    found = case.apply("dose", **evr())
    assert (found.answer, found.clause) == ("refused", "EVE-13")


def test_the_days_between_the_starts() -> None:
    case = subject((0, "e"), (14, "a"), EVE_A03="end_together")
    assert case.observe()["alz_in_week"] == 1
    assert subject((0, "e"), (20, "a"), EVE_A03="free").observe()["alz_day"] == 0
    case = Case(PROTOCOL, "subject", constants={"offset_days": 7})
    case.apply("enrol", level=1, phase=1)
    assert case.apply("dose", **alz()).clause == "EVE-14"
    case.apply("dose", **evr(1))
    case.apply("elapse", days=7)
    assert case.apply("dose", **alz()).answer == "accepted"


def test_one_drug_alone_may_stop_under_a_reading() -> None:
    assert subject(*BOTH).apply("stop_drug", drug="everolimus").answer == "refused"
    case = subject(*BOTH, EVE_A09="single")
    assert case.apply("stop_drug", drug="everolimus").answer == "accepted"
    case.apply("elapse", days=2)
    assert case.apply("dose", **evr()).clause == "EVE-15"
    assert case.apply("dose", **alz()).answer == "accepted"
    case.apply("elapse", days=47)
    assert case.apply("complete").answer == "accepted"


def test_weeks_of_the_calendar_need_a_weekday() -> None:
    case = Case(PROTOCOL, "subject", readings={"EVE-A17": "calendar"})
    case.apply("enrol", level=2, phase=2)
    assert case.apply("dose", **evr()).clause == "EVE-13"
    assert case.apply("dose", **evr(), weekday="Fri").answer == "accepted"
    assert case.apply("dose", **alz(), weekday="Sat").clause == "EVE-14"
    assert case.apply("dose", **alz(), weekday="Fri").answer == "accepted"
    # Saturday and Sunday, then three of the next week
    for _ in range(5):
        case.apply("elapse", days=1)
        assert case.apply("dose", **evr()).answer == "accepted"
    case.apply("elapse", days=1)
    assert "evr_in_week < doses_per_week" in case.apply("dose", **evr()).reason
    case.apply("elapse", days=4)
    assert case.apply("dose", **evr()).observe["evr_week_day"] == 0


@pytest.mark.parametrize(("weekday", "most"), [("Mon", 27), ("Fri", 30)])
def test_thirty_doses_in_nine_weeks_that_do_not_begin_on_a_monday(weekday: str, most: int) -> None:
    readings = {"EVE-A17": "calendar", "EVE-A05": "calendar"}
    case = Case(PROTOCOL, "everolimus", readings=readings)
    for _ in range(80):
        case.apply("dose", drug="everolimus", amount=1, weekday=weekday)
        case.apply("elapse", days=1)
    assert case.observe()["evr_doses"] == most


@pytest.mark.parametrize("event", ["ct", "ihc", "mrd_test"])
def test_tests_of_a_complete_response(event: str) -> None:
    ended = (*BOTH, (30, "progression"))
    assert subject(*BOTH).apply(event).clause == "EVE-04"
    assert subject(*ended, phase=1).apply(event).clause == "EVE-04"
    case = subject(*ended)
    found = case.apply(event)
    assert found.answer == ("refused" if event == "mrd_test" else "accepted")
    if event == "mrd_test":
        assert (found.clause, found.reason) == (
            "EVE-04",
            "clinical_cr is false (clinical_cr = False)",
        )
    case.apply("assess", clinical_cr=True)
    assert case.apply(event).answer == "accepted"


def test_follow_up_for_five_years() -> None:
    for reading, state in (("all", "follow_up"), ("completers", "off")):
        assert subject(*BOTH, (21, "toxicity"), EVE_A12=reading).observe()["state"] == state
    case = subject(*BOTH, (21, "toxicity"))
    for event in ("follow_up_visit", "chart_progression", "next_treatment"):
        assert case.apply(event).answer == "accepted"
    assert case.apply("five_years_over").observe["state"] == "off"
    assert case.apply("follow_up_visit").answer == "refused"


def test_doses_are_due_only_on_fixed_days() -> None:
    for reading, days in (("any", []), ("fixed", [1, 3, 5, 8, 10, 12])):
        bound = bind(PROTOCOL, "subject", readings={"EVE-A04": reading})
        calendar = Calendar(bound)
        configuration = list(bound.initial())
        configuration[0] = bound.states.index("treated")
        configuration[bound.by_name["evr_in_week"].offset] = 1
        due = []
        for day in range(14):
            configuration[bound.by_name["evr_day"].offset] = day
            due += [d.day for d in calendar.today(tuple(configuration)) if d.drug == "everolimus"]
        assert due == days


def test_a_subject_is_enrolled_by_the_trial_or_not_at_all() -> None:
    study = Study(PROTOCOL)
    assert study.apply("enrol", "A", level=1, phase=1).answer == "accepted"
    found = study.apply("enrol", "B", level=2, phase=1)
    assert (found.answer, found.clause) == ("refused", "EVE-12")
