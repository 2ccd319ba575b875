"""Runs vectors against a system, one after another, and judges what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..adapters.connection import Connection
from ..adapters.replies import ACCEPTED, Reply
from ..adapters.replies import UNSUPPORTED as NOT_SUPPORTED
from ..adapters.trouble import AdapterError
from ..answer import UNSPECIFIED
from ..vectors import Step, Suite, Vector
from .results import (
    ERRORED,
    FAILED,
    PASSED,
    SKIPPED,
    UNSUPPORTED,
    WRONG_START,
    WRONG_STATE,
    WRONG_VALUE,
    WRONGLY_ACCEPTED,
    WRONGLY_REFUSED,
    Result,
    Trouble,
)
from .values import compare

GIVE_UP = 3  # time-outs in a row, after which the other vectors are not run
MOST_TRIED_AGAIN = 10  # failures that are tried once more on the system alone


@dataclass(frozen=True, slots=True)
class Task:
    """One vector with what a run of it takes: its suite, and what a fresh case shows.

    ``reason`` gives the protocol's reason for a step, counted from 1, that the vector has none of.
    """

    suite: Suite
    vector: Vector
    initial: Mapping[str, object]
    reason: Callable[[Vector, int], str] | None = None


class Examiner:
    """Runs vectors on one connection, in whatever order they come.

    The system goes on from one vector to the next, as it would in use, so that what it keeps from
    case to case comes to light. A vector that fails there is tried once more on the system alone
    in a process of its own: if it passes there, the result names the vectors it fails after.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.late = 0
        self._served: list[Task] = []
        self._confirmed: set[str] = set()
        self._tried_again = 0
        self._leaks = False

    def judge(self, task: Task) -> Result:
        """The result of one vector; a broken conversation is a result too."""
        if self.late >= GIVE_UP:
            reason = f"not run: {GIVE_UP} vectors in a row ended without an answer in time"
            return Result(task.vector, SKIPPED, because=reason)
        result = examine(self.connection, task)
        before = tuple(self._served)
        self._served.append(task)
        if result.outcome == ERRORED:
            self._served.clear()
        late = result.trouble is not None and result.trouble.kind == "timeout"
        self.late = self.late + 1 if late else 0
        if result.outcome == FAILED and before and result.key not in self._confirmed:
            result = self._again(task, before, result)
        return result

    def _again(self, task: Task, before: Sequence[Task], found: Result) -> Result:
        """A failure after other vectors, with what it is on the system alone."""
        everything = tuple(t.vector.id for t in before)
        if self._tried_again >= MOST_TRIED_AGAIN:
            return replace(found, after=everything) if self._leaks else found
        self._tried_again += 1
        single = self._afresh(task)
        if single.outcome == FAILED:
            self._confirmed.add(found.key)
            return single
        if single.outcome != PASSED:
            return found
        self._leaks = True
        enough = self._afresh(before[-1], task).outcome == FAILED
        return replace(found, after=everything[-1:] if enough else everything, alone=PASSED)

    def _afresh(self, *tasks: Task) -> Result:
        """The result of the last of some vectors in a process of their own."""
        with self.connection.alone() as alone:
            return [examine(alone, task) for task in tasks][-1]


def examine(connection: Connection, task: Task) -> Result:
    """One vector on a connection; never raises for what the system does."""
    started = time.perf_counter()
    talk = _Talk(connection, task)
    try:
        result = talk.hold()
    except AdapterError as error:
        trouble = Trouble(error.kind, error.message, error.details)
        result = talk.result(ERRORED, talk.place, trouble=trouble)
    try:
        connection.stop()
    except AdapterError as error:
        # a finding stands; a vector that seemed to pass does not
        if result.outcome in (PASSED, SKIPPED):
            trouble = Trouble(error.kind, error.message, error.details)
            result = replace(result, outcome=ERRORED, trouble=trouble)
    return replace(result, seconds=time.perf_counter() - started)


