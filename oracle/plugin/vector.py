"""One test vector as a test sees it: run against a system, and concluded as pytest should.

Passed, failed, errored, unsupported and skipped stay different answers: a failed vector fails; an
errored one is an error, which is pytest's own word for what goes wrong before a test; an
unsupported one fails, as a skipped test would leave a system green that supports nothing; one
that could not be judged is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from ..adapters.connection import Connection
from ..adapters.replies import Description
from ..conformance.examine import Examiner, Task
from ..conformance.findings import finding
from ..conformance.known import Known
from ..conformance.results import ERRORED, PASSED, SKIPPED, Result
from ..conformance.run_file import entry, header
from ..conformance.source import Vectors
from ..vectors import Group, Step


class NotConforming(AssertionError):
    """A vector that failed, or that the system does not support; the text says how."""


# ---- one vector


@dataclass(frozen=True)
class Setting:
    """What a vector needs to know of the run that it is part of."""

    known: Mapping[str, Known]
    known_file: str
    today: date
    examiner: Callable[[Connection], Examiner]


class SpecVector:
    """One test vector: what the argument ``vector`` of a test is.

    ``id`` is ``protocol/machine/group/vector``; ``steps`` are the events with their answers.
    """

    def __init__(self, task: Task, vectors: Vectors, order: int, setting: Setting) -> None:
        suite = vectors.suite
        self.id = f"{suite.protocol}/{suite.machine}/{task.vector.id}"
        self.task = task
        self.vectors = vectors
        self.result: Result | None = None
        self._order = order
        self._setting = setting
        self._adapter = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The events, each with the answer that the protocol gives."""
        return self.task.vector.steps

    @property
    def group(self) -> Group:
        """The group with its clauses and its statement."""
        id = self.task.vector.id.partition("/")[0]
        return next(g for g in self.vectors.suite.groups if g.id == id)

    def check(self, adapter: Connection) -> None:
        """Runs the vector against a system.

        `NotConforming` (an `AssertionError`) with the failure text; a conversation that breaks
        down is a failure of pytest's own, and a known failure is reported as expected.
        """
        __tracebackhide__ = True
        self.ask(adapter)
        self.conclude()

    def ask(self, adapter: Connection) -> None:
        """Runs the vector and keeps the result; fails with a text when the conversation broke."""
        __tracebackhide__ = True
        examiner = self._setting.examiner(adapter)
        self._adapter = adapter.argument
        self.result = examiner.judge(self.task)
        if self.result.outcome == ERRORED:
            pytest.fail(self.text(), pytrace=False)

    def conclude(self) -> None:
        """Raises what pytest should make of the result."""
        __tracebackhide__ = True
        result, known = self.result, self._setting.known.get(self.id)
        assert result is not None
        if result.outcome == SKIPPED:
            pytest.skip(result.because)
        if result.outcome == PASSED:
            if known is not None:
                raise NotConforming(
                    f"{self.id} passes now: remove it from {self._setting.known_file}"
                    f"\n  it was known to fail: {known.reason}"
                )
            return
        text = self.text()
        if known is not None:
            if not known.expired(self._setting.today):
                pytest.xfail(known.reason)
            text += f"\n  known until {known.expires}, which is over: {known.reason}"
        raise NotConforming(text)

    def text(self) -> str:
        """The failure text of the result."""
        assert self.result is not None
        return str(finding(self.result, self.vectors.suite, self.vectors.source, self._adapter))

    def told(self, description: Description | None) -> dict[str, Any]:
        """The result as plain values that also travel between processes."""
        assert self.result is not None
        suite, source = self.vectors.suite, self.vectors.source
        found = entry(self.result, suite, source, self._adapter)
        known = self._setting.known.get(self.id)
        if known is not None:
            found["known"] = {"reason": known.reason, "expires": str(known.expires)}
        top = header(suite, self._adapter, description)
        return {"order": self._order, "header": top, "entry": found, "source": source.vectors}

    def __repr__(self) -> str:
        return f"<vector {self.id}>"
