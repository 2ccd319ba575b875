"""An answer of ``spec-check next`` for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...spec.model import Constant
from ..replay.judge import Judge
from .common import plain
from .reasons import constants_of, with_constants


def lines(answer: dict[str, Any], judge: Judge, subject: str | None) -> list[str]:
    """What went wrong, where the trial is and what it may do; each subject in short.

    Of a subject that was asked for, everything, and nothing of the trial but where it is.
    """
    constants = constants_of(side.bound for side in judge.sides)
    found = []
    for deviation in answer["history"]["deviations"]:
        clause = f", {deviation['clause']}" if deviation["clause"] else ""
        who = f", subject {deviation['subject']}" if deviation["subject"] else ""
        because = with_constants(deviation["because"], constants)
        text = f"row {deviation['row']}{who}: {deviation['kind']}{clause}: {because}"
        found.append(plain(text))
    stopped = answer["history"]["stopped_at"]
    if stopped is not None:
        found.append(plain(f"row {stopped} has not happened, and the rows after it are not read"))
    found.append(f"now: {_values(answer['configuration'])}")
    if subject is not None:
        part = answer["subjects"][subject]
        found.append(plain(f"subject {subject}: {_values(part['configuration'])}"))
        return found + _parts(part, constants)
    found += _parts(answer, constants)
    for who, part in answer.get("subjects", {}).items():
        found.append(plain(f"subject {who}: {_values(part['configuration'])}"))
        found += [f"  {line}" for line in _part(part, constants, "due")]
    if answer.get("subjects"):
        found.append("--subject NAME shows what a subject may do next")
    elif "new_subject" in answer:
        title, *listed = _part(answer["new_subject"], constants, "possible") or ["nothing"]
        found += [f"a new subject, {title}", *listed]
    return found


def _parts(part: dict[str, Any], constants: Mapping[str, Constant]) -> list[str]:
    return [line for key in TITLES for line in _part(part, constants, key)]


TITLES = {
    "possible": "possible",
    "refused": "refused",
    "due": "due",
    "unspecified": "not decided by the text",
}


def _part(part: dict[str, Any], constants: Mapping[str, Constant], key: str) -> list[str]:
    """One list of an answer under its title; nothing where it is empty."""
    show: dict[str, Callable[[dict[str, Any]], str]] = {
        "possible": lambda e: f"{_call(e)}  [{e['clause']}]",
        "refused": lambda e: (
            f"{_call(e)}: {with_constants(e['because'], constants)}  [{e['clause']}]"
        ),
        "due": lambda e: (
            f"{'day ' + str(e['day']) if e['in_cycle'] else 'today'}: "
            f"{e['drug']} {e['dose']} {e['unit']}"
        ),
        "unspecified": _undecided,
    }
    if not part[key]:
        return []
    return [f"{TITLES[key]}:", *(f"  {show[key](entry)}" for entry in part[key])]


def _values(configuration: dict[str, Any]) -> str:
    shown = dict(configuration)
    state = shown.pop("state")
    values = ", ".join(f"{name} = {_value(v)}" for name, v in shown.items())
    return f"{state} ({values})" if values else str(state)


def _call(entry: dict[str, Any]) -> str:
    arguments = ", ".join(f"{name}={_value(v)}" for name, v in entry["arguments"].items())
    return f"{entry['event']}({arguments})"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _undecided(entry: dict[str, Any]) -> str:
    what = f"row {entry['row']}" if "row" in entry else ""
    if "event" in entry:
        what = _call(entry)
    if "drug" in entry:
        what = f"schedule of {entry['drug']}"
    return f"{what}: {entry['ambiguity']}, {entry['question']}"