@dataclass
class _Talk:
    """The conversation over one vector; ``number`` is the step it has come to, 0 the start."""

    connection: Connection
    task: Task
    number: int = 0
    shown: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)
    unknown: tuple[int, Step, Reply] | None = None
    all_at_once: bool = False

    @property
    def place(self) -> int | None:
        """The step for an error; unknown while many are answered at once."""
        return None if self.all_at_once and not self.number else self.number

    def hold(self) -> Result:
        """Starts a case and takes it through the steps, up to the first that diverges.

        An event that the system doesn't support ends the vector where the protocol accepts it.
        Where the protocol refuses it nothing has happened, and the vector goes on: what follows
        may be wrong all the same.
        """
        suite, vector = self.task.suite, self.task.vector
        steps = judged(vector.steps)
        if not steps:
            return self.result(
                SKIPPED, because=f"nothing to judge: {vector.steps[0].because or UNSPECIFIED}"
            )
        first = self.connection.start(
            suite.protocol, suite.machine, suite.constants, suite.readings
        )
        wrong, shown = self.differing(self.task.initial, first)
        if wrong:
            return self.failed(
                WRONG_START, {"observe": dict(self.task.initial)}, {"observe": dict(shown)}
            )
        for number, (step, reply) in enumerate(self.replies(steps), 1):
            self.number = number
            if reply.answer == NOT_SUPPORTED:
                self.unknown = self.unknown or (number, step, reply)
                if step.answer == ACCEPTED:
                    break
            elif reply.answer != step.answer:
                kind = WRONGLY_ACCEPTED if reply.answer == ACCEPTED else WRONGLY_REFUSED
                return self.failed(kind, _right(step), _given(reply, reply.observe or {}))
            wrong, shown = self.differing(step.observe, self.seen(reply))
            if wrong:
                kind = WRONG_STATE if "state" in wrong else WRONG_VALUE
                return self.failed(kind, _right(step), _given(reply, shown))
        if self.unknown is not None:
            return self.unsupported(*self.unknown)
        return self.result(PASSED, clause=steps[-1].clause)

    def replies(self, steps: Sequence[Step]) -> Iterator[tuple[Step, Reply]]:
        """Each step with the system's answer, asked for one by one or all at once."""
        description = self.connection.describe()
        if not description.runs:
            for number, step in enumerate(steps, 1):
                self.number = number
                yield step, self.connection.apply(step.event, step.arguments)
            return
        self.all_at_once = True
        replies = self.connection.run([(s.event, s.arguments) for s in steps])
        yield from zip(steps, replies, strict=True)

    def seen(self, reply: Reply) -> Mapping[str, Any]:
        """What the system shows after a step; asked for where the answer shows nothing."""
        if reply.observe is not None:
            return reply.observe
        description = self.connection.describe()
        if not description.observes:
            return {}
        if description.runs:
            raise AdapterError("wrong_type", f"run: answer {self.number} has no 'observe'")
        return self.connection.observe()

    def differing(
        self, expected: Mapping[str, object], given: Mapping[str, Any]
    ) -> tuple[Mapping[str, object], Mapping[str, Any]]:
        """What differs, and what the system shows of what is judged."""
        found = compare(expected, given, self.task.suite.saturates)
        self.wanted |= set(expected)
        self.shown |= found.shown
        self.ignored |= found.ignored
        if not found.observed:
            return {}, {}
        return found.observed, {n: v for n, v in given.items() if n not in found.ignored}

    def unsupported(self, number: int, step: Step, reply: Reply) -> Result:
        """A step that the system does not know."""
        return self.result(
            UNSUPPORTED,
            number,
            because=reply.reason,
            expected=_right(step),
            observed=_given(reply, reply.observe or {}),
        )

    def failed(
        self, kind: str, expected: Mapping[str, object], observed: Mapping[str, object]
    ) -> Result:
        """A divergence at the present step."""
        if not self.number:
            return self.result(FAILED, 0, kind=kind, expected=expected, observed=observed)
        step = self.task.vector.steps[self.number - 1]
        return self.result(
            FAILED,
            self.number,
            kind=kind,
            clause=step.clause,
            because=step.because or self.reason(),
            expected=expected,
            observed=observed,
        )

    def reason(self) -> str:
        """The protocol's reason for what it answers to the present step."""
        reason = self.task.reason
        return "" if reason is None else reason(self.task.vector, self.number)

    def result(self, outcome: str, step: int | None = None, **parts: Any) -> Result:
        """A result with what was seen so far."""
        if step and "clause" not in parts:
            parts["clause"] = self.task.vector.steps[step - 1].clause
        return Result(
            self.task.vector,
            outcome,
            step=step,
            shown=frozenset(self.shown),
            unshown=frozenset(self.wanted - self.shown),
            ignored=frozenset(self.ignored),
            **parts,
        )


def _right(step: Step) -> dict[str, object]:
    return {"answer": step.answer, "observe": dict(step.observe)}


def _given(reply: Reply, shown: Mapping[str, Any]) -> dict[str, object]:
    return {"answer": reply.answer, "reason": reply.reason, "observe": dict(shown)}


def judged(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps up to the first that the text leaves open; what follows is not judged."""
    found = []
    for step in steps:
        if step.answer == UNSPECIFIED:
            break
        found.append(step)
    return tuple(found)
