"""What a suite can be asked to cover. Imports nothing that takes time."""

from __future__ import annotations

from ...spec.errors import SpecError

CRITERIA = {
    "states": "every state is reached",
    "transitions": "every rule fires, and each of its effects changes something",
    "pairs": "every two rules that can follow each other do",
    "refused": "in every state, with every set of rules open, what is refused is asked for",
    "boundary": "every comparison just below, at and above the point where it turns; caps attained",
    "complete": "all of these",
}
LATER = ("mcdc", "decision", "mutant")


def check_criterion(name: str) -> None:
    """Refuses what is not a criterion, and those that this version does not have yet."""
    if name in CRITERIA:
        return
    known = f"criteria: {', '.join(CRITERIA)}"
    if name in LATER:
        raise SpecError(f"this version has no criterion {name!r} yet", hint=known)
    raise SpecError(f"unknown criterion {name[:60]!r}", hint=known)
