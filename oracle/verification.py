"""A machine's report as the JSON of ``verify``: plain values, the same for every view."""

from __future__ import annotations

from typing import Any

from ..spec.model import Constant
from ..statemachines.proof.verdict import MachineReport, Result
from ..statemachines.step import observe
from ..statemachines.trace import show_trace

VERDICTS = ("proved", "refuted", "bounded", "unknown")


def machine_entry(report: MachineReport, timing: bool = True) -> dict[str, Any]:
    """One machine of a ``trialspec/verification/1`` answer."""
    by_id = {r.obligation.id: r for r in report.results}
    return {
        "machine": report.bound.machine.name,
        "constants": {k: shown_constant(v) for k, v in report.bound.constants.items()},
        "initial": observe(report.bound, report.bound.initial()),
        "configurations": report.configurations,
        "transitions": report.transitions,
        "steps": report.steps,
        "unused_lemmas": list(report.unused_lemmas),
        "obligations": [_obligation(r, by_id, timing) for r in report.results],
    }


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
