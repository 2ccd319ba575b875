"""What composition does not preserve, on small studies with one thing wrong in each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Claim,
    Clause,
    Clock,
    Count,
    Exact,
    Flag,
    Invariant,
    Joint,
    Landmark,
    Machine,
    Observation,
    Protocol,
    State,
    Study,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.spec.readings import parse_readings
from trialspec.spec.registry import load
from trialspec.statemachines import product as producing
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.product import Product, one_at_a_time, two_at_a_time
from trialspec.statemachines.proof import study as judging
from trialspec.statemachines.proof.study import StudyReport, StudyResult, verify_study
from trialspec.statemachines.step import elapse
from trialspec.statemachines.study import (
    BoundStudy,
    Refused,
    Together,
    Undecided,
    compose,
    read_together,
    study_step,
)
from trialspec.statemachines.study_trace import JOIN, StudyTrace

# ---- a study in which nothing is wrong: two places, each patient reported once

TRIAL: dict[str, Any] = {
    "name": "trial",
    "constants": {"cap": 4},
    "variables": (Count("n", 0, "cap"), Count("inside", 0, 2)),
    "states": (State("open", initial=True), State("closed", final=True)),
    "events": (
        Action("enrol"),
        Observation("report", possible="inside > 0", dlt=Bool),
        Action("close"),
    ),
    "transitions": (
        Transition(
            "C-1", "open", "enrol", when="inside < 2 and n + inside < cap", then="inside += 1"
        ),
        Transition("C-2", "open", "report", then="n += 1; inside -= 1"),
        Transition("C-3", "open", "close", "closed", "n == cap"),
    ),
    "invariants": (Invariant("C-1", "cap", "At most four.", "n <= cap", tight=True),),
}
SUBJECT: dict[str, Any] = {
    "name": "subject",
    "variables": (Clock("c", 3), Flag("reported")),
    "states": (State("new", initial=True), State("treated"), State("off", final=True)),
    "events": (
        Action("enrol"),
        Observation("report", possible="c >= 2 and not reported and state == 'treated'", dlt=Bool),
        Observation("death", possible="state != 'treated' or reported"),
        Action("visit"),
    ),
    "transitions": (
        Transition("C-1", "new", "enrol", "treated", then="c = 0"),
        Transition("C-2", "treated", "report", then="reported = True"),
        Transition("C-3", "treated", "death", "off", "reported"),
        Transition("C-3", "new", "death", "off"),
        Transition("C-3", "treated", "visit"),
    ),
    "invariants": (
        Invariant("C-2", "late", "Reported late.", "not reported or c >= 0", tight="reported"),
    ),
    "claims": (
        Claim("day", "C-2", "Reported on day 3.", "earliest-day", "reported", value=3),
        Claim("not", "C-2", "Never day 9.", "earliest-day", "reported", "refuted", value=9),
    ),
}
CLAUSES = tuple(Clause(f"C-{i}", f"Clause {i}.", "G") for i in range(1, 5))


def made(
    trial: dict[str, Any] | None = None,
    subject: dict[str, Any] | None = None,
    study: Study | None = None,
    **parts: Any,
) -> Protocol:
    machines = Machine(**{**TRIAL, **(trial or {})}), Machine(**{**SUBJECT, **(subject or {})})
    return Protocol("study", "A small study", machines, CLAUSES, study=study or Study(), **parts)


def verified(protocol: Protocol) -> StudyReport:
    report = verify_study(protocol, compose(protocol))
    for result in report.results:
        assert result.obligation.clause == "" or result.obligation.clause.startswith("C-")
        for trace in (result.witness, result.counterexample):
            if trace is not None:
                replayed(report.study, result, trace)
    return report


def replayed(study: BoundStudy, result: StudyResult, trace: StudyTrace) -> None:
    """Every step is one that the study's own step answers as the run says, days for everybody."""
    trial = study.trial.initial()
    subjects: dict[int, Configuration] = {}
    for step in trace:
        given = dict(step.arguments)
        if step.event == "elapse":
            days = int(given["days"])
            trial = elapse(study.trial, trial, days)
            subjects = {n: elapse(study.subject, c, days) for n, c in subjects.items()}
            continue
        if step.subject and step.subject not in subjects:
            assert step.subject == len(subjects) + 1
            subjects[step.subject] = study.subject.initial()
        if step.event == JOIN:
            assert step.of_subject == study.subject.initial()
            continue
        ours = trial if step.event in study.trial.event else None
        theirs = subjects.get(step.subject)
        values = read_together(study, step.event, given, ours, theirs)
        found = study_step(study, ours, theirs, step.event, values)
        if step is trace[-1] and step.trial is None and step.of_subject is None:
            # the event that should have been answered
            assert isinstance(found, Refused) and result.verdict == "refuted"
            return
        assert isinstance(found, Together), step
        assert found.trial == step.trial and found.subject == step.of_subject
        assert found.clause == step.clause
        trial = trial if found.trial is None else found.trial
        if found.subject is not None:
            subjects[step.subject] = found.subject


