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
    "vacuity",
    "claim",
)


AT_AN_EVENT = ("totality", "determinism", "range", "definedness")


def machine_text(protocol: str, machine: dict[str, Any], runs: bool = False) -> str:
    """One machine: its size, counts by kind, its invariants and claims, and what went wrong.

    With ``runs`` each claim that a run refutes, or shows to be possible, is followed by it.
    """
    constants = ", ".join(f"{k}={v}" for k, v in machine["constants"].items())
    lines = [f"{protocol} {machine['machine']}" + (f"  ({constants})" if constants else "")]
    if machine["configurations"] is not None:
        ends = f", every run ends within {machine['steps']} steps" if machine["steps"] else ""
        lines.append(
            f"  {machine['configurations']} configurations, "
            f"{machine['transitions']} transitions{ends}"
        )
        if "blocks" in machine:
            lines[-1] += ": the trial with two subjects at a time, any number one after the other"
            lines.append(f"  the trial tells {machine['blocks']} configurations of a subject apart")
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
            for o in mine:
                lines += [] if o["id"].startswith("lemma/") else [_line(o)]
                lines += _shown(o, machine) if runs and kind == "claim" else []
    if machine["unused_lemmas"]:
        lines.append(f"  lemmas that don't hold here: {', '.join(machine['unused_lemmas'])}")
    for o in obligations:
        if o["verdict"] != o["expected"]:
            lines += ["", *_failure(o, machine)]
    return "\n".join(lines) + "\n"


def _line(o: dict[str, Any]) -> str:
    size = f" for every number of {o['for_all']}" if o.get("for_all") else ""
    tight = ", attained" if o["tight"] else ""
    expected = " (as expected)" if o["verdict"] == o["expected"] == "refuted" else ""
    run = ""
    if o["verdict"] == "refuted" and o["counterexample"]:
        run = f", shortest run of {len(o['counterexample'])} events"
    return f"    {o['verdict']}{size}{tight}{expected}{run}: {o['id']}  {o['statement']}"


def _shown(o: dict[str, Any], machine: dict[str, Any]) -> list[str]:
    """The run of a claim that came out as expected, under what it supposes."""
    trace = o["counterexample"] if o["verdict"] == "refuted" else o["witness"]
    if trace is None or o["verdict"] != o["expected"]:
        return []
    under = o.get("under", {"readings": {}, "constants": {}})
    supposed = [f"{k}={v}" for k, v in (*under["readings"].items(), *under["constants"].items())]
    lines = [f"      under {', '.join(supposed)}:"] if supposed else []
    problem = o.get("problem", "") if o["verdict"] == "refuted" else ""
    start = under.get("initial", _start(machine))
    return lines + _run(trace, problem, o["kind"], start, "        ")


def _start(machine: dict[str, Any]) -> dict[str, Any]:
    """What a run begins with."""
    if "initial_subject" in machine:
        return {**machine["initial"], "subject": machine["initial_subject"]}
    return dict(machine["initial"])


def _failure(o: dict[str, Any], machine: dict[str, Any]) -> list[str]:
    start = o["under"]["initial"] if "under" in o else _start(machine)
    lines = [f"  {o['verdict'].upper()}, {o['expected']} was expected: {o['id']}"]
    lines.append(f"    {o['statement']}")
    if o.get("reason"):
        lines.append(f"    {o['reason']}")
    if o["counterexample"] is not None:
        which = "a run to it" if "initial_subject" in machine else "the shortest run to it"
        lines.append(f"    {which}:")
        lines += _run(o["counterexample"], o.get("problem", ""), o["kind"], start)
    elif o.get("problem"):
        lines.append(f"    {o['problem']}")
    if o["witness"] is not None and o["verdict"] == "proved" and o["expected"] == "refuted":
        lines += ["    a run that shows it:", *trace_text(o["witness"], "      ", start)]
    return lines


def _run(
    trace: list[dict[str, Any]],
    problem: str,
    kind: str,
    start: dict[str, Any],
    indent: str = "      ",
) -> list[str]:
    """A run and what goes wrong: at its last event, or in the configuration it ends in."""
    if kind not in AT_AN_EVENT or not trace:
        return [
            *trace_text(trace, indent, start),
            *([f"{indent}here: {problem}"] if problem else []),
        ]
    before = trace_text(trace[:-1], indent, start) if len(trace) > 1 else []
    who = f"subject {trace[-1]['subject']}: " if trace[-1].get("subject") else ""
    return [*before, f"{indent}{len(trace)}. {who}{call_text(trace[-1])}: {problem}"]


def call_text(step: dict[str, Any]) -> str:
    """An event with its arguments."""
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
    subjects: dict[str, Any] = {}
    if not trace:
        return [f"{indent}(at the start)"]
    for number, step in enumerate(trace, 1):
        changed = _changed(before, step["values"])
        after = f" -> {step['state']}{changed}"
        before = {**before, **step["values"]}
        who = step.get("subject", "")
        if who and "subject_values" in step:
            earlier = subjects.get(who, before.get("subject", {}))
            own = (
                f"subject {who} {step['subject_state']}{_changed(earlier, step['subject_values'])}"
            )
            after = f"{after}; {own}" if changed else f" -> {own}"
            subjects[who] = step["subject_values"]
        call = f"subject {who}: {call_text(step)}" if who else call_text(step)
        clause = f"  [{step['clause']}]" if step["clause"] else ""
        lines.append(f"{indent}{number}. {call}{after}{clause}")
    return lines


def _changed(before: dict[str, Any], after: dict[str, Any]) -> str:
    changed = [f"{k} = {v}" for k, v in after.items() if before.get(k) != v]
    return f": {', '.join(changed)}" if changed else ""


def summary_text(totals: dict[str, int]) -> str:
    """The last line."""
    parts = [f"{totals[v]} {v}" for v in ("proved", "refuted", "bounded", "unknown") if totals[v]]
    wrong = totals["unexpected"]
    end = "all as expected" if not wrong else f"{wrong} NOT as expected"
    return f"{', '.join(parts)}; {end}"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
