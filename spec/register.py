"""Entries of a register of ambiguities, as protocols write them.

An entry whose readings can be switched is a `choice`; one that people settle by what they tell the
model is an `as_input`; a `note` changes nothing in the model, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import Ambiguity


def choice(
    id: str,
    question: str,
    readings: dict[str, str],
    default: str,
    why: str,
    literal: str = "",
    *,
    gap: bool = False,
    severity: str = "",
    context: Mapping[str, str] | None = None,
) -> Ambiguity:
    """An ambiguity with readings, of which ``default`` is taken because of ``why``.

    ``literal`` is what the text says taken by the letter; ``gap``: it says nothing; ``context``:
    the readings of others that it takes to tell its own apart.

    >>> choice("A-1", "Which?", {"one": "this", "two": "that"}, "one", "Safer.").choices
    ('one', 'two')
    """
    return Ambiguity(
        id, question, readings, default, why, literal, gap, severity, context=context or {}
    )


def as_input(id: str, question: str, why: str, severity: str = "") -> Ambiguity:
    """A question that is answered by the arguments and constants given to the model."""
    return Ambiguity(id, question, why=why, severity=severity, kind="input")


def note(id: str, question: str, why: str, severity: str = "") -> Ambiguity:
    """A question that no part of the model depends on."""
    return Ambiguity(id, question, why=why, severity=severity, kind="note")