def of(report: StudyReport, id: str) -> StudyResult:
    (found,) = [r for r in report.results if r.obligation.id == id]
    return found


def events(trace: StudyTrace | None) -> list[str]:
    assert trace is not None
    return [f"{s.subject}:{s.event}" for s in trace]


def test_nothing_is_wrong() -> None:
    report = verified(made())
    assert {r.obligation.id: r.verdict for r in report.results} == {
        "totality/report": "proved",
        "deadlock/subject": "proved",
        "termination/final": "proved",
        "vacuity/enrol": "proved",
        "vacuity/report": "proved",
        "trial/C-1/cap/tight": "proved",
        "subject/C-2/late/tight": "proved",
        "subject/claim/day": "proved",
    }
    assert (report.blocks, report.configurations, report.transitions) == (4, 23, 31)
    cap = of(report, "trial/C-1/cap/tight").witness
    assert cap is not None
    # nobody has to die first: the trial hears no more of who has reported
    assert [s.event for s in cap] == ["enrol", "elapse", "report"] * 4
    assert [s.subject for s in cap] == [n for k in (1, 2, 3, 4) for n in (k, 0, k)]
    assert events(of(report, "subject/claim/day").witness) == ["1:enrol", "0:elapse", "1:report"]


def test_the_same_bytes_every_time() -> None:
    first, second = verified(made()), verified(made())
    assert [r.witness for r in first.results] == [r.witness for r in second.results]


def test_an_observation_that_the_trial_can_not_take() -> None:
    full = Observation("report", possible="inside > 0 and not (dlt and n == 3)", dlt=Bool)
    report = verified(made({"events": (TRIAL["events"][0], full, TRIAL["events"][2])}))
    found = of(report, "totality/report")
    assert (found.verdict, found.problem) == ("refuted", "report is not answered")
    assert found.counterexample is not None
    last = found.counterexample[-1]
    assert (last.subject, last.event, dict(last.arguments)) == (4, "report", {"dlt": True})
    assert of(report, "deadlock/subject").verdict == "proved"  # by the other result


def test_another_event_that_says_the_same() -> None:
    late = Observation("late", possible="inside > 0 and n >= 2")
    early = Observation("report", possible="inside > 0 and n < 2", dlt=Bool)
    rules = (*TRIAL["transitions"], Transition("C-2", "open", "late", then="n += 1; inside -= 1"))
    trial = {"events": (*TRIAL["events"][::2], early, late), "transitions": rules}
    told = Observation("late", possible="c >= 2 and not reported and state == 'treated'")
    also = Transition("C-2", "treated", "late", then="reported = True")
    subject = {
        "events": (*SUBJECT["events"], told),
        "transitions": (*SUBJECT["transitions"], also),
    }
    report = verified(made(trial, subject))
    assert of(report, "totality/report").verdict == "proved"
    assert of(report, "totality/late").verdict == "proved"
    # where they come to something else each has to be answered itself
    other = Transition("C-2", "treated", "late", then="reported = True; other = True")
    apart = {
        "variables": (*SUBJECT["variables"], Flag("other")),
        "events": subject["events"],
        "transitions": (*SUBJECT["transitions"], other),
    }
    study = Study(sees={"other": "other"})
    report = verified(made(trial, apart, study))
    assert of(report, "totality/report").verdict == "refuted"
    assert of(report, "totality/late").verdict == "refuted"


