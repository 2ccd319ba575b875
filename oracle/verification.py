"""A machine's report as the JSON of ``verify``: plain values, the same for every view."""

from __future__ import annotations

from typing import Any

from ..spec.model import Constant
from ..statemachines.bound import Bound
from ..statemachines.proof.study import StudyReport, StudyResult
from ..statemachines.proof.verdict import MachineReport, Result
from ..statemachines.step import observe
from ..statemachines.study import BoundStudy
from ..statemachines.study_trace import StudyTrace
from ..statemachines.trace import show_trace

VERDICTS = ("proved", "refuted", "bounded", "unknown")


def machine_entry(report: MachineReport, timing: bool = True) -> dict[str, Any]:
    """One machine of a ``trialspec/verification/1`` answer."""
    by_id = {r.obligation.id: r for r in report.results}
    obligations = [_obligation(r, by_id, timing) | _under(r, report.bound) for r in report.results]
    return {
        "machine": report.bound.machine.name,
        "constants": {k: shown_constant(v) for k, v in report.bound.constants.items()},
        "initial": observe(report.bound, report.bound.initial()),
        "configurations": report.configurations,
        "transitions": report.transitions,
        "steps": report.steps,
        "unused_lemmas": list(report.unused_lemmas),
        "obligations": obligations,
    }


def _under(result: Result, verified: Bound) -> dict[str, Any]:
    """What a claim supposes otherwise than the machine that is verified, and how that begins."""
    bound = result.bound
    if bound is None or bound is verified:
        return {}
    readings = {k: v for k, v in bound.readings.items() if verified.readings[k] != v}
    constants = {
        k: shown_constant(v) for k, v in bound.constants.items() if verified.constants[k] != v
    }
    initial = observe(bound, bound.initial())
    return {"under": {"readings": readings, "constants": constants, "initial": initial}}


def _obligation(result: Result, by_id: dict[str, Result], timing: bool) -> dict[str, Any]:
    o = result.obligation
    attained = by_id.get(f"{o.id}/tight")
    trace = result.witness if attained is None else attained.witness
    bound = result.bound
    assert bound is not None
    entry: dict[str, Any] = {
        "id": o.id,
        "kind": o.kind,
        "clause": o.clause,
        "statement": o.statement,
        "verdict": result.verdict,
        "expected": o.expected,
        "engine": result.engine,
        "agreed_by": list(result.agreed_by),
        "lemmas": list(result.lemmas),
        "tight": attained is not None and attained.verdict == "proved",
        "witness": None if trace is None else show_trace(bound, trace),
        "counterexample": None
        if result.counterexample is None
        else show_trace(bound, result.counterexample),
    }
    if result.for_all:
        entry["for_all"] = result.for_all
    if result.problem:
        entry["problem"] = result.problem
    if result.reason:
        entry["reason"] = result.reason
    if timing:
        entry["seconds"] = round(result.seconds, 6)
    return entry


def study_entry(report: StudyReport, timing: bool = True) -> dict[str, Any]:
    """The entry of a study, after those of its machines.

    ``blocks`` is how many configurations the trial tells apart in a subject; configurations and
    transitions are those of the trial with two such subjects at a time.
    """
    trial, subject = report.study.trial, report.study.subject
    constants = {**subject.constants, **trial.constants}
    return {
        "machine": "study",
        "constants": {k: shown_constant(v) for k, v in constants.items()},
        "initial": observe(trial, trial.initial()),
        "initial_subject": observe(subject, subject.initial()),
        "configurations": report.configurations,
        "transitions": report.transitions,
        "blocks": report.blocks,
        "steps": None,
        "unused_lemmas": [],
        "obligations": [_study_obligation(r, report.study, timing) for r in report.results],
    }


def _study_obligation(result: StudyResult, study: BoundStudy, timing: bool) -> dict[str, Any]:
    o = result.obligation
    entry: dict[str, Any] = {
        "id": o.id,
        "kind": o.kind,
        "clause": o.clause,
        "statement": o.statement,
        "verdict": result.verdict,
        "expected": o.expected,
        "engine": "" if result.reason else "enumeration",
        "agreed_by": [],
        "lemmas": [],
        "tight": False,
        "witness": show_study_trace(study, result.witness),
        "counterexample": show_study_trace(study, result.counterexample),
    }
    if result.problem:
        entry["problem"] = result.problem
    if result.reason:
        entry["reason"] = result.reason
    if timing:
        entry["seconds"] = round(result.seconds, 6)
    return entry


def show_study_trace(study: BoundStudy, trace: StudyTrace | None) -> list[dict[str, Any]] | None:
    """A run of a study as JSON: state and values are the trial's.

    Where a subject takes part, ``subject`` is its number and ``subject_state`` and
    ``subject_values`` are its own.
    """
    if trace is None:
        return None
    shown = []
    trial = study.trial.initial()
    for step in trace:
        trial = trial if step.trial is None else step.trial
        values = observe(study.trial, trial)
        entry: dict[str, Any] = {
            "event": step.event,
            "arguments": dict(step.arguments),
            "state": values.pop("state"),
            "values": values,
            "clause": step.clause,
        }
        if step.subject:
            entry["subject"] = str(step.subject)
        if step.of_subject is not None:
            own = observe(study.subject, step.of_subject)
            entry["subject_state"] = own.pop("state")
            entry["subject_values"] = own
        shown.append(entry)
    return shown


def shown_constant(value: Constant) -> Any:
    """A constant as JSON: decimals as text, tables as lists."""
    if isinstance(value, tuple):
        return [shown_constant(v) for v in value]
    return value if isinstance(value, bool | int | str) else str(value)


def summary(protocols: list[dict[str, Any]]) -> dict[str, int]:
    """How many obligations came out each way, and how many of them as expected."""
    entries = [o for p in protocols for m in p["machines"] for o in m["obligations"]]
    counts = {v: sum(o["verdict"] == v for o in entries) for v in VERDICTS}
    expected = sum(o["verdict"] == o["expected"] for o in entries)
    return {**counts, "as_expected": expected, "unexpected": len(entries) - expected}
