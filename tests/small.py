"""Small machines for tests: a protocol around one machine, and short ways to ask it things."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from trialspec.spec.document import read_document
from trialspec.spec.model import Ambiguity, Constant, Machine, Protocol, State
from trialspec.statemachines.arguments import read_arguments
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.proof.verdict import MachineReport, Result
from trialspec.statemachines.step import Accepted, Answer, observe, step

ESCALATION = Path(__file__).parents[1] / "benchmarks" / "models" / "escalation.json"

# configurations and transitions of M(D), on which TLC, Spin, NuSMV, Storm and CUDD agree
COUNTS = {
    3: (753, 1242),
    4: (2173, 3594),
    5: (5733, 9498),
    6: (14293, 23706),
    8: (80053, 132954),
    10: (412213, 685146),
}

OPEN_DONE = (State("open", initial=True), State("done", final=True))


def protocol(*, ambiguities: tuple[Ambiguity, ...] = (), **parts: Any) -> Protocol:
    """A protocol of one machine, ``trial``; unless given, its states are open and done."""
    parts = {"states": OPEN_DONE, "events": (), "transitions": (), **parts}
    return Protocol("small", "A small example", (Machine("trial", **parts),), (), ambiguities)


def bound(
    *,
    readings: Mapping[str, str] | None = None,
    given: Mapping[str, Constant] | None = None,
    symbolic: str | None = None,
    **parts: Any,
) -> Bound:
    """The bound machine of ``protocol(**parts)``; ``given`` are constants to set."""
    return bind(protocol(**parts), constants=given, readings=readings, symbolic=symbolic)


@cache
def escalation() -> Protocol:
    """M(D), the model that other checkers are compared on."""
    return read_document(ESCALATION)


def ask(
    machine: Bound, configuration: tuple[int, ...], event: str, /, **arguments: object
) -> Answer:
    """The answer to one event, its arguments as a caller writes them."""
    stored = read_arguments(machine, event, arguments, configuration)
    return step(machine, configuration, event, stored)


def after(machine: Bound, *events: str | tuple[str, dict[str, object]]) -> tuple[int, ...]:
    """The configuration after events that must all be accepted."""
    configuration = machine.initial()
    for entry in events:
        event, arguments = (entry, {}) if isinstance(entry, str) else entry
        answer = ask(machine, configuration, event, **arguments)
        assert isinstance(answer, Accepted), answer
        configuration = answer.configuration
    return configuration


def values(machine: Bound, configuration: tuple[int, ...]) -> dict[str, object]:
    """What is seen of a configuration."""
    return observe(machine, configuration)


def result(report: MachineReport, id: str) -> Result:
    """The result of one obligation."""
    (found,) = [r for r in report.results if r.obligation.id == id]
    return found


def spec_check(
    *arguments: str, code: str = "", stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own; ``code`` runs Python there instead."""
    what = ["-c", code] if code else ["-m", "trialspec.oracle.cli.main"]
    return subprocess.run(
        [sys.executable, *what, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