def test_machines_that_never_agree() -> None:
    study = Study(joint=(Joint("report", "C-4", "1", "2"),))
    report = verified(made(study=study))
    found = of(report, "vacuity/report")
    assert (found.verdict, found.problem) == ("refuted", "the machines never agree on it")
    assert found.obligation.clause == "C-4"
    assert of(report, "totality/report").verdict == "refuted"
    assert of(report, "deadlock/subject").verdict == "refuted"
    assert (
        of(report, "trial/C-1/cap/tight").problem == "no study of two subjects at a time attains it"
    )


def test_agreement_on_a_place() -> None:
    trial = {
        "variables": (*TRIAL["variables"], Count("arm", 1, 2, initial=1)),
        "transitions": (
            TRIAL["transitions"][0],
            Transition("C-2", "open", "report", then="n += 1; inside -= 1; arm = 3 - arm"),
            TRIAL["transitions"][2],
        ),
    }
    enrol = Action("enrol", arm=Whole(1, 2))
    subject = {
        "variables": (*SUBJECT["variables"], Count("arm", 0, 2)),
        "events": (enrol, *SUBJECT["events"][1:]),
        "transitions": (
            Transition("C-1", "new", "enrol", "treated", then="c = 0; arm = event.arm"),
            *SUBJECT["transitions"][1:],
        ),
    }
    joint = Joint("report", "C-4", "arm", "arm")
    report = verified(made(trial, subject, Study(joint=(joint,))))
    # two of one arm: the second can't report when the first has
    found = of(report, "totality/report")
    assert found.verdict == "refuted"
    # but for the patient that comes next it may well be possible again
    assert of(report, "deadlock/subject").verdict == "unknown"
    # with the arm given at enrolment and one patient at a time everybody can
    alone = {
        **trial,
        "events": (Action("enrol", arm=Whole(1, 2)), *TRIAL["events"][1:]),
        "transitions": (
            Transition(
                "C-1",
                "open",
                "enrol",
                when="inside == 0 and n < cap and event.arm == arm",
                then="inside += 1",
            ),
            *trial["transitions"][1:],
        ),
    }
    report = verified(made(alone, subject, Study(joint=(joint,))))
    assert {r.verdict for r in report.results} == {"proved"}
    first = of(report, "trial/C-1/cap/tight").witness
    assert first is not None and dict(first[0].arguments) == {"arm": 1}


@pytest.mark.slow
def test_who_waits_for_another_subject_does_not_wait_in_vain() -> None:
    """Strictly, plerixafor-cll observes one at a time: a place is free when another one is."""
    found = load("plerixafor-cll")
    readings = parse_readings(found, ["strict"])
    report = verify_study(found, compose(found, readings=readings))
    assert {r.verdict for r in report.results} == {"proved"}


def test_who_waits_in_vain() -> None:
    enrol = Transition("C-1", "open", "enrol", when="inside < 2 and n < cap", then="inside += 1")
    leave = Transition("C-2", "open", "report", then="n += 1; inside -= 1", when="inside == 2")
    rules = (enrol, leave, TRIAL["transitions"][2])
    silent = Transition("C-2", "open", "report", then="inside -= 1", when="inside != 2")
    report = verified(made({"transitions": (*rules, silent)}))
    assert of(report, "totality/report").verdict == "proved"
    # what the trial takes without counting is done for the subject
    assert of(report, "deadlock/subject").verdict == "proved"
    # and no end by itself: that comes with two subjects inside at once
    assert of(report, "termination/final").verdict == "proved"
    never = Transition("C-2", "open", "report", when="n > cap")
    report = verified(made({"transitions": (TRIAL["transitions"][0], never)}))
    found = of(report, "deadlock/subject")
    assert (found.verdict, events(found.counterexample)) == ("refuted", ["1:enrol"])
    assert found.problem == "from here a subject can't finish, whatever others do"
    found = of(report, "termination/final")
    assert (found.verdict, found.counterexample) == ("refuted", ())


