"""The oracle itself behind the five verbs: a conversation that conforms, to compare one's own with.

``Reference`` is given as a class, or, as a program, by
``cmd:python -m trialspec.oracle.adapters.reference``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import Any

from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.registry import load, names
from ..answer import UNSPECIFIED
from ..case import Case
from ..vectors import read_constants
from .replies import CONTRACT, UNSUPPORTED

ELAPSE = "elapse"


class Reference:
    """Answers as the protocols say, for every protocol that is installed."""

    def __init__(self) -> None:
        self._case: Case | None = None
        self._fresh: dict[str, Case] = {}

    def describe(self) -> dict[str, Any]:
        """Every event and variable of the installed protocols."""
        machines = [machine for protocol in _installed() for machine in protocol.machines]
        shown = {"state": None} | {v.name: None for m in machines for v in m.variables}
        events = {e.name: None for m in machines for e in m.events} | {ELAPSE: None}
        return {
            "name": "trialspec reference",
            "version": "1",
            "contract": CONTRACT,
            "observes": list(shown),
            "events": list(events),
            "verbs": ["run"],
        }

    def start(
        self,
        protocol: str,
        machine: str,
        constants: Mapping[str, object],
        readings: Mapping[str, str],
    ) -> dict[str, Any]:
        """A fresh case; `SpecError` for a protocol or machine that isn't there."""
        key = json.dumps([protocol, machine, constants, readings], sort_keys=True)
        if key not in self._fresh:
            found = load(protocol)
            values = read_constants(found.machine(machine), constants)
            self._fresh[key] = Case(found, machine, values, readings)
        # to bind a machine takes longer than many cases of it
        self._case = copy(self._fresh[key])
        return self._case.observe()

    def apply(self, event: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """The answer of the protocol; where the text decides nothing, ``unsupported``."""
        case = self._running()
        if event != ELAPSE and event not in case.bound.event:
            return {"answer": UNSUPPORTED, "reason": f"no event {event}"}
        found = case.apply(event, **arguments)
        answer = UNSUPPORTED if found.answer == UNSPECIFIED else found.answer
        return {"answer": answer, "reason": found.reason, "observe": dict(found.observe)}

    def run(self, steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Many events at once."""
        return [self.apply(step["event"], step["arguments"]) for step in steps]

    def observe(self) -> dict[str, Any]:
        """The state and every variable."""
        return self._running().observe()

    def stop(self) -> None:
        """Forgets the case."""
        self._case = None

    def _running(self) -> Case:
        if self._case is None:
            raise SpecError("no case has been started")
        return self._case


def _installed() -> Iterator[Protocol]:
    """The protocols that can be loaded; another package may have registered a broken one."""
    for name in names():
        with suppress(SpecError):
            yield load(name)


if __name__ == "__main__":
    from .serve import serve

    serve(Reference())
