"""Verification answers for people."""

from __future__ import annotations

from typing import Any

KINDS = (
    "range",
    "definedness",
    "determinism",
    "totality",
    "deadlock",
    "termination",
    "invariant",
    "tightness",
    "claim",
)


AT_AN_EVENT = ("totality", "determinism", "range", "definedness")


def machine_text(protocol: str, machine: dict[str, Any]) -> str:
    """One machine: its size, counts by kind, its invariants and claims, and what went wrong."""
    constants = ", ".join(f"{k}={v}" for k, v in machine["constants"].items())
    lines = [f"{protocol} {machine['machine']}" + (f"  ({constants})" if constants else "")]
    if machine["configurations"] is not None:
        ends = f", every run ends within {machine['steps']} steps" if machine["steps"] else ""
        lines.append(
            f"  {machine['configurations']} configurations, "
            f"{machine['transitions']} transitions{ends}"
        )
    obligations = machine["obligations"]
    for kind in KINDS:
        mine = [o for o in obligations if o["kind"] == kind]
        if not mine:
            continue
        fine = sum(o["verdict"] == o["expected"] for o in mine)
        helping = sum(o["id"].startswith("lemma/") for o in mine if o["kind"] == "invariant")
        which = f", {helping} of them lemmas" if helping else ""
        lines.append(f"  {kind:<12} {fine} of {len(mine)} as expected{which}")
        if kind in ("invariant", "claim"):
            lines += [_line(o) for o in mine if not o["id"].startswith("lemma/")]
    if machine["unused_lemmas"]:
        lines.append(f"  lemmas that don't hold here: {', '.join(machine['unused_lemmas'])}")
    for o in obligations:
        if o["verdict"] != o["expected"]:
            lines += ["", *_failure(o, machine["initial"])]
    return "\n".join(lines) + "\n"


def _line(o: dict[str, Any]) -> str:
    size = f" for every number of {o['for_all']}" if o.get("for_all") else ""
    tight = ", attained" if o["tight"] else ""
    expected = " (as expected)" if o["verdict"] == o["expected"] == "refuted" else ""
    run = ""
    if o["verdict"] == "refuted" and o["counterexample"]:
        run = f", shortest run of {len(o['counterexample'])} events"
    return f"    {o['verdict']}{size}{tight}{expected}{run}: {o['id']}  {o['statement']}"


def _failure(o: dict[str, Any], start: dict[str, Any]) -> list[str]:
    lines = [f"  {o['verdict'].upper()}, {o['expected']} was expected: {o['id']}"]
    lines.append(f"    {o['statement']}")
    if o.get("reason"):
        lines.append(f"    {o['reason']}")
    if o["counterexample"] is not None:
        lines.append("    the shortest run to it:")
        lines += _run(o["counterexample"], o.get("problem", ""), o["kind"], start)
    elif o.get("problem"):
        lines.append(f"    {o['problem']}")
    if o["witness"] is not None and o["verdict"] == "proved" and o["expected"] == "refuted":
        lines += ["    a run that shows it:", *trace_text(o["witness"], "      ", start)]
    return lines


def _run(trace: list[dict[str, Any]], problem: str, kind: str, start: dict[str, Any]) -> list[str]:
    """A run and what goes wrong: at its last event, or in the configuration it ends in."""
    indent = "      "
    if kind not in AT_AN_EVENT or not trace:
        return [
            *trace_text(trace, indent, start),
            *([f"{indent}here: {problem}"] if problem else []),
        ]
    before = trace_text(trace[:-1], indent, start) if len(trace) > 1 else []
    return [*before, f"{indent}{len(trace)}. {_call(trace[-1])}: {problem}"]


def _call(step: dict[str, Any]) -> str:
    given = ", ".join(f"{k}={_word(v)}" for k, v in step["arguments"].items())
    return f"{step['event']}({given})" if given else str(step["event"])


def trace_text(
    trace: list[dict[str, Any]], indent: str = "", start: dict[str, Any] | None = None
) -> list[str]:
    """A run, one event a line, with only what changed since the event before or the start.

    >>> step = {"event": "evaluate", "arguments": {"dlt": True}, "state": "first_three",
    ...         "values": {"treated": [1, 0]}, "clause": "IBR-05"}
    >>> trace_text([step])
    ['1. evaluate(dlt=true) -> first_three: treated = [1, 0]  [IBR-05]']
    """
    lines = []
    before: dict[str, Any] = start or {}
    if not trace:
        return [f"{indent}(at the start)"]
    for number, step in enumerate(trace, 1):
        call = _call(step)
        changed = [f"{k} = {v}" for k, v in step["values"].items() if before.get(k) != v]
        shown = f": {', '.join(changed)}" if changed else ""
        clause = f"  [{step['clause']}]" if step["clause"] else ""
        lines.append(f"{indent}{number}. {call} -> {step['state']}{shown}{clause}")
        before = step["values"]
    return lines


def summary_text(totals: dict[str, int]) -> str:
    """The last line."""
    parts = [f"{totals[v]} {v}" for v in ("proved", "refuted", "bounded", "unknown") if totals[v]]
    wrong = totals["unexpected"]
    end = "all as expected" if not wrong else f"{wrong} NOT as expected"
    return f"{', '.join(parts)}; {end}"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