def test_an_unspecified_answer_is_one() -> None:
    gap = Ambiguity("R-A1", "?", {"a": ""}, "a", gap=True)
    rules = (
        TRIAL["transitions"][0],
        Transition("C-2", "open", "report", Unspecified("R-A1"), "dlt"),
        Transition("C-2", "open", "report", when="not dlt", then="n += 1; inside -= 1"),
        TRIAL["transitions"][2],
    )
    report = verified(made({"transitions": rules}, ambiguities=(gap,)))
    assert {r.verdict for r in report.results} == {"proved"}
    rules = (TRIAL["transitions"][0], Transition("C-2", "open", "report", Unspecified("R-A1")))
    report = verified(made({"transitions": rules}, ambiguities=(gap,)))
    assert of(report, "totality/report").verdict == "proved"
    assert of(report, "deadlock/subject").verdict == "proved"
    assert of(report, "trial/C-1/cap/tight").verdict == "refuted"
    asked = Transition("C-2", "treated", "report", Unspecified("R-A1"))
    subject = {"transitions": (SUBJECT["transitions"][0], asked)}
    report = verified(made(None, subject, ambiguities=(gap,)))
    assert of(report, "totality/report").verdict == "proved"
    assert of(report, "deadlock/subject").verdict == "proved"


def test_what_takes_two_at_a_time() -> None:
    crowded = Observation("report", possible="inside > 0 and (inside < 2 or n > 0)", dlt=Bool)
    report = verified(made({"events": (TRIAL["events"][0], crowded, TRIAL["events"][2])}))
    found = of(report, "totality/report")
    assert found.counterexample is not None
    assert [s.event for s in found.counterexample if s.event != "elapse"] == [
        *("enrol", JOIN, "enrol", "report")
    ]
    pair = Invariant("C-1", "pair", "Two at once.", "inside <= 2", tight=True)
    report = verified(made({"invariants": (pair,)}))
    found = of(report, "trial/C-1/pair/tight")
    assert (found.verdict, events(found.witness)) == ("proved", ["1:enrol", "2:enrol"])


def test_days_pass_for_everybody() -> None:
    # in the product of machines by themselves a report could come on the day of enrolment
    trial = {
        "variables": (*TRIAL["variables"], Clock("t", 3)),
        "events": (
            TRIAL["events"][0],
            Observation("report", possible="inside > 0 and t >= 2", dlt=Bool),
            TRIAL["events"][2],
        ),
        "transitions": (
            Transition(
                "C-1", "open", "enrol", when="inside < 1 and n < cap", then="inside += 1; t = 0"
            ),
            *TRIAL["transitions"][1:],
        ),
    }
    report = verified(made(trial))
    found = of(report, "totality/report")
    assert (found.verdict, found.reason) == ("unknown", judging.NO_CALENDAR)
    # the ways tried through the product are none in time; that there is another is not found
    assert of(report, "trial/C-1/cap/tight").reason == judging.NO_CALENDAR
    assert of(report, "subject/claim/day").verdict == "proved"


def landmarked(possible: str, value: int = 3) -> Protocol:
    """The study with a landmark ten days after the start of each subject."""
    report = Observation("report", possible=f"state == 'treated' and ({possible})", dlt=Bool)
    subject = {
        "landmarks": (Landmark("late", after="enrol", days=10),),
        "events": (*(e for e in SUBJECT["events"] if e.name != "report"), report),
        "transitions": (*SUBJECT["transitions"], Transition("C-3", "treated", "late")),
        "claims": (Claim("day", "C-2", "Reported then.", "earliest-day", "reported", value=value),),
    }
    return made(None, subject)


def test_a_run_of_a_study_has_no_landmark_on_a_wrong_day() -> None:
    """Quicker than to wait for two days, in events, is a landmark that comes ten days early."""
    report = verified(landmarked("not reported and (c >= 2 or late == 'passed')"))
    assert {r.verdict for r in report.results} == {"proved"}
    for id in ("trial/C-1/cap/tight", "subject/C-2/late/tight", "subject/claim/day"):
        witness = of(report, id).witness
        assert witness is not None and "late" not in [step.event for step in witness]


