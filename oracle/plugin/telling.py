"""Results as they travel between processes, brought together as runs, and told in a few lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...spec.notice import NOTICE
from ..conformance.results import ERRORED, FAILED, OUTCOMES, PASSED, SKIPPED, UNSUPPORTED
from ..conformance.run_file import FORMAT, run_json

_WORST = (FAILED, ERRORED, UNSUPPORTED, SKIPPED, PASSED)


def runs_of(told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A run for each suite, in order of their names, whatever the order of the results."""
    parts: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for result in told:
        top = result["header"]
        asked = json.dumps({name: value for name, value in top.items() if name != "adapter"})
        key = (top["protocol"], top["machine"], result["source"], asked)
        parts.setdefault(key, []).append(result)
    return [
        run_json(_fullest(part), (t["entry"] for t in sorted(_once(part), key=_order)))
        for _, part in sorted(parts.items(), key=lambda pair: pair[0])
    ]


def _once(part: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Each vector once; of one that options and a marker both asked for, the worst result."""
    found: dict[int, Mapping[str, Any]] = {}
    for told in part:
        before = found.setdefault(_order(told), told)
        if _WORST.index(told["entry"]["outcome"]) < _WORST.index(before["entry"]["outcome"]):
            found[_order(told)] = told
    return found.values()


def summary(run: Mapping[str, Any]) -> list[str]:
    """A run in a few lines."""
    about = run["adapter"]
    name = f"{about.get('name', about['argument'])} {about.get('version', '')}".rstrip()
    counts = ", ".join(f"{run['counts'][o]} {o}" for o in OUTCOMES if run["counts"][o])
    lines = [f"{run['protocol']} {run['machine']} against {name}: {counts}"]
    lines += [f"  {clause}: {n} failed" for clause, n in run["by_clause"].items()]
    hidden = ", ".join(run["never_observed"])
    lines += [f"  never observed, and so not judged: {hidden}"] if hidden else []
    return ["".join(c if c.isprintable() else " " for c in line) for line in lines]


def _fullest(part: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The header of a run; the one of an errored result may lack what the system says of itself."""
    tops: list[dict[str, Any]] = [told["header"] for told in part]
    return max(tops, key=lambda top: len(top["adapter"]))


def _order(told: Mapping[str, Any]) -> int:
    return int(told["order"])


def run_text(runs: Sequence[Mapping[str, Any]]) -> str:
    """The text of a run file: of one run, or of several as ``trialspec/runs/1``."""
    made = [{"format": FORMAT, **run, "notice": NOTICE} for run in runs]
    whole = made[0] if len(made) == 1 else {"format": "trialspec/runs/1", "runs": made}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
