"""Runs of a study as people see them, and whether their days agree with the dates of landmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .evaluate import Configuration
from .step import ELAPSE
from .trace import Runs, Timed

JOIN = "join"
"""Stands in a run where a subject's case begins and days pass before its first event."""
Shown = tuple[tuple[str, str | int | bool], ...]


@dataclass(frozen=True, slots=True)
class StudyStep:
    """One event of a study's run.

    ``subject`` numbers the subjects from 1 in the order in which they come; it is 0 for an event
    of the trial alone, and for days, which pass for everybody. ``trial`` and ``of_subject`` are
    the configurations after the event, None where the machine takes no part.
    """

    subject: int
    event: str
    arguments: Shown
    trial: Configuration | None
    of_subject: Configuration | None
    clause: str


StudyTrace = tuple[StudyStep, ...]


@dataclass(frozen=True, slots=True)
class StudyRun:
    """A run of a study; by block, the number of the subject who is in it at the end.

    In the first block it is that of the next subject where nobody is.
    """

    trace: StudyTrace
    who: Mapping[int, int]


def tidy(steps: Sequence[StudyStep]) -> StudyTrace:
    """The run with days added up, and no joining that a subject's first event shows anyway."""
    merged: list[StudyStep] = []
    for number, step in enumerate(steps):
        if step.event == JOIN:
            later = (
                s for s in steps[number + 1 :] if s.subject == step.subject or s.event == ELAPSE
            )
            if (first := next(later, None)) is None or first.event != ELAPSE:
                continue
        if step.event == ELAPSE and merged and merged[-1].event == ELAPSE:
            days = int(merged[-1].arguments[0][1]) + int(step.arguments[0][1])
            merged[-1] = replace(step, arguments=(("days", days),))
        else:
            merged.append(step)
    return tuple(merged)


def dated(trace: StudyTrace, trial: Runs, subject: Runs, *, whole: bool = False) -> bool:
    """Whether the landmarks of the trial and of each subject come on days that can be theirs.

    Unless the ``whole`` run is asked for, each subject's dates are looked at up to its last event:
    nobody needs to hear of a landmark after that.
    """
    runs = {0: trial} | {s.subject: subject for s in trace if s.subject}
    for who, machine in runs.items():
        if not machine.landmarks:
            continue
        dates = _Dates(machine)
        own = [n for n, s in enumerate(trace) if s.subject == who or (not who and s.trial)]
        for number, step in enumerate(trace if whole or not who else trace[: own[-1] + 1]):
            after = step.of_subject if who else step.trial
            if (step.event == ELAPSE or number in own) and not dates.agree(step, after):
                return False
    return True


class _Dates:
    """The days since the start of each landmark of one machine, along a run."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.now: Timed = runs.bound.initial(), (-1,) * len(runs.landmarks)

    def agree(self, step: StudyStep, after: Configuration | None) -> bool:
        """Goes on to the configuration after a step; False where its day is a wrong one.

        After days the configuration need not be known, and in a final state none pass.
        """
        timed: Timed | None = self.now
        if step.event == ELAPSE:
            for _ in range(int(step.arguments[0][1])):
                if timed is None or timed[0][0] in self.runs.bound.final:
                    break
                timed = self.runs.day(*timed)
        elif after is not None:
            timed = self.runs.timed(after, self.now[1], step.event)
        if timed is None:
            return False
        self.now = timed
        return True