def test_where_only_a_landmark_leads_no_run_is_made_up() -> None:
    report = verified(landmarked("not reported and late == 'passed'", value=11))
    unknown = {r.obligation.id for r in report.results if r.verdict == "unknown"}
    assert unknown == {"trial/C-1/cap/tight", "subject/C-2/late/tight", "subject/claim/day"}
    assert {r.verdict for r in report.results} == {"proved", "unknown"}


def test_a_trial_that_waits() -> None:
    trial = {
        "variables": (*TRIAL["variables"], Flag("started")),
        "events": (*TRIAL["events"], Action("start")),
        "transitions": (
            Transition(
                "C-1",
                "open",
                "enrol",
                when="started and inside < 2 and n + inside < cap",
                then="inside += 1",
            ),
            *TRIAL["transitions"][1:],
            Transition("C-4", "open", "start", when="not started", then="started = True"),
        ),
    }
    report = verified(made(trial))
    assert {r.verdict for r in report.results} == {"proved"}
    found = of(report, "subject/claim/day")
    assert events(found.witness) == ["0:start", "1:enrol", "0:elapse", "1:report"]
    found = of(report, "subject/C-2/late/tight")
    assert events(found.witness) == ["0:start", "1:enrol", "0:elapse", "1:report"]
    late = (
        *trial["transitions"][:-1],
        Transition("C-4", "open", "start", when="t >= 4 and not started", then="started = True"),
    )
    clocked = {"variables": (*trial["variables"], Clock("t", 5)), "transitions": late}
    report = verified(made({**trial, **clocked}))
    found = of(report, "subject/claim/day")
    assert found.verdict == "unknown"
    assert found.reason == "the first subject of a study can't; others were not searched"


def test_bounds_that_a_study_does_not_attain() -> None:
    double = (
        Transition("C-1", "new", "enrol", "treated", then="c = 0; times = 1"),
        Transition("C-1", "treated", "enrol", when="times < 2 and not reported", then="times += 1"),
        *SUBJECT["transitions"][1:],
    )
    subject = {
        "variables": (*SUBJECT["variables"], Count("times", 0, 2)),
        "transitions": double,
        "invariants": (Invariant("C-1", "twice", "At most twice.", "times <= 2", tight=True),),
        "claims": (),
    }
    once = (
        Transition("C-1", "open", "enrol", when="inside == 0 and n < cap", then="inside += 1"),
        *TRIAL["transitions"][1:],
    )
    assert of(verified(made(None, subject)), "subject/C-1/twice/tight").verdict == "proved"
    found = of(verified(made({"transitions": once}, subject)), "subject/C-1/twice/tight")
    assert found.verdict == "unknown"


def test_a_claim_that_is_false_of_the_subject() -> None:
    wrong = Claim("day", "C-2", "Reported on day 2.", "earliest-day", "reported", value=2)
    never = Claim("never", "C-2", "At 9.", "earliest-day", "reported and not reported", value=2)
    report = verified(made(None, {"claims": (wrong, never)}))
    found = of(report, "subject/claim/day")
    assert (found.verdict, found.problem) == ("refuted", "the earliest day is 3, in no study")
    assert of(report, "subject/claim/never").problem == "it is never reached"


def test_joint_events_that_a_reading_rules_out_are_no_obligation() -> None:
    ask = Action("ask")
    no = Transition("C-4", "open", "ask", when="n > cap")
    yes = Transition("C-4", "treated", "ask")
    trial = {"events": (*TRIAL["events"], ask), "transitions": (*TRIAL["transitions"], no)}
    subject = {
        "events": (*SUBJECT["events"], ask),
        "transitions": (*SUBJECT["transitions"], yes),
    }
    ids = [r.obligation.id for r in verified(made(trial, subject)).results]
    assert "vacuity/enrol" in ids and "vacuity/ask" not in ids


