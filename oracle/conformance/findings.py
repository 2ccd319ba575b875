"""What a vector found, for people: a title, a message, a key to group by, a line to reproduce."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..adapters.trouble import KINDS, AdapterError
from ..vectors import Step, Suite
from .results import (
    ERRORED,
    FAILED,
    PASSED,
    UNSUPPORTED,
    WRONG_START,
    WRONGLY_ACCEPTED,
    WRONGLY_REFUSED,
    Result,
    plain,
)
from .source import Source
from .values import compare

WIDTH = 100
SAYS = {
    WRONGLY_ACCEPTED: "the protocol refuses it, the system accepts it",
    WRONGLY_REFUSED: "the protocol accepts it, the system refuses it",
    WRONG_START: "a fresh case begins otherwise",
}
AFTERWARDS = "afterwards the system shows something else"
FRESH = "A fresh case shows what the machine begins with."


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure, error or unsupported event. ``str()`` is the whole text."""

    title: str
    message: str
    key: str
    reproduce: str

    def __str__(self) -> str:
        body = textwrap.indent(f"{self.message}\nreproduce: {self.reproduce}", "  ")
        return f"{self.title}\n{body}"


def finding(result: Result, suite: Suite, source: Source, adapter: str) -> Finding:
    """What a result that is no pass says."""
    ids = () if len(result.after) > 1 else (*result.after, result.vector.id)
    tell = {FAILED: _failure, ERRORED: _error, UNSUPPORTED: _unsupported}.get(result.outcome)
    title, lines = tell(result, suite) if tell else ("not judged", [result.because])
    return Finding(
        _printable(title),
        "\n".join(_printable(line) for line in lines),
        result.key,
        _printable(source.command(adapter, ids)),
    )


def statement(suite: Suite, result: Result) -> str:
    """The sentence about what went wrong: of the vector's group, or of one with the clause."""
    if result.step == 0:
        return FRESH
    own = [g for g in suite.groups if result.vector.id.startswith(f"{g.id}/")]
    for group in (*own, *suite.groups):
        if result.clause in group.clauses:
            return group.statement
    return own[0].statement if own else ""


def steps_before(result: Result) -> tuple[Step, ...]:
    """The steps that lead to the one that is concerned."""
    return result.vector.steps[: max(0, (result.step or 0) - 1)]


def call(event: str, arguments: Mapping[str, object]) -> str:
    """An event as people write it.

    >>> call("evaluate", {"dlt": True})
    'evaluate(dlt=true)'
    """
    given = ", ".join(f"{name}={_word(value)}" for name, value in arguments.items())
    return f"{event}({given})" if given else event


def calls(steps: Sequence[Step]) -> str:
    """A run of steps in a line, repeated ones counted."""
    found = []
    for text, same in groupby(call(s.event, s.arguments) for s in steps):
        count = len(list(same))
        found.append(f"{text} x {count}" if count > 1 else text)
    return ", ".join(found)


# ---- the three kinds


def _failure(result: Result, suite: Suite) -> tuple[str, list[str]]:
    lines = [f"{_place(result)}: {SAYS.get(result.kind, AFTERWARDS)}"]
    if result.because:
        lines.append(f"  because {result.because}")
    expected, observed = result.expected or {}, result.observed or {}
    wanted, seen = _difference(expected, observed, suite)
    lines.append(f"  expected  {_side(expected, wanted)}")
    lines.append(f"  observed  {_side(observed, seen)}")
    lines += _before(result)
    if result.unshown:
        lines.append(f"not observed, and so not judged: {', '.join(sorted(result.unshown))}")
    if result.alone == PASSED:
        which = result.after[0] if len(result.after) == 1 else "other vectors"
        lines.append(
            f"this vector passes in a fresh process and fails after {which}: "
            "something of the case before is left at start"
        )
    about = statement(suite, result)
    return (f"{result.clause}: {about}" if result.clause else about), lines


def _error(result: Result, suite: Suite) -> tuple[str, list[str]]:
    trouble = result.trouble
    assert trouble is not None
    lines = [f"{_place(result)}: {trouble.message}", *_before(result)]
    if trouble.details:
        lines.append("the system's own words:")
        lines += [f"  {line}" for line in trouble.details.splitlines()]
    return f"error, {trouble.kind}: {KINDS[trouble.kind]}", lines


def _unsupported(result: Result, suite: Suite) -> tuple[str, list[str]]:
    assert result.at is not None
    reason = f": {result.because}" if result.because else ""
    lines = [f"{_place(result)}: the system does not support it{reason}", *_before(result)]
    return f"unsupported: {result.at.event}", lines


# ---- the pieces


def _place(result: Result) -> str:
    id = result.vector.id
    if result.at is not None:
        return f"step {result.step} of {id}, {call(result.at.event, result.at.arguments)}"
    return f"the start of {id}" if result.step == 0 else id


def _before(result: Result) -> list[str]:
    before = steps_before(result)
    text = f"before it: {calls(before)}" if before else ""
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _difference(
    expected: Mapping[str, Any], observed: Mapping[str, Any], suite: Suite
) -> tuple[Mapping[str, object], Mapping[str, object]]:
    try:
        found = compare(expected.get("observe", {}), observed.get("observe", {}), suite.saturates)
    except AdapterError:
        # the answer is wrong already, and what is shown with it is of no use
        return {}, {}
    return found.expected, found.observed


def _side(said: Mapping[str, Any], values: Mapping[str, object]) -> str:
    parts = [str(said["answer"])] if "answer" in said else []
    if said.get("reason"):
        parts[0] += f' ("{said["reason"]}")'
    parts += [", ".join(f"{name} = {_word(v)}" for name, v in values.items())] if values else []
    return "; ".join(parts)


def _word(value: object) -> str:
    shown = plain(value)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def _printable(text: str) -> str:
    """A line of which nothing from outside can control a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
