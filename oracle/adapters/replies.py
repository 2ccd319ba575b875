"""The shape of what a system answers, checked before anything is judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...spec.place import short
from .trouble import AdapterError

CONTRACT = 1
ACCEPTED, REFUSED, UNSUPPORTED = "accepted", "refused", "unsupported"
ANSWERS = (ACCEPTED, REFUSED, UNSUPPORTED)
VERBS = ("describe", "start", "apply", "observe", "stop")
MAX_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class Description:
    """What a system says about itself; ``verbs`` names what it has beyond the five."""

    name: str
    version: str
    contract: int
    observes: tuple[str, ...]
    events: tuple[str, ...]
    verbs: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it takes many steps in one request."""
        return "run" in self.verbs

    def as_json(self) -> dict[str, Any]:
        """As `describe` gives it."""
        return {
            "name": self.name,
            "version": self.version,
            "contract": self.contract,
            "observes": list(self.observes),
            "events": list(self.events),
            "verbs": list(self.verbs),
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one event: accepted, refused or unsupported.

    ``observe`` is None where the answer shows nothing.
    """

    answer: str
    reason: str = ""
    observe: Mapping[str, Any] | None = None


def read_description(found: Mapping[str, Any]) -> Description:
    """The answer to ``describe``; `AdapterError` for another contract than ours."""
    contract = _of(found, "contract", int)
    if contract != CONTRACT:
        raise AdapterError(
            "wrong_contract",
            f"the system speaks contract {contract}; this version of trialspec speaks {CONTRACT}",
        )
    return Description(
        _of(found, "name", str)[:MAX_TEXT],
        _of(found, "version", str)[:MAX_TEXT],
        contract,
        _names(found, "observes"),
        _names(found, "events"),
        _names(found, "verbs") if "verbs" in found else (),
    )


def read_observation(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What ``start`` and ``observe`` show."""
    shown: Mapping[str, Any] = _of(found, "observe", dict)
    return shown


def read_reply(found: Mapping[str, Any]) -> Reply:
    """The answer to ``apply``."""
    answer = _of(found, "answer", str)
    if answer not in ANSWERS:
        raise AdapterError(
            "wrong_type", f"answer is {' or '.join(ANSWERS)}, this is {short(answer)}"
        )
    return Reply(
        answer,
        _of(found, "reason", str)[:MAX_TEXT] if "reason" in found else "",
        _of(found, "observe", dict) if "observe" in found else None,
    )


def read_replies(found: Mapping[str, Any], steps: int) -> tuple[Reply, ...]:
    """The answers to ``run``, one for each step."""
    answers = _of(found, "answers", list)
    if len(answers) != steps:
        raise AdapterError("wrong_type", f"{len(answers)} answers to {steps} steps")
    replies = []
    for number, item in enumerate(answers, 1):
        if not isinstance(item, dict):
            raise AdapterError("wrong_type", f"answer {number} is an object, not {short(item)}")
        try:
            replies.append(read_reply(item))
        except AdapterError as error:
            raise error.at(f"answer {number}") from None
    return tuple(replies)


_WORDS = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}


def _of(found: Mapping[str, Any], key: str, kind: type) -> Any:
    if key not in found:
        raise AdapterError("wrong_type", f"the answer has no {key!r}")
    value = found[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise AdapterError("wrong_type", f"{key} is {_WORDS[kind]}, this is {short(value)}")
    return value


def _names(found: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _of(found, key, list)
    if not all(isinstance(v, str) for v in values):
        raise AdapterError("wrong_type", f"{key} is a list of names, this is {short(values)}")
    return tuple(v[:MAX_TEXT] for v in values)