def test_the_places_are_those_of_whole_subjects() -> None:
    """The same from two subjects as they are, each with days of its own, by the study's step."""
    study = compose(made())
    product = Product(study)
    numbers = {c: n for n, (c, _) in enumerate(product.trial.walk.nodes)}
    blocks = {
        c: b for (c, _), b in zip(product.subject.walk.nodes, product.subject.block_of, strict=True)
    }
    start = study.trial.initial(), study.subject.initial()
    seen = {(start[0], start[1], start[1])}
    todo = list(seen)
    asked: list[tuple[str, dict[str, object]]] = [
        *(("enrol", {}), ("death", {}), ("visit", {}), ("close", {})),
        *(("report", {"dlt": dlt}) for dlt in (False, True)),
    ]
    while todo:
        trial, *subjects = todo.pop()
        found = []
        for slot, here in enumerate(subjects):
            moved = [(trial, elapse(study.subject, here, 1))]
            for event, given in asked:
                ours = trial if event in study.trial.event else None
                theirs = here if event in study.subject.event else None
                values = read_together(study, event, given, ours, theirs)
                answer = study_step(study, ours, theirs, event, values)
                if isinstance(answer, Together):
                    moved.append((answer.trial or trial, answer.subject or here))
            for after, there in moved:
                left = start[1] if blocks[there] in product.silent else there
                found.append((after, *sorted((left, subjects[1 - slot]))))
        for place in found:
            if place not in seen:
                seen.add(place)
                todo.append(place)
    places = {(numbers[t], *sorted((blocks[a], blocks[b]))) for t, a, b in seen}
    assert places == set(two_at_a_time(product).parents)


# ---- limits


def test_arguments_that_are_not_told_apart_alike() -> None:
    wide = Exact("0", "500", "0.5", "mg")
    trial = {
        "events": (Action("enrol", dose=wide), *TRIAL["events"][1:]),
        "transitions": (
            Transition(
                "C-1",
                "open",
                "enrol",
                when="inside < 2 and n + inside < cap and dose < 90",
                then="inside += 1",
            ),
            *TRIAL["transitions"][1:],
        ),
    }
    subject = {
        "events": (Action("enrol", dose=wide), *SUBJECT["events"][1:]),
        "transitions": (
            Transition("C-1", "new", "enrol", "treated", "dose > 20", then="c = 0"),
            *SUBJECT["transitions"][1:],
        ),
    }
    report = verified(made(trial, subject))
    assert {r.verdict for r in report.results} == {"unknown"}
    assert {r.reason for r in report.results} == {
        "enrol: the machines don't tell the same values of dose apart"
    }
    assert (report.configurations, report.transitions, report.blocks) == (None, None, None)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("trial", "the trial has too many configurations to enumerate"),
        ("subject", "the subject has too many configurations to enumerate"),
        ("study", "too many configurations of a trial with two subjects"),
    ],
)
def test_too_large(monkeypatch: pytest.MonkeyPatch, what: str, reason: str) -> None:
    original = producing.Walk
    if what == "study":
        monkeypatch.setattr(judging, "two_at_a_time", lambda p: two_at_a_time(p, 5))
    else:
        monkeypatch.setattr(
            producing,
            "Walk",
            lambda bound, keep, dated: original(
                bound, keep, 3 if bound.machine.name == what else 999, dated=dated
            ),
        )
    protocol = made()
    report = verify_study(protocol, compose(protocol))
    assert {r.reason for r in report.results} == {reason}
    assert {r.verdict for r in report.results} == {"unknown"}


def test_a_way_with_no_run_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialspec.statemachines.study_runs.MAX_TRIED", 1)
    pair = Invariant("C-1", "pair", "Two at once.", "inside <= 2", tight=True)
    report = verified(made({"invariants": (pair,)}))
    found = of(report, "trial/C-1/pair/tight")
    assert (found.verdict, found.reason) == ("unknown", judging.NO_CALENDAR)


def test_what_is_reached() -> None:
    product = Product(compose(made()))
    one, two = one_at_a_time(product), two_at_a_time(product)
    assert one.complete and two.complete
    assert {(p[0], b) for p in two.parents for b in p[1:]} >= set(one.parents)
    for reached in (one, two):
        for place in reached.parents:
            way = reached.way(place)
            assert way[0] == next(iter(reached.parents)) and way[-1] == place
    # what follows a report the trial does not hear of
    assert len(product.silent) == 1 and 0 not in product.silent


# ---- the command


