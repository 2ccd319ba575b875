"""What tells two readings apart, as plain values: a run, and what either answers at its end."""

from __future__ import annotations

from typing import Any

from ..statemachines.bound import Bound
from ..statemachines.distinguish import Difference
from ..statemachines.evaluate import Configuration
from ..statemachines.proof.readings import Apart
from ..statemachines.step import Accepted, Defect, observe, step
from ..statemachines.step import Answer as Step
from ..statemachines.trace import TraceStep, merge_days, show_trace
from .answer import ACCEPTED, Answer, as_answer


def as_json(pair: Apart) -> dict[str, Any]:
    """A pair in the shape of JSON answers.

    ``event`` is answered differently, and is the last of ``trace``, shown as the first reading
    answers it; without one, what is seen at the end of ``trace`` differs. ``a_answer`` and
    ``b_answer`` are both answers. ``readings`` are those of other ambiguities taken for it.
    """
    made: dict[str, Any] = {
        "a": pair.one,
        "b": pair.other,
        "verdict": pair.verdict,
        "machine": pair.machine or None,
        "readings": dict(pair.context),
        "start": {},
        "trace": [],
        "event": None,
        "a_answer": None,
        "b_answer": None,
    }
    found = pair.difference
    if found is None or pair.bounds is None:
        return made
    first, second = pair.bounds
    made["start"] = observe(first, first.initial())
    made["event"] = found.event or None
    made["trace"] = show_trace(first, _whole(first, found))
    made["a_answer"] = _answer(first, found, 0)
    made["b_answer"] = _answer(second, found, 1)
    return made


def _whole(bound: Bound, found: Difference) -> tuple[TraceStep, ...]:
    """The run with the event that tells apart as its last."""
    if not found.event:
        return found.trace
    after, clause = found.configurations[0], ""
    answer = _ask(bound, found, after)
    if isinstance(answer, Accepted):
        after, clause = answer.configuration, answer.clause
    return merge_days([*found.trace, TraceStep(found.event, found.arguments, after, clause)])


def _ask(bound: Bound, found: Difference, here: Configuration) -> Step | Defect:
    try:
        return step(bound, here, found.event, dict(found.arguments))
    except Defect as defect:
        return defect


def _answer(bound: Bound, found: Difference, side: int) -> dict[str, Any]:
    """One side's answer; ``shows`` says in words what is seen that the other side does not show."""
    here = found.configurations[side]
    shows = (found.first, found.second)[side].removeprefix("accepted, and then ")
    if not found.event:
        answer = Answer(ACCEPTED, "", "", observe(bound, here))
    else:
        asked = _ask(bound, found, here)
        if isinstance(asked, Defect):
            answer = Answer("defect", str(asked), "", observe(bound, here))
        else:
            answer = as_answer(bound, here, asked, {})
    return {
        "answer": answer.answer,
        "because": answer.reason,
        "clause": answer.clause,
        "observe": dict(answer.observe),
        "shows": shows,
    }
