"""A run as ``trialspec/run/1``: every result, counted, with what was never observed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..adapters.replies import Description
from ..vectors import Suite, step_json
from .findings import finding, statement, steps_before
from .results import ERRORED, FAILED, OUTCOMES, PASSED, UNSUPPORTED, Result, plain
from .source import Source

FORMAT = "trialspec/run/1"


def header(suite: Suite, adapter: str, description: Description | None) -> dict[str, Any]:
    """What was run against what."""
    return {
        "protocol": suite.protocol,
        "machine": suite.machine,
        "adapter": {**(description.as_json() if description else {}), "argument": adapter},
        "model_sha256": suite.model_sha256,
        "constants": dict(suite.constants),
        "readings": dict(suite.readings),
        "criterion": suite.criterion,
    }


def entry(result: Result, suite: Suite, source: Source, adapter: str) -> dict[str, Any]:
    """One result; what is said of a pass is short."""
    found: dict[str, Any] = {
        "id": result.vector.id,
        "outcome": result.outcome,
        "clause": result.clause,
        "step": result.step,
        "expected": plain(result.expected),
        "observed": plain(result.observed),
        "because": result.because,
        "seconds": round(result.seconds, 6),
        "kind": result.kind,
        "sha256": result.vector.sha256,
        "not_observed": sorted(result.unshown),
        "shown": sorted(result.shown),
        "ignored": sorted(result.ignored),
    }
    if result.trouble is not None:
        found["error"] = {
            "kind": result.trouble.kind,
            "message": result.trouble.message,
            "details": result.trouble.details,
        }
    if result.outcome != PASSED:
        told = finding(result, suite, source, adapter)
        found |= {
            "statement": statement(suite, result),
            "key": told.key,
            "title": told.title,
            "message": told.message,
            "reproduce": told.reproduce,
            "at": step_json(result.at) if result.at else None,
            "before": [
                {"event": s.event, "arguments": dict(s.arguments)} for s in steps_before(result)
            ],
            "after": list(result.after),
            "alone": result.alone or None,
        }
    return found


def run_json(top: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The whole run from its header and its entries, which keep their order."""
    results = [dict(e) for e in entries]
    outcomes = Counter(e["outcome"] for e in results)
    keys = Counter(e["key"] for e in results if e["outcome"] == FAILED)
    for result in results:
        if result["outcome"] == FAILED:
            result["others"] = keys[result["key"]] - 1
    shown = {name for e in results for name in e.pop("shown")}
    ignored = {name for e in results for name in e.pop("ignored")}
    hidden = {name for e in results for name in e["not_observed"]}
    clauses = Counter(e["clause"] for e in results if e["outcome"] == FAILED and e["clause"])
    return {
        **top,
        "counts": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "by_clause": dict(sorted(clauses.items())),
        "never_observed": sorted(hidden - shown),
        "ignored": sorted(ignored - shown),
        "results": results,
    }


def conforms(counts: Mapping[str, int]) -> bool | None:
    """Whether a run says that the system conforms; None where it can't tell.

    >>> conforms({"passed": 3, "failed": 0, "errored": 0, "unsupported": 1, "skipped": 0}) is None
    True
    """
    if counts[FAILED]:
        return False
    if counts[ERRORED] or counts[UNSUPPORTED] or not counts[PASSED]:
        return None
    return True