def written(tmp_path: Path, protocol: Protocol) -> str:
    path = tmp_path / "study.json"
    path.write_text(dump_json(protocol), encoding="utf-8")
    return str(path)


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["verify", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_study_comes_third(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, made())
    code, out, _ = command(capsys, path, "--json", "--no-timing")
    (entry,) = json.loads(out)["protocols"]
    assert [m["machine"] for m in entry["machines"]] == ["trial", "subject", "study"]
    study = entry["machines"][2]
    assert code == 0
    assert (study["configurations"], study["transitions"], study["blocks"]) == (23, 31, 4)
    assert study["constants"] == {"cap": 4}
    assert study["initial"] == {"state": "open", "n": 0, "inside": 0}
    assert study["initial_subject"] == {"state": "new", "c": 0, "reported": False}
    kinds = [o["kind"] for o in study["obligations"]]
    assert kinds == [
        *("totality", "deadlock", "termination", "vacuity", "vacuity"),
        *("tightness", "tightness", "claim"),
    ]
    (day,) = [o for o in study["obligations"] if o["kind"] == "claim"]
    assert day["witness"] == [
        {
            "event": "enrol",
            "arguments": {},
            "state": "open",
            "values": {"n": 0, "inside": 1},
            "clause": "C-1",
            "subject": "1",
            "subject_state": "treated",
            "subject_values": {"c": 0, "reported": False},
        },
        {
            "event": "elapse",
            "arguments": {"days": 2},
            "state": "open",
            "values": {"n": 0, "inside": 1},
            "clause": "",
        },
        {
            "event": "report",
            "arguments": {"dlt": False},
            "state": "open",
            "values": {"n": 1, "inside": 0},
            "clause": "C-2",
            "subject": "1",
            "subject_state": "treated",
            "subject_values": {"c": 2, "reported": True},
        },
    ]
    again = command(capsys, path, "--json", "--no-timing", "--jobs", "2")[1]
    assert again == out


def test_only_the_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cited = tuple(c for c in CLAUSES if c.id != "C-4")
    path = written(tmp_path, replace(made(), clauses=cited))
    code, out, err = command(capsys, path, "--machine", "study")
    assert (code, err) == (0, "")
    assert out.splitlines()[:4] == [
        "study study  (cap=4)",
        "  23 configurations, 31 transitions: the trial with two subjects at a time,"
        " any number one after the other",
        "  the trial tells 4 configurations of a subject apart",
        "  totality     1 of 1 as expected",
    ]
    out = command(capsys, path, "--machine", "study", "--json", "--set", "cap=2")[1]
    (machine,) = json.loads(out)["protocols"][0]["machines"]
    assert machine["constants"] == {"cap": 2}
    assert all("seconds" in o for o in machine["obligations"])
    _, out, _ = command(capsys, path, "--engine", "induction", "--json")
    assert [m["machine"] for m in json.loads(out)["protocols"][0]["machines"]] == [
        "trial",
        "subject",
    ]
    code, _, err = command(capsys, path, "--engine", "induction", "--machine", "study")
    assert (code, "has no machine 'study'" in err) == (2, True)


def test_a_study_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = Observation("report", possible="inside > 0 and not (dlt and n == 0)", dlt=Bool)
    protocol = made({"events": (TRIAL["events"][0], full, TRIAL["events"][2])})
    code, out, _ = command(capsys, written(tmp_path, protocol), "--machine", "study")
    assert code == 1
    assert (
        "  REFUTED, proved was expected: totality/report\n"
        "    what a subject reports by report is answered\n"
        "    a run to it:\n"
        "      1. subject 1: enrol -> open: inside = 1; subject 1 treated  [C-1]\n"
        "      2. elapse(days=2) -> open\n"
        "      3. subject 1: report(dlt=true): report is not answered\n"
    ) in out


def test_no_study_without_both_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    protocol = Protocol("alone", "", (Machine(**TRIAL),), CLAUSES)
    _, out, _ = command(capsys, written(tmp_path, protocol), "--json")
    assert [m["machine"] for m in json.loads(out)["protocols"][0]["machines"]] == ["trial"]
    with pytest.raises(SpecError):
        compose(protocol)
    assert Undecided("R", "C") != Refused("R", "C")
